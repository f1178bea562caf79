"""A stored text for reading: its blocks in order, its doubts, its rules, its identity."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from archive.browse.segments import Block, Cut, Paragraph, blocks
from archive.browse.web import Asked, SeveralError, found
from archive.catalogue.sources import StoredText, source
from archive.known.fields import fields
from archive.model import Flag
from archive.store import text_details
from archive.store.holdings import work_row
from archive.store.naming import Named, works_asked
from archive.store.partitions import spans_of, visible_of
from archive.store.texts import flags_of
from archive.store.witnesses import texts_of_best

LAYOUT: Final = "layout-"
"""Prefix of rules that remove only white space; they are counted, not shown as cuts."""


@dataclass(frozen=True, slots=True)
class ShownText:
    """One text as shown: its blocks in order, its doubts, its rules, its identity."""

    source: StoredText
    blocks: tuple[Block, ...]
    flags: tuple[Flag, ...]
    rules: tuple[Mapping[str, Any], ...]
    identity: tuple[Mapping[str, Any], ...]
    shift: int = 0
    """Added to a passage's number in its text to get its number on the page."""

    @property
    def paragraphs(self) -> Iterator[Paragraph]:
        """The passages, without the cuts."""
        return (block for block in self.blocks if isinstance(block, Paragraph))

    @property
    def cuts(self) -> int:
        """The number of visible cuts."""
        inline = sum(piece.kind == "cut" for p in self.paragraphs for piece in p.pieces)
        return inline + sum(isinstance(block, Cut) for block in self.blocks)

    def field(self, name: str) -> Any:
        """Return the value of an identity field, or None."""
        found = next((row for row in self.identity if row["field"] == name), None)
        return None if found is None else json.loads(found["value_json"])


def reading(asked: Asked, text_id: int, passages: tuple[int | None, int | None]) -> ShownText:
    """Return text `text_id`, from the first to the last of `passages` (their `seq`; None: all)."""
    connection = asked.connection
    origin = source_of(asked, text_id)
    flags = flags_of(connection, text_id)
    order = {name: place for place, name in enumerate(fields())}
    identity = map(dict, text_details.identity(connection, text_id))
    shown = blocks(visible_of(connection, text_id), spans_of(connection, text_id), flags)
    return ShownText(
        source=origin,
        blocks=tuple(_between(shown, *passages)),
        flags=flags,
        rules=tuple(dict(row) for row in text_details.rules(connection, text_id)),
        identity=tuple(sorted(identity, key=lambda row: order.get(row["field"], len(order)))),
    )


def source_of(asked: Asked, text_id: int) -> StoredText:
    """Return the source of a text.

    Raises:
        MissingError: there is no such text.
    """
    return found(source(asked.connection, text_id), "error.no_text", id=str(text_id))


def _between(shown: Iterator[Block], first: int | None, last: int | None) -> Iterator[Block]:
    """Yield the blocks from passage `first` to passage `last`; cuts belong to what follows them."""
    following = 0
    for block in shown:
        seq = block.number - 1 if isinstance(block, Paragraph) else following
        if (first is None or seq >= first) and (last is None or seq <= last):
            yield block
        following = seq + isinstance(block, Paragraph)


def work_readings(asked: Asked, work: Mapping[str, Any]) -> list[ShownText]:
    """Return the texts of the best witness of `work`, numbered continuously; never empty.

    Raises:
        MissingError: no text belongs to it.
    """
    best = texts_of_best(asked.connection, work["id"])
    found(best or None, "error.no_witness", work=work["name"])
    return numbered(
        reading(asked, row["text_id"], (row["first_passage"], row["last_passage"])) for row in best
    )


def numbered(readings: Iterable[ShownText]) -> list[ShownText]:
    """Number the passages of all readings continuously, as the search index does."""
    numbered_through: list[ShownText] = []
    before = 0
    for one in readings:
        numbers = [paragraph.number for paragraph in one.paragraphs]
        numbered_through.append(replace(one, shift=before - (numbers[0] - 1 if numbers else 0)))
        before += len(numbers)
    return numbered_through


def asked_work(asked: Asked) -> dict[str, Any]:
    """Return the work named by the URL.

    Raises:
        MissingError: the archive has none of this name.
        SeveralError: it has more than one.
    """
    works = works_of_address(asked)
    found(works or None, "error.no_work", work=name_in_address(asked))
    if len(works) > 1:
        raise SeveralError(name_in_address(asked), works)
    return dict(work_row(asked.connection, works[0].id))


def works_of_address(asked: Asked) -> list[Named]:
    """Return the works that the URL matches: two for place and year of two reports."""
    return works_asked(asked.connection, name_in_address(asked))


def name_in_address(asked: Asked) -> str:
    """Return the name that the URL stands for."""
    rest = asked.parts.get("rest", "").strip("/")
    return f"{asked.parts['code']}-{asked.parts['year']}" + (f"/{rest}" if rest else "")
