"""Which tests reach which line, and how long each test takes: measured once by running them all.

Lines of processes that a test starts count as reached by it (`traced/sitecustomize.py`). What a
fixture of a module or of the session runs is reached by every test that uses the fixture, and what
a cached function runs by every test that asks for its results.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest

OPTIONS: Final = ("-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--no-header")
BUDGET_S: Final = 20.0
"""Of the tests that reach a mutant, the quickest that take so long together are run."""

LEAST_S, SLACK = 60.0, 5.0
"""What a run may take: so many times what its tests took unchanged, but at least this long."""


@dataclass(frozen=True)
class Reach:
    """Who reaches what, and at what cost: of tests, and of the shared work that they use."""

    seconds: dict[str, float]
    """Of processor time: what else the machine does must not change which tests are chosen."""

    waited: dict[str, float]
    shared: dict[str, list[str]]
    """The tests, each with the names of the fixtures and cached results that it uses."""

    lines: dict[str, dict[int, set[str]]]
    imported: dict[str, set[int]]
    """Lines that also run outside of tests: when modules are imported and tests collected."""

    @cached_property
    def quickest_first(self) -> list[str]:
        """All tests. A test that needs slow shared work stands with the others that need it."""
        return sorted(self.shared, key=lambda test: (self._shared_s(test), self._s(test), test))

    def of(self, path: str, lines: Iterable[int]) -> list[str]:
        """The tests that reach one of the lines, as many as fit into the budget.

        If no test reaches them, those that reach the file; if none does, all.
        """
        reached = self.lines.get(path, {})
        here = set().union(*(reached.get(line, ()) for line in lines))
        here = here or set().union(*reached.values()) or set(self.shared)
        spent, ready, chosen = 0.0, set[str](), []
        for test in self.quickest_first:
            needed = set(self.shared[test]) - ready
            cost = self._s(test) + sum(map(self._s, needed))
            if test in here and (not chosen or spent + cost <= BUDGET_S):
                spent, ready = spent + cost, ready | needed
                chosen.append(test)
        return chosen

    def runs_outside_of_tests(self, path: str, first: int, last: int) -> bool:
        """Whether one of the lines runs when a module is imported."""
        return not self.imported.get(path, set()).isdisjoint(range(first, last + 1))

    def limit_s(self, tests: Sequence[str]) -> float:
        """When a run of these tests is taken for endless."""
        shared = set().union(*(self.shared[test] for test in tests))
        return max(LEAST_S, SLACK * sum(self.waited.get(name, 0.0) for name in (*tests, *shared)))

    def _s(self, name: str) -> float:
        return self.seconds.get(name, 0.0)

    def _shared_s(self, test: str) -> float:
        return sum(map(self._s, self.shared[test]))


def read(report: Path, root: Path) -> Reach:
    """Read what `measure` wrote."""
    found = json.loads(report.read_text("utf-8"))
    users: defaultdict[str, set[str]] = defaultdict(set)
    for test, names in found["shared"].items():
        for name in (test, *names):
            users[name].add(test)
    lines: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    imported: defaultdict[str, set[int]] = defaultdict(set)
    for file, line, name in found["lines"]:
        path = str(Path(file).relative_to(root))
        lines[path][line] |= users[name]
        if name in found["outside"]:
            imported[path].add(line)
    return Reach(found["seconds"], found["waited"], found["shared"], lines, imported)


def timed(reach: Reach, report: Path) -> Reach:
    """Return the same with the times of another run of `measure`."""
    found = json.loads(report.read_text("utf-8"))
    return replace(reach, seconds=found["seconds"], waited=found["waited"])


def deciding_lines(source: bytes, first: int, last: int) -> list[int]:
    """The lines whose tests can notice a change of these lines.

    No test by itself runs what runs when a module is imported. A constant matters where it is
    named, a default where its function runs.
    """
    tree = ast.parse(source)
    found = list(range(first, last + 1))
    for node in _around(tree, first, last):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                body = range(node.body[0].lineno, (node.end_lineno or 0) + 1)
                found = found if first in body else list(body)
                kept = any("cached_property" in ast.unparse(each) for each in node.decorator_list)
                return [*found, *(_naming(tree, {node.name}) if kept else ())]
            case ast.Assign() | ast.AnnAssign():
                return _naming(tree, {*_targets(node)})
    return []


def _around(tree: ast.AST, first: int, last: int) -> Iterator[ast.AST]:
    """The statements around these lines, from the outermost."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.stmt) and node.lineno <= first <= last <= (node.end_lineno or 0):
            yield node
            yield from _around(node, first, last)


def _targets(node: ast.Assign | ast.AnnAssign) -> Iterator[str]:
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        yield from (name.id for name in ast.walk(target) if isinstance(name, ast.Name))


