"""Visible text → spans: what stays, what goes, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archive.clean.decide import decide
from archive.clean.edits import Document, Edit, edits_of
from archive.clean.fragments import cut_lines
from archive.clean.joining import joined_lines
from archive.clean.layout import Decisions, spans_of
from archive.clean.lines import Line, lines_of
from archive.clean.repairs import METHODS
from archive.clean.rulebook import rulebook
from archive.clean.shape import page_shape
from archive.known import Knowledge
from archive.model import Cleaning, Page

__all__ = ["clean"]

LAID_OUT = frozenset({"pdf", "ofd", "ocr"})
"""Media whose reader knows the places of rows on the paper, and has joined them."""


def clean(page: Page, knowledge: Knowledge) -> Cleaning:
    """Decide the fate of every character of `page`.

    The spans are a partition of `page.visible` and none crosses a line border. Kept spans carry
    the part `body`; telling the parts of a report is identify's. Flags tell what may be wrong
    inside lines and is not changed.
    """
    lines = lines_of(page)
    book = rulebook(knowledge)
    decided = decide(page, lines, book, knowledge)
    fates = decided.fates
    decisions = Decisions(decided, frozenset(), {})
    document = _document(page, lines, decisions, knowledge)
    edits = edits_of(document, book.inline_rules(page.visible), METHODS)
    indents = [line.start - line.begin for line in document.kept]
    wrapped = set[int]()
    if page.medium not in LAID_OUT:
        wrapped = joined_lines(document.kept, fates, indents)
    joined = frozenset(wrapped | cut_lines(document.kept, knowledge.figures))
    changes = _by_line(document, (one for one in edits if one.changes))
    return Cleaning(
        spans_of(lines, Decisions(decided, joined, changes)),
        shape=page_shape(page, lines, fates),
        flags=tuple(one.as_flag(page.visible) for one in edits if not one.changes),
    )


def _document(
    page: Page, lines: Sequence[Line], decisions: Decisions, knowledge: Knowledge
) -> Document:
    kept = tuple(line for line in lines if decisions.keeps(line))
    dropped = tuple(
        line for line in lines if line.block.main and line.words and decisions.decided.drops(line)
    )
    return Document(page.visible, kept, dropped, knowledge)


def _by_line(document: Document, changes: Iterable[Edit]) -> dict[int, list[Edit]]:
    found: dict[int, list[Edit]] = {}
    for one in changes:
        line = document.line_at(one.start, one.stop)
        if line is not None:
            found.setdefault(line.index, []).append(one)
    return found
