"""Reports for exports and panels, with their sources: one row for each work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from archive.collate.names import AREA_MARK
from archive.known.fields import fields
from archive.model import PARTS, Part, sha256
from archive.store import sources
from archive.store.editions import read_edition
from archive.store.rows import rows
from archive.store.texts import identity_of

_WORKS: Final = """
SELECT works.*, best.text_id, best.host, best.is_part,
  (SELECT count(*) FROM witnesses WHERE witnesses.work_id = works.id) AS n_witnesses
FROM works
JOIN (
  SELECT witnesses.work_id, witnesses.host,
    witness_texts.text_id, witness_texts.first_passage IS NOT NULL AS is_part,
    min(witnesses.rank)
  FROM witnesses JOIN witness_texts ON witness_texts.witness_id = witnesses.id
    AND witness_texts.seq = (SELECT min(seq) FROM witness_texts AS first
                             WHERE first.witness_id = witnesses.id)
  GROUP BY witnesses.work_id
) AS best ON best.work_id = works.id
ORDER BY works.place_key, works.report_year, works.name
"""


@dataclass(frozen=True, slots=True)
class Sourced:
    """A paragraph of the edition with its part and its source: offsets in that text's visible text.

    `gaps` are injected words in it that no other copy could replace.
    """

    part: Part
    text: str
    text_id: int
    start: int
    stop: int
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A work as in its edition; URL, time and digests are those of its best witness.

    `identity` has the fields of `works`, and the others from its best text, if that text contains
    no other report. `quality`, `completeness_ratio`, `state`, `unfit`, `hijacked_copies`,
    `body_chars` and `body_han` are the condition of the edition (`archive.collate.condition`).
    `text_sha256` is the digest of the paragraphs joined by line feeds, in UTF-8. `source` is the
    kind of site: official, mirror, copy, archive or unknown. Times are UTC. `plain` is the name
    shared with others of its place and year; it equals `work` if there are none. A functional area
    or a town has no `place_code`, but lies `within` a division.
    """

    work: str
    plain: str
    place_key: str
    place_code: str | None
    place: str
    level: str | None
    report_year: int | None
    kind: str
    stage: str
    identity: Mapping[str, Any]
    completeness_ratio: float | None
    quality: str
    state: str
    unfit: str
    hijacked_copies: int
    body_chars: int
    body_han: int
    witnesses: int
    source: str
    url: str
    host: str | None
    captured_at: str
    status: int | None
    payload_sha256: str
    text_sha256: str
    ruleset: str
    medium: str
    passages: tuple[Sourced, ...]

    @property
    def division(self) -> str:
        """The code of its place, or of the division that contains it."""
        return self.place_key.partition(AREA_MARK)[0]

    @property
    def area(self) -> str | None:
        """The name of a place that is not a division, without its division."""
        return self.place_key.partition(AREA_MARK)[2] or None

    def words(self, *parts: Part) -> str:
        """Return the paragraphs of `parts` (all if none is given), one a line."""
        wanted = parts or PARTS
        return "\n".join(passage.text for passage in self.passages if passage.part in wanted)


def reports(connection: sqlite3.Connection) -> Iterator[Report]:
    """Yield every work of the archive by place and year; holds one report in memory."""
    for row in rows(connection, _WORKS):
        yield _report(connection, row)


def _report(connection: sqlite3.Connection, work: sqlite3.Row) -> Report:
    text_id: int = work["text_id"]
    identity = {} if work["is_part"] else identity_of(connection, text_id)
    identity |= {name: work[name] for name in work.keys() & fields().keys()}
    text = sources.text(connection, text_id)
    assert text is not None  # noqa: S101  (it is the text of a witness)
    (capture,) = sources.captures_of(connection, text, 1)
    passages = tuple(_passages(connection, work["name"]))
    return Report(
        work=work["name"],
        plain=work["plain"],
        place_key=work["place_key"],
        place_code=work["place_code"],
        place=work["place"],
        level=work["level"],
        report_year=work["report_year"],
        kind=work["kind"],
        stage=work["stage"],
        identity=identity,
        completeness_ratio=work["completeness_ratio"],
        quality=work["quality"],
        state=work["state"],
        unfit=work["unfit"],
        hijacked_copies=work["hijacked_copies"],
        body_chars=work["body_chars"],
        body_han=work["body_han"],
        witnesses=work["n_witnesses"],
        source=capture["site_kind"],
        url=capture["url"],
        host=work["host"] or None,
        captured_at=capture["captured_at"] or capture["recorded_at"],
        status=capture["status"],
        payload_sha256=text["payload_sha256"],
        text_sha256=sha256("\n".join(passage.text for passage in passages).encode()),
        ruleset=text["ruleset_sha256"],
        medium=text["medium"],
        passages=passages,
    )


def _passages(connection: sqlite3.Connection, work: str) -> Iterator[Sourced]:
    for passage in read_edition(connection, work):
        yield Sourced(
            passage["part"], passage["text"], passage["text_id"], passage["start"],
            passage["stop"],
            tuple(change["was"] for change in passage["changes"] if change["kind"] == "gap"),
        )  # fmt: skip
