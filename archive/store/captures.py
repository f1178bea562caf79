"""Captures as rows, and rows as captures."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from archive import clock
from archive.errors import BrokenLawError, UsageError
from archive.model import Capture, Headers, SiteFacts, canonical_json, sha256
from archive.store import payloads
from archive.store.addresses import page_url, surt
from archive.store.lists import listed
from archive.store.secrets import redacted, stored_url
from archive.urls import host_of

if TYPE_CHECKING:
    from archive.store.writing import Writer

NOT_MODIFIED: Final = 304
_PART_DIGITS: Final = 12

_SAME: Final = (
    "origin", "error", "status", "method", "captured_at", "elapsed_ms", "ip",
    "certificate_sha256", "response_head", "stored_as", "wire_sha256", "wire_bytes",
    "content_encoding", "filename", "member", "container_sha256",
)  # fmt: skip
"""Fields with a column of the same name."""

_SELECT: Final = f"""
SELECT captures.id, {", ".join(f"captures.{name}" for name in _SAME)}, captures.outcome,
  captures.payload_sha256, coalesce(captures.url_as_given, pages.url) AS url,
  captures.claims_json, captures.request_headers_json, captures.response_headers_json,
  target.url AS redirect_to, certificate_chains.pem AS certificate_chain,
  site_facts.name AS site, site_facts.title, site_facts.kind,
  site_facts.place_code, site_facts.containers_json
FROM captures
JOIN pages ON pages.id = captures.page_id
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
LEFT JOIN certificate_chains
  ON certificate_chains.sha256 = captures.certificate_chain_sha256
LEFT JOIN redirects ON redirects.capture_id = captures.id
LEFT JOIN pages AS target ON target.id = redirects.page_id
"""  # noqa: S608  (column names of ours)


def address(capture: Capture) -> str:
    """Return the page's URL; bytes without URL are addressed by their digest."""
    return page_url(capture.url) if capture.url else f"urn:sha256:{capture.payload_sha256}"


def write(writer: Writer, run_id: int, given: Capture) -> int:
    """Write one capture with its page, payload, site facts and redirect; returns its id."""
    capture = redacted(given)
    page_id = _page(writer, address(capture))
    digest = _payload(writer, capture.payload)
    capture_id = writer.fact(
        "captures",
        {
            **{name: getattr(capture, name) for name in _SAME},
            "run_id": run_id,
            "page_id": page_id,
            "site_facts_id": _site_facts(writer, capture.site),
            "outcome": capture.outcome,
            "error": _reason(capture),
            "recorded_at": clock.now(),
            "certificate_chain_sha256": _chain(writer, capture.certificate_chain),
            "content_type": capture.header("Content-Type"),
            "etag": capture.header("ETag"),
            "last_modified": capture.header("Last-Modified"),
            "payload_sha256": digest,
            "context_sha256": capture.context_sha256(),
            "revisit_of": _revisit_of(writer.connection, page_id, capture.status, digest),
            "url_as_given": None if capture.url == address(capture) else capture.url,
            "claims_json": canonical_json(capture.claims),
            "request_headers_json": canonical_json(capture.request_headers),
            "response_headers_json": canonical_json(capture.response_headers),
        },
    )
    if capture.redirect_to:
        target = _page(writer, page_url(capture.redirect_to))
        writer.fact("redirects", {"capture_id": capture_id, "page_id": target}, key=capture_id)
    return capture_id


def read(connection: sqlite3.Connection, capture_id: int, *, with_payload: bool = True) -> Capture:
    """Return the capture with this id.

    Raises:
        UsageError: there is none.
    """
    for _, capture in select(
        connection, "captures.id = ?", (capture_id,), with_payload=with_payload
    ):
        return capture
    raise UsageError(f"no capture {capture_id}")


def ids(
    connection: sqlite3.Connection, where: str, values: tuple[Any, ...] | Mapping[str, Any]
) -> list[int]:
    """Return the ids of captures, in order."""
    found = f"SELECT captures.id FROM captures WHERE {where} ORDER BY captures.id"  # noqa: S608
    return [capture_id for (capture_id,) in connection.execute(found, values)]


