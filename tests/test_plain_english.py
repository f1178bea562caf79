"""Docs, docstrings and help texts are plain English: phrases that were replaced do not return."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROSE = [
    *sorted((ROOT / "docs").glob("*.md")),
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
]  # fmt: skip
PACKAGES = ("archive", "crawler", "baogao_practice", "bench")
CODE = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
RIDDLES = re.compile(
    r"what it is that|as it were\b|looked and found|tells nobody|the newer speaks|facts speak"
    r"|\bwhoever\b|\bis no (?:interval|list|number|time|address|status|ZIP|JSON|TOML|UTF-8)\b"
    r"|is none of ours|\bhush(?:es)?\b"
    r"|take[ns]? the place of|took the place of|goes on where|\bhalf made\b|what is true of"
    r"|has of its own|\bheld against\b|stands there twice|what (?:came|comes) of (?:it|one|the)\b"
    r"|as (?:it|they) lies? there|\bwho only\b|\bnobody's\b",
    re.IGNORECASE,
)
"""Phrases that plain English says otherwise; extend it when one is replaced."""


def docstrings(path: Path) -> str:
    """All strings that are statements of their own, one after the other."""
    nodes = ast.walk(ast.parse(path.read_text("utf-8")))
    return "\n".join(
        node.value.value
        for node in nodes
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


@pytest.mark.parametrize("path", PROSE, ids=lambda path: path.name)
def test_no_riddles_in_docs(path):
    assert RIDDLES.findall(path.read_text("utf-8")) == []


def test_no_riddles_in_docstrings():
    found = {str(path.relative_to(ROOT)): RIDDLES.findall(docstrings(path)) for path in CODE}
    assert len(found) > 200
    assert {path: words for path, words in found.items() if words} == {}


def test_a_riddle_is_found():
    assert RIDDLES.findall("Whoever asks for what is no interval looked and found wrong.") != []
