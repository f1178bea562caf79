"""Collates the witnesses of a work into readings and the edition."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from archive.collate.alignment import align
from archive.collate.condition import Held
from archive.collate.edition import EditionPassage, edit, gaps
from archive.collate.keys import key
from archive.collate.readings import Copy, Doubt, Reading, Says, collate, is_doubted
from archive.collate.works import Witness
from archive.model import canonical_json, sha256
from archive.store import edition_passages
from archive.store.conditions import held_by, write_condition
from archive.store.decisions import reading_decisions
from archive.store.partitions import passages_of
from archive.store.rows import stream

if TYPE_CHECKING:
    from archive.store.writing import Writer

MOST_COPIES: Final = 40
"""The most witnesses of one work that are collated: the best ones."""

MOST_TRIFLES: Final = 300
"""The most places of each minor kind that are stored one by one; the others are counted."""

_TRIFLES: Final = frozenset({"script", "casing", "quotes", "punctuation"})
_AROUND: Final = 14
_LONGEST_WORDS: Final = 200

_FLAGS: Final = """
SELECT start, words, proposals_json FROM doubts
WHERE text_id = ? AND kind IN ('hijack', 'brand') AND words <> '' ORDER BY start, stop
"""


def write_edition(
    writer: Writer,
    work_id: int,
    witnesses: Sequence[tuple[int, Witness]],
    ruleset_id: int,
    run_id: int | None,
) -> None:
    """Collate the witnesses of a work, given with their ids in order of rank.

    The caller has deleted the previous results.
    """
    connection = writer.connection
    chosen = witnesses[:MOST_COPIES]
    held = [held_by(connection, witness) for _, witness in witnesses]
    copies = _copies(connection, [witness for _, witness in chosen], held)
    ids = [witness_id for witness_id, _ in chosen]
    alignments, readings = collate(copies)
    passages = edit(copies, alignments, readings)
    _write_readings(connection, work_id, ids, copies, readings)
    as_found = {
        piece.passage_id: copy.text[piece.start : piece.stop]
        for copy, (_, witness) in zip(copies, chosen, strict=True)
        if not witness.of_many  # its passages may have been cut
        for piece in copy.pieces
    }
    counts = Counter(reading.kind for reading in readings)
    columns = edition_passages.packed(passages, ids, as_found)
    _write(writer, work_id, passages, counts, columns, made=(ruleset_id, run_id))
    write_condition(connection, work_id, held, passages)


def _copies(
    connection: sqlite3.Connection, witnesses: Sequence[Witness], held: Sequence[Held]
) -> list[Copy]:
    copies = [_copy(connection, *each) for each in zip(witnesses, held, strict=False)]
    return [
        _own_part(copies[0], copy) if witness.of_many else copy
        for copy, witness in zip(copies, witnesses, strict=True)
    ]


def _own_part(base: Copy, copy: Copy) -> Copy:
    """Return the part of a page with many reports that is this report."""
    alignment = align(base.text, copy.text)
    return copy.part_of(*alignment.there(*alignment.extent))


def _copy(connection: sqlite3.Connection, witness: Witness, held: Held) -> Copy:
    passages: list[tuple[int, str, str]] = []
    doubts: list[Doubt] = []
    heading: frozenset[str] = frozenset()
    length = 0
    for index, text_id in enumerate(witness.text_ids):
        first, last = witness.ranges[index] if witness.ranges else (0, None)
        rows = passages_of(connection, text_id, first, last)
        doubted = _doubts(connection, text_id)
        for passage in rows:
            text = passage.text
            if heading and key(text) in heading:
                continue  # each page repeats the title
            for words, doubt, nth in _within(doubted, passage.start, passage.stop):
                at = length + _nth(text, words, nth)
                if at >= length:
                    doubts.append(doubt._replace(start=at, stop=at + len(words)))
            passages.append((passage.id, passage.part, text))
            length += len(text) + 1
        if not heading and len(witness.text_ids) > 1:
            heading = frozenset(key(row.text) for row in rows if row.part == "front")
    copy = Copy.of(passages, family=witness.family, official=witness.official)
    return replace(copy, doubts=tuple(_apart(doubts)), lacks=_lacks(witness, held))


def _apart(doubts: Sequence[Doubt]) -> Iterator[Doubt]:
    """Return the doubts in order, without those that begin inside another."""
    reached = 0
    for doubt in sorted(doubts, key=lambda doubt: (doubt.start, -doubt.stop)):
        if doubt.start >= reached:
            yield doubt
            reached = doubt.stop


Doubted = tuple[int, str, Doubt]


def _doubts(connection: sqlite3.Connection, text_id: int) -> list[Doubted]:
    """Return the doubted words of a text: their visible positions, and what is known of them."""
    decided = {(d.words, d.nth): d for d in reading_decisions(connection, text_id)}
    seen: Counter[str] = Counter()
    found = []
    for start, words, proposals in connection.execute(_FLAGS, (text_id,)):
        seen[words] += 1
        decision = decided.get((words, seen[words]))
        doubt = Doubt(0, 0, tuple(json.loads(proposals)))
        if decision is not None:
            doubt = doubt._replace(decided=decision.reading, decision=decision.id)
        found.append((start, words, doubt))
    return found


def _within(doubted: Sequence[Doubted], start: int, stop: int) -> Iterator[tuple[str, Doubt, int]]:
    """Return doubted words of one passage, and how many equal ones come before in it."""
    seen: Counter[str] = Counter()
    for at, words, doubt in doubted:
        if start <= at < stop:
            yield words, doubt, seen[words]
            seen[words] += 1


def _nth(text: str, words: str, nth: int) -> int:
    """Return where `words` occur in `text` for the nth time (from 0), or -1."""
    at = text.find(words)
    while nth and at >= 0:
        at = text.find(words, at + len(words))
        nth -= 1
    return at


def _lacks(witness: Witness, held: Held) -> frozenset[str]:
    """Return which ends of a witness may be missing, from its completeness."""
    if witness.ranges:  # what is known of the text does not apply to one report in it
        return frozenset() if witness.extent == "whole" else frozenset({"head", "tail"})
    head = held.states[0] not in ("complete", "tail_missing")
    tail = held.states[-1] not in ("complete", "head_missing")
    return frozenset(end for end, missing in (("head", head), ("tail", tail)) if missing)


def _write_readings(
    connection: sqlite3.Connection,
    work_id: int,
    ids: Sequence[int],
    copies: Sequence[Copy],
    readings: Sequence[Reading],
) -> None:
    shown: Counter[str] = Counter()
    rows = []
    for seq, reading in enumerate(readings):
        shown[reading.kind] += 1
        if reading.kind in _TRIFLES and shown[reading.kind] > MOST_TRIFLES:
            continue
        before = copies[0].text[max(0, reading.start - _AROUND) : reading.start]
        after = copies[0].text[reading.stop : reading.stop + _AROUND]
        for says in reading.says:
            piece = copies[says.witness].piece_at(says.start)
            around = (before, after) if says.witness == 0 else (None, None)
            rows.append(
                (work_id, seq, ids[says.witness], piece.passage_id if piece else None,
                 reading.kind, _cut(says.words), says.start - piece.start if piece else None,
                 says.stop - piece.start if piece else None, *around,
                 _brand(reading, says, copies[says.witness]))
            )  # fmt: skip
    connection.executemany(
        "INSERT INTO readings (work_id, seq, witness_id, passage_id, kind, words, start, stop,"
        " before, after, brand) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def _brand(reading: Reading, says: Says, copy: Copy) -> str | None:
    """Return the words of a witness at a place, if they do not belong to the report."""
    if reading.kind != "brand":
        return None
    return says.words if says.words == reading.brand or is_doubted(copy, says) else None


def _cut(words: str) -> str:
    """Shorten long words visibly; their position identifies them in full."""
    if len(words) <= _LONGEST_WORDS:
        return words
    return f"{words[:_LONGEST_WORDS]}…〔{len(words)}〕"


def _write(
    writer: Writer,
    work_id: int,
    passages: Sequence[EditionPassage],
    counts: Mapping[str, int],
    columns: tuple[str, str],
    *,
    made: tuple[int, int | None],
) -> None:
    text = "\n".join(passage.text for passage in passages)
    writer.insert(
        "editions",
        {
            "work_id": work_id,
            "ruleset_id": made[0],
            "run_id": made[1],
            "text_sha256": sha256(text.encode("utf-8", "surrogatepass")),
            "gaps": sum(map(len, gaps(passages).values())),
            "counts_json": canonical_json(counts),
            "sources_json": columns[0],
            "passages_json": columns[1],
        },
    )


_SOURCE: Final = """
SELECT payload_sha256, (SELECT url FROM text_captures WHERE text_captures.text_id = texts.id
  ORDER BY capture_id LIMIT 1)
