"""The same pages as files: a site that works from a USB stick, without a server.

Features that need a server (search, trends of any word, raw bytes) are left out; links to them
become text.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from archive.browse.comparing import compare_work_page
from archive.browse.dense import dense_page
from archive.browse.home import home
from archive.browse.labels import Language
from archive.browse.operations import ledger_page, rule_page, run_page, site_page
from archive.browse.provenance import capture_page
from archive.browse.reading import name_in_address, works_of_address
from archive.browse.rendering import ASSETS, asset, asset_path
from archive.browse.report import text_page, work_page
from archive.browse.substitutions import changed_page
from archive.browse.tiles import map_page
from archive.browse.variants import variants_page
from archive.browse.web import Answer, Asked, Handler, SeveralError, which_page
from archive.store import pages, rules, runs, sites, text_details, witnesses
from archive.store.naming import shared_names

NOT_HERE: Final = "#not-here"
_UNLINKED: Final = re.compile(rf'<a\b[^>]*?href="{NOT_HERE}[^"]*"[^>]*>(.*?)</a>', re.DOTALL)
_WORK_PATH: Final = re.compile(r"(?P<code>[^/]+)/(?P<year>[^/]+)(?:/(?P<rest>.+))?")


@dataclass(frozen=True)
class AskedForFile(Asked):
    """A request whose links lead to files; `pages` are the URLs that become files."""

    pages: frozenset[str] = field(default_factory=frozenset)

    @property
    def is_static(self) -> bool:
        """Return true."""
        return True

    def link(self, path: str, **arguments: Any) -> str:
        """Return the file of a URL relative to this page, or a mark that it is not included."""
        asked_for = {k: v for k, v in arguments.items() if v not in (None, "")}
        name = unquote(path.strip("/")) or "index"
        if asked_for or name not in self.pages:
            return NOT_HERE
        return f"{self.base}{quote(name)}.html"


@dataclass(frozen=True, slots=True)
class StaticPage:
    """One page to write: its URL, which is also its file name, and the function that makes it."""

    path: str
    handler: Handler
    parts: dict[str, str]


def write_site(
    connection: sqlite3.Connection,
    folder: Path,
    *,
    database: str,
    language: Language = "zh",
    progress: Callable[[Iterable[StaticPage], str, int], Iterable[StaticPage]] | None = None,
) -> int:
    """Write every page into `folder`; returns their number.

    Args:
        connection: the archive, with `sqlite3.Row` as its row factory.
        folder: an empty folder.
        database: the name of the archive in commands shown on pages.
        language: the language of the interface.
        progress: wraps the pages, to show the progress.
    """
    found = list(_pages(connection))
    names = frozenset(page.path for page in found)
    for name in ASSETS:
        target = folder / asset_path(name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(asset(name))
    for page in progress(found, "pages", len(found)) if progress else found:
        asked = AskedForFile(
            opened=connection,
            parts=page.parts,
            arguments={},
            path=page.path,
            language=language,
            base="../" * page.path.count("/") or "./",
            database=database,
            pages=names,
        )
        target = folder / f"{page.path}.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_unlinked(page.handler(asked).body), encoding="utf-8")
    return len(found)


def _pages(connection: sqlite3.Connection) -> Iterator[StaticPage]:
    yield StaticPage("index", home, {})
    yield StaticPage("map", map_page, {})
    yield StaticPage("dense", dense_page, {})
    yield StaticPage("ledger", ledger_page, {})
    yield StaticPage("changed", changed_page, {})
    for name, copies in witnesses.counts(connection):
        path, parts = _path_of(name)
        yield StaticPage(f"r/{path}", work_page, parts)
        if copies > 1:
            yield StaticPage(f"variants/{path}", variants_page, parts)
            yield StaticPage(f"compare/{path}", compare_work_page, parts)
    for plain in shared_names(connection):
        path, parts = _path_of(plain)
        yield StaticPage(f"r/{path}", _which, parts)
    keys: tuple[tuple[Iterable[int | str], str, Handler], ...] = (
        (text_details.current(connection), "text", text_page),
        (pages.captures(connection), "capture", capture_page),
        (rules.names(connection), "rule", rule_page),
        (sites.names(connection), "site", site_page),
        (runs.ids(connection), "run", run_page),
    )
    for found, part, handler in keys:
        for key in found:
            yield StaticPage(f"{part}/{key}", handler, {part: str(key)})


def _path_of(name: str) -> tuple[str, dict[str, str]]:
    """Return the path of a work below `r/`, and its parts."""
    path = name.replace("-", "/", 1)
    found = _WORK_PATH.fullmatch(path)
    return path, {key: part or "" for key, part in (found.groupdict() if found else {}).items()}


def _which(asked: Asked) -> Answer:
    """Return the reports of one place and year, to choose from."""
    return which_page(asked, SeveralError(name_in_address(asked), works_of_address(asked)))


def _unlinked(body: str | bytes) -> str:
    words = body.decode() if isinstance(body, bytes) else body
    return _UNLINKED.sub(r"<span>\1</span>", words)
