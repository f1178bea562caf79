"""Names explain themselves: within a package, a class name has one meaning."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("package", ["archive", "crawler", "baogao_practice"])
def test_no_two_classes_of_a_package_share_a_name(package):
    """Public or private, nested or not."""
    homes = defaultdict(list)
    for path in sorted((ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert len(homes) > 20
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}