FROM texts WHERE id = ?
"""

_READINGS: Final = """
SELECT readings.seq, readings.kind, readings.words, readings.before, readings.after,
  readings.brand, readings.witness_id, readings.passage_id, readings.start, readings.stop,
  witnesses.rank, witnesses.host, readings.passage_id / 10000000 AS text_id,
  coalesce(site_facts.kind, 'unknown') AS site_kind
FROM works
JOIN readings ON readings.work_id = works.id
JOIN witnesses ON witnesses.id = readings.witness_id
LEFT JOIN witness_texts ON witness_texts.witness_id = witnesses.id AND witness_texts.seq = 0
LEFT JOIN texts ON texts.id = witness_texts.text_id
LEFT JOIN captures ON captures.id = (
  SELECT min(capture_id) FROM text_captures WHERE text_captures.text_id = texts.id)
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE works.name = ? ORDER BY readings.seq, witnesses.rank
"""


_BRANDS: Final = """
SELECT theirs.brand, count(DISTINCT theirs.work_id) AS works, count(*) AS places,
  json_group_array(DISTINCT others.words) AS instead_json,
  json_group_array(DISTINCT witnesses.host) AS hosts_json
FROM readings AS theirs
JOIN witnesses ON witnesses.id = theirs.witness_id
JOIN readings AS others ON others.work_id = theirs.work_id AND others.seq = theirs.seq
  AND others.brand IS NULL AND others.words <> ''
