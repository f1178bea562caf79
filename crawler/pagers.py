"""Finds further pages of government list pages: links 下一页 or 尾页, page numbers, script calls.

Each pattern was seen on real sites. Only pages that the list mentions are requested, and at most
`MOST_LISTS` of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

MOST_LISTS: Final = 200
"""The most pages of one list that are followed. More means a broken counter or a trap."""

_NEXT: Final = re.compile(
    r"\s*(?:下一?页|下一?頁|后一?页|next(?: page)?|[>»›]{1,2})\s*", re.IGNORECASE
)
_LAST: Final = re.compile(r"\s*(?:尾|末|最后一)[页頁]\s*")
_NUMBER: Final = re.compile(r"\s*\[?\d{1,4}\]?\s*")

_NUMBERED: Final = re.compile(
    r"(?P<before>.*(?:[/?&](?:page|pageindex|pageno|pagenum|currpage|curpage|pn|p)=|"
    r"/[\w.]*?(?:index|list|default)[_-]?|-index-|/))(?P<number>\d{1,4})"
    r"(?P<after>(?:\.s?html?|\.jsp|\.aspx?)?(?:&[^#]*)?)$",
    re.IGNORECASE,
)
_TRS: Final = re.compile(
    r"createPageHTML\s*\(\s*[\"']?(\d{1,6})[\"']?\s*,\s*[\"']?(\d{1,6})[\"']?\s*,"
    r"\s*[\"']([\w.-]{1,60})[\"']\s*,\s*[\"'](\w{1,10})[\"']"
)
_COUNT: Final = re.compile(
    r"\b(?:totalPage|pageCount|countPage|totalPages|pages)\s*[=:]\s*[\"']?(\d{1,5})\b"
)
_FIRST: Final = re.compile(r"(?:(index|default)\.(s?html?))?", re.IGNORECASE)
_FROM_ZERO: Final = re.compile(r"\bcurrentPage\s*=\s*[\"']?0\b")


class Shown(Protocol):
    """A link: its target and its text."""

    @property
    def url(self) -> str:
        """The absolute URL."""

    @property
    def words(self) -> str:
        """The text of the link."""


def further_lists(
    url: str, text: str, links: Iterable[Shown], most: int = MOST_LISTS
) -> Iterator[str]:
    """Return the other pages of the list at `url` that the page mentions, possibly with duplicates.

    Args:
        url: the URL of the list page.
        text: its source, for script calls and variables.
        links: its links.
        most: the most pages to return.
    """
    host = urlsplit(url).hostname
    for link in links:
        if urlsplit(link.url).hostname != host:
            continue
        if _NEXT.fullmatch(link.words) or (
            _NUMBER.fullmatch(link.words) and _NUMBERED.match(link.url)
        ):
            yield link.url
        elif _LAST.fullmatch(link.words):
            yield from _up_to(link.url, most)
    yield from _by_script_call(url, text, most)
    yield from _by_variable(url, text, most)


def _up_to(last: str, most: int) -> Iterator[str]:
    """Return every page from the second to the last if the URL of the last contains its number."""
    found = _NUMBERED.match(last)
    if found is None:
        yield last
        return
    for number in range(1, min(int(found["number"]), most) + 1):
        yield f"{found['before']}{number}{found['after']}"


def _by_script_call(url: str, text: str, most: int) -> Iterator[str]:
    """TRS: `createPageHTML(3, 0, "index", "html")`; `index_1.html` is page two.

    A later page names only the first page, which names all others. If the first page calls itself
    1, its numbers may start at either end, so one more URL is requested.
    """
    call = _TRS.search(text)
    if call is None:
        return
    total, current, stem, ending = int(call[1]), int(call[2]), call[3], call[4]
    if re.fullmatch(rf"{re.escape(stem)}_\d{{1,6}}\.\w{{1,10}}", _name(url)):
        yield urljoin(url, f"{stem}.{ending}")
        return
    for number in range(1, min(total + (current > 0), most)):
        yield urljoin(url, f"{stem}_{number}.{ending}")


def _by_variable(url: str, text: str, most: int) -> Iterator[str]:
    """A script variable gives the number of pages; the URL contains the number of this page.

    Older TRS templates count from 0 (`currentPage = 0`) on a first page without a number.
    """
    count, own = _COUNT.search(text), _NUMBERED.match(url)
    if count is None:
        return
    pages = min(int(count[1]), most)
    if own is not None:
        for number in range(1, pages + 1):
            yield f"{own['before']}{number}{own['after']}"
        return
    first = _FIRST.fullmatch(_name(url))
    if first is not None and _FROM_ZERO.search(text):
        stem, ending = first[1] or "index", first[2] or ("shtml" if "shtml" in text else "html")
        for number in range(1, pages):
            yield urljoin(url, f"{stem}_{number}.{ending}")


def _name(url: str) -> str:
    """Return the last segment of the path."""
    return urlsplit(url).path.rpartition("/")[2]
