"""Mutants of a Python file: one small change each, as a replacement of a piece of its source.

The operators are those of cosmic-ray, on the standard library's `ast`, and three more: invert a
condition, drop a filter of a comprehension, drop a call whose value is not used.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SWAPPED: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.USub: ast.UAdd,
}
UNTOUCHED: Final = {"strict", "frozen", "slots", "maxsize", "stacklevel"}
"""Keyword arguments that only guard against mistakes, or against slowness."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """`source[start:end]` of `path`, in UTF-8, becomes `instead`."""

    path: str
    line: int
    last_line: int
    start: int
    end: int
    instead: str

    def applied(self, source: bytes) -> bytes:
        """The whole file with the change in it."""
        return source[: self.start] + self.instead.encode() + source[self.end :]

    def diff(self, source: bytes) -> str:
        """The lines that change, those before marked with - and those after with +."""
        before, after = (text.decode().splitlines() for text in (source, self.applied(source)))
        changed = difflib.unified_diff(before, after, n=0, lineterm="")
        return "\n".join(line for line in changed if not line.startswith(("---", "+++", "@@")))

    def change(self, source: bytes) -> tuple[str, str]:
        """The lines before and after the change, without indentation."""
        lines = self.diff(source).splitlines()
        before, after = (
            "\n".join(line[1:].strip() for line in lines if line.startswith(mark)) for mark in "-+"
        )
        return before, after


def mutants_of(root: Path, path: str) -> list[Mutant]:
    """Every mutant of a file, in the order of its source."""
    source = (root / path).read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = {}
    for node, instead in _changes(ast.parse(source)):
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0)
        mutant = Mutant(path, node.lineno, node.end_lineno or 0, start, end, f"({instead})")
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            mutant = Mutant(path, node.lineno, node.end_lineno or 0, start, end, instead)
        found[start, end, instead] = mutant
    return [found[place] for place in sorted(found)]


def _changes(tree: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    for node in _reached(tree):
        yield from ((changed, _source(instead)) for changed, instead in _of(node))


def _reached(node: ast.AST) -> Iterator[ast.AST]:
    """Every node whose change could matter: no annotation, decorator, message or docstring."""
    yield node
    for name, value in ast.iter_fields(node):
        skipped = name in {"annotation", "returns", "decorator_list", "exc", "msg"}
        if skipped or (isinstance(node, ast.keyword) and node.arg in UNTOUCHED):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _reached(child)


def _of(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, ast.AST]]:
    yield from _swaps(node)
    yield from _constants(node)
    yield from _flow(node)


def _swaps(node: ast.AST) -> Iterator[tuple[ast.expr, ast.AST]]:
    match node:
        case ast.Compare(left, [operator], compared):
            yield node, ast.Compare(left, [_swapped(operator)], compared)
        case ast.BoolOp(operator, values):
            yield node, ast.BoolOp(_swapped(operator), values)
        case ast.BinOp(_, ast.BitOr(), ast.Name(name)) if name[:1].isupper():
            return  # a union of types
        case ast.BinOp(left, operator, right) if type(operator) in SWAPPED:
            yield node, ast.BinOp(left, _swapped(operator), right)
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield node, operand


def _constants(node: ast.AST) -> Iterator[tuple[ast.expr, ast.AST]]:
    match node:
        case ast.Constant(bool() as value):
            yield node, ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield node, ast.Constant(value + 1)


def _flow(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, ast.AST]]:
    match node:
        case ast.Break() | ast.Continue():
            yield node, ast.Continue() if isinstance(node, ast.Break) else ast.Break()
        case ast.For(iter=iterated):
            yield iterated, ast.Tuple([], ast.Load())
        case ast.Expr(ast.Call()):
            yield node, ast.Pass()
        case ast.comprehension(ifs=conditions):
            yield from ((condition, ast.Constant(value=True)) for condition in conditions)
        case ast.If(test) | ast.While(test) | ast.IfExp(test):
            if not isinstance(test, ast.Compare | ast.UnaryOp):
                yield test, ast.UnaryOp(ast.Not(), test)


def _swapped(operator: ast.AST) -> ast.AST:
    return SWAPPED[type(operator)]()


def _source(node: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(node))