WHERE theirs.brand IS NOT NULL
GROUP BY theirs.brand ORDER BY works DESC, places DESC, theirs.brand
"""


def read_brands(connection: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    """Yield words that copies put in place of others: candidates for the lexicon, with evidence.

    Each has `brand`, the number of `works` and `places`, `instead` (what other copies have there)
    and `hosts`.
    """
    for row in stream(connection, _BRANDS):
        instead, hosts = json.loads(row.pop("instead_json")), json.loads(row.pop("hosts_json"))
        yield {**row, "instead": sorted(instead), "hosts": sorted(host for host in hosts if host)}


def read_edition(connection: sqlite3.Connection, work: str) -> Iterator[dict[str, Any]]:
    """Return the passages of a work's edition in order, each with its source and changes.

    `changes` lists start and stop in `text`, the text of the source (`was`), the kind (`gap`,
    `alternation`, or a kind of reading) and the witness it was taken from.
    """
    row = connection.execute("SELECT id FROM works WHERE name = ?", (work,)).fetchone()
    sources: dict[int, tuple[str, str | None]] = {}
    for passage in edition_passages.of_work(connection, row[0]) if row else ():
        text_id = passage.source.text_id
        if text_id not in sources:
            sources[text_id] = connection.execute(_SOURCE, (text_id,)).fetchone()
        payload, url = sources[text_id]
        yield {
            "seq": passage.seq, "part": passage.part, "origin": passage.origin,
            "text": passage.text, "supports": len(passage.supporters),
            "witness_id": passage.witness_id, "passage_id": passage.source.id,
            "text_id": text_id, "start": passage.source.start, "stop": passage.source.stop,
            "payload_sha256": payload, "url": url,
            "changes": passage.changes, "supporters": passage.supporters,
        }  # fmt: skip


def read_readings(connection: sqlite3.Connection, work: str) -> list[dict[str, Any]]:
    """Yield the places where witnesses of a work differ, in the order of its base's text.

    Each has `kind`, `before` and `after` (the base's words around it), `brand` (words that do not
    belong to the report), and `says`: one entry for each witness that covers the place, the base
    first.
    """
    places: dict[int, dict[str, Any]] = {}
    says: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in stream(connection, _READINGS, work):
        seq = row.pop("seq")
        place = {name: row.pop(name) for name in ("kind", "before", "after")}
        kept = places.setdefault(seq, {"seq": seq, **place, "brand": None})
        kept["brand"] = kept["brand"] or row["brand"]
        says[seq].append(row)
    return [{**place, "says": says[seq]} for seq, place in places.items()]


def read_counts(connection: sqlite3.Connection, work: str) -> dict[str, int]:
    """Return the number of places of each kind where the witnesses of a work differ."""
    row = connection.execute(
        "SELECT counts_json FROM editions JOIN works ON works.id = work_id WHERE works.name = ?",
        (work,),
    ).fetchone()
    return dict(json.loads(row[0])) if row else {}
