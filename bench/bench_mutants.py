"""Do the tests notice a small change of the code? Mutants, sampled by a seed, room by room.

    python bench/bench_mutants.py [--mutants 300] [--seed 1] [--room clean …] [--at PATH:LINE …]

The project is copied to a temporary folder without `../shared`. There the tests of each room run
once under coverage, which says which tests reach which line; every mutant then meets the tests that
reach it, the quickest first, up to the first that fails or 20 s of tests: the share that is killed
is a lower bound. Each mutant runs in a fork of a process that has imported the libraries already.
Prints the survivors with their diffs, and killed and survived of each room; ends with 1 where less
than .85 is killed. `--at` tries all mutants of a line instead of a sample.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain, count
from pathlib import Path
from typing import Final

from mutants import Mutant, mutants_of

ROOT: Final = Path(__file__).parents[1]
GOAL: Final = 0.85
BUDGET_S: Final = 20.0
"""Of the tests that reach a mutant, the quickest that take so long together are run."""

LEAST_S, SLACK = 20.0, 4.0
"""What a mutant may take: so many times what its tests took unchanged, but at least this long."""

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
    "robots": Room(("crawler/robots.py",), ("tests/crawler/test_robots.py",)),
    "guard": Room(
        ("crawler/resolver.py", "crawler/special_addresses.py"),
        ("tests/crawler/test_guard.py", "tests/crawler/test_resolver.py"),
    ),
    "panel": Room(
        ("archive/export/panel.py", "archive/catalogue/words.py"),
        ("tests/export/test_panel.py", "tests/catalogue"),
    ),
}


@dataclass
class Reach:
    """What a run of unchanged code showed: how long each test takes, who reaches which line."""

    seconds: dict[str, float] = field(default_factory=dict)
    lines: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def of(self, mutant: Mutant) -> list[str]:
        """The tests that reach a mutant, the quickest first; else those that reach its file."""
        lines = self.lines.get(mutant.path, {})
        here = {test for n in range(mutant.line, mutant.last_line + 1) for test in lines.get(n, ())}
        tests = here or {test for tests in lines.values() for test in tests}
        spent, chosen = 0.0, []
        for test in sorted(tests, key=lambda test: (self.seconds.get(test, 0.0), test)):
            spent += self.seconds.get(test, 0.0)
            if chosen and spent > BUDGET_S:
                break
            chosen.append(test)
        return chosen

    def limit_s(self, tests: Iterable[str]) -> float:
        """When a run of these tests is taken for endless."""
        return max(LEAST_S, SLACK * sum(self.seconds.get(test, 0.0) for test in tests))


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


class Reached:
    """A pytest plugin: a coverage context and a time for each test."""

    def __init__(self, coverage) -> None:  # noqa: ANN001
        self.coverage = coverage
        self.seconds: Counter[str] = Counter()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """What runs from here on is this test's."""
        self.coverage.switch_context(nodeid)

    def pytest_runtest_logreport(self, report) -> None:  # noqa: ANN001
        """Add the time of set-up, call and tear-down."""
        self.seconds[report.nodeid] += report.duration


