"""SIGKILL an import at random moments: is the archive that of an undisturbed import?

    python bench/bench_backfill_killed.py [--kills 50] [--seed 1] [KIND...]

Each killed import continues where the last one stopped; one that finishes is compared with the
undisturbed one, and started again in another archive. Ends with 1 if captures, texts, works or
witnesses differ or are duplicated, or `baogao verify` finds anything.
A kind of import is an entry of `KINDS`.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "tests"), str(Path(__file__).parents[1])]

import killed_network  # noqa: E402
from killing import HOLDINGS, holdings, run_until  # noqa: E402  (they stand beside)
from store.warc_made import packed, record, response, sha1  # noqa: E402

from archive.store import Archive  # noqa: E402

BAOGAO = (sys.executable, "-m", "crawler")


@dataclass(frozen=True)
class Kind:
    """An import that is killed.

    Attributes:
        ready: makes what is imported in a folder (and serves it, as long as it is entered), and
            gives the arguments of `baogao` behind which `--quiet` may stand; the database is
            `x.db` in the current folder.
        ends_with: the exit codes of an import that came to its end.
        goes_on_with: the exit codes of one that wants to be run again.
        maybe_twice: tables in which a row that was not acknowledged may stand twice after a kill,
            as a page that is asked for again.
    """

    ready: Callable[[Path], AbstractContextManager[Sequence[str]]]
    ends_with: frozenset[int] = frozenset({0})
    goes_on_with: frozenset[int] = frozenset({3})
    maybe_twice: frozenset[str] = frozenset()


@dataclass
class Tally:
    """The results for one kind of import."""

    kills: int = 0
    completed: int = 0
    notes: list[str] = field(default_factory=list)


def main() -> int:
    """Kill each kind and print the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), metavar="KIND")
    options = parser.parse_args()
    print("kind         kills  completed  differing")
    bad = 0
    for name in options.kinds:
        with tempfile.TemporaryDirectory() as folder:
            tally = killed(KINDS[name], Path(folder), options.kills, random.Random(options.seed))
        print(
            f"{name:11}  {tally.kills:5}  {tally.completed:9}  {len(tally.notes):9}", *tally.notes
        )
        bad += len(tally.notes)
    return 1 if bad else 0


