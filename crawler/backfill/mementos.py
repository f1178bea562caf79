"""Reads what a web archive says of its pages: CDX rows, times, digests and URLs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, quote, urldefrag, urlsplit, urlunsplit

from w3lib.url import safe_url_string

from archive import Capture, UsageError
from archive.clock import stamp
from archive.urls import is_web_address

PAGE_ROWS: Final = 1000
"""Rows requested at a time; an index may return fewer."""

MOST_ROWS: Final = PAGE_ROWS * 4**4
"""The most rows requested at once: 256,000 rows are about 64 MB."""

_WIDER: Final = 4
_ROUND: Final = 50
"""An answer of this many rows, or twice as many, may have been cut by the index's own limit."""

Check = Literal["match", "differs", "differs-encoded", "not checkable"]

_KEY_AS_SENT: Final = re.compile(r"[\w%+.!~*'()-]+")
_NAMES: Final = {"url": "original", "status": "statuscode", "mime": "mimetype"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an index: one page at one time (14 digits, UTC).

    `digest` is the base-32 SHA-1 that the archive claims for the bytes as stored.
    """

    urlkey: str
    timestamp: str
    original: str
    statuscode: str
    digest: str

    @property
    def place(self) -> tuple[str, str]:
        """The sort key of the row in an index."""
        return self.urlkey, self.timestamp

    @property
    def name(self) -> str:
        """What distinguishes the row from others with the same sort key."""
        return f"{self.original} {self.digest}"


def read_index(body: bytes) -> tuple[list[Row], str | None]:
    """Return the rows of a CDX answer and its resume key, if any.

    Raises:
        UsageError: the answer is not CDX; the message says what it is instead.
    """
    try:
        words = body.decode("utf-8").strip()
        if words.startswith("["):
            return _read_arrays(json.loads(words))
        return [_row(json.loads(line)) for line in words.splitlines() if line.strip()], None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"not a CDX answer in JSON: {body[:60]!r} ({error!r:.80})") from None


def _read_arrays(table: list[list[str]]) -> tuple[list[Row], str | None]:
    """Read rows below a header row; an empty row and a resume key may follow."""
    if not table:
        return [], None
    key = None
    if len(table) > 2 and table[-2] == [] and len(table[-1]) == 1:  # noqa: PLR2004
        key = str(table[-1][0])
        table = table[:-2]
    names, *rows = table
    return [_row(dict(zip(names, row, strict=True))) for row in rows if row], key


def _row(cells: dict[str, Any]) -> Row:
    named = {_NAMES.get(name, name): str(value) for name, value in cells.items()}
    if re.fullmatch(r"\d{4,14}", named["timestamp"]) is None:
        raise ValueError("invalid timestamp")
    return Row(
        named.get("urlkey", named["original"]), named["timestamp"].ljust(14, "0"),
        named["original"], named.get("statuscode", ""), named.get("digest", ""),
    )  # fmt: skip


def next_page(query: str, rows: Sequence[Row], key: str | None) -> str | None:
    """Return the URL of the next page of an index, or None after the last page.

    Uses the resume key if there is one. Otherwise a query of one URL continues at the time of the
    last row and includes that row, because others may share its time. A query of everything below a
    URL, whose rows are not in order of time, is repeated with a larger limit.

    Args:
        query: the URL of this page.
        rows: its rows.
        key: its resume key.

    Raises:
        UsageError: it cannot be determined whether there are more rows.
    """
    if key is not None:
        return _with(query, "resumeKey", key)
    asked = rows_asked(query)
    if not _is_below(query):
        if len(rows) < asked and len(rows) % _ROUND:
            return None
        return _with(query, "from", max(row.timestamp for row in rows)) if rows else None
    if len(rows) < asked:
        return None
    if asked >= MOST_ROWS:
        raise UsageError(f"there may be more than {len(rows)} rows; use --from or narrow it")
    return _with(query, "limit", str(asked * _WIDER))


def asked_for(query: str) -> str:
    """Return the URL that an index query is about."""
    return dict(parse_qsl(urlsplit(query).query)).get("url", query)


def rows_asked(query: str) -> int:
    """Return the row limit of an index query."""
    words = dict(parse_qsl(urlsplit(query).query)).get("limit", "")
    return int(words) if words.isdecimal() else PAGE_ROWS


def _is_below(query: str) -> bool:
    return asked_for(query).endswith("*")


def _with(query: str, name: str, value: str) -> str:
    """Return the query with another value. A key is sent unchanged if possible."""
    sent = value if _KEY_AS_SENT.fullmatch(value) else quote(value, safe="")
    base, *pairs = re.split(r"[?&]", query)
    kept = [pair for pair in pairs if not pair.startswith(f"{name}=")]
    return f"{base}?{'&'.join([*kept, f'{name}={sent}'])}"


def address(url: str) -> str:
    """Return the URL of a page as our archive stores it: encoded, without the default port.

    Raises:
        ValueError: it cannot be the URL of a page.
    """
    whole = safe_url_string(urldefrag(url).url)
    if not is_web_address(whole):
        raise ValueError("not an http or https URL")
    parts = urlsplit(whole)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    netloc = (parts.hostname or "") + ("" if parts.port in {None, usual} else f":{parts.port}")
    return urlunsplit(parts._replace(netloc=netloc, path=parts.path or "/"))


def checked(claimed: str, capture: Capture) -> Check:
    """Check the payload against its claimed SHA-1, as far as that can be determined.

    Archives digest the bytes as they stored them. For a page sent compressed, that is the digest of
    the compressed bytes.
    """
    digest = claimed.removeprefix("sha1:").upper()
    if re.fullmatch(r"[A-Z2-7]{32}", digest) is None:
        return "not checkable"
    made = hashlib.sha1(capture.payload or b"", usedforsecurity=False).digest()
    if base64.b32encode(made).decode("ascii") == digest:
        return "match"
    coded = capture.content_encoding or capture.header("X-Archive-Orig-Content-Encoding")
    chunked = capture.header("X-Archive-Orig-Transfer-Encoding")
    return "differs-encoded" if coded or chunked else "differs"


def memento_time(capture: Capture) -> str | None:
    """Return the time of an archived page in the archive's format; None if it is not one."""
    try:
        moment = parsedate_to_datetime(capture.header("Memento-Datetime") or "")
        return stamp(moment.replace(tzinfo=moment.tzinfo or UTC))
    except (ValueError, OverflowError):
        return None


def iso_time(timestamp: str) -> str:
    """Return the 14 digits of an index as a time in the archive's format, to the second."""
    year, rest = timestamp[:4], [timestamp[at : at + 2] for at in range(4, 14, 2)]
    return f"{year}-{rest[0]}-{rest[1]}T{rest[2]}:{rest[3]}:{rest[4]}"
