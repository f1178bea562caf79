"""Asks a time-stamping authority (RFC 3161) about a ledger head, with the crawler's own client."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.http import Response

from archive import Archive, UsageError, timestamps
from archive.errors import DamagedFileError, StorageError
from archive.urls import host_of
from crawler.recorder import need_contact
from crawler.run import crawl_with, wiring_of
from crawler.site_files import Site
from crawler.spiders.cdx import is_this_machine
from crawler.spiders.site import Found, SiteSpider

QUERY: Final = b"application/timestamp-query"


class StampSpider(SiteSpider):
    """Sends one request for a time-stamp."""

    asked: ClassVar[bytes]

    async def start(self) -> AsyncIterator[Any]:
        """Yield the request."""
        (server,) = self.site.start
        yield Request(
            server, self.parse, method="POST", headers={"Content-Type": QUERY}, body=self.asked
        )

    def parse(self, response: Response) -> Found:  # noqa: ARG002  (Scrapy's argument)
        """The answer was captured; there is nothing more to do."""
        yield from ()


def stamp(db: str | Path, server: str, *, settings: Mapping[str, Any]) -> tuple[str, str]:
    """Have the ledger head of `db` time-stamped, and store the answer; returns head and time.

    The head is that after the beginning of the run that asks.

    Raises:
        UsageError: invalid URL, no contact, or the library is not installed.
        StorageError: nothing came, or what came is not a time-stamp of this head.
    """
    site = _site(server)
    need_contact([site], str(wiring_of((), settings)["CONTACT"] or ""))
    timestamps.question("0" * 64)  # says what to install, before anything is written
    with Archive.open(db) as archive, archive.run("stamp", arguments={"server": server}) as run:
        head = archive.newest_head()
        assert head is not None  # noqa: S101  (the run has just begun)
        asked = timestamps.question(head.hash)
        answer = _answer(site, asked.as_bytes(), settings)
        try:
            said_at = timestamps.read_answer(asked, answer)
        except DamagedFileError as error:
            raise StorageError(f"{server}: {error}; nothing was stored, try again later") from error
        run.time_stamp(head, server, said_at, answer)
    return head.hash, said_at


def _site(server: str) -> Site:
    host = host_of(server)
    if urlsplit(server).scheme not in {"http", "https"} or not host:
        raise UsageError(f"{server}: not an http or https URL")
    return Site(
        name="time-stamps", path=Path(), toml="", title=host, kind="unknown", family="list",
        hosts=(host,), start=(server,), loopback=is_this_machine(host),
    )  # fmt: skip


def _answer(site: Site, question: bytes, settings: Mapping[str, Any]) -> bytes:
    """Return the body of the authority's answer."""

    class Asking(StampSpider):
        asked = question

    more = dict(settings)
    if site.loopback:
        more["TWISTED_DNS_RESOLVER"] = "crawler.spiders.cdx.ArchiveResolver"
        more["LOOPBACK_ARCHIVES"] = list(site.hosts)
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "asked.db"
        crawl_with(db, site, Asking, settings=more)
        with Archive.open(db, read_only=True) as archive:
            answers = [one for _, one in archive.captures(with_payload=True)]
    posted = [one for one in answers if one.method == "POST"] or answers
    if not posted:
        raise StorageError(f"{site.start[0]}: was not asked; try again later")
    last = posted[-1]
    if last.outcome != "ok" or last.payload is None:
        why = last.error or f"HTTP status {last.status}"
        raise StorageError(f"{site.start[0]}: {last.outcome}: {why}; try again later")
    return last.payload