def killed(kind: Kind, folder: Path, kills: int, chance: random.Random) -> Tally:
    """Kill imports of `kind` so often, at moments spread evenly over an undisturbed one."""
    tally = Tally()
    with kind.ready(folder) as arguments:
        command = [*BAOGAO, *arguments, "--quiet"]
        began = time.perf_counter()
        right = complete(kind, command, folder / "right")
        duration = time.perf_counter() - began
        while tally.kills < kills:
            here = folder / f"archive{tally.completed}"
            here.mkdir()
            for _ in range(min(10, kills - tally.kills)):
                due = time.monotonic() + chance.uniform(0, duration)
                running = subprocess.Popen(
                    command, cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                if run_until(running, lambda due=due: time.monotonic() >= due) is not None:
                    break
                tally.kills += 1
            tally.notes += differences(kind, right, complete(kind, command, here))
            tally.notes += unsound(here / "x.db")
            tally.completed += 1
    return tally


def complete(kind: Kind, command: Sequence[str], here: Path) -> dict[str, list[tuple[object, ...]]]:
    """Run the import until it finishes; return the contents of its archive."""
    here.mkdir(exist_ok=True)
    for _ in range(20):
        done = subprocess.run(command, cwd=here, capture_output=True, check=False, timeout=600)
        if done.returncode not in kind.goes_on_with:
            break
    assert done.returncode in kind.ends_with, done.stderr.decode()[-2000:]
    return holdings(here / "x.db")


def differences(
    kind: Kind,
    right: dict[str, list[tuple[object, ...]]],
    found: dict[str, list[tuple[object, ...]]],
) -> Iterator[str]:
    """A sentence for each table that differs."""
    for table in HOLDINGS:
        pair = [sorted(set(rows[table]), key=repr) for rows in (right, found)]
        if table not in kind.maybe_twice:
            pair = [right[table], found[table]]
        if pair[0] != pair[1]:
            missing, more = (len(set(a) - set(b)) for a, b in (pair, pair[::-1]))
            twice = len(found[table]) - len(set(found[table]))
            yield f"{table}: {missing} missing, {more} strange, {twice} twice;"


def unsound(db: Path) -> Iterator[str]:
    """A sentence for each finding of `baogao verify`."""
    with Archive.open(db) as archive:
        for finding in archive.verification().findings():
            yield f"{finding.subject}: {finding.detail};"


@contextmanager
def files(folder: Path) -> Iterator[Sequence[str]]:
    """A folder with pages, a table, records, a zip and a PDF."""
    home = folder / "files"
    home.mkdir()
    for number in range(12):
        (home / f"{2000 + number}_武安市.html").write_text(page(number), encoding="utf-8")
    with zipfile.ZipFile(home / "pages.zip", "w") as package:
        for number in range(20, 50):
            package.writestr(f"a/{number}.html", page(number))
    with (home / "table.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["year", "full_text"])
        writer.writerows([2000 + number, text(number)] for number in range(50, 80))
        writer.writerow([2000, ""])
    with (home / "records.jsonl").open("w", encoding="utf-8") as file:
        for number in range(80, 110):
            file.write(json.dumps({"title": "报告", "content": text(number)}) + "\n")
        file.write("{\n")
    (home / "report.pdf").write_bytes(PDF)
    yield ["backfill", "files", "x.db", str(home)]


@contextmanager
def warc(folder: Path) -> Iterator[Sequence[str]]:
    """Two WARC files, one of them damaged; the first repeats pages of the second."""
    pages_, repeats = [], []
    for number in range(150):
        url, body = f"http://www.demo.test/{number}.html", page(number).encode()
        pages_.append(response(url, body))
        if number % 10 == 0:
            headers = (f"WARC-Payload-Digest: {sha1(body)}", "WARC-Date: 2021-01-01T00:00:00Z")
            repeats.append(record("revisit", url, b"HTTP/1.1 200 OK\r\n\r\n", *headers))
    first, second = folder / "a.warc.gz", folder / "b.warc.gz"
    first.write_bytes(packed(*repeats))
    second.write_bytes(packed(*pages_[:90]) + b"garbage" + packed(*pages_[90:])[:-20])
    yield ["backfill", "warc", "x.db", str(first), str(second)]


def text(number: int) -> str:
    """A made-up report of its own words."""
    chance = random.Random(number)
    lines = (
        "".join(chance.choices("发展稳中有进改革开放民生经济工业农业", k=80)) for _ in range(20)
    )
    return f"武安市{2000 + number % 25}年政府工作报告\n各位代表：\n" + "。\n".join(lines) + "。\n"


def page(number: int) -> str:
    """The same as a page with a menu."""
    title, *lines = text(number).splitlines()
    prose = "".join(f"<p>{line}</p>" for line in lines)
    return f"<html><title>{title}</title><body><div>首页 导航</div><h1>{title}</h1>{prose}</body>"


PDF = b"""%PDF-1.4
1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj
2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj
3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R
  /Resources <</Font <</F 5 0 R>>>>>> endobj
4 0 obj <</Length 43>> stream
BT /F 12 Tf 20 100 Td (Three bridges) Tj ET
endstream endobj
5 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj
trailer <</Root 1 0 R>>
"""
"""A document of one line; readers find its objects without a table of places."""

ASKED_AGAIN = frozenset({"captures"})
"""Every answer of a server is a capture; that of an archived page stands there once all the same
(tests/backfill)."""

KINDS: dict[str, Kind] = {
    "files": Kind(files, ends_with=frozenset({1})),  # 1: two rows hold nothing, on purpose
    "warc": Kind(warc, ends_with=frozenset({1})),  # 1: the second file is damaged, on purpose
    "urls": Kind(killed_network.urls, maybe_twice=ASKED_AGAIN),
    "lists": Kind(killed_network.lists, maybe_twice=ASKED_AGAIN),
    "wayback": Kind(killed_network.wayback, maybe_twice=ASKED_AGAIN),
    "commoncrawl": Kind(killed_network.commoncrawl, maybe_twice=ASKED_AGAIN),
}

if __name__ == "__main__":
    sys.exit(main())
