"""Which tests reach which line, and how long each test takes: measured once by running them all.

Lines of processes that a test starts count as reached by it (`traced/sitecustomize.py`). What a
fixture of a module or of the session runs is reached by every test that uses the fixture.
"""

from __future__ import annotations

import ast
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import pytest

OPTIONS: Final = ("-q", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0", "--no-header")
BUDGET_S: Final = 20.0
"""Of the tests that reach a mutant, the quickest that take so long together are run."""

LEAST_S, SLACK = 20.0, 4.0
"""What a run may take: so many times what its tests took unchanged, but at least this long."""


@dataclass(frozen=True)
class Reach:
    """Who reaches what, and at what cost: of tests, and of the shared fixtures that they use."""

    seconds: dict[str, float]
    fixtures: dict[str, list[str]]
    lines: dict[str, dict[int, set[str]]]

    @cached_property
    def quickest_first(self) -> list[str]:
        """All tests. A test that needs a slow fixture stands with the others that need it."""
        return sorted(self.fixtures, key=lambda test: (self._fixtures_s(test), self._s(test), test))

    def of(self, path: str, lines: Iterable[int]) -> list[str]:
        """The tests that reach one of the lines, as many as fit into the budget.

        If no test reaches them, those that reach the file; if none does, all.
        """
        reached = self.lines.get(path, {})
        here = set().union(*(reached.get(line, ()) for line in lines))
        here = here or set().union(*reached.values()) or set(self.fixtures)
        spent, ready, chosen = 0.0, set[str](), []
        for test in self.quickest_first:
            needed = set(self.fixtures[test]) - ready
            cost = self._s(test) + sum(map(self._s, needed))
            if test in here and (not chosen or spent + cost <= BUDGET_S):
                spent, ready = spent + cost, ready | needed
                chosen.append(test)
        return chosen

    def limit_s(self, tests: Sequence[str]) -> float:
        """When a run of these tests is taken for endless."""
        fixtures = set().union(*(self.fixtures[test] for test in tests))
        return max(LEAST_S, SLACK * sum(map(self._s, (*tests, *fixtures))))

    def _s(self, name: str) -> float:
        return self.seconds.get(name, 0.0)

    def _fixtures_s(self, test: str) -> float:
        return sum(map(self._s, self.fixtures[test]))


def read(report: Path, root: Path) -> Reach:
    """Read what `measure` wrote."""
    found = json.loads(report.read_text("utf-8"))
    users: defaultdict[str, set[str]] = defaultdict(set)
    for test, fixtures in found["fixtures"].items():
        for name in (test, *fixtures):
            users[name].add(test)
    lines: defaultdict[str, defaultdict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for file, line, name in found["lines"]:
        lines[str(Path(file).relative_to(root))][line] |= users[name]
    return Reach(found["seconds"], found["fixtures"], lines)


def deciding_lines(source: bytes, first: int, last: int) -> list[int]:
    """The lines whose tests can notice a change of these lines.

    No test by itself runs what runs when a module is imported. A constant matters where it is
    named, a default where its function runs.
    """
    found = list(range(first, last + 1))
    for node in _around(ast.parse(source), first, last):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                body = range(node.body[0].lineno, (node.end_lineno or 0) + 1)
                return found if first in body else list(body)
            case ast.Assign() | ast.AnnAssign():
                return _naming(ast.parse(source), {*_targets(node)})
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
    """Run tests with coverage, write what `read` reads, and return pytest's exit code."""
    import coverage  # noqa: PLC0415  (a run of mutants does without)

    folder = report.with_suffix("")
    folder.mkdir()
    (folder / "files").write_text("\n".join(map(str, files)), "utf-8")
    os.environ["TRACED_FOLDER"] = str(folder)
    os.environ["PYTHONPATH"] += f"{os.pathsep}{root / 'bench' / 'traced'}"
    cover = coverage.Coverage(data_file=None, include=[*map(str, files)], config_file=False)
    reached = Reached(cover, folder / "running")
    cover.start()
    code = int(pytest.main([*OPTIONS, *tests], plugins=[reached]))
    cover.stop()
    data = cover.get_data()
    lines = [
        (file, line, name)
        for file in data.measured_files()
        for line, names in data.contexts_by_lineno(file).items()
        for name in names
        if name
    ]
    for started in (json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")):
        for file, numbers in started["lines"].items():
            lines += [(file, line, started["of"]) for line in numbers]
    found = {"seconds": reached.seconds, "fixtures": reached.fixtures, "lines": lines}
    report.write_text(json.dumps(found), "utf-8")
    return code


class Reached:
    """A pytest plugin: a coverage context and a time for each test and each shared fixture."""

    def __init__(self, coverage: Any, running: Path) -> None:
        self._coverage = coverage
        self._running = running
        self._name = ""
        self.seconds: Counter[str] = Counter()
        self.fixtures: dict[str, list[str]] = {}

    def _switch(self, name: str) -> None:
        """What runs from here on is run for a test, or for a fixture."""
        self._name = name
        self._coverage.switch_context(name)
        self._running.write_text(name, "utf-8")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Any:
        """Note which fixtures a test uses, and how long it takes without them."""
        definitions = item._fixtureinfo.name2fixturedefs.values()  # noqa: SLF001
        shared = [several[-1] for several in definitions if several[-1].scope != "function"]
        self.fixtures[item.nodeid] = [_name(fixture) for fixture in shared]
        self._switch(item.nodeid)
        return (yield from self._timed(item.nodeid))

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Any:
        """The same for a fixture that several tests share."""
        if fixturedef.scope == "function":
            return (yield)
        test, name = self._name, _name(fixturedef)
        self._switch(name)
        try:
            return (yield from self._timed(name, within=test))
        finally:
            self._switch(test)

    def _timed(self, name: str, *, within: str = "") -> Any:
        began = time.monotonic()
        try:
            return (yield)
        finally:
            took = time.monotonic() - began
            self.seconds[name] += took
            self.seconds[within] -= took


def _name(fixture: Any) -> str:
    return f"fixture {fixture.baseid} {fixture.argname}"
