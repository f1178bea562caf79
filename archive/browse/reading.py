"""A stored text as it is read: its blocks in order, its doubts, its rules, its identity."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from archive.browse.segments import Block, Cut, Paragraph, blocks
from archive.browse.sources import StoredText, source
from archive.browse.web import Asked, MissingError, SeveralError
from archive.known.fields import fields
from archive.model import Flag, Span
from archive.store.naming import Named, works_asked

LAYOUT: Final = "layout-"
"""Rules of this prefix take white space only; they are counted, not shown as cuts."""

_SPANS = """
SELECT start, stop, action, rules.name AS rule, part, replacement, basis
FROM spans JOIN rules ON rules.id = spans.rule_id WHERE text_id = ? ORDER BY seq
"""

_ELSEWHERE = """
SELECT 'hijack' AS kind, start, stop, words, evidence, proposals_json FROM brand_places
WHERE text_id = ? ORDER BY start
"""

_IDENTITY = """
SELECT field, value_json, raw, source, method, confidence, candidates_json
FROM identities WHERE text_id = ?1
UNION ALL
SELECT field, value_json, raw, source, method, confidence, '[]' FROM inherited_identities
WHERE text_id = ?1 AND field NOT IN (SELECT field FROM identities WHERE text_id = ?1)
GROUP BY field
"""
"""What a text says of itself, then what a copy with a header says of it."""

_RULES = """
SELECT rules.name, rules.kind, rules.why, action, count(*) AS spans, sum(stop - start) AS chars
FROM spans JOIN rules ON rules.id = spans.rule_id
WHERE text_id = ? AND action <> 'keep' GROUP BY rules.id, action ORDER BY chars DESC
"""


@dataclass(frozen=True, slots=True)
class ShownText:
    """One text as it is shown: its blocks in order, its doubts, its rules, its identity."""

    source: StoredText
    blocks: tuple[Block, ...]
    flags: tuple[Flag, ...]
    rules: tuple[Mapping[str, Any], ...]
    identity: tuple[Mapping[str, Any], ...]
    shift: int = 0
    """What is added to a passage's number in its text to get its number on the page."""

    @property
    def paragraphs(self) -> Iterator[Paragraph]:
        """The passages, without the cuts."""
        return (block for block in self.blocks if isinstance(block, Paragraph))

    @property
    def cuts(self) -> int:
        """How many times something visible was cut away."""
        inline = sum(piece.kind == "cut" for p in self.paragraphs for piece in p.pieces)
        return inline + sum(isinstance(block, Cut) for block in self.blocks)

    def field(self, name: str) -> Any:
        """The value of a field of the identity, or None."""
        found = next((row for row in self.identity if row["field"] == name), None)
        return None if found is None else json.loads(found["value_json"])


def reading(asked: Asked, text_id: int, passages: tuple[int | None, int | None]) -> ShownText:
    """Text `text_id`, from the first to the last of `passages` (their `seq`; None: all)."""
    found = source(asked, text_id)
    visible = asked.value(
        "SELECT visible FROM visible_texts WHERE sha256 = ?", found.text["visible_sha256"]
    )
    flags = tuple(_flags(asked, text_id))
    spans = [Span(**dict(row)) for row in asked.rows(_SPANS, text_id)]
    order = {name: place for place, name in enumerate(fields())}
    identity = asked.rows(_IDENTITY, text_id)
    return ShownText(
        source=found,
        blocks=tuple(_between(blocks(visible, spans, flags), *passages)),
        flags=flags,
        rules=tuple(dict(row) for row in asked.rows(_RULES, text_id)),
        identity=tuple(
            sorted((dict(row) for row in identity), key=lambda r: order.get(r["field"], len(order)))
        ),
    )


def _flags(asked: Asked, text_id: int) -> Iterator[Flag]:
    """What its own words say against a text, then what other pages confirm."""
    for row in asked.rows("SELECT * FROM flags WHERE text_id = ? ORDER BY seq", text_id):
        yield _flag(dict(row))
    for row in asked.rows(_ELSEWHERE, text_id):
        yield _flag(dict(row))


def _flag(row: Mapping[str, Any]) -> Flag:
    return Flag(
        row["kind"], row["start"], row["stop"], row["words"], row["evidence"],
        tuple(json.loads(row["proposals_json"])),
    )  # fmt: skip


def _between(found: Iterator[Block], first: int | None, last: int | None) -> Iterator[Block]:
    """The blocks from passage `first` to passage `last`; cuts belong to what follows them."""
    following = 0
    for block in found:
        seq = block.number - 1 if isinstance(block, Paragraph) else following
        if (first is None or seq >= first) and (last is None or seq <= last):
            yield block
        following = seq + isinstance(block, Paragraph)


def work_readings(asked: Asked, work: Mapping[str, Any]) -> list[ShownText]:
    """The texts of the best witness of `work`, numbered through; never empty.

    Raises:
        MissingError: no text belongs to it.
    """
    best = asked.rows(
        "SELECT witness_texts.* FROM witness_texts JOIN witnesses ON witnesses.id = witness_id"
        " WHERE work_id = ? ORDER BY rank, witnesses.id, seq",
        work["id"],
    )
    if not best:
        raise MissingError("error.no_witness", work=work["name"])
    return numbered(
        reading(asked, row["text_id"], (row["first_passage"], row["last_passage"]))
        for row in best
        if row["witness_id"] == best[0]["witness_id"]
    )


def numbered(readings: Iterable[ShownText]) -> list[ShownText]:
    """The readings with their passages numbered through, as the search index counts them."""
    found: list[ShownText] = []
    before = 0
    for one in readings:
        numbers = [paragraph.number for paragraph in one.paragraphs]
        found.append(replace(one, shift=before - (numbers[0] - 1 if numbers else 0)))
        before += len(numbers)
    return found


def asked_work(asked: Asked) -> dict[str, Any]:
    """The work that the address names.

    Raises:
        MissingError: the archive has none of this name.
        SeveralError: it has more than one.
    """
    found = works_of_address(asked)
    if not found:
        raise MissingError("error.no_work", work=name_in_address(asked))
    if len(found) > 1:
        raise SeveralError(name_in_address(asked), found)
    return dict(asked.rows("SELECT * FROM works WHERE id = ?", found[0].id)[0])


def works_of_address(asked: Asked) -> list[Named]:
    """The works that the address names: two, where it says place and year of two reports."""
    return works_asked(asked.connection, name_in_address(asked))


def name_in_address(asked: Asked) -> str:
    """The name that the address is made of."""
    rest = asked.parts.get("rest", "").strip("/")
    return f"{asked.parts['code']}-{asked.parts['year']}" + (f"/{rest}" if rest else "")
