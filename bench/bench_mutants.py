"""Do the tests notice a small change of the code? Mutants, sampled by a seed, room by room.

    python bench/bench_mutants.py [--mutants 300] [--seed 1 …] [--room clean …] [--at PATH:LINE …]
        [--jobs 2]

The project is copied to a temporary folder without `../shared`. There the tests of each room run
once, which shows which tests reach which line (`reach.py`). Every mutant then meets the tests that
reach it, the quickest first, up to the first that fails or 20 s of tests: the share that is killed
is a lower bound (`trying.py`).

Every room has an equal share of the mutants; rooms with fewer mutants leave the rest to the others.
`--room` measures only the share of these rooms. `--at` tries all mutants of a line instead.

Prints the survivors with their diffs, and killed and survived of each room. Survivors that cannot
change a result are listed with the reason in `equivalent_mutants.toml`. They are tried as well, and
do not count if they survive. Ends with 1 where less than .85 is killed.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from mutants import Mutant, mutants_of
from trying import Copy, killed

ROOT: Final = Path(__file__).parents[1]
GOAL: Final = 0.85
EQUIVALENT: Final = Path(__file__).with_name("equivalent_mutants.toml")
LIBRARIES: Final = "coverage jieba lxml.html opencc pytest scrapy sqlite_utils"


@dataclass(frozen=True, slots=True)
class Room:
    """Code that is changed, and the tests that are to notice it."""

    code: tuple[str, ...]
    tests: tuple[str, ...]


RESULTS: Final = ("tests/gold/test_gold.py", "tests/gold/test_results.py")
ROOMS: Final = {
    "clean": Room(("archive/clean",), ("tests/clean", *RESULTS)),
    "identify": Room(
        ("archive/identify",), ("tests/identify", "tests/export/test_targets.py", *RESULTS)
    ),
    "judge": Room(("archive/judge",), ("tests/judge", *RESULTS)),
    "collate": Room(("archive/collate",), ("tests/collate", *RESULTS, "tests/gold/test_works.py")),
    "ledger": Room(
        ("archive/store/ledger.py", "archive/store/derivation_digest.py"),
        ("tests/store/test_fixity.py", "tests/store/test_archive.py", "tests/store/test_copies.py"),
    ),
    "robots": Room(
        ("crawler/robots.py",),
        ("tests/crawler/test_robots.py", "tests/crawler/test_robots_rules.py"),
    ),
    "guard": Room(
        ("crawler/resolver.py", "crawler/special_addresses.py"),
        ("tests/crawler/test_guard.py", "tests/crawler/test_resolver.py"),
    ),
    "panel": Room(
        ("archive/export/panel.py", "archive/catalogue/words.py"),
        ("tests/export/test_panel.py", "tests/catalogue"),
    ),
}


def _files(root: Path, room: Room) -> list[Path]:
    """The Python files of a room."""
    paths = [root / path for path in room.code]
    files = (path.rglob("*.py") if path.is_dir() else [path] for path in paths)
    return sorted(chain.from_iterable(files))


def mutants_in(root: Path, name: str) -> list[Mutant]:
    """All mutants of a room, in the order of its files."""
    files = _files(root, ROOMS[name])
    return [m for path in files for m in mutants_of(root, str(path.relative_to(root)))]


def samples(root: Path, mutants: int, seed: int) -> dict[str, list[Mutant]]:
    """So many mutants of all rooms, the same ones for the same seed and source."""
    found = {name: mutants_in(root, name) for name in ROOMS}
    for name, of_room in found.items():
        random.Random(f"{seed} {name}").shuffle(of_room)
    chosen, left = {}, mutants
    for place, name in enumerate(sorted(ROOMS, key=lambda name: len(found[name]))):
        chosen[name] = found[name][: -(-left // (len(ROOMS) - place))]
        left -= len(chosen[name])
    return chosen


def at(root: Path, places: Sequence[str]) -> dict[str, list[Mutant]]:
    """All mutants of the lines that were asked for."""
    return {
        name: [m for m in mutants_in(root, name) if f"{m.path}:{m.line}" in places]
        for name in ROOMS
    }


def equivalents() -> dict[tuple[str, str, str], str]:
    """The reviewed mutants that cannot change a result: path, line before and after → reason."""
    listed = tomllib.loads(EQUIVALENT.read_text("utf-8"))["mutant"]
    return {(each["path"], each["before"], each["after"]): each["why"] for each in listed}


@dataclass
class Outcome:
    """What became of the mutants of a room."""

    killed: int = 0
    survived: int = 0
    equivalent: int = 0

    def __str__(self) -> str:
        equivalent = f", {self.equivalent} equivalent" if self.equivalent else ""
        return f"{self.killed} of {self.killed + self.survived} killed{equivalent}"


def tried(copy: Copy, room: Room, samples: Sequence[Sequence[Mutant]], jobs: int) -> list[Outcome]:
    """Try samples of the mutants of a room, and print those that survive."""
    reach, known = copy.measured(_files(copy.root, room), room.tests), equivalents()
    mutants = list(dict.fromkeys(chain.from_iterable(samples)))
    found = dict(zip(mutants, killed(copy, mutants, reach, jobs), strict=True))
    outcomes = [Outcome() for _ in samples]
    for mutant in mutants:
        source = (copy.root / mutant.path).read_bytes()
        place = f"{mutant.path}:{mutant.line}\n{mutant.diff(source)}"
        listed = (mutant.path, *mutant.change(source)) in known
        if listed and found[mutant]:
            print(f"listed as equivalent, but killed: {place}", flush=True)
        elif not listed and not found[mutant]:
            print(f"survived: {place}", flush=True)
        for sample, outcome in zip(samples, outcomes, strict=True):
            if mutant in sample:
                outcome.killed += found[mutant]
                outcome.equivalent += listed and not found[mutant]
                outcome.survived += not listed and not found[mutant]
    return outcomes


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, nargs="+", default=[1])
    parser.add_argument("--room", nargs="+", choices=ROOMS, default=list(ROOMS))
    parser.add_argument("--at", nargs="+", default=[], metavar="PATH:LINE")
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    hits = of = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy.of_project(ROOT, Path(folder))
        for library in LIBRARIES.split():
            __import__(library)
        if asked.at:
            chosen = {"at these lines": at(copy.root, asked.at)}
        else:
            chosen = {f"seed {n}": samples(copy.root, asked.mutants, n) for n in asked.seed}
        for name in asked.room:
            of_room = [by_room[name] for by_room in chosen.values()]
            if not any(of_room):
                continue
            began = time.monotonic()
            outcomes = tried(copy, ROOMS[name], of_room, asked.jobs)
            for which, outcome in zip(chosen, outcomes, strict=True):
                hits, of = hits + outcome.killed, of + outcome.killed + outcome.survived
                print(f"{name}, {which}: {outcome}", flush=True)
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    from measuring import interval  # noqa: PLC0415  (imports the archive, which only forks may do)

    print(f"all: {interval(hits, of)} killed")
    return 1 if hits < GOAL * of else 0


if __name__ == "__main__":
    sys.exit(main())
