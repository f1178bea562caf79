"""Looks up what earlier commands have fetched, so that it is not fetched again."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from archive import Archive
from archive.errors import NoArchiveYetError

_LIVE = (
    "SELECT 1 FROM captures JOIN pages ON pages.id = captures.page_id"
    " WHERE pages.url = ? AND captures.outcome = 'ok' AND captures.origin = 'live'"
)
_AT_A_TIME = (
    "SELECT 1 FROM captures JOIN pages ON pages.id = captures.page_id"
    " WHERE pages.url = ? AND origin = 'wayback' AND substr(captured_at, 1, 19) = ?"
)
_WITH_A_CLAIM = (
    "SELECT 1 FROM captures JOIN pages ON pages.id = captures.page_id"
    " WHERE pages.url = ? AND origin = ? AND instr(claims_json, ?) > 0"
)


def made(path: str | Path) -> Archive | None:
    """Open the archive at `path` for reading, or return None if there is none yet.

    Raises:
        UsageError: the file is not an archive.
    """
    try:
        return Archive.open(path, read_only=True) if Path(path).exists() else None
    except NoArchiveYetError:
        return None


class Known:
    """Queries an archive for existing captures; None stands for an archive not made yet."""

    def __init__(self, archive: Archive | None) -> None:
        self._archive = archive

    @classmethod
    def to(cls, own: Archive, path: str | None) -> Self:
        """Return what the archive at `path` holds if a path is given, otherwise `own`."""
        return cls(own if path is None else made(path))

    def page(self, url: str) -> bool:
        """Whether the page was fetched from its own server."""
        return self._found(_LIVE, url)

    def memento(self, url: str, moment: str) -> bool:
        """Whether a web archive delivered this page of this second."""
        return self._found(_AT_A_TIME, url, moment)

    def claimed(self, url: str, origin: str, claim: str) -> bool:
        """Whether a web archive delivered a page with this claim: `["name","value"]`."""
        return self._found(_WITH_A_CLAIM, url, origin, claim)

    def _found(self, query: str, *values: str) -> bool:
        if self._archive is None:
            return False
        return self._archive.connection.execute(query, values).fetchone() is not None
