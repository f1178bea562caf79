"""Tries mutants in a copy of the project: in forks, so that each meets untouched modules.

Most mutants change the body of a function that runs only within tests. They are tried in forks of a
process that has collected the tests already, with the code of the live function exchanged. All
others are tried in forks of a process that has imported no module of the project.
"""

from __future__ import annotations

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, count
from multiprocessing import get_context
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, Final, Self

import pytest
from _pytest.main import pytest_runtestloop
from mutants import Mutant
from reach import (
    OPTIONS,
    Chosen,
    Reach,
    deciding_lines,
    in_order,
    measure,
    measure_times,
    read,
    timed,
)

CLOCK: Final = count(2_000_000_000)
"""A modification time of its own for each version of a file: compiled files are told by it."""

MOST_S: Final = 3600.0
"""What the tests of a room may take, and all its mutants together."""

SURVIVED: Final = {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}


class Copy:
    """A copy of the project in which files may be changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        os.environ["PYTHONPATH"] = f"{root}{os.pathsep}{root / 'tests'}"
        sys.path[:0] = [str(root)]

    @classmethod
    def of_project(cls, project: Path, folder: Path) -> Self:
        """Copy what belongs to the project, so `../shared` is not beside it."""
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=project, capture_output=True, check=True, text=True,
        ).stdout  # fmt: skip
        root = folder / "baogao"
        for path in filter(None, listed.split("\0")):
            if (project / path).is_file():
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(project / path, root / path)
        return cls(root)

    def copied(self, folder: Path) -> Self:
        """Return another copy, for another process."""
        return type(self)(shutil.copytree(self.root, folder / "baogao"))

    def measured(self, files: Sequence[Path], tests: Sequence[str]) -> Reach:
        """Run tests as they are, twice: the second time the quickest first."""
        report = self.root.parent / f"{len(list(self.root.parent.iterdir()))}.json"
        if self.forked(lambda: measure(self.root, files, tests, report), MOST_S):
            raise SystemExit(f"{tests} fail already; see above")
        found = read(report, self.root)
        times = report.with_suffix(".times.json")
        if self.forked(lambda: measure_times(files, found.quickest_first, times), MOST_S):
            raise SystemExit(f"{tests} fail in another order; see above")
        return timed(found, times)

    def killed(self, mutants: Sequence[Mutant], reach: Reach) -> list[bool]:
        """For each mutant, whether a test fails with it in place."""
        report = self.root.parent / "tried.json"
        tests = sorted({test.partition("::")[0] for test in reach.shared})
        live = LiveFunctions(self, mutants, reach, report)
        self.forked(lambda: pytest.main([*self._options, "-s", *tests], plugins=[live]), MOST_S)
        found = zip(mutants, json.loads(report.read_text("utf-8")), strict=True)
        return [
            self._imported(mutant, reach) if killed is None else killed for mutant, killed in found
        ]

    def _imported(self, mutant: Mutant, reach: Reach) -> bool:
        """Whether a test fails where the changed module is imported afresh."""
        tests = reach.of(mutant.path, self.deciding(mutant))
        with self.changed(mutant):
            code = self.forked(lambda: self._run(tests), reach.limit_s(tests), quiet=True)
        return code not in SURVIVED

    def deciding(self, mutant: Mutant) -> list[int]:
        """The lines whose tests can notice a mutant."""
        source = (self.root / mutant.path).read_bytes()
        return deciding_lines(source, mutant.line, mutant.last_line)

    @contextmanager
    def changed(self, mutant: Mutant) -> Iterator[tuple[bytes, bytes]]:
        """Put a mutant into its file, for processes that import it; yield both sources."""
        path = self.root / mutant.path
        source = path.read_bytes()
        self._write(path, mutant.applied(source))
        try:
            yield source, mutant.applied(source)
        finally:
            self._write(path, source)

    def _write(self, path: Path, content: bytes) -> None:
        path.write_bytes(content)
        at = next(CLOCK)
        os.utime(path, (at, at))

    @property
    def _options(self) -> list[str]:
        return [*OPTIONS, f"--basetemp={self.root.parent / 'pytest'}"]

    def _run(self, tests: Sequence[str]) -> int:
        files = sorted({test.partition("::")[0] for test in tests})
        return pytest.main([*self._options, *files], plugins=[Chosen(tests)])

    def forked(self, work: Callable[[], int], limit_s: float, *, quiet: bool = False) -> int:
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


def killed(copy: Copy, mutants: Sequence[Mutant], reach: Reach, jobs: int) -> list[bool]:
    """For each mutant, whether a test fails: in so many processes, each with its own copy."""
    forks, found = get_context("fork"), [False] * len(mutants)
    with tempfile.TemporaryDirectory(dir=copy.root.parent) as folder:
        places = [Path(folder) / str(job) for job in range(jobs)]

        def work(job: int) -> None:
            of_job = copy.copied(places[job]).killed(mutants[job::jobs], reach)
            (places[job] / "found.json").write_text(json.dumps(of_job), "utf-8")

        processes = [forks.Process(target=work, args=(job,)) for job in range(jobs)]
        for process in processes:
            process.start()
        for job, process in enumerate(processes):
            process.join()
            found[job::jobs] = json.loads((places[job] / "found.json").read_text("utf-8"))
    return found


def _end_group(leader: int) -> None:
    """End what a fork left behind."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


