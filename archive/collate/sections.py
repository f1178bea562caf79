"""Splits texts with several documents: where each begins, and which report it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from archive.clean.beginnings import Beginning, Kind, beginnings
from archive.collate.articles import Article
from archive.known.genre import ADDRESSED

_TITLE: Final = re.compile(r"政\s{0,3}府\s{0,3}工\s{0,3}作\s{0,3}报\s{0,3}告")
_NO_TITLE: Final = re.compile(r"名词|术语|用语|解释|注释|附件|说明|决议")
_OPENING: Final = re.compile(f"{ADDRESSED}|人民代表大会")
_LONGEST_TITLE: Final = 60
_HEAD: Final = 8
"""The most passages of a head: title, notes, session, speaker, salutation."""


class PassagePlace(NamedTuple):
    """A passage of an article: the index of its text, its number there, its words."""

    text: int
    seq: int
    words: str


class Read(NamedTuple):
    """The identity of a document, as in `Described`, and its verdict."""

    identity: Mapping[str, Any]
    weak: frozenset[str] = frozenset()
    guessed: frozenset[str] = frozenset()
    verdict: str = "clean"


Identify = Callable[[str], Read]
"""Identifies one document by its words."""


@dataclass(frozen=True)
class _Section:
    start: int
    stop: int
    kind: Kind


def split(
    article: Article, passages: Sequence[PassagePlace], identify: Identify
) -> tuple[Article, ...]:
    """Return the reports that begin in an article, each with its passages in each text.

    A report ends where the next document begins or where a later page is known to be missing. Text
    before the first head belongs to none, text without sure borders is left out, and of several
    copies of one report only the longest counts. A single report has the article's identity.
    Several are identified one by one, and must state place and year.
    """
    sections = _sections(passages)
    reports = [section for section in sections if section.kind == "report"]
    parts = []
    for section in sections:
        held = passages[section.start : section.stop]
        read = _of_article(article) if [section] == reports else None
        if read is None:
            read = identify("\n".join(place.words for place in held))
            if read.guessed & {"place_code", "place", "report_year"}:
                continue
        parts.append(_part(article, held, read))
    return _longest_of_each(parts)


def _of_article(article: Article) -> Read | None:
    text = article.first
    known = all(text.identity.get(name) is not None for name in ("place_code", "report_year"))
    if len(article.texts) > 1 or not known:
        return None
    return Read(text.identity, text.weak, text.guessed, text.verdict)


def _part(article: Article, held: Sequence[PassagePlace], read: Read) -> Article:
    indexes = sorted({place.text for place in held})
    texts = tuple(
        replace(
            article.texts[index],
            identity=read.identity,
            shape="report",
            weak=read.weak,
            guessed=read.guessed,
            verdict=read.verdict,
            chars=sum(len(place.words) for place in held if place.text == index),
        )
        for index in indexes
    )
    return Article(texts, ranges=tuple(_range(held, index) for index in indexes))


def _range(held: Sequence[PassagePlace], index: int) -> tuple[int, int]:
    numbers = [place.seq for place in held if place.text == index]
    return min(numbers), max(numbers)


def _longest_of_each(parts: Sequence[Article]) -> tuple[Article, ...]:
    best: dict[tuple[Any, ...], Article] = {}
    for part in parts:
        key = tuple(map(part.value, ("place_code", "place", "report_year", "kind", "stage")))
        if key not in best or part.chars > best[key].chars:
            best[key] = part
    return tuple(best.values())


def _sections(passages: Sequence[PassagePlace]) -> list[_Section]:
    """Return the documents with sure borders, from the first head on."""
    words = [place.words for place in passages]
    found = _begin(words)
    stops = [*(each.line for each in found[1:]), len(words)]
    sure = [*(each.sure for each in found), True]
    return [
        _Section(each.line, stop, each.kind)
        for n, (each, stop) in enumerate(zip(found, stops, strict=True))
        if each.evidence and sure[n] and sure[n + 1]
    ]


def _begin(words: Sequence[str]) -> list[Beginning]:
    """Return where documents begin, including at a title with session or salutation."""
    first, *others = beginnings(words)
    heads = [each for each in (first, *others) if each.evidence]
    found = [
        Beginning(line, "report", "title")
        for line in _heads(words)
        if not any(0 <= line - each.line <= _HEAD for each in heads)
    ]
    if others and not found and all(each.kind != "report" for each in heads):
        first = replace(first, kind="report", evidence="the only one")
    by_line = {each.line: each for each in (first, *others, *found)}
    return [by_line[line] for line in sorted(by_line)]


def _heads(passages: Sequence[str]) -> Iterator[int]:
    """Return titles soon followed by a session or salutation, before another title."""
    for index, words in enumerate(passages):
        if not _is_title(words):
            continue
        for following in passages[index + 1 : index + _HEAD]:
            if _is_title(following):
                break
            if _OPENING.search(following):
                yield index
                break


def _is_title(words: str) -> bool:
    return (
        len(words) <= _LONGEST_TITLE
        and _TITLE.search(words) is not None
        and _NO_TITLE.search(words) is None
        and words[-1] not in "。；;，,"
    )
