"""From a paragraph to the bytes and back: trace, capture, payload, page."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from itertools import pairwise
from threading import Lock
from typing import Any, Final

from archive.browse.reading import source_of
from archive.browse.segments import LONGEST_HEADING
from archive.browse.web import Answer, Asked, MissingError, attachment, found
from archive.catalogue.sources import may_link
from archive.errors import BaogaoError
from archive.store import pages, payloads, text_details

SOURCE_CHARS: Final = 100_000
"""Characters of a payload shown on its page; all of it can be downloaded."""

SOURCE_BYTES: Final = 4 * SOURCE_CHARS
"""The most bytes of these characters in any encoding."""

LARGE_BYTES: Final = 4 * 1024 * 1024
"""Payloads above this are decompressed one at a time, and not searched for passages."""

_one_large = Lock()

Payload = Mapping[str, Any] | sqlite3.Row
"""The metadata of a payload."""

CONTEXT_CHARS: Final = 240
ROWS_SHOWN: Final = 50

RAW_POLICY: Final = "default-src 'none'; sandbox"
"""Policy for raw payloads: whatever the bytes are, they run and load nothing."""


def capture_page(asked: Asked) -> Answer:
    """`/capture/ID`: one attempt to get a page, with everything recorded."""
    capture_id, connection = asked.parts["capture"], asked.connection
    capture = found(pages.capture(connection, int(capture_id)), "error.no_capture", id=capture_id)
    return asked.page(
        "capture.html",
        capture=capture,
        linked=may_link(connection, capture["url"], capture["host"]),
        request_headers=json.loads(capture["request_headers_json"]),
        response_headers=json.loads(capture["response_headers_json"]),
        texts=pages.texts_of(connection, capture["payload_sha256"], ROWS_SHOWN),
        versions=pages.count_versions(connection, capture["page_id"]),
    )


def versions_page(asked: Asked) -> Answer:
    """`/page/ID`: every capture of one URL over time, and where its text changed."""
    page_id, connection = asked.parts["page"], asked.connection
    page = found(pages.page(connection, int(page_id)), "error.no_page", id=page_id)
    rows = [dict(row) for row in pages.versions(connection, page["id"], ROWS_SHOWN)]
    for newer, older in pairwise(rows):
        newer["before"] = older["text_id"]
        newer["changed"] = newer["clean"] != older["clean"]
    linked = may_link(connection, page["url"], page["host"])
    return asked.page("versions.html", page=page, versions=rows, linked=linked)


def payload_page(asked: Asked) -> Answer:
    """`/payload/SHA256`: the metadata of some bytes, and the bytes as text."""
    row = _payload_row(asked)
    shown, words = None, asked.words
    try:
        shown = decoded(asked, row, SOURCE_BYTES)
        problem = None
    except BaogaoError as error:
        problem = str(error)
    return asked.page(
        "payload.html",
        payload=row,
        captures=pages.captures_of(asked.connection, row["sha256"], ROWS_SHOWN),
        texts=pages.texts_of(asked.connection, row["sha256"], ROWS_SHOWN),
        source=shown[:SOURCE_CHARS] if shown else "",
        cut=words("payload.cut", n=SOURCE_CHARS) if is_cut(row, shown) else None,
        problem=problem,
    )


def payload_bytes(asked: Asked) -> Answer:
    """`/payload/SHA256.bin`: the original bytes, for saving, never shown by the browser."""
    row = _payload_row(asked)
    try:
        body = unpacked(asked, row)
    except BaogaoError as error:
        raise MissingError("error.no_bytes", why=str(error)) from error
    headers = attachment(f"{row['sha256']}.bin")
    return Answer(body, "application/octet-stream", headers=headers, policy=RAW_POLICY)


def trace_page(asked: Asked) -> Answer:
    """`/trace/TEXT/NUMBER`: one passage, step by step down to the bytes."""
    origin, connection = source_of(asked, int(asked.parts["text"])), asked.connection
    text_id, number = origin.text["id"], int(asked.parts["passage"])
    passage = found(
        text_details.passage(connection, text_id, number - 1),
        "error.no_passage",
        n=asked.parts["passage"],
    )
    spans = text_details.spans_over(connection, text_id, passage.start, passage.stop)
    around = None
    if origin.text["payload_bytes"] <= LARGE_BYTES:
        with suppress(BaogaoError):
            payload = {**origin.text, "sha256": origin.text["payload_sha256"]}
            around = in_source(decoded(asked, payload), passage.text)
    return asked.page(
        "trace.html", source=origin, passage=passage, spans=spans, around=around,
        number=int(number),
    )  # fmt: skip


def decoded(asked: Asked, payload: Payload, most: int | None = None) -> str:
    """Return a payload, or its first bytes, decoded as in its newest text.

    Raises:
        BaogaoError: it was withdrawn or is damaged.
    """
    encoding = pages.encoding_of(asked.connection, payload["sha256"])
    body = unpacked(asked, payload)[:most]
    try:
        return body.decode(encoding or "utf-8", "replace")
    except LookupError:  # one of our own names, such as that of a PDF, is not a codec
        return body.decode("utf-8", "replace")


def unpacked(asked: Asked, payload: Payload) -> bytes:
    """Return the bytes of a payload; large ones are decompressed one at a time.

    Raises:
        BaogaoError: it was withdrawn or is damaged.
    """
    with _one_large if payload["payload_bytes"] > LARGE_BYTES else nullcontext():
        return payloads.read(asked.connection, payload["sha256"])


def is_cut(payload: Payload, shown: str | None) -> bool:
    """Whether a payload is longer than the part shown."""
    if not shown:
        return False
    return len(shown) > SOURCE_CHARS or payload["payload_bytes"] > SOURCE_BYTES


def in_source(page: str, words: str) -> tuple[str, str, str] | None:
    """Return the first words of a passage in the page's source: before, words, after."""
    runs = [run for run in re.split(r"[\s&<>]+", words) if run]
    for run in sorted(runs, key=len, reverse=True)[:5]:
        key = run[:LONGEST_HEADING]
        at = page.find(key)
        if at >= 0:
            stop = at + len(key)
            return (
                page[max(0, at - CONTEXT_CHARS) : at],
                page[at:stop],
                page[stop : stop + CONTEXT_CHARS],
            )
    return None


def _payload_row(asked: Asked) -> sqlite3.Row:
    sha256 = asked.parts["sha256"]
    return found(pages.payload(asked.connection, sha256), "error.no_payload", sha256=sha256[:12])
