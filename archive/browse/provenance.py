"""From a paragraph to the bytes and back: trace, capture, payload, page."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from itertools import pairwise
from threading import Lock
from typing import Any, Final

from archive.browse.segments import LONGEST_HEADING
from archive.browse.sources import may_link, source
from archive.browse.web import Answer, Asked, MissingError
from archive.errors import BaogaoError
from archive.store import payloads

SOURCE_CHARS: Final = 100_000
"""So much of a payload is shown on its page; the whole can be downloaded."""

SOURCE_BYTES: Final = 4 * SOURCE_CHARS
"""No encoding takes more bytes for them."""

LARGE_BYTES: Final = 4 * 1024 * 1024
"""Payloads beyond this are unpacked one at a time, and no passage is looked for in them."""

_one_large = Lock()

CONTEXT_CHARS: Final = 240
ROWS_SHOWN: Final = 50

RAW_POLICY: Final = "default-src 'none'; sandbox"
"""For raw payloads: whatever the bytes are, they run nothing and load nothing."""

_CAPTURE = """
SELECT captures.*, pages.url, pages.host, pages.surt, site_facts.name AS site,
  site_facts.title AS site_title, coalesce(site_facts.kind, 'unknown') AS site_kind,
  target.url AS redirect_to
FROM captures JOIN pages ON pages.id = captures.page_id
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
LEFT JOIN redirects ON redirects.capture_id = captures.id
LEFT JOIN pages AS target ON target.id = redirects.page_id
WHERE captures.id = ?
"""

_TEXTS_OF = """
SELECT texts.id, texts.shape, verdicts.verdict, texts.clean_chars, texts.created_at,
  texts.id IN up_to_date AS is_current
FROM texts JOIN verdicts ON verdicts.text_id = texts.id
WHERE payload_sha256 = ? ORDER BY texts.id DESC LIMIT ?
"""

_VERSIONS = """
SELECT captures.id, captures.outcome, captures.status, captures.payload_sha256, captures.run_id,
  coalesce(captures.captured_at, captures.recorded_at) AS at, captures.revisit_of,
  (SELECT max(texts.id) FROM texts WHERE texts.payload_sha256 = captures.payload_sha256
   AND texts.context_sha256 = captures.context_sha256) AS text_id,
  (SELECT texts.clean_sha256 FROM texts WHERE texts.payload_sha256 = captures.payload_sha256
   AND texts.context_sha256 = captures.context_sha256 ORDER BY texts.id DESC LIMIT 1) AS clean
