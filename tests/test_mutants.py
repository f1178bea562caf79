"""What `make mutants` changes, and the list of changes that cannot change any result."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "bench"))

from mutants import mutants_of  # noqa: E402
from reach import Reach, deciding_lines  # noqa: E402

LISTED = tomllib.loads((ROOT / "bench" / "equivalent_mutants.toml").read_text("utf-8"))["mutant"]


@pytest.mark.parametrize("path", sorted({each["path"] for each in LISTED}))
def test_every_reviewed_mutant_is_one_of_the_code_and_has_a_reason(path):
    source = (ROOT / path).read_bytes()
    made = {mutant.change(source) for mutant in mutants_of(ROOT, path)}
    for each in LISTED:
        if each["path"] == path:
            assert (each["before"], each["after"]) in made, each["before"]
            assert each["why"].endswith(".")


def test_a_mutant_is_one_small_change(tmp_path):
    source = b"def late(day):\n    return day > 9 and not day == 11\n"
    (tmp_path / "x.py").write_bytes(source)
    assert {mutant.change(source)[1] for mutant in mutants_of(tmp_path, "x.py")} == {
        "return (day > 9 or not day == 11)",
        "return (day >= 9) and not day == 11",
        "return day > (10) and not day == 11",
        "return day > 9 and (day == 11)",
        "return day > 9 and not (day != 11)",
        "return day > 9 and not day == (12)",
    }


MODULE = b"""\
LEAST = 3

def enough(count, least=LEAST):
    return count >= least

class Sum:
    @cached_property
    def whole(self):
        return 1

def used(it):
    return it.whole
"""


@pytest.mark.parametrize(
    ("line", "decide"), [(1, [3]), (3, [4]), (4, [4]), (9, [9, 12]), (6, [])],
    ids=["a constant", "a default", "a line", "a cached property", "a class"],
)  # fmt: skip
def test_the_tests_of_a_mutant_are_those_that_its_lines_decide(line, decide):
    assert deciding_lines(MODULE, line, line) == decide


def test_the_quickest_tests_come_first_and_shared_work_is_paid_once():
    seconds = {"a": 1.0, "b": 0.5, "c": 12.0, "d": 3.0, "e": 20.0, "made": 3.0}
    shared = {"a": ["made"], "b": ["made"], "c": [], "d": [], "e": []}
    lines = {"x.py": {1: set(shared), 2: {"e"}}}
    reach = Reach(seconds, seconds, shared, lines, {})
    assert reach.of("x.py", [1]) == ["d", "c", "b", "a"]
    assert reach.of("x.py", [2]) == ["e"]
    assert reach.of("x.py", [7]) == reach.of("x.py", [1]), "all that reach the file"
    assert reach.of("y.py", [1]) == reach.of("x.py", [1]), "all tests"
