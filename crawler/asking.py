"""Asks servers that the user named a few questions, with the crawler's own guarded client."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Final

from scrapy import Request
from scrapy.http import Response

from archive import Archive, Capture, StorageError, UsageError
from archive.urls import host_of, is_web_address
from crawler.recorder import need_contact
from crawler.run import crawl_with, wiring_of
from crawler.site_files import Site
from crawler.spiders.cdx import is_this_machine
from crawler.spiders.site import Found, SiteSpider

REDIRECTS: Final = 5
"""The most redirects of one question."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request: a POST if it has a body."""

    url: str
    body: bytes = b""
    content_type: str = ""

    @property
    def method(self) -> str:
        """The method of HTTP."""
        return "POST" if self.body else "GET"


class AskingSpider(SiteSpider):
    """Sends the questions; the answers are captured, and there is nothing more to do."""

    questions: ClassVar[Sequence[Question]]

    async def start(self) -> AsyncIterator[Any]:
        """Yield the requests."""
        for question in self.questions:
            kind = {"Content-Type": question.content_type} if question.content_type else {}
            yield Request(
                question.url, self.parse, method=question.method, headers=kind, body=question.body
            )

    def parse(self, response: Response) -> Found:  # noqa: ARG002  (Scrapy's argument)
        """Ask nothing further."""
        yield from ()


def check_askable(urls: Collection[str], settings: Mapping[str, Any]) -> None:
    """Check that these servers may be asked.

    Raises:
        UsageError: a URL is invalid, or a server elsewhere would not learn a contact.
    """
    need_contact([_site(urls, urls)], str(wiring_of((), settings)["CONTACT"] or ""))


def answers(
    questions: Sequence[Question], named: Collection[str], settings: Mapping[str, Any]
) -> dict[Question, Capture | None]:
    """Ask the questions in one crawl; None where nothing was asked or captured.

    Args:
        questions: may go to hosts that another server named, but not to this machine.
        named: the URLs that the user gave; their hosts may be this machine.
        settings: further settings of Scrapy.
    """
    of_user = {host_of(url) for url in named}
    allowed = [
        question for question in questions
        if (host := host_of(question.url)) in of_user or not is_this_machine(host)
    ]  # fmt: skip
    if not allowed:
        return dict.fromkeys(questions)

    class Asking(AskingSpider):
        questions = allowed

    site = _site([question.url for question in allowed], named)
    more = dict(settings)
    if loopback := list(filter(is_this_machine, of_user)):
        more["TWISTED_DNS_RESOLVER"] = "crawler.spiders.cdx.ArchiveResolver"
        more["LOOPBACK_ARCHIVES"] = loopback
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "asked.db"
        crawl_with(db, [site], Asking, settings=more)
        with Archive.open(db, read_only=True) as archive:
            captured = [capture for _, capture in archive.captures(with_payload=True)]
    return {question: _answer(question, captured) for question in questions}


def payload_of(url: str, capture: Capture | None) -> bytes:
    """Return the body of a good answer.

    Raises:
        StorageError: there is none.
    """
    if capture is None:
        raise StorageError(f"{url}: was not asked; try again later")
    if capture.outcome != "ok" or capture.payload is None:
        why = capture.error or f"HTTP status {capture.status}"
        raise StorageError(f"{url}: {capture.outcome}: {why}; try again later")
    return capture.payload


def _answer(question: Question, captured: Sequence[Capture]) -> Capture | None:
    """Return the last capture of a question, behind its redirects."""
    found, url = None, question.url
    for _ in range(REDIRECTS):
        of_url = [capture for capture in captured if capture.url == url]
        same = [capture for capture in of_url if capture.method == question.method]
        if not of_url:
            break
        found = (same or of_url)[-1]
        url = found.redirect_to or ""
    return found


def _site(urls: Collection[str], named: Collection[str]) -> Site:
    for url in (*urls, *named):
        if not is_web_address(url):
            raise UsageError(f"{url}: not an http or https URL")
    hosts = tuple(dict.fromkeys(map(host_of, urls)))
    return Site(
        name="time-stamps", path=Path(), toml="", title=hosts[0], kind="unknown", family="list",
        hosts=hosts, start=tuple(urls),
        loopback=all(is_this_machine(host_of(url)) for url in (*urls, *named)),
    )  # fmt: skip