class LiveFunctions:
    """A pytest plugin: instead of the collected tests, runs those of each mutant, in a fork."""

    def __init__(self, copy: Copy, mutants: Sequence[Mutant], reach: Reach, report: Path) -> None:
        self._copy, self._mutants, self._reach, self._report = copy, mutants, reach, report

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: Any) -> bool:
        """Write for each mutant whether it is killed; None if its module must be imported."""
        functions = _functions(self._copy.root)
        found = [self._killed(mutant, session, functions) for mutant in self._mutants]
        self._report.write_text(json.dumps(found), "utf-8")
        return True

    def _killed(
        self, mutant: Mutant, session: Any, functions: dict[_Place, list[FunctionType]]
    ) -> bool | None:
        tests = self._reach.of(mutant.path, self._copy.deciding(mutant))
        with self._copy.changed(mutant) as (before, after):
            name = str(self._copy.root / mutant.path)
            codes = (compile(source, name, "exec") for source in (before, after))
            exchanged = _exchanged(*codes, functions)
            if exchanged is None:
                return None

            def run() -> int:
                for function, code in exchanged:
                    function.__code__ = code
                session.items = in_order(session.items, tests)
                try:
                    pytest_runtestloop(session)
                except (session.Failed, session.Interrupted):
                    return pytest.ExitCode.TESTS_FAILED
                return pytest.ExitCode.OK

            limit_s = self._reach.limit_s(tests)
            if self._copy.forked(run, limit_s, quiet=True) not in SURVIVED:
                return True
        # what ran while tests were collected has had its effect; it must run anew
        lines = mutant.path, mutant.line, mutant.last_line
        return None if self._reach.runs_outside_of_tests(*lines) else False


_Place = tuple[str, str, int]
"""File, qualified name and first line of a function."""


def _functions(root: Path) -> dict[_Place, list[FunctionType]]:
    """The functions of the project that live in this process."""
    found = defaultdict(list)
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename.startswith(str(root)):
            found[_place(thing.__code__)].append(thing)
    return found


def _place(code: CodeType) -> _Place:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _exchanged(
    before: CodeType, after: CodeType, functions: dict[_Place, list[FunctionType]]
) -> list[tuple[FunctionType, CodeType]] | None:
    """Which live functions get which code; None if the change is not within live functions."""
    if _same(before, after):
        return []
    if live := functions.get(_place(before)):
        alike = before.co_freevars == after.co_freevars
        return [(function, after) for function in live] if alike else None
    inner = [
        [each for each in code.co_consts if isinstance(each, CodeType)] for code in (before, after)
    ]
    if not _same(before, after, shallow=True):
        return None
    found = [_exchanged(one, other, functions) for one, other in zip(*inner, strict=True)]
    return None if None in found else list(chain.from_iterable(filter(None, found)))


def _same(one: Any, other: Any, *, shallow: bool = False) -> bool:
    """Whether two pieces of code do the same, wherever they stand; or do so but for inner ones."""
    if not isinstance(one, CodeType) or not isinstance(other, CodeType):
        return type(one) is type(other) and repr(one) == repr(other)
    parts = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_argcount")
    if any(getattr(one, part) != getattr(other, part) for part in parts):
        return False
    return len(one.co_consts) == len(other.co_consts) and all(
        (shallow and isinstance(a, CodeType) and isinstance(b, CodeType)) or _same(a, b)
        for a, b in zip(one.co_consts, other.co_consts, strict=True)
    )
