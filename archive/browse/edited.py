"""The edition of a work for reading: passages from their sources, changes, and cuts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from archive.browse.reading import ShownText, reading
from archive.browse.segments import Cut, Paragraph, Segment
from archive.browse.web import Asked
from archive.store.editions import read_edition
from archive.store.witnesses import witnesses

GAP: Final = "gap"


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage of the edition: `shown` as a paragraph, and the copies that have it.

    `number` counts within the edition, `shown.number` within its source text.
    """

    number: int
    shown: Paragraph
    text_id: int
    origin: str
    supporters: tuple[int, ...]

    @property
    def level(self) -> int | None:
        """Like `Paragraph.level`."""
        return self.shown.level


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition with the texts it is made of, the base first."""

    blocks: tuple[ShownPassage | Cut, ...]
    readings: tuple[ShownText, ...]

    @property
    def passages(self) -> Iterator[ShownPassage]:
        """The passages, without the cuts."""
        return (block for block in self.blocks if isinstance(block, ShownPassage))

    @property
    def gaps(self) -> int:
        """The number of places that no witness fills."""
        return sum(p.kind == GAP for b in self.passages for p in b.shown.pieces)


def edition(asked: Asked, work: Mapping[str, Any]) -> Edition:
    """Return the edition of `work`."""
    rows = list(read_edition(asked.connection, work["name"]))
    base = witnesses(asked.connection, work["id"])[0]["id"]
    readings = {
        text_id: reading(asked, text_id, (None, None))
        for text_id in dict.fromkeys(row["text_id"] for row in rows)
    }
    in_base = {row["text_id"] for row in rows if row["witness_id"] == base}
    blocks = tuple(_blocks(rows, readings, in_base))
    order = sorted(readings, key=lambda text_id: text_id not in in_base)
    return Edition(blocks, tuple(readings[text_id] for text_id in order))


def _blocks(
    rows: Sequence[Mapping[str, Any]], readings: Mapping[int, ShownText], in_base: set[int]
) -> Iterator[ShownPassage | Cut]:
    """Yield the passages in order, with the cuts of the base where they were made."""
    cuts = {text_id: _Cuts(readings[text_id]) for text_id in in_base}
    sources = {
        text_id: {paragraph.start: paragraph for paragraph in found.paragraphs}
        for text_id, found in readings.items()
    }
    last: int | None = None
    for row in rows:
        text_id = row["text_id"]
        if last is not None and last != text_id and last in cuts:
            following = cuts.get(text_id)
            if following is not None and not following.begun:
                yield from cuts[last].rest()
        if text_id in cuts:
            yield from cuts[text_id].before(row["start"])
            last = text_id
        yield ShownPassage(
            number=row["seq"] + 1,
            shown=_paragraph(row, sources[text_id].get(row["start"])),
            text_id=text_id,
            origin=row["origin"],
            supporters=tuple(row["supporters"]),
        )
    if last is not None:
        yield from cuts[last].rest()


class _Cuts:
    """The cuts of one text, returned in order as its passages come."""

    def __init__(self, found: ShownText) -> None:
        self._left = [block for block in found.blocks if isinstance(block, Cut)]
        self.begun = False

    def before(self, start: int) -> Iterator[Cut]:
        """Return the cuts made before character `start`."""
        self.begun = True
        while self._left and self._left[0].start < start:
            yield self._left.pop(0)

    def rest(self) -> Iterator[Cut]:
        """Return all remaining cuts."""
        while self._left:
            yield self._left.pop(0)


def _paragraph(row: Mapping[str, Any], source: Paragraph | None) -> Paragraph:
    """Return the passage with the doubts and cuts of its source, or with the edition's changes."""
    number = source.number if source else 0
    if source is not None and not row["changes"] and source.words == row["text"]:
        pieces = source.pieces
    else:
        pieces = tuple(_pieces(row["text"], row["changes"]))
    return Paragraph(number, row["part"], row["start"], row["stop"], pieces)


def _pieces(text: str, changes: Sequence[Mapping[str, Any]]) -> Iterator[Segment]:
    at = 0
    for change in sorted(changes, key=lambda change: change["start"]):
        start, stop = max(change["start"], at), change["stop"]
        if start > at:
            yield Segment("text", text[at:start], "text")
        yield Segment(
            "gap" if change["kind"] == GAP else "mended",
            text[start:stop],
            change["kind"],
            original=change["was"] or "",
            basis=None if change["witness_id"] is None else str(change["witness_id"]),
            proposals=tuple(change.get("proposals") or ()),
        )
        at = stop
    if at < len(text):
        yield Segment("text", text[at:], "text")
