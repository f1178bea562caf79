"""Groups texts that are copies of one report: by identity, confirmed by shared text.

An article becomes a witness if its place and year were read. One that does not state them takes
them from the copies whose text it shares, if these agree on one report. Two articles that state
different places or years are never merged, however much they share. Two that state the same are one
work only if their words show it; otherwise they are two works with distinct names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from archive.collate.articles import Described, articles
from archive.collate.names import Key, Signs, names
from archive.collate.neighbours import Link, Neighbours
from archive.collate.pieces import joined
from archive.collate.proof import Alike, KeyedArticle, prove
from archive.collate.recognition import Recognition, Split, undecided
from archive.known.fields import named
from archive.known.kinds import kinds_with_works
from archive.model import SHAPES_WITHOUT_TEXT, sha256

__all__ = [
    "Described", "Grouping", "Link", "Witness", "Work", "group",
]  # fmt: skip

_SITE_ORDER: Final = ("official", "mirror", "archive", "unknown", "copy")
_VERDICT_ORDER: Final = ("clean", "suspect", "hijacked")


@dataclass(frozen=True, slots=True)
class Witness:
    """One copy of a work, its texts in page order; `rank` 1 is the best.

    `how` is `identity`, or `text` if it was recognised by what it shares with `basis`, a text of a
    witness with an identity. `extent` is whole, part, excerpt or unknown. `missing` are page
    numbers. `family` is the path that clones have in common. `of_many` means that its texts contain
    other reports too; `ranges` are then its own passages of each text, if known.
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
    """A report: `id` is its name, `plain` the name shared with others of the same place and year.

    `place_key` is its place in both. `facts` are the fields of its identity that are `of_work`; its
    `place_code` is None for a functional area or a town, which lies in the division `within`.
    """

    id: str
    plain: str
    place_key: str
    report_year: int | None
    kind: str
    stage: str
    witnesses: tuple[Witness, ...] = field(default=())
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grouping:
    """The works, ordered by id, and why texts that could belong to a work do not."""

    works: tuple[Work, ...]
    notes: Mapping[int, str] = field(default_factory=dict)


def group(
    texts: Iterable[Described],
    links: Iterable[Link] = (),
    split: Split = lambda _: (),
    alike: Alike = lambda _one, _other: False,
) -> Grouping:
    """Return the works that `texts` are witnesses of; the order of the arguments does not matter.

    Args:
        texts: the current texts.
        links: pairs of texts that are copies, as found by `archive.collate.similarity`.
        split: returns the reports of a page with many reports.
        alike: compares the words of two articles that have no link.
    """
    pairs = list(links)
    linked = {frozenset((link.one, link.other)) for link in pairs}
    reports = [a for a in articles(texts) if a.first.shape not in SHAPES_WITHOUT_TEXT]
    everything = joined(reports, linked)
    neighbours = Neighbours(everything, pairs)
    recognition = Recognition(everything, neighbours)
    by_key: dict[Key, list[KeyedArticle]] = defaultdict(list)
    for member in recognition.settle(split):
        by_key[member.key].append(member)
    works: list[Work] = []
    notes = dict(recognition.notes)
    for key, members in by_key.items():
        proven = prove(members, neighbours, alike)
        works += _works(key, [found for found in proven.reports if _says_what_it_is(found)])
        notes |= {m.article.first.text_id: undecided(key, n) for m, n in proven.undecided.items()}
    return Grouping(tuple(sorted(works, key=lambda work: work.id)), notes)


def _works(key: Key, reports: Sequence[Sequence[KeyedArticle]]) -> list[Work]:
    """Return the works of one key, with distinct names."""
    ordered = [_in_order(members) for members in reports]
    facts = [_facts(members) for members in ordered]
    signs = [
        Signs(identity["delivered_on"], identity["session"], _digest(members), identity["title"])
        for identity, members in zip(facts, ordered, strict=True)
    ]
    return [
        _work(name, key, members, identity)
        for name, members, identity in zip(names(key.name, signs), ordered, facts, strict=True)
    ]


def _says_what_it_is(members: Sequence[KeyedArticle]) -> bool:
    return any(member.how == "identity" for member in members)


def _in_order(members: Sequence[KeyedArticle]) -> list[KeyedArticle]:
    single = [m.article.chars for m in members if not _holds_others(m)]
    longest = max(single, default=0)
    return sorted(members, key=lambda member: _order(member, longest))


def _facts(members: Sequence[KeyedArticle]) -> dict[str, Any]:
    """Return the identity of the report, each field from the best witness that has it."""
    speaking = [m.article for m in members if m.how == "identity"]
    return {
        name: next((v for a in speaking if (v := a.value(name)) is not None), None)
        for name in named(lambda field: field.of_work)
    }


def _digest(members: Sequence[KeyedArticle]) -> str:
    """Return the least digest of texts that contain only this report, or of its part of a text."""
    own = [member.article for member in members if not member.of_many]
    if own:
        return min(digest for article in own for digest in article.words)
    return min(sha256("".join(member.article.words).encode()) for member in members)


def _work(name: str, key: Key, members: Sequence[KeyedArticle], facts: Mapping[str, Any]) -> Work:
    code = None if facts["within"] is not None else key.place
    return Work(
        id=name,
        plain=key.name,
        place_key=key.place,
        report_year=key.report_year,
        kind=key.kind,
        stage=key.stage,
        witnesses=tuple(_witness(m, rank) for rank, m in enumerate(members, 1)),
        facts={**facts, "place_code": code, "place": str(facts["place"] or key.place)},
    )


def _witness(member: KeyedArticle, rank: int) -> Witness:
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
        of_many=_holds_others(member),
        ranges=article.ranges,
    )


def _order(member: KeyedArticle, longest: int) -> tuple[int | str, ...]:
    """Sort key: fragments last; first unhijacked, without repeats, official, whole, longer ones.

    The words decide between equals, so copies have the same order in every archive.
    """
    article = member.article
    return (
        _holds_others(member) or 2 * article.chars < longest,
        max(_VERDICT_ORDER.index(text.verdict) for text in article.texts),
        any(text.repeats for text in article.texts),
        _SITE_ORDER.index(article.first.site_kind),
        _extent(member) != "whole",
        -article.chars,
        article.first.clean,
        article.first.text_id,
    )


def _holds_others(member: KeyedArticle) -> bool:
    """Whether its texts contain other reports, and its own range is not known."""
    return member.of_many and not member.article.ranges


def _extent(member: KeyedArticle) -> str:
    article = member.article
    kind = article.value("kind")
    if member.how == "text" and kind is not None and kind not in kinds_with_works():
        return "excerpt"
    return "part" if _holds_others(member) else article.extent
