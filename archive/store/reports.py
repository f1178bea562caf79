"""Reports for exports and panels, with their sources: one row for each work."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter
from typing import Any, Final

from archive.collate.names import AREA_MARK
from archive.known.fields import fields
from archive.model import PARTS, Part, sha256
from archive.store.edition_passages import words_of_work
from archive.store.editions import read_edition
from archive.store.rows import cursor_of, row, value
from archive.store.texts import identity_of
from archive.store.together import Readable, by_place, chosen, several

_REPORTS: Final = """
SELECT works.*, best.host, best_texts.text_id, best_texts.first_passage IS NOT NULL AS is_part,
  (SELECT count(*) FROM witnesses WHERE witnesses.work_id = works.id) AS n_witnesses,
  texts.payload_sha256, texts.medium, rulesets.sha256 AS ruleset, pages.url, captures.status,
  coalesce(nullif(captures.captured_at, ''), captures.recorded_at) AS captured_at,
  coalesce(site_facts.kind, 'unknown') AS source, editions.text_sha256
FROM works
JOIN witnesses AS best ON best.id = (
  SELECT id FROM witnesses WHERE witnesses.work_id = works.id ORDER BY rank, id LIMIT 1)
JOIN witness_texts AS best_texts ON best_texts.witness_id = best.id AND best_texts.seq = (
  SELECT min(seq) FROM witness_texts WHERE witness_id = best.id)
JOIN texts ON texts.id = best_texts.text_id
JOIN rulesets ON rulesets.id = texts.ruleset_id
JOIN captures ON captures.id = (
  SELECT id FROM captures AS one WHERE one.payload_sha256 = texts.payload_sha256
    AND one.context_sha256 = texts.context_sha256 ORDER BY id LIMIT 1)
JOIN pages ON pages.id = captures.page_id
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
LEFT JOIN editions ON editions.work_id = works.id
ORDER BY works.place_key, works.report_year, works.name
"""
_NO_TEXT: Final = sha256(b"")


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


class Contents:
    """What is read of a report only when asked for: its words, their sources, and its identity."""

    def __init__(self, connection: sqlite3.Connection, work: sqlite3.Row) -> None:
        self._connection = connection
        self._work_id: int = work["id"]
        self._work: str = work["name"]
        self._identified_by: int | None = None if work["is_part"] else work["text_id"]

    @cached_property
    def identity(self) -> Mapping[str, Any]:
        """The identity of the best text; empty if that contains other reports."""
        text_id = self._identified_by
        return {} if text_id is None else identity_of(self._connection, text_id)

    @cached_property
    def words(self) -> Sequence[tuple[Part, str]]:
        """Every paragraph of the edition, with its part."""
        return list(words_of_work(self._connection, self._work_id))

    @cached_property
    def passages(self) -> tuple[Sourced, ...]:
        """The paragraphs of the edition, with their sources."""
        return tuple(_passages(self._connection, self._work))


@dataclass(frozen=True, slots=True)
class Report:
    """A work as in its edition; URL, time and digests are those of its best witness.

    `fields` are the fields of the work. `quality`, `completeness_ratio`, `state`, `unfit`,
    `hijacked_copies`, `body_chars` and `body_han` are the condition of the edition
    (`archive.collate.condition`). `text_sha256` is the digest of the paragraphs joined by line
    feeds, in UTF-8. `source` is the kind of site: official, mirror, copy, archive or unknown. Times
    are UTC. `plain` is the name shared with others of its place and year; it equals `work` if there
    are none. A functional area or a town has no `place_code`, but lies `within` a division.
    `contents` is read while the archive is open, when something is first asked of it. Of several
    archives `archive` is the one that has the work.
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
    fields: Mapping[str, Any]
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
    contents: Contents
    archive: str = ""

    @property
    def division(self) -> str:
        """The code of its place, or of the division that contains it."""
        return self.place_key.partition(AREA_MARK)[0]

    @property
    def area(self) -> str | None:
        """The name of a place that is not a division, without its division."""
        return self.place_key.partition(AREA_MARK)[2] or None

    @property
    def passages(self) -> tuple[Sourced, ...]:
        """Its paragraphs, with their sources."""
        return self.contents.passages

    def field(self, name: str) -> Any:
        """Return a field of its identity: that of the work, otherwise that of its best text."""
        return self.fields[name] if name in self.fields else self.contents.identity.get(name)

    def words(self, *parts: Part) -> str:
        """Return the paragraphs of `parts` (all if none is given), one a line."""
        wanted = parts or PARTS
        return "\n".join([text for part, text in self.contents.words if part in wanted])


def reports(archives: Readable) -> Iterator[Report]:
    """Yield every work by place and year; words are read only when asked for.

    A work that several archives have is yielded once (`chosen`).
    """
    found = [_reports(*each) for each in several(archives).items()]
    if len(found) == 1:
        return found[0]
    return chosen(found, _order, attrgetter("work", "archive", "place_key", "witnesses"))


def _reports(archive: str, connection: sqlite3.Connection) -> Iterator[Report]:
    for work in cursor_of(connection, _REPORTS):
        yield _report(archive, connection, work)


def _order(report: Report) -> tuple[Any, ...]:
    return by_place(report.place_key, report.report_year, report.work)


def number_of_works(archives: Readable) -> int:
    """Return how many works there are; of several archives, one in two of them counts twice."""
    counted = "SELECT count(*) FROM works"
    return sum(int(value(connection, counted)) for connection in several(archives).values())


def newest_day(connection: sqlite3.Connection) -> str:
    """Return the day of the newest capture, by which exports are dated; 1970-01-01 without any."""
    found = row(connection, "SELECT recorded_at FROM captures ORDER BY id DESC LIMIT 1")
    return "1970-01-01" if found is None else str(found["recorded_at"])[:10]


def _report(archive: str, connection: sqlite3.Connection, work: sqlite3.Row) -> Report:
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
        fields={name: work[name] for name in _fields_of(tuple(work.keys()))},
        completeness_ratio=work["completeness_ratio"],
        quality=work["quality"],
        state=work["state"],
        unfit=work["unfit"],
        hijacked_copies=work["hijacked_copies"],
        body_chars=work["body_chars"],
        body_han=work["body_han"],
        witnesses=work["n_witnesses"],
        source=work["source"],
        url=work["url"],
        host=work["host"] or None,
        captured_at=work["captured_at"],
        status=work["status"],
        payload_sha256=work["payload_sha256"],
        text_sha256=work["text_sha256"] or _NO_TEXT,
        ruleset=work["ruleset"],
        medium=work["medium"],
        contents=Contents(connection, work),
        archive=archive,
    )


@lru_cache(maxsize=1)
def _fields_of(columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of `works` that are fields of an identity."""
    return tuple(name for name in columns if name in fields())


def _passages(connection: sqlite3.Connection, work: str) -> Iterator[Sourced]:
    for passage in read_edition(connection, work):
        yield Sourced(
            passage["part"], passage["text"], passage["text_id"], passage["start"],
            passage["stop"],
            tuple(change["was"] for change in passage["changes"] if change["kind"] == "gap"),
        )  # fmt: skip
