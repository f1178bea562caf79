"""What a run made of each file: a copy of a report, a text without a report, or no text."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from archive.store.rows import rows
from archive.store.unassigned import REASONS, unassigned

_MADE: Final = """
SELECT pages.url, captures.filename, captures.member, captures.outcome, captures.error,
  texts.id AS text_id, texts.clean_chars,
  (SELECT group_concat(name, char(10)) FROM (
    SELECT DISTINCT works.name FROM witness_texts
    JOIN witnesses ON witnesses.id = witness_texts.witness_id
    JOIN works ON works.id = witnesses.work_id
    WHERE witness_texts.text_id = texts.id ORDER BY works.name)) AS works,
  (SELECT evidence FROM flags WHERE flags.text_id = texts.id ORDER BY seq LIMIT 1) AS evidence
FROM captures JOIN pages ON pages.id = captures.page_id
LEFT JOIN texts ON texts.payload_sha256 = captures.payload_sha256
  AND texts.context_sha256 = captures.context_sha256
  AND EXISTS (SELECT 1 FROM up_to_date WHERE up_to_date.text_id = texts.id)
WHERE captures.id IN (SELECT max(id) FROM captures WHERE run_id = ? GROUP BY page_id)
ORDER BY captures.id
"""


@dataclass(frozen=True, slots=True)
class MadeOfFile:
    """What became of one file, row or member.

    `became` is `report`, `no report` or `no text`. `works` are the reports that it is a copy of,
    `reason` is one of `archive.store.unassigned.REASONS`, and `why` says it in words.
    """

    file: str
    became: str
    works: tuple[str, ...]
    reason: str | None
    why: str
    text_id: int | None
    chars: int

    @property
    def may_be_decided(self) -> bool:
        """Whether a person can say which report it is."""
        return self.became == "no report" and self.reason != "other_kind"


def made_of_files(connection: sqlite3.Connection, run_id: int) -> Iterator[MadeOfFile]:
    """Yield what a run made of each file, row and member, in order."""
    loose = {each.text_id: each for each in unassigned(connection, run_id)}
    for row in rows(connection, _MADE, run_id):
        works = tuple(row["works"].splitlines()) if row["works"] else ()
        text, chars = loose.get(row["text_id"]), row["clean_chars"] or 0
        if works:
            became, reason, why = "report", None, ""
        elif not chars:
            became, reason = "no text", None
            why = row["error"] or row["evidence"] or "nothing was left of it"
        else:
            became, reason = "no report", text.reason if text else "not_collated"
            why = REASONS[reason]
            if text and (text.detail or (reason == "other_kind" and text.kind)):
                why += f": {text.detail or text.kind}"
        yield MadeOfFile(_name(row), became, works, reason, why, row["text_id"], chars)


def _name(row: sqlite3.Row) -> str:
    """Return the file, and the row or member in it, as people know it."""
    if row["url"].startswith("file:"):
        path, *inside = unquote(row["url"]).split("!/")
        return " ".join([path.rpartition("/")[2], *inside])
    own = row["member"] if row["member"] != row["filename"] else None
    return " ".join(filter(None, (row["filename"], own))) or row["url"]
