"""All attacks against baogao and their results, as a table: `make hostile`.

    python bench/bench_hostile.py [--quick] [--jobs 2] [KIND ...]

Each kind of attack runs in a process of its own, two at a time; all servers are on 127.0.0.1, all
files in temporary folders. `--quick` tries a tenth of each. Ends with 1 when something did not
hold, after a line for each thing that did not.
"""

# ruff: noqa: PLC0415  (each kind imports what it needs, in a process of its own)
from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "bench")]
SCREENS_S = 30_000


@dataclass(frozen=True)
class Result:
    """The number of attacks, and those that succeeded."""

    tried: int
    fell: tuple[str, ...]
    said: str = ""


def some(things: Sequence[Any], share: int) -> Sequence[Any]:
    """Every `share`-th thing."""
    return things[::share]


def network(share: int, folder: Path) -> Result:
    """Every response gets its outcome, the next page is fetched, the log stays readable."""
    from hostile.answers import ANSWERS, ENDLESS

    names = some(list(ANSWERS), share)
    parts = [[n for n in names if n not in ENDLESS], [n for n in names if n in ENDLESS]]
    fell: list[str] = []
    again: list[str] = []
    peak = 0
    for number, part in enumerate(filter(None, parts)):
        wrong, told, most = crawled(folder / str(number), part, 2)
        again += wrong
        fell += told
        peak = max(peak, most)
    if again:  # on a busy machine an answer may come too late: once more, with more time
        wrong, told, most = crawled(folder / "again", again, 15)
        fell += [f"{name}: is not noted as what it is" for name in wrong] + told
    fell += [f"{peak} MB"] * (peak >= 500)
    return Result(len(names), tuple(fell), f"{peak} MB at most; {len(again)} tried twice")


def crawled(folder: Path, names: list[str], timeout_s: float) -> tuple[list[str], list[str], int]:
    """Answers that were not noted as what they are, what the log did wrong, and megabytes."""
    from hostile.answers import ANSWERS
    from hostile.network import crawl
    from hostile.terminal import obeyed

    folder.mkdir()
    seen = crawl(folder, {name: ANSWERS[name][0] for name in names}, timeout_s=timeout_s)
    wrong = [
        name
        for name in names
        if _unexpected(seen, name, ANSWERS[name][1]) or seen.after.get(name) != "ok"
    ]
    told = ["a traceback in the log"] * ("Traceback" in seen.said)
    told += [f"the log obeys {obeyed(seen.said)}"] * bool(obeyed(seen.said))
    return wrong, told, seen.peak_mb


def _unexpected(seen: object, name: str, expected: frozenset[str]) -> bool:
    outcome = seen.outcomes.get(name)  # type: ignore[attr-defined]
    return outcome is None or (bool(expected) and outcome not in expected)


def targets(share: int, folder: Path) -> Result:
    """Nothing that leads to this machine or its network is followed; a port there listens."""
    from hostile.targets import TARGETS, crawl_of

    chosen = some(TARGETS, share)
    seen, knocked, count = crawl_of(folder, chosen)
    fell = [f"was asked: {words[:80]!r}" for words in knocked]
    fell += [f"{name}: is not noted" for name in seen.after if name not in seen.outcomes]
    fell += ["the crawl did not end well"] * (seen.exit_code != 0)
    fell += ["a traceback in the log"] * ("Traceback" in seen.said)
    return Result(count, tuple(fell), f"{len(chosen)} targets")


