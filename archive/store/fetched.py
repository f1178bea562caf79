"""What crawls and backfills have brought into an archive, so that it is not asked for again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from archive.store import runs
from archive.store.rows import value

if TYPE_CHECKING:
    from archive.store.archive import Archive

_OF_PAGE: Final = """
SELECT 1 FROM captures JOIN pages ON pages.id = captures.page_id WHERE pages.url = ? AND {}
"""
_LIVE: Final = _OF_PAGE.format("captures.outcome = 'ok' AND captures.origin = 'live'")
_AT_A_TIME: Final = _OF_PAGE.format("origin = 'wayback' AND substr(captured_at, 1, 19) = ?")
_WITH_A_CLAIM: Final = _OF_PAGE.format("origin = ? AND instr(claims_json, ?) > 0")
_ERROR: Final = """
SELECT error FROM captures JOIN pages ON pages.id = captures.page_id
WHERE pages.url = ? AND error IS NOT NULL AND instr(request_headers_json, ?) > 0
ORDER BY captures.id DESC LIMIT 1
"""


class Fetched:
    """Asks an archive what is in it; None stands for one that was never made."""

    def __init__(self, archive: Archive | None) -> None:
        self._connection = None if archive is None else archive.connection

    def page(self, url: str) -> bool:
        """Whether the page was got from its own server."""
        return self._found(_LIVE, url)

    def memento(self, url: str, moment: str) -> bool:
        """Whether a web archive gave this page of this time, to the second."""
        return self._found(_AT_A_TIME, url, moment)

    def claimed(self, url: str, origin: str, claim: str) -> bool:
        """Whether a web archive gave a page of this claim: `["name","value"]`."""
        return self._found(_WITH_A_CLAIM, url, origin, claim)

    def error(self, url: str, part: str | None) -> str | None:
        """What the last failed attempt at a page, or at this part of it (its `Range`), said."""
        wanted = json.dumps(part)[1:-1] if part else ""
        found: str | None = self._value(_ERROR, url, wanted)
        return found

    def finished_at(self, site: str) -> str | None:
        """When the last crawl that finished a site ended, or None."""
        return None if self._connection is None else runs.finished_at(self._connection, site)

    def seen_before(self, site: str, run_id: int) -> int | None:
        """How many articles a site's lists showed in the last finished crawl before `run_id`."""
        if self._connection is None:
            return None
        return runs.seen_before(self._connection, site, run_id)

    def _found(self, query: str, *values: str) -> bool:
        return self._value(query, *values) is not None

    def _value(self, query: str, *values: str) -> str | None:
        if self._connection is None:
            return None
        found: str | None = value(self._connection, query, *values)
        return found
