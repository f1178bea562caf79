"""Joins pieces of one article at different URLs of a site, in order.

Three things identify such pieces: they are numbered k of n and their URLs count the same way; a
newspaper leads from one page to the other (下转第四版, 上接第一版); or one lacks its end, the next
URL of the site lacks its beginning, and both are of one place. Pieces need not share words, so
nothing is joined if another piece would fit as well.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

from archive.collate.articles import Article
from archive.known.kinds import REPORT

_NUMBER: Final = re.compile(r"\d{1,12}(?=\D*$)")
_LEADS: Final = re.compile(r"(?P<way>下转|上接|紧接)第?[一二三四五六七八九十\dA-Z]{1,3}版")
_ONE_AND_THE_NEXT: Final = (
    ("tail_missing", "head_missing"), ("unknown", "head_missing"), ("tail_missing", "unknown"),
    ("tail_missing", "fragment"), ("fragment", "head_missing"),
)  # fmt: skip
"""The completeness of a beginning and its continuation: one of them is known to lack an end."""

_MOST_PIECES: Final = 40

Linked = Collection[frozenset[int]]
"""Pairs of texts that share words: copies, not pieces of one article."""


class _Address(NamedTuple):
    """A URL split before, at and after its last number."""

    before: str
    number: int
    width: int
    after: str


def leads(words: str) -> frozenset[str]:
    """Return where a newspaper leads its reader: `on` to another page, `back` to an earlier one.

    >>> sorted(leads("（下转第四版）")), sorted(leads("全面完成目标"))
    (['on'], [])
    """
    return frozenset("on" if found["way"] == "下转" else "back" for found in _LEADS.finditer(words))


def neighbours(url: str) -> tuple[str, ...]:
    """Return the URLs just before and after a URL, by its last number.

    >>> neighbours("http://a.test/c_099.html")
    ('http://a.test/c_098.html', 'http://a.test/c_100.html')
    """
    address = _address(url)
    if address is None:
        return ()
    near = (number for number in (address.number - 1, address.number + 1) if number >= 0)
    return tuple(f"{address.before}{n:0{address.width}}{address.after}" for n in near)


def folder(url: str) -> str:
    """Return the URL without its last part, which the pages of one issue have in common."""
    return url.partition("?")[0].rpartition("/")[0] + "/"


def joined(everything: Sequence[Article], linked: Linked = ()) -> list[Article]:
    """Return the articles with pieces joined, in the order of their first texts."""
    found = list(everything)
    for series in (_numbered, _led, _adjoining):
        for pieces in list(series(found)):
            if not _are_linked(pieces, linked):
                found = [article for article in found if article not in pieces]
                found.append(_put_together(pieces))
    return sorted(found, key=lambda article: article.first.text_id)


def _put_together(pieces: Sequence[Article]) -> Article:
    texts = tuple(text for piece in pieces for text in piece.texts)
    return replace(pieces[0], texts=texts, missing=_missing(pieces))


def _missing(pieces: Sequence[Article]) -> tuple[int, ...]:
    """Return the numbers that no piece has, if they are numbered."""
    numbers = {_page(piece) for piece in pieces}
    if None in numbers:
        return tuple(sorted({number for piece in pieces for number in piece.missing}))
    count = max(piece.value("page_count") or 0 for piece in pieces)
    return tuple(number for number in range(1, count + 1) if number not in numbers)


def _are_linked(pieces: Sequence[Article], linked: Linked) -> bool:
    return any(
        frozenset((a.text_id, b.text_id)) in linked
        for one, other in pairwise(pieces)
        for a in one.texts
        for b in other.texts
    )


def _page(article: Article) -> int | None:
    page = article.first.identity.get("page_no")
    return page if isinstance(page, int) and len(article.texts) == 1 else None


def _numbered(everything: Sequence[Article]) -> Iterator[list[Article]]:
    """Find pages k of n whose URLs count the same way."""
    series: dict[tuple[object, ...], list[Article]] = defaultdict(list)
    for article in everything:
        page, count, address = _page(article), article.value("page_count"), _address(article.url)
        if page is None or address is None or not isinstance(count, int):
            continue
        if 1 <= page <= count <= _MOST_PIECES and count > 1:
            series[address.before, address.after, count, address.number - page].append(article)
    for pages in series.values():
        pages.sort(key=lambda article: _page(article) or 0)
        if len(pages) > 1 and all(_may_go_on(one, other) for one, other in pairwise(pages)):
            yield pages


def _led(everything: Sequence[Article]) -> Iterator[list[Article]]:
    """Find newspaper pages that lead to each other, if no third page fits."""
    onward: dict[str, list[Article]] = defaultdict(list)
    for article in everything:
        if "on" in article.texts[-1].leads and article.extent != "whole":
            onward[folder(article.url)].append(article)
    fits: dict[Article, list[Article]] = {}
    for article in everything:
        if "back" in article.first.leads and article.extent != "whole":
            before = onward.get(folder(article.url), ())
            fits[article] = [
                one for one in before if one is not article and _may_go_on(one, article)
            ]
    chosen = [before[0] for before in fits.values() if len(before) == 1]
    after = {
        before[0]: article
        for article, before in fits.items()
        if len(before) == 1 and chosen.count(before[0]) == 1
    }
    yield from _chains(after)


def _adjoining(everything: Sequence[Article]) -> Iterator[list[Article]]:
    """Find neighbours on one site: a beginning, and a text without beginning at the next URL."""
    at = {article.url: article for article in everything}
    after = {}
    for article in everything:
        following = next((at[u] for u in neighbours(article.url)[-1:] if u in at), None)
        if following is None or article.place is None or article.place != following.place:
            continue
        lacking = article.states[1], following.states[0]
        if lacking in _ONE_AND_THE_NEXT and _may_go_on(article, following):
            after[article] = following
    yield from _chains(after)


def _chains(after: Mapping[Article, Article]) -> Iterator[list[Article]]:
    """Yield chains of pieces, starting with those that follow none."""
    for first in after.keys() - set(after.values()):
        chain = [first]
        while chain[-1] in after and len(chain) < _MOST_PIECES:
            chain.append(after[chain[-1]])
        yield chain


def _may_go_on(one: Article, other: Article) -> bool:
    """Whether the second text has no conflicting identity."""
    kinds = {one.value("kind") or REPORT, other.value("kind") or REPORT}
    places = other.is_weak(other.place_field) or other.place in (None, one.place)
    year = other.value("report_year")
    years = other.is_weak("report_year") or year in (None, one.value("report_year"))
    return places and years and len(kinds) == 1


def _address(url: str) -> _Address | None:
    path, mark, query = url.partition("?")
    found = _NUMBER.search(path)
    if found is None or "/" in path[found.end() :]:
        return None
    words = found[0]
    return _Address(
        path[: found.start()], int(words), len(words), path[found.end() :] + mark + query
    )