def files(share: int, folder: Path) -> Result:
    """Harmful files affect only themselves; the files beside them are read."""
    from intake import hostile
    from intake.further import FURTHER
    from intake.test_hostile import GOOD, no_file_of_the_machine_came_in, rows_of, run

    every = {**hostile.FILES, **FURTHER}
    chosen = {name: every[name] for name in some(list(every), share)}
    home = folder / "files"
    home.mkdir()
    for name, make in chosen.items():
        (home / name).write_bytes(make())
    for name in GOOD:
        (home / name).write_text(hostile.TEXT + name, encoding="utf-8")
    done = run(folder)
    said = done.stderr.decode("utf-8", "replace")
    rows = rows_of(folder / "x.db")
    fell = [
        f"{n}: is no row" for n in chosen if n not in rows and not n.endswith((".png", ".tiff"))
    ]
    fell += [f"{name}: was not read" for name in GOOD if rows.get(name) != [("text", "")]]
    fell += [f"exit code {done.returncode}"] * (done.returncode != 1)
    fell += ["a traceback"] * ("Traceback" in said)
    new = {path.name for path in folder.iterdir()} - {"files", "x.db", "x.db-wal", "x.db-shm"}
    fell += [f"{name} was written" for name in new]
    no_file_of_the_machine_came_in(folder / "x.db")
    return Result(len(chosen), tuple(fell))


def markup(share: int, folder: Path) -> Result:
    """Stored and requested words are shown as text on a page, checked in Chromium."""
    from browse.test_browser import CHROMIUM, FLAGS, serving
    from hostile import markup as made
    from playwright.sync_api import sync_playwright

    if not Path(CHROMIUM).exists():
        return Result(0, (), f"skipped: no browser at {CHROMIUM}")
    db = made.make(folder / "demo.db")
    payloads = len(made.PAYLOADS)
    fell: list[str] = []
    with serving(db) as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(SCREENS_S)
        told = made.watched(page, home)
        paths = some(list(made.places("demo", payloads)), share)
        for path in paths:
            found = made.let_in(page, home, path) + told
            fell += [f"{path[:60]}: {words}" for words in found]
            told.clear()
        browser.close()
    fields = sum(len(columns) for columns in made.FIELDS.values())
    return Result(len(paths), tuple(fell), f"{payloads} payloads in {fields} fields")


def terminal(share: int, folder: Path) -> Result:  # noqa: ARG001  (all have one shape)
    """The output of commands cannot control the terminal: each payload in every field and name."""
    from hostile.terminal import PAYLOADS

    chosen = "test_no_" if share == 1 else "test_no_file"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
         "tests/test_visible.py", "-k", f"{chosen} or payload"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    fell = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    fell += [f"exit code {done.returncode}"] * (done.returncode != 0 and not fell)
    said = f"in {done.stdout.count('.')} tests of commands, files and streams"
    return Result(len(PAYLOADS), tuple(fell), said)


def routes(share: int, folder: Path) -> Result:
    """No number, word, statement or path in an address makes the server fail or leak."""
    import httpx
    from browse.made_up import make
    from browse.test_addresses import wrong_with
    from hostile.addresses import addresses

    from archive.commands.serve import application

    warnings.simplefilter("ignore")
    paths = some(addresses(), 2 * share)

    async def ask() -> list[str]:
        transport = httpx.ASGITransport(application(str(make(folder / "demo.db"))))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            fell = []
            for path in paths:
                try:
                    fault = wrong_with(await client.get(path))
                except Exception as error:  # noqa: BLE001  (that is what is looked for)
                    fault = repr(error)
                fell += [f"{path[:60]}: {fault}"] * bool(fault)
            return fell

    return Result(len(paths), tuple(asyncio.run(ask())))


def readers(share: int, folder: Path) -> Result:
    """Fifty hostile readers and a well-behaved one: no error, bounded memory and waits."""
    from hostile import readers as made

    from archive.model import sha256

    db = made.make(folder / "h.db")
    paths = made.addresses("h", sha256(made.large()))
    with made.serving(db) as (server, port):
        seen = made.assail(server, port, paths, readers=50, seconds=20 / share)
        fell = ["the server ended"] * (server.poll() is not None)
        fell += ["it answers no more"] * (readers_gone(made.get, port) != 200)
    fell += [f"{seen.answers['500']} answers 500"] * ("500" in seen.answers)
    fell += [f"{seen.peak_mb:.0f} MB"] * (seen.peak_mb >= 700)
    told_to_wait = seen.lost.count("503")
    fell += [f"the reader: {words}" for words in seen.lost if words != "503"]
    fell += ["the reader was told to come again each time"] * (told_to_wait == len(seen.waits))
    waits = sorted(seen.waits)
    said = (
        f"{seen.peak_mb:.0f} MB; who only reads waited {waits[len(waits) // 2]:.2f} s (median),"
        f" {told_to_wait} of {len(waits)} times in vain"
    )
    return Result(sum(seen.answers.values()), tuple(fell), said)


