"""What a web archive says of its pages: rows of its CDX index, times, digests, addresses."""

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

PAGE_ROWS: Final = 1000
"""Rows of the index that are asked for at a time; an index may give fewer."""

MOST_ROWS: Final = PAGE_ROWS * 4**4
"""Rows that are asked for at once at most: 256,000 of them are about 64 MB."""

_WIDER: Final = 4
_ROUND: Final = 50
"""A page of so many rows, or twice, may have been cut by an index that gives no more."""

Check = Literal["match", "differs", "differs-encoded", "not checkable"]

_KEY_AS_SENT: Final = re.compile(r"[\w%+.!~*'()-]+")
_NAMES: Final = {"url": "original", "status": "statuscode", "mime": "mimetype"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row of an index: one page as it was at one time (14 digits, UTC).

    `digest` is the SHA-1 that the archive claims, in base 32, of the bytes as it stored them.
    """

    urlkey: str
    timestamp: str
    original: str
    statuscode: str
    digest: str

    @property
    def place(self) -> tuple[str, str]:
        """Where the row stands in the order of an index."""
        return self.urlkey, self.timestamp

    @property
    def name(self) -> str:
        """What tells it from other rows at the same place."""
        return f"{self.original} {self.digest}"


def read_index(body: bytes) -> tuple[list[Row], str | None]:
    """The rows of a CDX answer, and the key by which it goes on, if it does.

    Raises:
        UsageError: it is no CDX answer; the sentence says what it is instead.
    """
    try:
        words = body.decode("utf-8").strip()
        if words.startswith("["):
            return _read_arrays(json.loads(words))
        return [_row(json.loads(line)) for line in words.splitlines() if line.strip()], None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UsageError(f"this is no CDX answer in JSON: {body[:60]!r} ({error!r:.80})") from None


def _read_arrays(table: list[list[str]]) -> tuple[list[Row], str | None]:
    """Rows below a row of names; an empty row and a lone key may follow."""
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
        raise ValueError("a timestamp that is none")
    return Row(
        named.get("urlkey", named["original"]), named["timestamp"].ljust(14, "0"),
        named["original"], named.get("statuscode", ""), named.get("digest", ""),
    )  # fmt: skip


def next_page(query: str, rows: Sequence[Row], key: str | None) -> str | None:
    """The address of the next page of an index; None where this one was the last.

    By the resume key, where there is one. Else of one address from the time of the last row on,
    that row too, because others may share its time; below an address, where rows do not stand in
    order of time, all again and more of them.

    Args:
        query: the address of this page.
        rows: what it holds.
        key: its resume key.

    Raises:
        UsageError: nobody can tell whether there is more.
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
    """The address that a query of an index is about."""
    return dict(parse_qsl(urlsplit(query).query)).get("url", query)


def rows_asked(query: str) -> int:
    """How many rows a query of an index asks for at most."""
    words = dict(parse_qsl(urlsplit(query).query)).get("limit", "")
    return int(words) if words.isdecimal() else PAGE_ROWS


def _is_below(query: str) -> bool:
    return asked_for(query).endswith("*")


def _with(query: str, name: str, value: str) -> str:
    """The query with another value; a key is sent as it came, if it can be."""
    sent = value if _KEY_AS_SENT.fullmatch(value) else quote(value, safe="")
    base, *pairs = re.split(r"[?&]", query)
    kept = [pair for pair in pairs if not pair.startswith(f"{name}=")]
    return f"{base}?{'&'.join([*kept, f'{name}={sent}'])}"


def address(url: str) -> str:
    """The address of a page as the archive of ours keeps it: encoded, without its usual port.

    Raises:
        ValueError: it is none that could be a page.
    """
    parts = urlsplit(safe_url_string(urldefrag(url).url))
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("no http or https address")
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    netloc = (parts.hostname or "") + ("" if parts.port in {None, usual} else f":{parts.port}")
    return urlunsplit(parts._replace(netloc=netloc, path=parts.path or "/"))


def checked(claimed: str, capture: Capture) -> Check:
    """Whether the payload has the SHA-1 that is claimed for it, as far as that can be determined.

    Archives digest the bytes as they stored them: of a page that was sent compressed, the digest
    of the compressed bytes.
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
    """The time of an archived page, in the form of all times; None where the answer is none."""
    try:
        moment = parsedate_to_datetime(capture.header("Memento-Datetime") or "")
        return stamp(moment.replace(tzinfo=moment.tzinfo or UTC))
    except (ValueError, OverflowError):
        return None


def iso_time(timestamp: str) -> str:
    """14 digits of an index as the times of the archive are written, to the second."""
    year, rest = timestamp[:4], [timestamp[at : at + 2] for at in range(4, 14, 2)]
    return f"{year}-{rest[0]}-{rest[1]}T{rest[2]}:{rest[3]}:{rest[4]}"
