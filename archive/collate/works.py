"""Which texts are copies of one report: grouping by identity, then by shared text.

An article becomes a witness where its place and its year were read. One that does not say them
takes them from the copies whose text it shares, if these agree on one report. Two articles
that say different places or years never meet, however much they share.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from archive.collate.articles import Article, Described, articles

__all__ = ["KINDS_WITH_WORKS", "REPORT", "Described", "Grouping", "Link", "Witness", "Work",
           "group", "work_id"]  # fmt: skip

REPORT: Final = "政府工作报告"
KINDS_WITH_WORKS: Final = (REPORT, "统计公报", "计划报告", "预算报告", "规划纲要")
"""Kinds of document that become works; all others (news, resolutions, indexes …) never do."""

MANY_REPORTS: Final = "compilation"
_NO_REPORT: Final = frozenset({"index", "challenge", "error", "login"})
_SITE_ORDER: Final = ("official", "mirror", "archive", "unknown", "copy")
_VERDICT_ORDER: Final = ("clean", "suspect", "hijacked")
_RIVAL: Final = 0.8
"""A second report that shares this part of what the best one shares makes a guess of it."""


class Key(NamedTuple):
    """What tells works apart."""

    place_code: str
    report_year: int | None
    kind: str = REPORT
    stage: str = "final"
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """Two texts that share text: characters shared, and whether they are copies."""

    one: int
    other: int
    shared: int


@dataclass(frozen=True, slots=True)
class Witness:
    """One copy of a work, its texts in page order; `rank` 1 is the best.

    `how` is `identity`, or `text` where it was recognised by what it shares with
    `basis`, a text of a witness that says what it is. `extent` is whole, part, excerpt or
    unknown; `missing` are page numbers; `family` is the path that clones have in common;
    `of_many` says that its texts hold other reports as well, `ranges` which passages of each
    text are its own, where that is known.
    """

    text_ids: tuple[int, ...]
    extent: str
    rank: int
    how: str = "identity"
    basis: int | None = None
    missing: tuple[int, ...] = ()
    family: str = ""
    official: bool = False
    of_many: bool = False
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def text_id(self) -> int:
        """The text of its first page."""
        return self.text_ids[0]


@dataclass(frozen=True, slots=True)
class Work:
    """A report: `id` is `CODE-YEAR`, with `/kind` and `/draft` where needed."""

    id: str
    place_code: str
    place: str
    level: str | None
    report_year: int | None
    kind: str
    stage: str
    title: str | None
    witnesses: tuple[Witness, ...] = field(default=())
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grouping:
    """The works, in order of their ids, and why texts that could belong to one do not."""

    works: tuple[Work, ...]
    notes: Mapping[int, str] = field(default_factory=dict)


class _Member(NamedTuple):
    article: Article
    key: Key
    how: str = "identity"
    basis: int | None = None
    of_many: bool = False


def work_id(
    place_code: str,
    report_year: int | None,
    kind: str = REPORT,
    stage: str = "final",
    mark: str = "",
) -> str:
    """The name of a work in commands and addresses, such as `210300-2023/draft`.

    A report of an unknown year is told from others by `mark`: `330411-undated-3f0c51d2`.
    """
    parts = [f"{place_code}-{report_year or f'undated-{mark}'}"]
    if kind != REPORT:
        parts.append(kind)
    if stage != "final":
        parts.append(stage)
    return "/".join(parts)


def group(
    texts: Iterable[Described],
    links: Iterable[Link] = (),
    split: Callable[[Article], Sequence[Article]] = lambda _: (),
) -> Grouping:
    """The works that `texts` are witnesses of; the order of neither argument matters.

    Args:
        texts: the current texts.
        links: pairs of texts that are copies, as `archive.collate.likeness` found.
        split: gives the reports that a page with many reports holds.
    """
    everything = [a for a in articles(texts) if a.first.shape not in _NO_REPORT]
    neighbours = Neighbours(everything, links)
    found = {article: key for article in everything if (key := _key(article))}
    keys = {article: key for article, key in found.items() if not _is_guessed(article)}
    members = {article: [_Member(article, key)] for article, key in keys.items()}
    members |= _split(everything, split)
    notes = _recognise(everything, neighbours, keys, members)
    for article, key in found.items():
        if article not in keys and article.first.text_id not in notes:
            keys[article] = key
            members[article] = [_Member(article, key)]
    notes |= _recognise(everything, neighbours, keys, members)
    for article, key in _undated(everything, neighbours, keys):
        keys[article] = key
        members[article] = [_Member(article, key)]
    notes |= _contradictions(neighbours, keys)
    by_key: dict[Key, list[_Member]] = defaultdict(list)
    for member in (each for several in members.values() for each in several):
        by_key[member.key].append(member)
    works = (_work(key, group) for key, group in by_key.items())
    return Grouping(tuple(sorted(works, key=lambda work: work.id)), notes)


def _split(
    everything: Sequence[Article], split: Callable[[Article], Sequence[Article]]
) -> dict[Article, list[_Member]]:
    """The parts of pages with many reports, each a witness of its own work."""
    many = (article for article in everything if article.first.shape == MANY_REPORTS)
    parts = {article: split(article) for article in many}
    return {
        part: [_Member(part, key, of_many=True)]
        for article, several in parts.items()
        for part in several
        if (key := _key(part))
    }


class Neighbours:
    """Which articles share text, and by which pairs of texts."""

    def __init__(self, everything: Sequence[Article], links: Iterable[Link]) -> None:
        home = {text.text_id: article for article in everything for text in article.texts}
        self._pairs: dict[Article, dict[Article, list[Link]]] = defaultdict(dict)
        for link in sorted(links, key=lambda link: (-link.shared, link.one, link.other)):
            one, other = home.get(link.one), home.get(link.other)
            if one is not None and other is not None and one is not other:
                back = Link(link.other, link.one, link.shared)
                self._pairs[one].setdefault(other, []).append(link)
                self._pairs[other].setdefault(one, []).append(back)

    def of(self, article: Article) -> dict[Article, Link]:
        """The articles that share text with this one, by the pair that shares most."""
        return {other: pairs[0] for other, pairs in self._pairs.get(article, {}).items()}

    def all_pairs(self, article: Article) -> Iterable[tuple[Article, Sequence[Link]]]:
        """The articles that share text with this one, with every pair of texts."""
        return self._pairs.get(article, {}).items()


def _key(article: Article) -> Key | None:
    code, year, kind, stage = (
        article.value(name) for name in ("place_code", "report_year", "kind", "stage")
    )
    if code is None or year is None or kind not in KINDS_WITH_WORKS:
        return None
    if article.first.shape == MANY_REPORTS:
        return None
    return Key(str(code), int(year), str(kind), str(stage or "final"))


def _is_guessed(article: Article) -> bool:
    return article.is_weak("place_code") or article.is_weak("report_year")


def _recognise(
    everything: Sequence[Article],
    neighbours: Neighbours,
    keys: dict[Article, Key],
    members: dict[Article, list[_Member]],
) -> dict[int, str]:
    """Give articles without a key that of their neighbours, in rounds outward from the known."""
    notes: dict[int, str] = {}
    waiting = [article for article in everything if article not in members]
    while waiting:
        votes = {a: _votes(a, neighbours.of(a), keys) for a in waiting}
        settled = {article: found for article, found in votes.items() if found}
        if not settled:
            break
        for article, found in settled.items():
            if article.first.shape == MANY_REPORTS:
                members[article] = _pages_of_many(article, found, neighbours, keys, members)
            elif _are_rivals(found):
                notes[article.first.text_id] = _rivals_note(found)
            else:
                members[article] = [_recognised(article, *found[0])]
                keys[article] = found[0][0]
        waiting = [article for article in waiting if article not in settled]
    return notes


def _pages_of_many(
    article: Article,
    votes: Sequence[tuple[Key, Link]],
    neighbours: Neighbours,
    keys: Mapping[Article, Key],
    members: Mapping[Article, Sequence[_Member]],
) -> list[_Member]:
    """Of a page with many reports those pages that share text with a work not found in it yet."""
    told = {
        member.key
        for several in members.values()
        for member in several
        if member.of_many and {t.text_id for t in member.article.texts} & _ids(article)
    }
    found = []
    for key, link in votes:
        shared = {
            pair.one
            for other, pairs in neighbours.all_pairs(article)
            if keys.get(other) == key
            for pair in pairs
        }
        texts = tuple(text for text in article.texts if text.text_id in shared)
        if key not in told and texts:
            part = replace(article, texts=texts)
            found.append(_Member(part, key, "text", link.other, of_many=True))
    return found


def _ids(article: Article) -> set[int]:
    return {text.text_id for text in article.texts}


def _recognised(article: Article, key: Key, link: Link) -> _Member:
    return _Member(article, key, "text", link.other)


def _undated(
    everything: Sequence[Article], neighbours: Neighbours, keys: Mapping[Article, Key]
) -> Iterator[tuple[Article, Key]]:
    """Reports of a known place and no known year: one work for those that share text."""
    left = {a for a in everything if a not in keys and _is_undated_report(a)}
    for article in sorted(left, key=lambda a: a.first.text_id):
        kin, fresh = {article}, [article]
        while fresh:
            near = {other for each in fresh for other in neighbours.of(each)}
            code = article.value("place_code")
            fresh = [a for a in near & left if a not in kin and a.value("place_code") == code]
            kin.update(fresh)
        yield article, _undated_key(article, kin)


def _is_undated_report(article: Article) -> bool:
    return (
        article.value("place_code") is not None
        and article.value("report_year") is None
        and article.value("kind") in KINDS_WITH_WORKS
        and article.first.shape != MANY_REPORTS
    )


def _undated_key(article: Article, kin: Iterable[Article]) -> Key:
    mark = min(text.clean or str(text.text_id) for each in kin for text in each.texts)
    kind, stage = article.value("kind"), article.value("stage") or "final"
    return Key(str(article.value("place_code")), None, str(kind), str(stage), mark[:8])


def _contradictions(neighbours: Neighbours, keys: Mapping[Article, Key]) -> dict[int, str]:
    """Articles that say one thing while their text says another; nothing is changed by it."""
    notes = {}
    for article, key in keys.items():
        for other, link in neighbours.of(article).items():
            rival = keys.get(other)
            if rival and rival[:2] != key[:2] and link.shared >= _RIVAL * article.chars:
                notes[article.first.text_id] = (
                    f"says {work_id(*key)}, shares its text with {work_id(*rival)}"
                )
    return notes


def _votes(
    article: Article, near: Mapping[Article, Link], keys: Mapping[Article, Key]
) -> list[tuple[Key, Link]]:
    """The works that neighbours belong to and the article does not contradict, best first."""
    best: dict[Key, Link] = {}
    for other, link in near.items():
        key = keys.get(other)
        if key is None or not _may_be(article, key):
            continue
        if key not in best or _strength(link) > _strength(best[key]):
            best[key] = link
    return sorted(best.items(), key=lambda vote: (-vote[1].shared, work_id(*vote[0])))


def _strength(link: Link) -> tuple[int, int]:
    return link.shared, -link.other


def _may_be(article: Article, key: Key) -> bool:
    said = {"place_code": key.place_code, "report_year": key.report_year}
    return all(
        article.is_weak(name) or article.value(name) in (None, value)
        for name, value in said.items()
    )


def _are_rivals(votes: Sequence[tuple[Key, Link]]) -> bool:
    """Whether a second work of another place or year shares nearly as much."""
    (best, link), *others = votes
    return any(
        (key.place_code, key.report_year) != (best.place_code, best.report_year)
        and other.shared >= _RIVAL * link.shared
        for key, other in others
    )


def _rivals_note(votes: Sequence[tuple[Key, Link]]) -> str:
    names = ", ".join(work_id(*key) for key, _ in votes[:3])
    return f"shares its text with several works ({names}): formulas, or words of another year"


def _work(key: Key, members: list[_Member]) -> Work:
    single = [m.article.chars for m in members if m.article.first.shape != MANY_REPORTS]
    longest = max(single, default=0)
    ordered = sorted(members, key=lambda member: _order(member, longest))
    speaking = [m.article for m in ordered if m.how == "identity"]
    facts = {
        name: next((v for a in speaking if (v := a.value(name)) is not None), None)
        for name in ("place", "level", "title", "session", "speaker", "office", "delivered_on")
    }
    return Work(
        id=work_id(*key),
        place_code=key.place_code,
        place=str(facts["place"] or key.place_code),
        level=facts["level"],
        report_year=key.report_year,
        kind=key.kind,
        stage=key.stage,
        title=facts["title"],
        witnesses=tuple(_witness(m, rank) for rank, m in enumerate(ordered, 1)),
        facts=facts,
    )


def _witness(member: _Member, rank: int) -> Witness:
    article = member.article
    return Witness(
        text_ids=tuple(text.text_id for text in article.texts),
        extent=_extent(member),
        rank=rank,
        how=member.how,
        basis=member.basis,
        missing=article.missing,
        family=article.family,
        official=article.first.site_kind == "official",
        of_many=member.of_many and not article.ranges,
        ranges=article.ranges,
    )


def _order(member: _Member, longest: int) -> tuple[int, ...]:
    """Fragments last; unhijacked ones first, without repeats, official, whole, longer ones."""
    article = member.article
    return (
        article.first.shape == MANY_REPORTS or 2 * article.chars < longest,
        max(_VERDICT_ORDER.index(text.verdict) for text in article.texts),
        any(text.repeats for text in article.texts),
        _SITE_ORDER.index(article.first.site_kind),
        _extent(member) != "whole",
        -article.chars,
        article.first.text_id,
    )


def _extent(member: _Member) -> str:
    article = member.article
    kind = article.value("kind")
    if member.how == "text" and kind is not None and kind not in KINDS_WITH_WORKS:
        return "excerpt"
    if article.missing or article.first.shape == MANY_REPORTS:
        return "part"
    states = {_state(text) for text in article.texts}
    if len(article.texts) > 1 and not article.ranges:
        return "whole" if _state(article.texts[-1]) in ("complete", "head_missing") else "part"
    return {"complete": "whole", "unknown": "unknown"}.get(states.pop(), "part")


def _state(text: Described) -> str:
    completeness = text.identity.get("completeness") or {}
    state = completeness.get("state") if isinstance(completeness, Mapping) else None
    return str(state or "unknown")