FROM captures WHERE page_id = ? ORDER BY captures.id DESC LIMIT ?
"""


def capture_page(asked: Asked) -> Answer:
    """`/capture/ID`: one attempt to get a page, with all that was recorded."""
    found = asked.row(_CAPTURE, int(asked.parts["capture"]))
    if found is None:
        raise MissingError("error.no_capture", id=asked.parts["capture"])
    capture = dict(found)
    return asked.page(
        "capture.html",
        capture=capture,
        linked=may_link(asked, capture["url"], capture["host"]),
        request_headers=json.loads(capture["request_headers_json"]),
        response_headers=json.loads(capture["response_headers_json"]),
        texts=asked.rows(_TEXTS_OF, capture["payload_sha256"], ROWS_SHOWN),
        versions=asked.value("SELECT count(*) FROM captures WHERE page_id = ?", capture["page_id"]),
    )


def versions_page(asked: Asked) -> Answer:
    """`/page/ID`: every capture of one URL over time, and where its text changed."""
    page = asked.row("SELECT * FROM pages WHERE id = ?", int(asked.parts["page"]))
    if page is None:
        raise MissingError("error.no_page", id=asked.parts["page"])
    rows = [dict(row) for row in asked.rows(_VERSIONS, page["id"], ROWS_SHOWN)]
    for newer, older in pairwise(rows):
        newer["before"] = older["text_id"]
        newer["changed"] = newer["clean"] != older["clean"]
    return asked.page(
        "versions.html", page=page, versions=rows, linked=may_link(asked, page["url"], page["host"])
    )


def payload_page(asked: Asked) -> Answer:
    """`/payload/SHA256`: what is known about some bytes, and the bytes as text."""
    row = _payload_row(asked)
    captures = asked.rows(
        "SELECT captures.id, pages.url, coalesce(captured_at, recorded_at) AS at FROM captures"
        " JOIN pages ON pages.id = captures.page_id WHERE payload_sha256 = ?"
        " ORDER BY captures.id LIMIT ?",
        row["sha256"], ROWS_SHOWN,
    )  # fmt: skip
    shown, words = None, asked.words
    try:
        shown = decoded(asked, row, SOURCE_BYTES)
        problem = None
    except BaogaoError as error:
        problem = str(error)
    return asked.page(
        "payload.html",
        payload=row,
        captures=captures,
        texts=asked.rows(_TEXTS_OF, row["sha256"], ROWS_SHOWN),
        source=shown[:SOURCE_CHARS] if shown else "",
        cut=words("payload.cut", n=SOURCE_CHARS) if is_cut(row, shown) else None,
        problem=problem,
    )


def payload_bytes(asked: Asked) -> Answer:
    """`/payload/SHA256.bin`: the very bytes, to be saved, never to be shown by the browser."""
    row = _payload_row(asked)
    try:
        body = unpacked(asked, row)
    except BaogaoError as error:
        raise MissingError("error.no_bytes", why=str(error)) from error
    headers = {"content-disposition": f'attachment; filename="{row["sha256"]}.bin"'}
    return Answer(body, "application/octet-stream", headers=headers, policy=RAW_POLICY)


def trace_page(asked: Asked) -> Answer:
    """`/trace/TEXT/NUMBER`: one passage, step by step down to the bytes."""
    found = source(asked, int(asked.parts["text"]))
    passage = asked.row(
        "SELECT * FROM passages WHERE text_id = ? AND seq = ?",
        found.text["id"], int(asked.parts["passage"]) - 1,
    )  # fmt: skip
    if passage is None:
        raise MissingError("error.no_passage", n=asked.parts["passage"])
    spans = asked.rows(
        "SELECT spans.*, rules.name AS rule, rules.why, substr(?, start + 1, stop - start) AS words"
        " FROM spans JOIN rules ON rules.id = rule_id"
        " WHERE text_id = ? AND start < ? AND stop > ? ORDER BY spans.seq",
        asked.value(
            "SELECT visible FROM visible_texts WHERE sha256 = ?", found.text["visible_sha256"]
        ),
        found.text["id"], passage["stop"], passage["start"],
    )  # fmt: skip
    around = None
    if found.text["payload_bytes"] <= LARGE_BYTES:
        with suppress(BaogaoError):
            payload = {**found.text, "sha256": found.text["payload_sha256"]}
            around = in_source(decoded(asked, payload), passage["text"])
    return asked.page(
        "trace.html", source=found, passage=passage, spans=spans, around=around,
        number=passage["seq"] + 1,
    )  # fmt: skip


def decoded(asked: Asked, payload: Mapping[str, Any], most: int | None = None) -> str:
    """A payload, or its first bytes, in the encoding that its newest text was read with.

    Raises:
        BaogaoError: it was withdrawn or is damaged.
    """
    encoding = asked.value(
        "SELECT encoding FROM texts WHERE payload_sha256 = ? ORDER BY id DESC LIMIT 1",
        payload["sha256"],
    )
    body = unpacked(asked, payload)[:most]
    try:
        return body.decode(encoding or "utf-8", "replace")
    except LookupError:  # a name of ours, such as that of a PDF, is no codec
        return body.decode("utf-8", "replace")


def unpacked(asked: Asked, payload: Mapping[str, Any]) -> bytes:
    """The bytes of a payload; large ones are unpacked one after the other.

    Raises:
        BaogaoError: it was withdrawn or is damaged.
    """
    with _one_large if payload["payload_bytes"] > LARGE_BYTES else nullcontext():
        return payloads.read(asked.connection, payload["sha256"])


def is_cut(payload: Mapping[str, Any], shown: str | None) -> bool:
    """Whether a payload is longer than what is shown of it."""
    if not shown:
        return False
    return len(shown) > SOURCE_CHARS or payload["payload_bytes"] > SOURCE_BYTES


def in_source(page: str, words: str) -> tuple[str, str, str] | None:
    """Where the first words of a passage stand in the page's source: before, words, after."""
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


def _payload_row(asked: Asked) -> Mapping[str, Any]:
    sha256 = asked.parts["sha256"]
    row = asked.row(
        "SELECT sha256, payload_bytes, codec, length(stored) AS stored_bytes FROM payloads"
        " WHERE sha256 = ?",
        sha256,
    )
    if row is None:
        raise MissingError("error.no_payload", sha256=sha256[:12])
    return dict(row)
