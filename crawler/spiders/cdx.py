"""Pages out of a web archive: a CDX index is asked what there is, then each page as it was sent.

Both kinds of CDX answers are read: the array of arrays of the Internet Archive, with its resume
keys, and one JSON object a line, as pywb gives. Bodies are asked for raw (`id_`).
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from typing import Any, Final, Literal, Self, cast
from urllib.parse import quote, urldefrag, urlsplit, urlunsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.internet.base import ReactorBase
from w3lib.url import safe_url_string

from archive import Capture, SiteFacts, UsageError
from crawler.addresses import host_of
from crawler.resolver import GuardedResolver, loopback_hosts
from crawler.sites import Site
from crawler.spiders.listing import ListSpider
from crawler.spiders.site import Found

PAGE_ROWS: Final = 1000
"""Rows of the index that are asked for at a time; an index may give fewer."""

Check = Literal["match", "differs", "differs-encoded", "not checkable"]

_MEMENTO: Final = re.compile(r"/(\d{4,14})(?:[a-z]{2}_)?/(https?:/.*)$", re.DOTALL)
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


@dataclass(frozen=True, slots=True)
class ArchiveSite(Site):
    """A web archive, in memory. `start` are the addresses of CDX queries.

    `replay` is what precedes the time in the address of an archived page; `covering` are the
    site files whose facts archived pages take; at most `limit` pages of each query are asked for.
    """

    replay: str = ""
    covering: tuple[Site, ...] = ()
    limit: int | None = None
    told: SiteFacts = field(default_factory=lambda: SiteFacts("wayback", kind="archive"))

    @property
    def facts(self) -> SiteFacts:
        """The facts of the archive's own answers; those of its pages are others."""
        return self.told

    def facts_of(self, url: str) -> SiteFacts:
        """The facts of an archived page: those of the site file that covers its host, if any."""
        host = host_of(url)
        known = next((site for site in self.covering if site.covers(host)), None)
        return known.facts if known else SiteFacts("wayback")


class CdxSpider(ListSpider):
    """Asks a CDX index page by page, and then for what it names."""

    @property
    def archive_site(self) -> ArchiveSite:
        """The archive that is asked."""
        return cast(ArchiveSite, self.site)

    async def start(self) -> AsyncIterator[Any]:
        """The first page of each query."""
        for url in self.site.start:
            yield Request(url, callback=self.parse)

    def parse(
        self,
        response: Response,
        after: Sequence[str] = ("", ""),
        taken: Sequence[str] = (),
        count: int = 0,
    ) -> Found:
        """Read a page of the index; the arguments come, through the frontier, from the one before.

        Args:
            response: the answer of the index.
            after: key and time of the last row before this page.
            taken: the digests of the address of that row that were taken already.
            count: how many pages of the query were asked for already.
        """
        try:
            rows, key = read_index(response.body)
        except UsageError as error:
            response.meta["derive_outcome"] = "no_index"
            self.recorder.fail(f"{response.url}: {error}; the next run asks again")
            return
        last, seen = (after[0], after[1]), set(taken)
        fresh = [row for row in rows if row.place > last]
        if rows and not fresh:
            self.recorder.fail(f"{response.url}: the index repeats itself; what came is kept")
            return
        for row in fresh:
            if self._is_full(count):
                return
            seen = seen if row.urlkey == last[0] else set()
            last = row.place
            if row.statuscode in {"200", "-", ""} and row.digest not in seen:
                seen |= {row.digest} - {""}
                count += 1
                yield from self._page(row)
        if key is not None and fresh:
            handed = {"after": list(last), "taken": sorted(seen), "count": count}
            yield Request(_next(response.url, key), callback=self.parse, cb_kwargs=handed)
        elif len(rows) >= PAGE_ROWS:
            self.recorder.fail(
                f"{response.url}: there may be more than {len(rows)} rows; use --from"
            )

    def parse_report(self, response: Response, digest: str = "") -> Found:
        """Hand an archived page to the pipelines; its own links lead out of the archive."""
        capture: Capture = response.meta["capture"]
        if capture.origin != "wayback":
            self.recorder.fail(f"{response.url}: is no archived page; the answer is kept")
            return
        if dict(capture.claims).get("digest_check") == "differs":
            self.recorder.fail(f"{response.url}: the bytes differ from the digest {digest}")
        yield self.article(response)

    def seen_as(self, request: Request, capture: Capture) -> Capture:
        """An archived page is a capture of its own address, at the time at which it was archived.

        Everything else that the archive answers is a live capture of the archive.
        """
        moment, place = _moment(capture), _MEMENTO.search(request.url)
        if moment is None or place is None:
            return super().seen_as(request, capture)
        url = address(place[2])
        claims: list[tuple[str, str]] = [("memento", request.url)]
        claimed = request.cb_kwargs.get("digest", "")
        if claimed and capture.payload is not None:
            moved = "redirect_times" in request.meta  # to another time, with another digest
            check = "not checkable" if moved else checked(claimed, capture)
            claims += [("claimed_digest", claimed), ("digest_check", check)]
        return replace(
            capture, url=url, origin="wayback", captured_at=moment, claims=tuple(claims),
            site=self.archive_site.facts_of(url),
        )  # fmt: skip

    def _is_full(self, count: int) -> bool:
        limit = self.archive_site.limit
        return limit is not None and count >= limit

    def _page(self, row: Row) -> Iterator[Request]:
        if self._is_here(row):
            self.recorder.count("already there")
            return
        url = f"{self.archive_site.replay}{row.timestamp}id_/{row.original}"
        yield Request(url, callback=self.parse_report, cb_kwargs={"digest": row.digest})

    def _is_here(self, row: Row) -> bool:
        """Whether an earlier command has brought this page of this time in."""
        found = self.recorder.archive.connection.execute(
            "SELECT 1 FROM captures JOIN pages ON pages.id = captures.page_id"
            " WHERE pages.url = ? AND origin = 'wayback' AND substr(captured_at, 1, 19) = ?",
            (address(row.original), _iso(row.timestamp)),
        ).fetchone()
        return found is not None


