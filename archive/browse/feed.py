"""Recent events as an Atom feed: new, changed and flagged texts, removed pages, failures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from archive.browse.datasette_tables import work_address
from archive.browse.finding import Filters
from archive.browse.web import Answer, Asked
from archive.store import events

ENTRIES: Final = 60
ATOM: Final = "http://www.w3.org/2005/Atom"
STATES: Final = "urn:x-baogao:state"
"""The category scheme for the state of a report."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event; `id` never changes, so that a reader shows it once.

    `state` is that of the report concerned.
    """

    id: str
    title: str
    path: str
    at: str
    kind: str
    state: str | None = None


def feed(asked: Asked) -> Answer:
    """`/feed.atom`: the newest events; with the arguments of a search only its reports."""
    filters = Filters.of(asked.arguments)
    entries = sorted(_entries(asked, filters), key=lambda entry: entry.at, reverse=True)[:ENTRIES]
    root = ET.Element("feed", {"xmlns": ATOM, "xml:lang": asked.language})
    address = asked.origin + asked.here()
    _child(root, "id", address)
    _child(root, "title", ": ".join(filter(None, (asked.words("site.name"), filters.typed))))
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


def _entries(asked: Asked, filters: Filters) -> Iterator[Entry]:
    narrowed = filters.of_works()
    for row in events.texts(asked.connection, filters.query, narrowed, ENTRIES):
        flagged = row["page_verdict"] != "clean" or row["verdict"] != "clean"
        yield Entry(
            f"urn:sha256:{row['digest']}:{row['id']}",
            f"{row['place']} {row['report_year'] or ''}".strip(),
            f"text/{row['id']}" if flagged else work_address(row["name"]),
            row["at"],
            "flagged" if flagged else "changed" if row["changed"] else "new",
            row["state"],
        )
    if filters.query.match or narrowed.where:
        return
    for row in events.gone(asked.connection, ENTRIES):
        yield Entry(
            f"urn:x-baogao:capture:{row['id']}:{row['at']}",
            row["url"],
            f"capture/{row['id']}",
            row["at"],
            "gone",
        )
    for row in events.failed(asked.connection, ENTRIES):
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
    """Drop control characters that XML 1.0 does not allow, not even escaped."""
    return "".join(c for c in words if c >= " " or c in "\t\n\r")
