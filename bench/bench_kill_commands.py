"""SIGKILL at random moments of every command that writes an archive, or a new file beside one.

    python bench/bench_kill_commands.py [--kills 8] [--seed 1] [COMMAND ...]

(`bench_kill_store.py` kills backfill, rederive, WARC export and verify, `bench_backfill_killed.py`
the other imports, `bench_crawl_killed.py` the crawl.) What a reader sees just before the kill is
acknowledged: captures, texts and ledger entries. After each kill all of it must be there, and
every check of `verify` must pass; what a command makes beside the archive must be absent or whole:
it is compared, file by file, with what an undisturbed command makes. Then the command runs once
more, must come to its end and leave nothing unfinished behind. A command that changes the archive
itself must then have come to what the undisturbed one comes to, and pass `verify --full`. Ends with
1 when anything is wrong.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench_kill_store import acknowledged

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from browse.conftest import SITES, answer  # noqa: E402  (the paths must be set first)
from loopback import Server  # noqa: E402
from ots import Calendar  # noqa: E402
from store.test_upgrading import MORE  # noqa: E402
from test_learn import SITE as OFFICIAL  # noqa: E402
from test_learn import page as official_page  # noqa: E402
from tsa import Authority  # noqa: E402

import baogao_practice as practice  # noqa: E402
from archive import Capture, derive  # noqa: E402
from archive.store import Archive, schema  # noqa: E402

ARCHIVE = (sys.executable, "-m", "archive")
CRAWLER = (sys.executable, "-m", "crawler")
LATER = """
import sys
from pathlib import Path
from archive.store import schema
schema.HOME = Path(sys.argv.pop(1))
from archive.cli import cli
cli()
"""
"""The program as a later release may be: with one more step of the schema."""


@dataclass(frozen=True)
class Command:
    """The words of a command, the archive it begins with, the program, whether it changes DB."""

    words: tuple[str, ...]
    archive: str = "full"
    program: tuple[str, ...] = ARCHIVE
    in_place: bool = False


def beside(*words: str) -> Command:
    """A command that makes something new beside the archive, or reads only."""
    return Command(words)


def inside(*words: str, archive: str = "full", program: tuple[str, ...] = ARCHIVE) -> Command:
    """A command that changes the archive."""
    return Command(words, archive, program, in_place=True)


COMMANDS: dict[str, Command] = {
    "collation (rederive)": inside("rederive", "DB", archive="uncollated"),
    "prune": inside("prune", "DB", archive="superseded"),
    "merge": inside("merge", "DB", "SHARD"),
    "upgrade": inside("upgrade", "DB", program=(sys.executable, "-c", LATER, "HOME")),
    "stamp --tsa": inside("stamp", "DB", "--tsa", "TSA", program=CRAWLER),
    "stamp --calendar": inside("stamp", "DB", "--calendar", "CALENDAR", program=CRAWLER),
    "decide": inside("decide", "DB", "1", "report_year", "2023", "--who", "Li", "--why", "notice"),
    "verify --full": inside("verify", "DB", "--full"),
    "head": beside("head", "DB"),
    "learn": beside("learn", "DB", "NEW"),
    "backup": beside("backup", "DB", "NEW.db"),
    "backup --public": beside("backup", "DB", "NEW.db", "--public"),
    "compact": beside("compact", "DB", "NEW.db"),
    "withdraw": beside("withdraw", "DB", "NEW.db", "PAYLOAD", "--reason", "asked for"),
    "export txt": beside("export", "DB", "NEW", "--format", "txt"),
    "export csv": beside("export", "DB", "NEW", "--format", "csv"),
    "export xlsx": beside("export", "DB", "NEW", "--format", "xlsx"),
    "export parquet": beside("export", "DB", "NEW", "--format", "parquet"),
    "export jsonl": beside("export", "DB", "NEW", "--format", "jsonl"),
    "export bagit": beside("export", "DB", "NEW", "--format", "bagit"),
    "export wacz": beside("export", "DB", "NEW.wacz", "--format", "wacz"),
    "export site": beside("export", "DB", "NEW", "--format", "site"),
    "export preservation": beside("export", "DB", "NEW", "--format", "preservation"),
    "backfill preservation": beside("backfill", "preservation", "NEW.db", "EXPORT"),
    "panel": beside("panel", "DB", "WORDS", "-o", "NEW.csv"),
    "targets": beside("targets", "DB", "-o", "NEW.csv"),
}


def main() -> int:
    """Kill each command a number of times and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("commands", nargs="*", default=list(COMMANDS), metavar="COMMAND")
    options = parser.parse_args()
    chance, total = random.Random(options.seed), Tally()
    print("| SIGKILL | kills | acknowledged rows | lost | unsound | half files | not resumed |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name, Server(Servers()) as server:
        folder = Path(name)
        make(folder, options.pages)
        filled = places(folder, server.port)
        for title in options.commands:
            here = folder / title.replace(" ", "-")
            here.mkdir()
            tally = killed(filled_in(COMMANDS[title], filled), folder, here, options.kills, chance)
            tally.report(f"`{title}`")
            total.add(tally)
    total.report("all")
    return 1 if total.bad else 0


class Servers:
    """A time-stamping authority and a calendar, for every host name."""

    def __init__(self) -> None:
        self.authority, self.calendar = Authority(), Calendar("http://calendar.test/")

    def __call__(self, _host: str, path: str) -> object:
        """Answer a request, as `loopback.Server` asks."""
        return self.posted if path in {"/tsr", "/digest"} else (404, {}, b"")

    def posted(self, handler: object) -> tuple[int, dict[str, str], bytes]:
        """Answer what was posted."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))  # type: ignore[attr-defined]
        is_tsa = handler.path == "/tsr"  # type: ignore[attr-defined]
        return 200, {}, (self.authority.answer if is_tsa else self.calendar.taken)(body)


@dataclass
class Tally:
    """What the kills of a command led to; all but the first two must be 0."""

    kills: int = 0
    rows: int = 0
    lost: int = 0
    unsound: int = 0
    half: int = 0
    not_resumed: int = 0

    @property
    def bad(self) -> int:
        """All that must not happen."""
        return self.lost + self.unsound + self.half + self.not_resumed

    def add(self, other: Tally) -> None:
        """Add the counts of another."""
        for name, count in vars(other).items():
            setattr(self, name, getattr(self, name) + count)

    def report(self, name: str) -> None:
        """Print a row."""
        counts = " | ".join(f"{count:,}" for count in vars(self).values())
        print(f"| {name} | {counts} |", flush=True)


def make(folder: Path, count: int) -> None:
    """The archives: so many pages of each of two hosts, in three states, and an export of one."""
    captures = []
    with practice.Server() as server:
        for host in ("www.yanzhao.test", "www.tingtao.test"):
            urls = list(practice.urls(host))[:count]
            captures += [answer(server.port, url, SITES[host]) for url in urls]
    for number in range(3):  # whole reports of an official site, from which `learn` learns
        url = f"http://www.baoding.gov.cn/{number}.html"
        captures.append(Capture.from_bytes(official_page(number), url=url, site=OFFICIAL))
    made = [(each, derive(each) if each.outcome == "ok" else None) for each in captures]
    for name in ("uncollated", "superseded"):
        with Archive.open(folder / f"{name}.db", create=True) as archive:
            with archive.run("crawl") as crawl, crawl.batch():
                for capture, derivation in made:
                    captured = crawl.capture(capture)
                    if derivation and name == "superseded":
                        old = replace(derivation, ruleset="0" * 64, confidence=0.5)
                        crawl.text(captured, old)
                    if derivation:
                        crawl.text(captured, derivation)
            if name == "superseded":
                archive.collate()
    with sqlite3.connect(folder / "uncollated.db") as source:
        source.execute("VACUUM INTO ?", (str(folder / "full.db"),))
    source.close()
    with Archive.open(folder / "full.db") as archive:
        archive.collate()
    home = Path(shutil.copytree(schema.HOME, folder / "sql"))
    (home / "002").mkdir()
    (home / "002" / "more.sql").write_text(MORE, "utf-8")
    words = (*ARCHIVE, "export", "full.db", "export", "--format", "preservation")
    run(words, folder)


def places(folder: Path, port: int) -> dict[str, str]:
    """What stands for the words in capitals."""
    with Archive.open(folder / "full.db", read_only=True) as archive:
        (payload,) = archive.connection.execute("SELECT min(sha256) FROM payloads").fetchone()
    return {
        "DB": "a.db", "WORDS": "words.txt", "PAYLOAD": payload, "HOME": str(folder / "sql"),
        "SHARD": str(folder / "superseded.db"), "EXPORT": str(folder / "export"),
        "TSA": f"http://tsa.test:{port}/tsr",
        "CALENDAR": f"http://calendar.test:{port}",
    }  # fmt: skip


def filled_in(command: Command, filled: Mapping[str, str]) -> Command:
    """The command with its places filled in."""
    words = (filled.get(word, word.replace("NEW", "new")) for word in command.words)
    program = (filled.get(word, word) for word in command.program)
    return replace(command, words=tuple(words), program=tuple(program))


def run(command: Sequence[str], cwd: Path) -> bool:
    """Run a command to its end; whether it did what it should, with its words if not."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, check=False, timeout=600)
    if done.returncode:
        print(" ".join(command[3:]), done.stderr.decode()[-1000:], file=sys.stderr)
    return done.returncode == 0


def killed(command: Command, folder: Path, here: Path, kills: int, chance: random.Random) -> Tally:
    """Kill a command a number of times, each time on a fresh copy of its archive."""
    right, whole, db = here / "right", (*command.program, *command.words), "a.db"
    fresh(right, folder / f"{command.archive}.db")
    began = time.perf_counter()
    assert run(whole, right)
    duration, made = time.perf_counter() - began, contents(right)
    tally = Tally()
    while tally.kills < kills:
        there = here / str(tally.kills)
        fresh(there, folder / f"{command.archive}.db")
        seen = kill(whole, there, chance.uniform(0.2, 1) * duration)
        if seen is not None:
            tally.kills += 1
            tally.rows += len(seen)
            tally.lost += len(seen - rows(there / db))
            tally.half += half_made(there, made)
            tally.unsound += len(findings(there / db, command))
            tally.not_resumed += not resumed(command, there, right, made)
        shutil.rmtree(there)
    return tally


def resumed(command: Command, there: Path, right: Path, made: Mapping[str, int]) -> bool:
    """Run a killed command again: whether it comes to its end, as the undisturbed one does."""
    if made and (there / next(iter(made))).exists():
        return True  # it was killed after it had done its work
    if not run((*command.program, *command.words), there):
        return False
    unfinished = [path for path in there.rglob("*") if "unfinished" in path.name]
    found = findings(there / "a.db", command, full=command.in_place)
    same = outcome_of(there / "a.db") == outcome_of(right / "a.db")
    for words in (*map(str, unfinished), *found, *([] if same else ["another outcome"])):
        print(command.words[0], words, file=sys.stderr)
    return same and not unfinished and not found and set(contents(there)) == set(made)


def outcome_of(db: Path) -> object:
    """What two archives that hold the same have in common, read without our schema."""
    connection = sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True)
    tables = ("works", "witnesses", "readings", "pruned_texts", "_sqlite_migrations")
    counts = [connection.execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables]
    works = connection.execute("SELECT name FROM works ORDER BY 1").fetchall()
    texts = connection.execute("SELECT derivation_sha256 FROM texts ORDER BY 1").fetchall()
    connection.close()
    return counts, works, texts


