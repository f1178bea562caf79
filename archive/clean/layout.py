"""Turns decisions on lines and inside them into spans, a partition of the visible text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archive.clean.decide import Decided
from archive.clean.edits import Edit
from archive.clean.joining import RULE as JOINED
from archive.clean.lines import VisibleLine
from archive.clean.rescue import RULE as RESCUED
from archive.clean.rulebook import Fate
from archive.model import Span


@dataclass(frozen=True)
class Decisions:
    """All decisions about the lines of a page, by line number."""

    decided: Decided
    joined: frozenset[int]
    edits: dict[int, list[Edit]]

    def keeps(self, line: VisibleLine) -> bool:
        """Whether the line is part of the text."""
        if line.blank or line.block.hidden or self.decided.drops(line):
            return False
        return line.block.main or line.index in self.decided.rescued


def spans_of(lines: Sequence[VisibleLine], decisions: Decisions) -> tuple[Span, ...]:
    """Return the spans of all lines; none is empty and none crosses a line border."""
    found: list[Span] = []
    for line in lines:
        found += _spans(line, decisions)
    return tuple(span for span in found if span.stop > span.start)


def _spans(line: VisibleLine, decisions: Decisions) -> Iterable[Span]:
    if line.blank:
        return (Span(line.begin, line.end, "drop", "layout-blank"),)
    if line.block.hidden:
        return (Span(line.begin, line.end, "drop", "hidden"),)
    if decisions.decided.fates[line.index]:
        return _fields(line, decisions.decided.fates[line.index])
    if rule := decisions.decided.outside.get(line.index):
        return (Span(line.begin, line.end, "drop", rule),)
    if not decisions.keeps(line):
        return (Span(line.begin, line.end, "drop", "outside-main"),)
    return _kept(line, decisions)


def _fields(line: VisibleLine, fate: Fate) -> Iterator[Span]:
    begin = line.begin
    for field in fate:
        stop = line.end if field is fate[-1] else line.start + field.stop
        if field.rule.action == "keep":
            yield Span(begin, stop, "keep", field.rule.id, "body")
        else:
            yield Span(begin, stop, "drop", field.rule.id)
        begin = stop


def _kept(line: VisibleLine, decisions: Decisions) -> list[Span]:
    rule = RESCUED if line.index in decisions.decided.rescued else "text"
    found: list[Span] = []
    if line.start > line.begin:
        found.append(Span(line.begin, line.start, "drop", "layout-indent"))
    place = line.start
    for one in decisions.edits.get(line.index, ()):
        found.append(Span(place, one.start, "keep", rule, "body"))
        if one.action == "replace":
            new = Span(one.start, one.stop, "replace", one.rule.id, "body", one.replacement)
        else:
            new = Span(one.start, one.stop, "drop", one.rule.id)
        found.append(new)
        place = one.stop
    if line.index in decisions.joined:
        found.append(Span(place, line.stop, "keep", rule, "body"))
        found.append(Span(line.stop, line.end, "drop", JOINED))
    else:
        found.append(Span(place, line.end, "keep", rule, "body"))
    return found
