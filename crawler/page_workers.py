"""Parses untrusted bytes for the crawl in worker processes.

A page of three megabytes can keep a parser busy for minutes. Each page is read with a deadline and
a memory limit, outside the crawling process.
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
"""The largest file that the sitemap protocol allows."""


@dataclass(frozen=True, slots=True)
class Markup:
    """Markup whose links are wanted: at most `most`, with or without the text beside them."""

    text: str
    is_xml: bool = False
    most: int = 10_000
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Anchor:
    """A link in a page: its attributes, its text, and the text beside it."""

    href: str
    onclick: str
    title: str
    words: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Anchors:
    """The links of some markup, and their total number."""

    found: tuple[Anchor, ...] = ()
    shown: int = 0


@dataclass(frozen=True, slots=True)
class SitemapFile:
    """A sitemap, or an index of sitemaps, gzipped or not."""

    body: bytes


@dataclass(frozen=True, slots=True)
class Entries:
    """URL and time of each entry of a sitemap."""

    found: tuple[tuple[str, str], ...] = ()
    is_index: bool = False


Question = Markup | SitemapFile
Answer = Anchors | Entries


def nothing_for(question: Question) -> Answer:
    """Return the empty answer to a question."""
    return Anchors() if isinstance(question, Markup) else Entries()


def answer(question: Question | Capture) -> Answer | Iterator[Capture]:
    """Return the links of markup, the entries of a sitemap, or the members of a package."""
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
    """Return the entries of a sitemap; empty if it is not XML."""
    parser = etree.XMLParser(
        recover=True, remove_comments=True, resolve_entities=False, no_network=True
    )
    root: etree._Element | None = etree.fromstring(_unpacked(body), parser)
    if root is None:  # the result of recovering from something that is not XML
        return Entries()
    found = tuple(
        (words.get("loc", ""), words.get("lastmod", ""))
        for words in ({_name(part): part.text or "" for part in entry} for entry in root)
        if words.get("loc", "").strip()
    )
    return Entries(found, _name(root) == "sitemapindex")


def _unpacked(body: bytes) -> bytes:
    """Decompress a file that may be gzipped; a truncated file gives what there is.

    Raises:
        ValueError: it decompresses to more than a sitemap may have.
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
    """Return the name of an element without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