class Copy:
    """A copy of the project in which files may be changed."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "baogao"
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout
        for path in filter(None, listed.split("\0")):
            if (ROOT / path).is_file():
                (self.root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / path, self.root / path)
        os.environ["PYTHONPATH"] = f"{self.root}{os.pathsep}{self.root / 'tests'}"
        sys.path[:0] = [str(self.root)]

    def measured(self, room: Room) -> Reach:
        """Run the tests of a room as they are."""
        report = self.root.parent / "reach.json"
        code = self._forked(lambda: _measure(self.root, room, report), 1800)
        if code:
            raise SystemExit(f"the tests of {room.tests} fail already; see above")
        found = json.loads(report.read_text())
        lines = {
            path: {int(line): tests for line, tests in by_line.items()}
            for path, by_line in found["lines"].items()
        }
        return Reach(found["seconds"], lines)

    def killed(self, mutant: Mutant, reach: Reach) -> bool:
        """Whether a test of the room fails with the mutant in place."""
        path = self.root / mutant.path
        source, tests = path.read_bytes(), reach.of(mutant)
        self._write(path, mutant.applied(source))
        try:
            limit_s = reach.limit_s(tests)
            return bool(tests) and self._forked(lambda: _run(tests), limit_s, quiet=True) != 0
        finally:
            self._write(path, source)

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


OPTIONS: Final = ("-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--no-header")


def _run(tests: Sequence[str]) -> int:
    import pytest  # noqa: PLC0415

    files = sorted({test.partition("::")[0] for test in tests})
    return pytest.main([*OPTIONS, *files], plugins=[Chosen(tests)])


def _measure(root: Path, room: Room, report: Path) -> int:
    import coverage  # noqa: PLC0415
    import pytest  # noqa: PLC0415

    files = [str(path.relative_to(root)) for path in _files(root, room)]
    cover = coverage.Coverage(data_file=None, include=files, config_file=False)
    reached = Reached(cover)
    cover.start()
    code = pytest.main([*OPTIONS, *room.tests], plugins=[reached])
    cover.stop()
    data = cover.get_data()
    lines = {
        str(Path(file).relative_to(root)): {
            line: sorted(filter(None, tests))
            for line, tests in data.contexts_by_lineno(file).items()
        }
        for file in data.measured_files()
    }
    report.write_text(json.dumps({"seconds": reached.seconds, "lines": lines}))
    return code


def _files(root: Path, room: Room) -> list[Path]:
    """The Python files of a room."""
    paths = [root / path for path in room.code]
    files = (path.rglob("*.py") if path.is_dir() else [path] for path in paths)
    return sorted(chain.from_iterable(files))


def sample(name: str, mutants: int, seed: int) -> list[Mutant]:
    """So many mutants of a room, the same ones for the same seed and source."""
    found = [
        mutant
        for path in _files(ROOT, ROOMS[name])
        for mutant in mutants_of(ROOT, str(path.relative_to(ROOT)))
    ]
    return random.Random(f"{seed} {name}").sample(found, min(mutants, len(found)))


def at(name: str, places: Sequence[str]) -> list[Mutant]:
    """All mutants of the lines that were asked for."""
    found = []
    for place in places:
        path, _, line = place.rpartition(":")
        if ROOT / path in _files(ROOT, ROOMS[name]):
            found += [mutant for mutant in mutants_of(ROOT, path) if mutant.line == int(line)]
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mutants", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--room", nargs="+", choices=ROOMS, default=list(ROOMS))
    parser.add_argument("--at", nargs="+", default=[], metavar="PATH:LINE")
    asked = parser.parse_args()
    share = -(-asked.mutants // len(asked.room))
    killed, of = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder))
        for library in LIBRARIES.split():
            __import__(library)
        for name in asked.room:
            chosen = at(name, asked.at) if asked.at else sample(name, share, asked.seed)
            if not chosen:
                continue
            began = time.monotonic()
            reach = copy.measured(ROOMS[name])
            for mutant in chosen:
                of[name] += 1
                if copy.killed(mutant, reach):
                    killed[name] += 1
                else:
                    source = (ROOT / mutant.path).read_bytes()
                    place = f"{mutant.path}:{mutant.line}"
                    print(f"survived: {place}\n{mutant.diff(source)}", flush=True)
            took = time.monotonic() - began
            print(f"{name}: {killed[name]} of {of[name]} killed, {took:.0f} s", flush=True)
    from measuring import interval  # noqa: PLC0415  (imports the archive, which only forks may do)

    print(f"all: {interval(killed.total(), of.total())} killed")
    return 1 if killed.total() < GOAL * of.total() else 0


if __name__ == "__main__":
    sys.exit(main())