def of_part(
    connection: sqlite3.Connection, chosen: Sequence[int], part: tuple[int, int]
) -> list[int]:
    """Return the captures of one of several parts, such as (2, 8), by the digest of the payload.

    A page is in the same part in every copy of the archive.
    """
    number, parts = part
    found = connection.execute(
        "SELECT id, payload_sha256 FROM captures WHERE id IN (SELECT value FROM json_each(?))"
        " ORDER BY id",
        (listed(chosen),),
    )
    return [i for i, digest in found if int(digest[:_PART_DIGITS], 16) % parts == number - 1]


def payload_bytes(connection: sqlite3.Connection, chosen: Sequence[int]) -> int:
    """Return the bytes of the payloads of captures."""
    (size,) = connection.execute(
        "SELECT coalesce(sum(payload_bytes), 0) FROM captures"
        " JOIN payloads ON payloads.sha256 = captures.payload_sha256"
        " WHERE captures.id IN (SELECT value FROM json_each(?))",
        (listed(chosen),),
    ).fetchone()
    return int(size)


def select(
    connection: sqlite3.Connection,
    where: str,
    values: tuple[Any, ...] | Mapping[str, Any],
    *,
    with_payload: bool,
) -> Iterator[tuple[int, Capture]]:
    """Yield captures in order of their ids; holds their ids and one capture in memory.

    The ids are read first: an open read transaction would prevent a writer between two captures
    from starting (SQLITE_BUSY_SNAPSHOT) once another process has written.
    """
    yield from read_many(connection, ids(connection, where, values), with_payload=with_payload)


def read_many(
    connection: sqlite3.Connection, chosen: Iterable[int], *, with_payload: bool
) -> Iterator[tuple[int, Capture]]:
    """Yield captures by their ids; holds one in memory."""
    cursor = connection.cursor()
    cursor.row_factory = sqlite3.Row
    for capture_id in chosen:
        row = cursor.execute(f"{_SELECT} WHERE captures.id = ?", (capture_id,)).fetchone()
        digest = row["payload_sha256"]
        body = _body(connection, digest) if with_payload and digest else None
        try:
            capture = _capture(row, body)
        except (ValueError, TypeError) as error:
            raise BrokenLawError(f"capture {capture_id} is damaged: {error}") from error
        yield capture_id, capture


def find(connection: sqlite3.Connection, given: Capture, digest: str | None) -> int | None:
    """Return the id of the first capture with the same page, time, outcome and payload, if any.

    `digest` is that of its payload.
    """
    url = page_url(stored_url(given.url)) if given.url else f"urn:sha256:{digest}"
    found = connection.execute(
        "SELECT min(captures.id) FROM captures JOIN pages ON pages.id = captures.page_id"
        " WHERE pages.url = ? AND captured_at IS ? AND outcome = ? AND status IS ?"
        " AND payload_sha256 IS ?",
        (url, given.captured_at, given.outcome, given.status, digest),
    ).fetchone()
    return None if found[0] is None else int(found[0])


def has(connection: sqlite3.Connection, payload_sha256: str, context_sha256: str) -> bool:
    """Whether there is a capture of this payload in this context, with its bytes."""
    found = connection.execute(
        "SELECT 1 FROM captures JOIN payloads ON payloads.sha256 = payload_sha256"
        " WHERE payload_sha256 = ? AND context_sha256 = ? AND stored_crc32 IS NOT NULL",
        (payload_sha256, context_sha256),
    )
    return found.fetchone() is not None


def same(connection: sqlite3.Connection, given: Capture) -> bool:
    """Whether a capture of the same page and context with the same payload, or failure, is stored.

    The later fate of a payload (`derive_timeout`) does not make a different capture.
    """
    capture = redacted(given)
    found = connection.execute(
        "SELECT 1 FROM captures JOIN pages ON pages.id = captures.page_id WHERE pages.url = ?"
        " AND context_sha256 = ? AND payload_sha256 IS ?"
        " AND (payload_sha256 IS NOT NULL OR outcome = ?)",
        (address(capture), capture.context_sha256(), capture.payload_sha256, capture.outcome),
    )
    return found.fetchone() is not None


