"""Datasette's own pages about an archive: hidden tables, labels, and the content of cells."""

from __future__ import annotations

import re
import sqlite3
from typing import Any, Final
from urllib.parse import quote

from markupsafe import Markup, escape

from archive.store import naming
from archive.store.functions import register_functions
from archive.store.saved_queries import QUERIES
from archive.store.search import match

work_address: Final = naming.work_address
"""The path of a work's page."""

CELL_CHARS: Final = 160
"""A cell shows this many characters; the row's page and the report page show everything."""

ROWS_A_PAGE: Final = 25
"""Rows of a stock table page, so that it stays below 60 KB."""

HIDDEN: Final = (
    "payloads", "dictionaries", "packed_texts", "partitions", "text_rulesets", "copy_hashes",
    "search_documents", "search_index", "removed_index", "current_ruleset", "leases", "writers",
    "redirects", "spans", "site_facts", "witness_texts", "collated",
    "alert_messages", "alert_events", "_sqlite_migrations",
)  # fmt: skip

TABLES: Final[dict[str, dict[str, Any]]] = {
    "works": {
        "label_column": "name", "facets": ["report_year", "level"], "sort": "place_key",
        "fts_table": "search_index", "fts_pk": "id",
        "description": "One row a report: place, year, kind, stage. 一行一份报告。",
    },
    "witnesses": {"facets": ["extent"], "description": "The copies of each report. 文本来源。"},
    "texts": {
        "facets": ["verdict", "shape", "medium"], "sort_desc": "id", "size": 12,
        "description": "What the stages made of one payload. 由一份载荷得到的文本。",
    },
    "passages": {"facets": ["part"], "description": "The kept paragraphs. 保留下来的段落。"},
    "identities": {"facets": ["field", "method"], "description": "Read values beside the words."},
    "flags": {"facets": ["kind"], "description": "Doubts; nothing was changed. 存疑之处。"},
    "brands": {
        "facets": ["scope"],
        "description": "Injected names by the site that has them. 各站点被植入的名称。",
    },
    "brand_places": {
        "description": "Where they stand in texts that pages of the same site, copies or several"
        " sites speak against. 由其他页面佐证的植入之处。",
    },
    "pages": {"label_column": "url", "facets": ["host"], "description": "One row a URL."},
    "captures": {
        "sort_desc": "id", "facets": ["outcome", "status", "origin"], "size": 10,
        "description": "Every attempt to get a page, failures too. 每次抓取，包括失败。",
    },
    "runs": {"label_column": "kind", "sort_desc": "id"},
    "rules": {"label_column": "name", "facets": ["kind", "family"]},
    "rulesets": {"label_column": "sha256", "sort_desc": "id"},
    "removed": {"facets": ["rule", "host"], "description": "What was removed. 删去的内容。"},
    "ledger": {"sort_desc": "seq", "description": "A hash chain over what each transaction wrote."},
}  # fmt: skip

MAIN_TABLES: Final = {
    "works": "报告 · works", "captures": "抓取 · captures", "removed": "删去的内容 · removed",
    "passages": "段落 · passages", "flags": "存疑 · flags",
}  # fmt: skip
"""Tables that most readers want; Datasette lists all of them by name."""

_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PAGES: Final = {
    "text_id": "text/{}", "capture_id": "capture/{}", "run_id": "run/{}",
    "payload_sha256": "payload/{}",
}  # fmt: skip
_OWN_PAGES: Final = {"texts": "text/{}", "captures": "capture/{}", "runs": "run/{}"}


def metadata(database: str, base: str = "/") -> dict[str, Any]:
    """Return the metadata of the tables for Datasette; a user's metadata file overrides it."""
    tables = {name: {"size": ROWS_A_PAGE, **facts} for name, facts in TABLES.items()}
    for name in HIDDEN:
        tables[name] = {"hidden": True}
    return {
        "databases": {
            database: {
                "description_html": _introduction(base + quote(database)),
                "tables": tables,
                "queries": QUERIES,
            }
        }
    }


def _introduction(address: str) -> str:
    """Return what the page of all tables says first: where to begin."""
    links = Markup(" · ").join(
        Markup('<a href="{}/{}">{}</a>').format(address, table, words)
        for table, words in MAIN_TABLES.items()
    )
    return Markup("政府工作报告 · Government work reports, with provenance<br>{}").format(links)


def register(connection: sqlite3.Connection) -> None:
    """Give `connection` our functions of SQL, and exact search to Datasette's search box."""
    register_functions(connection)
    connection.create_function("escape_fts", 1, match, deterministic=True)


def cell(base: str, value: Any, column: str, table: str | None) -> Markup | None:
    """Return the content of a cell, or None to leave it to Datasette.

    Addresses are text, never links: a stock page cannot know which hosts were hijacked.
    """
    if value is None:
        return None
    if path := _own_page(value, column, table):
        words = value[:12] + "…" if _DIGEST.fullmatch(str(value)) else _short(value)
        return Markup('<a href="{}{}">{}</a>').format(base, path, words)
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return Markup('<span title="{}">{}…</span>').format(value, value[:12])
    if isinstance(value, str) and ("://" in value[:20] or len(value) > CELL_CHARS):
        return escape(_short(value))
    return None


def _own_page(value: Any, column: str, table: str | None) -> str | None:
    if table == "works" and column == "name":
        return work_address(str(value))
    if column == "id" and table in _OWN_PAGES:
        return _OWN_PAGES[table].format(quote(str(value)))
    if column in _PAGES and isinstance(value, int | str):
        return _PAGES[column].format(quote(str(value)))
    return None


def _short(value: Any) -> str:
    words = str(value)
    return words if len(words) <= CELL_CHARS else f"{words[:CELL_CHARS]}…"
