"""What a hand check draws from: texts with reports, by what was decided about their characters."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from archive.store.rows import cursor_of, rows

_WITH_REPORT: Final = "EXISTS (SELECT 1 FROM witness_texts WHERE witness_texts.text_id = texts.id)"

_KEPT: Final = f"""
SELECT 'kept, text ' || texts.verdict AS stratum, texts.id, texts.clean_chars AS chars FROM texts
WHERE texts.clean_chars > 0 AND {_WITH_REPORT} ORDER BY texts.id
"""  # noqa: S608  (words of ours)

_DECIDED: Final = f"""
SELECT CASE rule_uses.action WHEN 'replace' THEN 'replaced' ELSE 'removed, ' || rules.kind END
    AS stratum, texts.id, sum(rule_uses.chars) AS chars
FROM rule_uses JOIN rules ON rules.id = rule_uses.rule_id JOIN texts ON texts.id = rule_uses.text_id
WHERE rule_uses.action <> 'keep' AND rules.name NOT LIKE 'layout-%' AND rule_uses.chars > 0
  AND {_WITH_REPORT}
GROUP BY stratum, texts.id ORDER BY texts.id
"""  # noqa: S608

_FLAGGED: Final = f"""
SELECT 'flagged' AS stratum, texts.id, sum(flags.stop - flags.start) AS chars
FROM flags JOIN texts ON texts.id = flags.text_id
WHERE flags.stop > flags.start AND {_WITH_REPORT} GROUP BY texts.id ORDER BY texts.id
"""  # noqa: S608

_REPORTS: Final = """
SELECT works.name, works.place, works.report_year, works.speaker, pages.url,
  witness_texts.first_passage, witness_texts.last_passage
FROM witness_texts JOIN witnesses ON witnesses.id = witness_texts.witness_id
JOIN works ON works.id = witnesses.work_id JOIN texts ON texts.id = witness_texts.text_id
JOIN captures ON captures.id = (SELECT id FROM captures AS one
  WHERE one.payload_sha256 = texts.payload_sha256 AND one.context_sha256 = texts.context_sha256
  ORDER BY id LIMIT 1)
JOIN pages ON pages.id = captures.page_id
WHERE witness_texts.text_id = ? ORDER BY works.name
"""


class Share(NamedTuple):
    """How many characters of a text belong to a stratum."""

    stratum: str
    text_id: int
    chars: int


def shares(connection: sqlite3.Connection) -> Iterator[Share]:
    """Yield the shares of all texts that are copies of reports, by stratum and text."""
    for select in (_KEPT, _DECIDED, _FLAGGED):
        for stratum, text_id, chars in cursor_of(connection, select):
            yield Share(str(stratum), int(text_id), int(chars))


def kinds_of_rules(connection: sqlite3.Connection) -> dict[str, str]:
    """Return the kind of each rule by its name."""
    found = rows(connection, "SELECT name, kind FROM rules ORDER BY id")
    return {row["name"]: row["kind"] for row in found}


def report_of(connection: sqlite3.Connection, text_id: int, passage: int | None) -> Any:
    """Return the report that a passage of a text belongs to; without one, that of the whole text.

    None if there is none, or several.
    """
    found = [
        row
        for row in rows(connection, _REPORTS, text_id)
        if row["first_passage"] is None
        or (
            passage is not None
            and row["first_passage"] <= passage
            and (row["last_passage"] is None or passage <= row["last_passage"])
        )
    ]
    return found[0] if len(found) == 1 else None