def readers_gone(get: Callable[..., tuple[int, bytes]], port: int) -> int:
    """The status of the first page, when all others have gone."""
    return get(port, "/r/990100/2021", timeout=120)[0]


def pages(share: int, folder: Path) -> Result:  # noqa: ARG001  (all have one shape)
    """Damaged pages give a text: no exception, a partition, within a second of the processor."""
    from hostile.pages import derive_all

    seen = derive_all(5000 // share)
    return Result(seen.pages, tuple(seen.wrong), f"the slowest {seen.slowest_s:.2f} s")


def twice(share: int, folder: Path) -> Result:  # noqa: ARG001
    """Damaged pages give the same text twice, and whatever the order of sets."""
    from hostile.pages import digest_with

    count = 300 // share
    digests = {digest_with(seed, count) for seed in ("0", "1", "4242")}
    return Result(count * 6, () if len(digests) == 1 else tuple(digests), "three hash seeds")


def endless(share: int, folder: Path) -> Result:
    """Crawls of sites without end terminate."""
    del share, folder
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist",
         "tests/crawler/test_traps.py"], cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    fell = [line for line in done.stdout.splitlines() if line.startswith("FAILED")]
    from hostile.endless import SITES

    return Result(len(SITES), tuple(fell) or ("exit code",) * (done.returncode != 0))


KINDS: dict[str, tuple[str, Callable[[int, Path], Result]]] = {
    "pages": ("damaged pages", pages),
    "markup": ("pages of stored markup", markup),
    "network": ("answers of the network", network),
    "targets": ("redirects and addresses", targets),
    "routes": ("SQL and route parameters", routes),
    "twice": ("damaged pages, again", twice),
    "files": ("files", files),
    "readers": ("requests of hostile readers", readers),
    "endless": ("sites without end", endless),
    "terminal": ("terminal payloads", terminal),
}
"""The longest first."""


def tried(kind: str, share: int) -> tuple[Result, float]:
    """The result of one kind of attack, and its time."""
    began = monotonic()
    with tempfile.TemporaryDirectory() as name:
        os.environ["TMPDIR"] = name
        try:
            result = KINDS[kind][1](share, Path(name))
        except Exception as error:  # noqa: BLE001  (the others are tried all the same)
            result = Result(1, (repr(error)[:500],))
    return result, monotonic() - began


def main() -> int:
    """Try all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("kinds", nargs="*", default=list(KINDS), metavar="KIND")
    options = parser.parse_args()
    share, began = (10 if options.quick else 1), monotonic()
    print("| attack | tried | held | | s |\n|---|---|---|---|---|", flush=True)
    wrong: list[str] = []
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        asked = {pool.submit(tried, kind, share): kind for kind in options.kinds}
        for done in as_completed(asked):
            result, seconds = done.result()
            held = result.tried - min(len(result.fell), result.tried)
            label = KINDS[asked[done]][0]
            line = f"| {label} | {result.tried:,} | {held:,} | {result.said} | {seconds:.0f} |"
            print(line, flush=True)
            print(
                *(f"  did not hold: {words}" for words in result.fell[:5]),
                sep="\n",
                file=sys.stderr,
            )
            wrong += [f"{label}: {words}" for words in result.fell]
    print(f"\n{monotonic() - began:.0f} s; {len(wrong)} did not hold", *wrong, sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