def _naming(tree: ast.AST, names: set[str]) -> list[int]:
    """The lines in which one of the names is read."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Attribute) and node.attr in names)
    ]


def measure(root: Path, files: Sequence[Path], tests: Sequence[str], report: Path) -> int:
    """Run tests, write what they reach and what they take, and return pytest's exit code."""
    import coverage  # noqa: PLC0415  (a run of mutants does without)

    folder = report.with_suffix("")
    folder.mkdir()
    (folder / "files").write_text("\n".join(map(str, files)), "utf-8")
    os.environ["TRACED_FOLDER"] = str(folder)
    os.environ["PYTHONPATH"] += f"{os.pathsep}{root / 'bench' / 'traced'}"
    cover = coverage.Coverage(data_file=None, include=[*map(str, files)], config_file=False)
    reached = Reached(cover.switch_context, folder / "running")
    cover.start()
    code = _run(reached, files, tests)
    cover.stop()
    data = cover.get_data()
    lines = [
        (file, line, name)
        for file in data.measured_files()
        for line, names in data.contexts_by_lineno(file).items()
        for name in names
    ]
    for started in (json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")):
        for file, numbers in started["lines"].items():
            lines += [(file, line, started["of"]) for line in numbers]
    shared = {test: sorted(reached.used_by(test)) for test in reached.tests}
    outside = sorted({"", *reached.used_by("")})
    found = reached.times | {"shared": shared, "outside": outside, "lines": lines}
    report.write_text(json.dumps(found), "utf-8")
    return code


def measure_times(files: Sequence[Path], tests: Sequence[str], report: Path) -> int:
    """Run tests in this order, without coverage, write what they take, and return the exit code."""
    reached = Reached(lambda _: None, report.with_suffix(".running"))
    code = _run(reached, files, sorted({test.partition("::")[0] for test in tests}), Chosen(tests))
    report.write_text(json.dumps(reached.times), "utf-8")
    return code


def _run(reached: Reached, files: Sequence[Path], tests: Sequence[str], *plugins: Any) -> int:
    _note_cached_results(reached, [*map(str, files), str(Path("tests").resolve())])
    return int(pytest.main([*OPTIONS, *tests], plugins=[reached, *plugins]))


def _note_cached_results(reached: Reached, places: Sequence[str]) -> None:
    """Let `lru_cache` and `cache` tell which results of functions in these places are asked for.

    In tests each result is noted by itself: it is often all that a test and its neighbours share.
    """
    original = functools.lru_cache

    def cached(function: Any, maxsize: int | None, *, typed: bool) -> Any:
        code = getattr(function, "__code__", None)
        file = "" if code is None else code.co_filename
        if not file.startswith(tuple(places)):
            return original(maxsize, typed)(function)
        each = file.endswith(".py") and file not in places

        def name(arguments: tuple[Any, ...], keywords: dict[str, Any]) -> str:
            which = hash((arguments, *keywords.items())) if each else ""
            return f"result of {file} {function.__qualname__} {which}"

        @original(maxsize, typed)
        def computed(*arguments: Any, **keywords: Any) -> Any:
            with reached.shared_work(name(arguments, keywords)):
                return function(*arguments, **keywords)

        @functools.wraps(function)
        def called(*arguments: Any, **keywords: Any) -> Any:
            reached.uses(name(arguments, keywords))
            return computed(*arguments, **keywords)

        for what in ("cache_clear", "cache_info", "cache_parameters"):
            setattr(called, what, getattr(computed, what))
        return called

    def lru_cache(maxsize: Any = 128, typed: bool = False) -> Any:  # noqa: FBT001, FBT002
        if callable(maxsize):
            return cached(maxsize, 128, typed=typed)
        return lambda function: cached(function, maxsize, typed=typed)

    functools.lru_cache = lru_cache
    functools.cache = lambda function: cached(function, None, typed=False)


class Chosen:
    """A pytest plugin: runs some tests only, in a given order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self._tests = tests

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep what was chosen."""
        items[:] = in_order(items, self._tests)


def in_order(items: Sequence[Any], tests: Sequence[str]) -> list[Any]:
    """The collected items of these tests, in their order."""
    place = {test: number for number, test in enumerate(tests)}
    chosen = (item for item in items if item.nodeid in place)
    return sorted(chosen, key=lambda item: place[item.nodeid])


class Reached:
    """A pytest plugin: a coverage context and a time for each test and all shared work."""

    def __init__(self, switched: Callable[[str], None], running: Path) -> None:
        self._switched = switched
        self._running = running
        self._name = ""
        self._used: defaultdict[str, set[str]] = defaultdict(set)
        self.tests: list[str] = []
        self._seconds: Counter[str] = Counter()
        self._waited: Counter[str] = Counter()

    @property
    def times(self) -> dict[str, Counter[str]]:
        """What each test and all shared work took: of processor time, and by the clock."""
        return {"seconds": self._seconds, "waited": self._waited}

    def uses(self, name: str) -> None:
        """What runs now asks for the outcome of shared work."""
        self._used[self._name].add(name)

    def used_by(self, name: str) -> set[str]:
        """The shared work that a test uses, and that this work uses."""
        found, new = set[str](), {name}
        while new:
            new = set().union(*(self._used[each] for each in new)) - found
            found |= new
        return found - {name}

    @contextmanager
    def _measured(self, name: str) -> Iterator[None]:
        """What runs here is run for a test, or is shared work."""
        before, used, began = self._name, _used_s(), time.monotonic()
        self._switch(name)
        try:
            yield
        finally:
            for times, took in (
                (self._seconds, _used_s() - used),
                (self._waited, time.monotonic() - began),
            ):
                times[name] += took
                times[before] -= took
            self._switch(before)

    def shared_work(self, name: str) -> Any:
        """What runs here is done once for all that use it."""
        self.uses(name)
        return self._measured(name)

    def _switch(self, name: str) -> None:
        self._name = name
        self._switched(name)
        self._running.write_text(name, "utf-8")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Any:
        """Measure a test, and note which shared fixtures it uses."""
        self.tests.append(item.nodeid)
        with self._measured(item.nodeid):
            for several in item._fixtureinfo.name2fixturedefs.values():  # noqa: SLF001
                if several[-1].scope != "function":
                    self.uses(_name(several[-1]))
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        """Measure a fixture that tests share."""
        if fixturedef.scope == "function":
            return (yield)
        with self.shared_work(_name(fixturedef)):
            return (yield)


def _used_s() -> float:
    """Processor time of this process, and of those that it started and that have ended."""
    return sum(os.times()[:4])


def _name(fixture: Any) -> str:
    return f"fixture {fixture.baseid} {fixture.argname}"
