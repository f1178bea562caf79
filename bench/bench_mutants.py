"""Do the tests notice a small change of the code? Mutants, sampled by a seed, room by room.

    python bench/bench_mutants.py [--mutants 300] [--seed 1] [--room clean …] [--at PATH:LINE …]

The project is copied to a temporary folder without `../shared`. There the tests of each room run
once, which shows which tests reach which line (`reach.py`). Every mutant then meets the tests that
reach it, the quickest first, up to the first that fails or 20 s of tests: the share that is killed
is a lower bound. Each mutant runs in a fork of a process that has imported the libraries already.

Every room has an equal share of the mutants; rooms with fewer mutants leave the rest to the others.
`--room` measures only the share of these rooms. `--at` tries all mutants of a line instead.

Prints the survivors with their diffs, and killed and survived of each room. Survivors that cannot
change a result are listed with the reason in `equivalent_mutants.toml`. They are tried as well, and
do not count if they survive. Ends with 1 where less than .85 is killed.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Final

import pytest
from mutants import Mutant, mutants_of
from reach import OPTIONS, Reach, deciding_lines, measure, read

ROOT: Final = Path(__file__).parents[1]
GOAL: Final = 0.85
EQUIVALENT: Final = Path(__file__).with_name("equivalent_mutants.toml")
MOST_S: Final = 1800.0
"""What the unchanged tests of a room may take."""

LIBRARIES: Final = "coverage jieba lxml.html opencc pytest scrapy sqlite_utils"
CLOCK: Final = count(2_000_000_000)
"""A modification time of its own for each version of a file: compiled files are told by it."""


@dataclass(frozen=True, slots=True)
class Room:
    """Code that is changed, and the tests that are to notice it."""

    code: tuple[str, ...]
    tests: tuple[str, ...]


RESULTS: Final = ("tests/gold/test_gold.py", "tests/gold/test_results.py")
ROOMS: Final = {
    "clean": Room(("archive/clean",), ("tests/clean", *RESULTS)),
    "identify": Room(("archive/identify",), ("tests/identify", *RESULTS)),
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


class Chosen:
    """A pytest plugin: runs some tests only, in a given order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: place for place, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, items: list) -> None:
        """Keep what was chosen."""
        items[:] = sorted(
            (item for item in items if item.nodeid in self.order),
            key=lambda item: self.order[item.nodeid],
        )


class Copy:
    """A copy of the project in which files may be changed."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "baogao"
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=True, text=True,
        ).stdout  # fmt: skip
        for path in filter(None, listed.split("\0")):
            if (ROOT / path).is_file():
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / path, self.root / path)
        os.environ["PYTHONPATH"] = f"{self.root}{os.pathsep}{self.root / 'tests'}"
        sys.path[:0] = [str(self.root)]

    def measured(self, room: Room) -> Reach:
        """Run the tests of a room as they are, twice: the second time the quickest first."""
        report = self.root.parent / f"{'-'.join(room.tests).replace('/', '.')}.json"
        files = _files(self.root, room)
        if self._forked(lambda: measure(self.root, files, room.tests, report), MOST_S):
            raise SystemExit(f"the tests of {room.tests} fail already; see above")
        found = read(report, self.root)
        if self._forked(lambda: _run(found.quickest_first), MOST_S):
            raise SystemExit(f"the tests of {room.tests} fail in another order; see above")
        return found

    def killed(self, mutant: Mutant, reach: Reach) -> bool:
        """Whether a test of the room fails with the mutant in place."""
        path = self.root / mutant.path
        source = path.read_bytes()
        tests = reach.of(mutant.path, deciding_lines(source, mutant.line, mutant.last_line))
        self._write(path, mutant.applied(source))
        try:
            code = self._forked(lambda: _run(tests), reach.limit_s(tests), quiet=True)
        finally:
            self._write(path, source)
        return code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}

    def _write(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        at = next(CLOCK)
        os.utime(path, (at, at))

    def _forked(self, work, limit_s: float, *, quiet: bool = False) -> int:  # noqa: ANN001
        """The exit code of `work()` in a fork, which leads a session of its own; 1 when killed."""
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            os.setsid()
            os.chdir(self.root)
            if quiet:
                nowhere = os.open(os.devnull, os.O_WRONLY)
                os.dup2(nowhere, 1)
                os.dup2(nowhere, 2)
            code = 1
            try:
                code = int(work())
            except Exception:  # noqa: BLE001  (a fork must not go on where its parent does)
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(code)
        until = time.monotonic() + limit_s
        while time.monotonic() < until:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                _end_group(child)
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        _end_group(child)
        os.waitpid(child, 0)
        return 1


def _end_group(leader: int) -> None:
    """End what a fork left behind."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _run(tests: Sequence[str]) -> int:
    files = sorted({test.partition("::")[0] for test in tests})
    return pytest.main([*OPTIONS, *files], plugins=[Chosen(tests)])


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


def tried(copy: Copy, room: Room, mutants: Sequence[Mutant]) -> Outcome:
    """Try the mutants of a room, and print those that survive."""
    outcome, reach, known = Outcome(), copy.measured(room), equivalents()
    for mutant in mutants:
        source = (copy.root / mutant.path).read_bytes()
        place = f"{mutant.path}:{mutant.line}\n{mutant.diff(source)}"
        listed = (mutant.path, *mutant.change(source)) in known
        if copy.killed(mutant, reach):
            outcome.killed += 1
            if listed:
                print(f"listed as equivalent, but killed: {place}", flush=True)
        elif listed:
            outcome.equivalent += 1
        else:
            outcome.survived += 1
            print(f"survived: {place}", flush=True)
    return outcome


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", nargs="+", choices=ROOMS, default=list(ROOMS))
    parser.add_argument("--at", nargs="+", default=[], metavar="PATH:LINE")
    asked = parser.parse_args()
    killed = of = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        for library in LIBRARIES.split():
            __import__(library)
        root = copy.root
        chosen = at(root, asked.at) if asked.at else samples(root, asked.mutants, asked.seed)
        for name in filter(chosen.get, asked.room):
            began = time.monotonic()
            outcome = tried(copy, ROOMS[name], chosen[name])
            killed, of = killed + outcome.killed, of + outcome.killed + outcome.survived
            print(f"{name}: {outcome}, {time.monotonic() - began:.0f} s", flush=True)
    from measuring import interval  # noqa: PLC0415  (imports the archive, which only forks may do)

    print(f"all: {interval(killed, of)} killed")
    return 1 if killed < GOAL * of else 0


if __name__ == "__main__":
    sys.exit(main())