# ---- the index


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
    if urlsplit(named["original"]).scheme not in {"http", "https"}:
        raise ValueError("an address that is none")
    return Row(
        named.get("urlkey", named["original"]), named["timestamp"].ljust(14, "0"),
        named["original"], named.get("statuscode", ""), named.get("digest", ""),
    )  # fmt: skip


def _next(url: str, key: str) -> str:
    """The address of the page of the index that begins at `key`."""
    base = url.partition("&resumeKey=")[0]
    sent = key if _KEY_AS_SENT.fullmatch(key) else quote(key, safe="")
    return f"{base}&resumeKey={sent}"


# ---- an archived page


def address(url: str) -> str:
    """The address of a page as the archive of ours keeps it: encoded, without its usual port."""
    parts = urlsplit(safe_url_string(urldefrag(url).url))
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    netloc = (parts.hostname or "") + ("" if parts.port in {None, usual} else f":{parts.port}")
    return urlunsplit(parts._replace(netloc=netloc, path=parts.path or "/"))


def checked(claimed: str, capture: Capture) -> Check:
    """Whether the payload has the SHA-1 that is claimed for it, as far as that can be told.

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


def _moment(capture: Capture) -> str | None:
    """The time of an archived page, in the form of all times; None where the answer is none."""
    try:
        moment = parsedate_to_datetime(capture.header("Memento-Datetime") or "")
    except ValueError:
        return None
    moment = moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _iso(timestamp: str) -> str:
    year, rest = timestamp[:4], [timestamp[at : at + 2] for at in range(4, 14, 2)]
    return f"{year}-{rest[0]}-{rest[1]}T{rest[2]}:{rest[3]}:{rest[4]}"


# ---- an archive on this machine


class ArchiveResolver(GuardedResolver):
    """The guard, with one more host on this machine: the archive that was named by the user."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Build the resolver; `LOOPBACK_ARCHIVES` are hosts that are this machine."""
        settings = crawler.settings
        hosts = [*loopback_hosts(settings), *settings.getlist("LOOPBACK_ARCHIVES")]
        return cls(reactor, settings.getint("DNSCACHE_SIZE"), hosts)


def is_this_machine(host: str) -> bool:
    """Whether a host, as the user named it, is this machine."""
    return any(fnmatchcase(host, pattern) for pattern in ("localhost", "127.*", "*.test"))