def fresh(folder: Path, db: Path) -> None:
    """A folder with a copy of the archive and what else commands read."""
    folder.mkdir()
    shutil.copy(db, folder / "a.db")
    (folder / "words.txt").write_text("发展\n改革\n", "utf-8")


def kill(command: Sequence[str], folder: Path, after_s: float) -> set[str] | None:
    """Start the command and kill it after a time; what was acknowledged, None if it had ended."""
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        seen = rows(folder / "a.db")
        process.send_signal(signal.SIGKILL)
        process.wait()
        return seen
    return None


def rows(db: Path) -> set[str]:
    """Captures, texts (pruned ones too) and ledger entries, as words that tell them apart."""
    connection = sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    entries = connection.execute("SELECT seq, hash FROM ledger").fetchall()
    pruned = connection.execute("SELECT text_id, derivation_sha256 FROM pruned_texts").fetchall()
    connection.close()
    found = {f"entry {seq} {digest}" for seq, digest in entries}
    return found | {f"text {i} {digest}" for i, digest in pruned} | acknowledged(db)


def contents(folder: Path) -> dict[str, int]:
    """The names of what a command made, without the archive and its log; sizes of files."""
    places = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in places
        if path.relative_to(folder).parts[0].startswith("new") and "unfinished" not in path.name
    }


def half_made(folder: Path, whole: dict[str, int]) -> int:
    """Return 1 if a file under the final name is incomplete."""
    found = contents(folder)
    if not found:
        return 0
    if set(found) != set(whole):
        return 1
    if any(name.endswith(".db") for name in found):
        return int(bool(findings(folder / "new.db")))
    return int(any(not _alike(found[name], whole[name]) for name in found))


def _alike(size: int, right: int) -> bool:
    """Times and versions in a file change its size a little; a half of it is less."""
    return abs(size - right) <= 64 + right // 50


def findings(db: Path, command: Command | None = None, *, full: bool = False) -> list[str]:
    """What `verify` finds in an archive; the program that migrated it is asked then."""
    if command is not None and steps_taken(db) > 1:
        return [] if run((*command.program, "verify", "a.db"), db.parent) else ["verify failed"]
    with Archive.open(db, read_only=True) as archive:
        return [
            f"{finding.subject}: {finding.detail}"
            for finding in archive.verification(full=full).findings()
            if finding.result != "not checkable"
        ]


def steps_taken(db: Path) -> int:
    """The steps of the schema that an archive has."""
    connection = sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True)
    (count,) = connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()
    connection.close()
    return int(count)


if __name__ == "__main__":
    sys.exit(main())
