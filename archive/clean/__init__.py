"""Visible text → spans: what stays, what goes, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator

from archive.clean.decide import Fate, decide
from archive.clean.lines import Line, lines_of
from archive.clean.rescue import RULE as RESCUED
from archive.clean.rulebook import rulebook
from archive.clean.shape import page_shape
from archive.known import Knowledge
from archive.model import Cleaning, Page, Span

__all__ = ["clean"]


def clean(page: Page, knowledge: Knowledge) -> Cleaning:
    """Decide the fate of every character of `page`.

    The spans are a partition of `page.visible` and none crosses a line border. Kept spans carry
    the part `body`; telling the parts of a report is identify's.
    """
    lines = lines_of(page)
    fates, rescued = decide(page, lines, rulebook(knowledge.rules))
    spans = tuple(
        span
        for line in lines
        for span in _spans(line, fates[line.index], RESCUED if line.index in rescued else "")
        if span.stop > span.start
    )
    return Cleaning(spans, shape=page_shape(page, lines, fates))


def _spans(line: Line, fate: Fate, rescued: str) -> Iterator[Span]:
    if line.blank:
        yield Span(line.begin, line.end, "drop", "layout-blank")
    elif line.block.hidden:
        yield Span(line.begin, line.end, "drop", "hidden")
    elif fate:
        yield from _fields(line, fate)
    elif not line.block.main and not rescued:
        yield Span(line.begin, line.end, "drop", "outside-main")
    else:
        yield Span(line.begin, line.start, "drop", "layout-indent")
        yield Span(line.start, line.end, "keep", rescued or "text", "body")


def _fields(line: Line, fate: Fate) -> Iterator[Span]:
    begin = line.begin
    for field in fate:
        last = field is fate[-1]
        stop = line.end if last else line.start + field.stop
        if field.rule.action == "keep":
            yield Span(begin, stop, "keep", field.rule.id, "body")
        else:
            yield Span(begin, stop, "drop", field.rule.id)
        begin = stop
