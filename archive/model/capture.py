"""A capture: one attempt to get a page, and what the site file says about its site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from archive.model.digests import canonical_json, sha256

SiteKind = Literal["official", "mirror", "copy", "archive", "unknown"]
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """The part of a site file that reading needs; part of a text's context.

    `containers` are CSS selectors of the element with the article, tried first.
    """

    name: str
    title: str = ""
    kind: SiteKind = "unknown"
    place_code: str | None = None
    containers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Capture:
    """One attempt to get a page: an answer or a failure, and all that is known about it.

    `payload` is the body after content-decoding, or None without an answer. `outcome` is `ok` or
    the name of what went wrong (`dns`, `timeout`, `robots`, `http`, `blocked`, `truncated`,
    `too_large`, …); `error` says it in words. `claims` are the names and values that a container
    states for a member (a table's other cells). Times are UTC, `YYYY-MM-DDTHH:MM:SS.sssZ`; sizes
    are bytes, durations milliseconds. `certificate_chain` is what the server sent, as PEM, and
    `response_head` the bytes of status line and headers as they came, read as Latin-1.
    """

    url: str
    payload: bytes | None = None
    outcome: str = "ok"
    error: str | None = None
    status: int | None = None
    method: str = "GET"
    captured_at: str | None = None
    elapsed_ms: int | None = None
    request_headers: Headers = ()
    response_headers: Headers = ()
    ip: str | None = None
    certificate_sha256: str | None = None
    certificate_chain: str | None = None
    response_head: str | None = None
    wire_sha256: str | None = None
    wire_bytes: int | None = None
    content_encoding: str | None = None
    stored_as: Literal["decoded", "wire"] = "decoded"
    redirect_to: str | None = None
    origin: Literal["live", "file", "warc", "wayback", "commoncrawl"] = "live"
    filename: str | None = None
    member: str | None = None
    container_sha256: str | None = None
    claims: Headers = ()
    site: SiteFacts | None = None

    @classmethod
    def from_bytes(
        cls,
        body: bytes,
        *,
        url: str = "",
        headers: Mapping[str, str] | None = None,
        filename: str | None = None,
        site: SiteFacts | None = None,
    ) -> Capture:
        """Make a capture of bytes for `derive`: no run, no time, no network."""
        return cls(
            url=url,
            payload=body,
            response_headers=tuple((headers or {}).items()),
            origin="file",
            filename=filename,
            site=site,
        )

    def header(self, name: str) -> str | None:
        """Return the last response header `name` (in any case), or None."""
        wanted = name.lower()
        return next((v for k, v in reversed(self.response_headers) if k.lower() == wanted), None)

    @property
    def payload_sha256(self) -> str | None:
        """The digest that keys the payload, or None without one."""
        return None if self.payload is None else sha256(self.payload)

    @property
    def is_answer(self) -> bool:
        """Whether a text is derived from it: an answer, whole or cut short, but not a refusal."""
        if self.payload is None:
            return False
        return self.outcome in {"ok", "truncated"} or self.outcome.startswith("derive_")

    def context(self) -> dict[str, Any]:
        """Return everything that `derive` may read besides the payload.

        Its digest is part of a text's key.
        """
        site = self.site
        return {
            "url": self.url,
            "content_type": self.header("Content-Type"),
            "filename": self.filename,
            "claims": [list(claim) for claim in self.claims],
            "site": None
            if site is None
            else {
                "name": site.name,
                "title": site.title,
                "kind": site.kind,
                "place_code": site.place_code,
                "containers": list(site.containers),
            },
        }

    def context_sha256(self) -> str:
        """Return the digest of `context()`."""
        return sha256(canonical_json(self.context()).encode())
