"""Contract: SQL stands in the store; the crawler's own tables in its frontier, leases, cluster.

    python contrib/sql_homes.py

Every other module of `archive` and `crawler` asks a function of `archive.store` or of
`archive.catalogue`. What is found is printed, one line each;
exit code 1 when there is any.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

HOMES = {
    "archive/store/": "the only writer and reader of the archive",
    "archive/browse/sql_worker.py": "runs the SQL that readers write",
    "crawler/frontier.py": "the table `frontier`, behind the Protocol `Frontier`",
    "crawler/leases.py": "the table `leases`, behind the Protocol `Leases`",
    "crawler/backfill/crawltable.py": "Common Crawl's columnar index, by DuckDB",
    "crawler/cluster/tables.py": "the tables in PostgreSQL",
}  # fmt: skip

_STATEMENT = re.compile(
    r"\s*(?:(?:select|with|insert|replace|update|delete|create|drop|alter|attach)\b"
    r"(?=.*\b(?:from|into|set|as|table|index|view|values)\b)|pragma\s+\w|begin\s+immediate|vacuum\s+into)",
    re.IGNORECASE | re.DOTALL,
)
_FRAGMENT = re.compile(
    r"\b(?:WHERE|ORDER BY|GROUP BY|(?:LEFT|CROSS|INNER) JOIN|UNION ALL|LIMIT \?)\s"
    r"|(?:[=<>]|LIKE|MATCH|IN) \(?\?"
)
_RUNS_SQL = frozenset({"execute", "executemany", "executescript", "query"})


def findings(root: Path) -> Iterator[str]:
    """A line for each place below `root` where SQL stands outside its homes."""
    for path in sorted(
        file for name in ("archive", "crawler") for file in (root / name).rglob("*.py")
    ):
        name = path.relative_to(root).as_posix()
        if not name.startswith(tuple(HOMES)):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from (f"{name}:{line}: {what}" for line, what in sorted(_in(tree, name)))


def _in(tree: ast.Module, name: str) -> Iterator[tuple[int, str]]:
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(words)) if id(node) not in prose and _is_sql(words):
                yield node.lineno, f"SQL: {' '.join(words.split())[:60]}"
            case ast.Call(func=ast.Attribute(attr=called, value=whose)) if (
                called in _RUNS_SQL and ast.unparse(whose) != "super()"
            ):
                yield node.lineno, f"runs SQL: {ast.unparse(node.func)}(…)"
            case ast.Attribute(attr="connection") if name.startswith("crawler/"):
                yield node.lineno, f"the archive's connection: {ast.unparse(node)}"


def _is_sql(words: str) -> bool:
    return bool(_STATEMENT.match(words) or _FRAGMENT.search(words))


def main() -> int:
    """Print what is found; give the exit code."""
    found = list(findings(Path(__file__).parents[1]))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
