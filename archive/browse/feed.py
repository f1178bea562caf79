"""What is new, changed, newly flagged, gone, or could not be had, as an Atom feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET

from archive.browse.datasette_tables import work_address
from archive.browse.web import Answer, Asked
from archive.store.search import Query

ENTRIES: Final = 60
ATOM: Final = "http://www.w3.org/2005/Atom"
STATES: Final = "urn:x-baogao:state"
"""The scheme of the category that says the state of a report."""

_TEXTS: Final = """
SELECT texts.id, texts.created_at AS at, texts.derivation_sha256 AS digest, verdicts.page_verdict,
  verdicts.verdict, works.id AS work_id, works.name, works.place, works.place_code,
  works.report_year, works.kind, works.stage, works.state,
  EXISTS (
    SELECT 1 FROM captures AS mine
    JOIN captures AS earlier ON earlier.page_id = mine.page_id AND earlier.id < mine.id
    JOIN texts AS older ON older.payload_sha256 = earlier.payload_sha256
      AND older.context_sha256 = earlier.context_sha256
      AND older.clean_sha256 <> texts.clean_sha256
    WHERE mine.payload_sha256 = texts.payload_sha256
      AND mine.context_sha256 = texts.context_sha256) AS changed
FROM texts
JOIN verdicts ON verdicts.text_id = texts.id
JOIN witness_texts ON witness_texts.text_id = texts.id
JOIN witnesses ON witnesses.id = witness_texts.witness_id
JOIN works ON works.id = witnesses.work_id
{} GROUP BY texts.id ORDER BY texts.id DESC LIMIT ?
"""

_GONE: Final = """
SELECT captures.id, captures.recorded_at AS at, captures.outcome, captures.status, pages.url
FROM captures JOIN pages ON pages.id = captures.page_id
WHERE (captures.outcome = 'gone' OR captures.status IN (404, 410))
  AND EXISTS (SELECT 1 FROM captures AS earlier WHERE earlier.page_id = captures.page_id
              AND earlier.id < captures.id AND earlier.outcome = 'ok')
ORDER BY captures.id DESC LIMIT ?
"""

_FAILED: Final = """
SELECT runs.id AS run_id, runs.started_at, pages.host, count(DISTINCT captures.page_id) AS pages,
  max(captures.recorded_at) AS at, group_concat(DISTINCT captures.outcome) AS outcomes
FROM captures
JOIN pages ON pages.id = captures.page_id
JOIN runs ON runs.id = captures.run_id
WHERE captures.run_id > (SELECT max(id) FROM runs) - ? AND captures.origin = 'live'
  AND captures.outcome IN ('blocked', 'http', 'truncated', 'bad_encoding', 'too_large', 'timeout',
    'dns', 'refused', 'connection', 'tls', 'error', 'robots_unreadable')
  AND pages.url NOT LIKE '%/robots.txt'
  AND NOT EXISTS (
    SELECT 1 FROM captures AS later
    WHERE later.page_id = captures.page_id AND later.run_id = captures.run_id
      AND later.id > captures.id AND later.outcome IN ('ok', 'unchanged', 'redirect'))
GROUP BY runs.id, pages.host ORDER BY runs.id DESC LIMIT ?
"""
"""Addresses that a run could not read in the end, an entry a host."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event; `id` never changes, so that a reader shows it once.

    `state` is that of the report which the event is about.
    """

    id: str
    title: str
    path: str
    at: str
    kind: str
    state: str | None = None


def feed(asked: Asked) -> Answer:
    """`/feed.atom`; `?q=WORDS` keeps to reports in which these words stand."""
    entries = sorted(_entries(asked), key=lambda entry: entry.at, reverse=True)[:ENTRIES]
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": asked.language})
    address = asked.origin + asked.here()
    _child(root, "id", address)
    _child(root, "title", asked.words("site.name"))
    _child(root, "updated", entries[0].at if entries else "1970-01-01T00:00:00Z")
    ET.SubElement(root, "link", {"rel": "self", "href": address})
    for entry in entries:
        node = ET.SubElement(root, "entry")
        _child(node, "id", entry.id)
        _child(node, "title", f"{asked.words('feed.' + entry.kind)}: {entry.title}")
        _child(node, "updated", entry.at)
        ET.SubElement(node, "category", {"term": entry.kind})
        if entry.state is not None:
            ET.SubElement(node, "category", {"term": entry.state, "scheme": STATES})
        ET.SubElement(node, "link", {"href": asked.origin + asked.link(entry.path)})
        _child(ET.SubElement(node, "author"), "name", asked.words("site.name"))
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return Answer(body, "application/atom+xml; charset=utf-8")


def _entries(asked: Asked) -> Iterator[Entry]:
    match = Query.parse(asked.arguments.get("q", "")[:200]).match
    where = (
        "WHERE works.id IN (SELECT rowid FROM search_index WHERE search_index MATCH ?)"
        if match
        else ""
    )
    values: tuple[Any, ...] = (match, ENTRIES) if match else (ENTRIES,)
    for row in asked.rows(_TEXTS.format(where), *values):
        flagged = row["page_verdict"] != "clean" or row["verdict"] != "clean"
        yield Entry(
            f"urn:sha256:{row['digest']}:{row['id']}",
            f"{row['place']} {row['report_year'] or ''}".strip(),
            f"text/{row['id']}" if flagged else work_address(row["name"]),
            row["at"],
            "flagged" if flagged else "changed" if row["changed"] else "new",
            row["state"],
        )
    if match:
        return
    for row in asked.rows(_GONE, ENTRIES):
        yield Entry(
            f"urn:x-baogao:capture:{row['id']}:{row['at']}",
            row["url"],
            f"capture/{row['id']}",
            row["at"],
            "gone",
        )
    for row in asked.rows(_FAILED, ENTRIES, ENTRIES):
        outcomes = row["outcomes"].split(",")
        why = ", ".join(asked.words.name("outcome", outcome) for outcome in sorted(outcomes))
        yield Entry(
            f"urn:x-baogao:run:{row['run_id']}:{row['started_at']}:{row['host']}",
            f"{row['host']} ×{row['pages']} ({why})",
            f"run/{row['run_id']}",
            row["at"],
            "failed",
        )


def _child(parent: ET.Element, name: str, words: str) -> None:
    ET.SubElement(parent, name).text = _printable(words)


def _printable(words: str) -> str:
    """XML 1.0 has no control characters but these three, not even escaped."""
    return "".join(c for c in words if c >= " " or c in "\t\n\r")
