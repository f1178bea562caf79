"""Selects records of a file by URL and content type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from archive.errors import UsageError
from archive.model import Capture
from archive.store.warc.framing import WarcRecord
from archive.store.warc.http import head_of

_LONGEST: Final = 4096
"""Characters of a URL or type that are matched: a user's expression must not hang."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Regular expressions searched in the URL, and in the content type."""

    address: re.Pattern[str] | None = None
    content_type: re.Pattern[str] | None = None

    def takes(self, frame: WarcRecord, url: str) -> bool:
        """Whether a record is selected; an unknown type is accepted."""
        return self._takes_address(url) and (
            self.content_type is None or self._takes_type(content_type_of(frame))
        )

    def takes_capture(self, capture: Capture) -> bool:
        """Whether a capture of our own export is selected."""
        media_type = capture.header("Content-Type") or ""
        return self._takes_address(capture.url) and self._takes_type(media_type)

    def _takes_address(self, url: str) -> bool:
        return self.address is None or self.address.search(url[:_LONGEST]) is not None

    def _takes_type(self, media_type: str) -> bool:
        if self.content_type is None or not media_type:
            return True
        return self.content_type.search(media_type[:_LONGEST]) is not None


EVERYTHING: Final = Wanted()


def wanted(address: str | None, content_type: str | None) -> Wanted:
    """Compile a user's expressions; None accepts everything.

    Raises:
        UsageError: one of them is not a regular expression.
    """
    return Wanted(_expression(address), _expression(content_type))


def content_type_of(frame: WarcRecord) -> str:
    """Return the content type of a record's content, without parameters, in lower case.

    May be empty.
    """
    if frame.get("WARC-Type") == "resource":
        media_type = frame.get("Content-Type")
    else:
        head = head_of(frame.block)
        media_type = "" if head is None else head.get("Content-Type")
    return media_type.partition(";")[0].strip().lower()


def _expression(words: str | None) -> re.Pattern[str] | None:
    try:
        return None if words is None else re.compile(words, re.IGNORECASE)
    except re.error as error:
        raise UsageError(f"{words!r} is not a regular expression: {error}") from error
