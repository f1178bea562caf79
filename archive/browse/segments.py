"""From spans to page content: paragraphs in reading order, with cuts where they were made.

Everything here is data for templates, which escape it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from archive.known.genre import SENTENCE_ENDS
from archive.model import Flag, Part, Span

PieceKind = Literal["text", "cut", "mended", "flag", "gap"]

LONGEST_HEADING: Final = 60
"""Characters of the longest heading; a longer numbered line is a paragraph that begins with one."""

_SECTION: Final = re.compile(r"^[一二三四五六七八九十]{1,3}、")
_SUBSECTION: Final = re.compile(r"^[（(][一二三四五六七八九十]{1,3}[）)]")
_SENTENCE_END: Final = re.compile(f"[{SENTENCE_ENDS}]")


@dataclass(frozen=True, slots=True)
class Segment:
    """Some characters with the same fate; `flag` is an index into the list of flags.

    `gap` marks a place that no witness fills; `original` is the text of the source there.
    """

    kind: PieceKind
    words: str
    rule: str
    original: str = ""
    basis: str | None = None
    flag: int | None = None
    proposals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One passage: `number` is its place in the text (from 1), offsets are those of `visible`."""

    number: int
    part: Part
    start: int
    stop: int
    pieces: tuple[Segment, ...]

    @property
    def words(self) -> str:
        """The clean words of the passage."""
        return "".join(piece.words for piece in self.pieces if piece.kind != "cut").strip()

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that decided this passage, in order, without duplicates."""
        return tuple(dict.fromkeys(piece.rule for piece in self.pieces if piece.words.strip()))

    @property
    def level(self) -> int | None:
        """2 for a section heading, 3 for a subsection heading, None for a paragraph."""
        found = self.heading
        return found[0] if found and found[1] == self.words else None

    @property
    def heading(self) -> tuple[int, str] | None:
        """Level and words of the numbered heading that this is, or begins with."""
        words = self.words
        level = 2 if _SECTION.match(words) else 3 if _SUBSECTION.match(words) else None
        end = _SENTENCE_END.search(words)
        heading = words[: end.end()] if end else words
        return (level, heading) if level and len(heading) <= LONGEST_HEADING else None


@dataclass(frozen=True, slots=True)
class Cut:
    """Whole lines removed by one rule, between two passages."""

    start: int
    stop: int
    rule: str
    words: str

    @property
    def chars(self) -> int:
        """The number of characters removed, without line ends."""
        return sum(len(line) for line in self.words.splitlines())

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that are not blank."""
        return tuple(line.strip() for line in self.words.splitlines() if line.strip())


Block = Paragraph | Cut


@dataclass(slots=True)
class _OpenPassage:
    """The passage being read, until its line ends."""

    pieces: list[Segment] = field(default_factory=list)
    part: Part = "body"
    start: int = 0
    stop: int = 0

    @property
    def begun(self) -> bool:
        return any(piece.kind != "cut" for piece in self.pieces)


def blocks(visible: str, spans: Iterable[Span], flags: Sequence[Flag] = ()) -> Iterator[Block]:
    """Yield paragraphs and cuts in reading order, without white space removed by layout rules.

    The paragraphs are the passages of `archive.model.passages`, one to one.
    """
    gathered = _OpenPassage()
    ordered = in_order(flags)
    number = 0
    pending: list[Cut] = []
    for span in spans:
        words = visible[span.start : span.stop]
        if span.action == "drop":
            if gathered.begun:
                if words.strip():
                    gathered.pieces.append(Segment("cut", words, span.rule))
            else:
                _add_cut(pending, span, words)
            continue
        if not gathered.begun:
            gathered.start, gathered.part = span.start, span.part or "body"
        gathered.pieces.extend(_pieces(span, words, ordered))
        gathered.stop = span.stop
        shown = words if span.action == "keep" else span.replacement or ""
        if shown.endswith(("\n", "\r")):
            yield from _merged(pending)
            pending = []
            paragraph = _paragraph(gathered, number + 1)
            if paragraph is None:
                pending.extend(_stranded(gathered))
            else:
                number += 1
                yield paragraph
            gathered = _OpenPassage()
    yield from _merged(pending)
    paragraph = _paragraph(gathered, number + 1)
    yield from _merged(list(_stranded(gathered))) if paragraph is None else (paragraph,)


def _stranded(gathered: _OpenPassage) -> Iterator[Cut]:
    """Yield the cuts of a line of which nothing but white space was kept."""
    for piece in gathered.pieces:
        if piece.kind == "cut":
            yield Cut(gathered.start, gathered.stop, piece.rule, piece.words)


def _add_cut(pending: list[Cut], span: Span, words: str) -> None:
    """Join a cut to the previous one if the same rule continues."""
    last = pending[-1] if pending else None
    if last and last.rule == span.rule and last.stop == span.start:
        pending[-1] = Cut(last.start, span.stop, span.rule, last.words + words)
    else:
        pending.append(Cut(span.start, span.stop, span.rule, words))


def _merged(cuts: list[Cut]) -> Iterator[Cut]:
    """Yield the cuts with words; neighbours of one rule are joined, whatever blanks are between."""
    merged: list[Cut] = []
    for cut in cuts:
        if not cut.words.strip():
            continue
        if merged and merged[-1].rule == cut.rule:
            before = merged[-1]
            merged[-1] = Cut(before.start, cut.stop, cut.rule, f"{before.words}\n{cut.words}")
        else:
            merged.append(cut)
    yield from merged


def _paragraph(gathered: _OpenPassage, number: int) -> Paragraph | None:
    found = Paragraph(number, gathered.part, gathered.start, gathered.stop, tuple(gathered.pieces))
    return found if found.words else None


NumberedFlags = Sequence[tuple[int, Flag]]
"""Flags in the order of the text, each with its index."""


def in_order(flags: Sequence[Flag]) -> NumberedFlags:
    """Return flags in the order of the text, as `flagged_ranges` needs them."""
    return sorted(enumerate(flags), key=lambda pair: (pair[1].start, pair[1].stop))


def flagged_ranges(span: Span, flags: NumberedFlags) -> Iterator[tuple[int, int, int | None]]:
    """Yield the ranges of a span with the index of their flag, the first where flags overlap."""
    at = span.start
    for index, flag in flags:
        start, stop = max(flag.start, at), min(flag.stop, span.stop)
        if start >= stop:
            continue
        if start > at:
            yield at, start, None
        yield start, stop, index
        at = stop
    if at < span.stop:
        yield at, span.stop, None


def _pieces(span: Span, words: str, flags: NumberedFlags) -> Iterator[Segment]:
    if span.action == "replace":
        yield Segment("mended", span.replacement or "", span.rule, original=words, basis=span.basis)
        return
    for start, stop, index in flagged_ranges(span, flags):
        shown = words[start - span.start : stop - span.start]
        yield Segment("text" if index is None else "flag", shown, span.rule, flag=index)
