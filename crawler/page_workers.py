"""What a crawl reads of the bytes of others, done in worker processes.

A page of three megabytes can keep a parser busy for minutes: each is read with a deadline and a
memory limit, away from the process that crawls.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from lxml import etree
from parsel import Selector

from archive import Capture, open_package
from crawler.list_years import words_beside

TASK: Final = "crawler.page_workers:answer"

MOST_BYTES: Final = 50 * 1024 * 1024
"""The sitemap protocol allows no larger file."""


@dataclass(frozen=True, slots=True)
class Markup:
    """Markup of which the links are wanted, `most` at most, with what stands beside them or not."""

    text: str
    is_xml: bool = False
    most: int = 10_000
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link as it stands in a page: its attributes, its words, and those beside it."""

    href: str
    onclick: str
    title: str
    words: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Anchors:
    """The links of some markup, and how many it shows in all."""

    found: tuple[Anchor, ...] = ()
    shown: int = 0


@dataclass(frozen=True, slots=True)
class SitemapFile:
    """A sitemap, or an index of sitemaps, gzipped or not."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Entries:
    """Address and time of each entry of a sitemap."""

    found: tuple[tuple[str, str], ...] = ()
    is_index: bool = False


Question = Markup | SitemapFile
Answer = Anchors | Entries


def nothing_for(question: Question) -> Answer:
    """What is taken for the answer where there is none."""
    return Anchors() if isinstance(question, Markup) else Entries()


def answer(question: Question | Capture) -> Answer | Iterator[Capture]:
    """The links of markup, the entries of a sitemap, or the members of a captured package."""
    if isinstance(question, Markup):
        return _anchors(question)
    if isinstance(question, SitemapFile):
        return _entries(question.body)
    return open_package(question)


def _anchors(markup: Markup) -> Anchors:
    if not markup.text:
        return Anchors()
    selector = Selector(text=markup.text, type="xml" if markup.is_xml else "html")
    anchors = selector.css("a[href], a[onclick]")
    found = tuple(_anchor(one, beside=markup.beside) for one in anchors[: markup.most])
    return Anchors(found, len(anchors))


def _anchor(anchor: Selector, *, beside: bool) -> Anchor:
    return Anchor(
        anchor.attrib.get("href", ""),
        anchor.attrib.get("onclick", ""),
        anchor.attrib.get("title", ""),
        " ".join(anchor.css("::text").getall()),
        words_beside(anchor) if beside else "",
    )


def _entries(body: bytes) -> Entries:
    """The entries of a sitemap; none where it is no XML at all."""
    parser = etree.XMLParser(
        recover=True, remove_comments=True, resolve_entities=False, no_network=True
    )
    root: etree._Element | None = etree.fromstring(_unpacked(body), parser)
    if root is None:  # which recovering from what is no XML comes to
        return Entries()
    found = tuple(
        (words.get("loc", ""), words.get("lastmod", ""))
        for words in ({_name(part): part.text or "" for part in entry} for entry in root)
        if words.get("loc", "").strip()
    )
    return Entries(found, _name(root) == "sitemapindex")


def _unpacked(body: bytes) -> bytes:
    """A file that may be gzipped; of one that is cut what there is.

    Raises:
        ValueError: it unpacks to more than a sitemap may have.
    """
    if not body.startswith(b"\x1f\x8b\x08"):
        return body.strip()
    with gzip.GzipFile(fileobj=BytesIO(body)) as file:
        pieces: list[bytes] = []
        size = 0
        try:
            while piece := file.read1(1 << 16):
                pieces.append(piece)
                size += len(piece)
                if size > MOST_BYTES:
                    raise ValueError("the sitemap unpacks to more than 50 MB")
        except (OSError, EOFError, zlib.error):
            pass
    return b"".join(pieces).strip()


def _name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