def _body(connection: sqlite3.Connection, digest: str) -> bytes | None:
    """Return the payload, or None if it was withdrawn."""
    found = payloads.stored(connection, digest)
    return None if found.codec in payloads.TOMBSTONES else found.unpack()


def _capture(row: sqlite3.Row, body: bytes | None) -> Capture:
    url = row["url"]
    return Capture(
        **{name: row[name] for name in _SAME},
        outcome=row["outcome"],
        url="" if url.startswith("urn:sha256:") else url,
        payload=body,
        redirect_to=row["redirect_to"],
        certificate_chain=row["certificate_chain"],
        claims=_headers(row["claims_json"]),
        request_headers=_headers(row["request_headers_json"]),
        response_headers=_headers(row["response_headers_json"]),
        site=None
        if row["site"] is None
        else SiteFacts(
            name=row["site"],
            title=row["title"],
            kind=row["kind"],
            place_code=row["place_code"],
            containers=tuple(json.loads(row["containers_json"])),
        ),
    )


def _headers(words: str) -> Headers:
    return tuple((name, value) for name, value in json.loads(words))


def _reason(capture: Capture) -> str | None:
    """Missing is not zero: a failure without a message is reported by its name."""
    if capture.outcome != "ok" and capture.error is None and capture.status is None:
        return capture.outcome
    return capture.error


def _page(writer: Writer, url: str) -> int:
    row = writer.connection.execute("SELECT id FROM pages WHERE url = ?", (url,)).fetchone()
    if row is not None:
        return int(row[0])
    return writer.fact("pages", {"url": url, "surt": surt(url), "host": host_of(url)})


def _payload(writer: Writer, payload: bytes | None) -> str | None:
    if payload is None:
        return None
    digest = writer.digest_of(payload)
    known = "SELECT 1 FROM payloads WHERE sha256 = ?"
    if writer.connection.execute(known, (digest,)).fetchone() is None:
        row = writer.packed.pop(digest, None) or payloads.row(digest, payload)
        writer.fact("payloads", row, key=digest, digested=payloads.DIGESTED)
    return digest


def _chain(writer: Writer, pem: str | None) -> str | None:
    if pem is None:
        return None
    digest = sha256(pem.encode())
    known = "SELECT 1 FROM certificate_chains WHERE sha256 = ?"
    if writer.connection.execute(known, (digest,)).fetchone() is None:
        writer.fact("certificate_chains", {"sha256": digest, "pem": pem}, key=digest)
    return digest


def _site_facts(writer: Writer, site: SiteFacts | None) -> int | None:
    if site is None:
        return None
    facts = asdict(site)
    digest = sha256(canonical_json(facts).encode())
    row = writer.connection.execute(
        "SELECT id FROM site_facts WHERE sha256 = ?", (digest,)
    ).fetchone()
    if row is not None:
        return int(row[0])
    facts["containers_json"] = canonical_json(facts.pop("containers"))
    return writer.fact("site_facts", {**facts, "sha256": digest})


def _revisit_of(
    connection: sqlite3.Connection, page_id: int, status: int | None, digest: str | None
) -> int | None:
    """Return the capture that this one repeats: same payload, or confirmed by a 304."""
    if digest is not None:
        row = connection.execute(
            "SELECT min(id) FROM captures WHERE page_id = ? AND payload_sha256 = ?",
            (page_id, digest),
        ).fetchone()
    elif status == NOT_MODIFIED:
        row = connection.execute(
            "SELECT coalesce(revisit_of, id) FROM captures WHERE page_id = ?"
            " AND payload_sha256 IS NOT NULL AND outcome = 'ok' ORDER BY id DESC LIMIT 1",
            (page_id,),
        ).fetchone()
    else:
        return None
    return None if row is None or row[0] is None else int(row[0])
