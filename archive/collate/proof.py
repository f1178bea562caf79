"""Decides which texts of one place and year are copies of one report, from their words.

Texts of similar length that share their words are copies, and so are pieces of which one ends where
the other begins. A short text belongs to the longer one that contains it. A text that contains two
whole reports is a witness of both, and no reason to merge them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final, NamedTuple

from archive.collate.articles import Article
from archive.collate.names import Key
from archive.collate.neighbours import Link, Neighbours

Alike = Callable[[Article, Article], bool]
"""Compares the words of two articles."""

RIVAL: Final = 0.8
"""Share of the best match from which a second report makes the choice uncertain."""

_PEER: Final = 0.5
"""Share of the other's length below which a text is a part of it."""

_HELD: Final = 0.9
_TOGETHER: Final = 1.15
"""Shares of a text's length: what each of two contained reports may have, and both together."""

_MOST_COMPARED: Final = 12
"""The most groups of one place and year whose words are compared without a link."""


class KeyedArticle(NamedTuple):
    """An article with its assigned key.

    `how` is `identity`, or `text` if it takes the key from a copy, the text `basis`. `of_many`
    means that its texts contain other reports as well.
    """

    article: Article
    key: Key
    how: str = "identity"
    basis: int | None = None
    of_many: bool = False


class Proven(NamedTuple):
    """The members by report, and those that belong to none: parts of several (how many) reports."""

    reports: list[list[KeyedArticle]]
    undecided: dict[KeyedArticle, int]


def prove(members: Sequence[KeyedArticle], neighbours: Neighbours, alike: Alike) -> Proven:
    """Group the members of one key whose words show that they are one report."""
    if len(members) == 1:
        return Proven([list(members)], {})
    proof = _Proof(sorted(members, key=_longest_first), neighbours, alike)
    return proof.outcome()


def _longest_first(member: KeyedArticle) -> tuple[int, str, int, tuple[tuple[int, int], ...]]:
    article = member.article
    return -article.chars, article.first.clean, article.first.text_id, article.ranges


class _Proof:
    """Members by number, the longest first; groups grow as evidence is found."""

    def __init__(
        self, members: Sequence[KeyedArticle], neighbours: Neighbours, alike: Alike
    ) -> None:
        self._members = members
        self._alike = alike
        self._links = _links(members, neighbours)
        self._group = list(range(len(members)))
        self._undecided: dict[int, int] = {}

    def outcome(self) -> Proven:
        """Return the proven groups."""
        loose = {i for i, m in enumerate(self._members) if m.of_many or self._holds_two(i)}
        firm = [i for i in range(len(self._members)) if i not in loose]
        self._join_equals(firm)
        self._join_peers(firm)
        self._join_parts(firm)
        firm = [i for i in firm if i not in self._undecided]
        self._compare(firm)
        reports = {group: [self._members[i] for i in of] for group, of in self._groups(firm)}
        for i in sorted(loose):
            for group, member in self._attached(i, firm, reports):
                reports.setdefault(group, []).append(member._replace(of_many=True))
        undecided = {self._members[i]: count for i, count in self._undecided.items()}
        return Proven(list(reports.values()), undecided)

    def _groups(self, of: Sequence[int]) -> list[tuple[int, list[int]]]:
        found: dict[int, list[int]] = defaultdict(list)
        for i in of:
            found[self._group[i]].append(i)
        return list(found.items())

    def _join(self, i: int, j: int) -> None:
        kept, gone = sorted((self._group[i], self._group[j]))
        if kept != gone:
            self._group = [kept if group == gone else group for group in self._group]

    def _chars(self, i: int) -> int:
        return self._members[i].article.chars

    def _holds_two(self, i: int) -> bool:
        """Whether this text contains two whole, unrelated reports."""
        held = [
            j
            for j, (link, *_) in self._links[i].items()
            if not link.ends
            and self._chars(j) <= _HELD * self._chars(i)
            and self._members[j].article.extent == "whole"
        ]
        room = _TOGETHER * self._chars(i)
        apart = ((a, b) for a, b in combinations(held, 2) if b not in self._links[a])
        return any(self._chars(a) + self._chars(b) <= room for a, b in apart)

    def _is_part(self, i: int, j: int) -> bool:
        """Whether `i` is linked with `j` as a part of it."""
        return not self._links[i][j][0].ends and self._chars(i) < _PEER * self._chars(j)

    def _join_equals(self, firm: Sequence[int]) -> None:
        """Equal words are proof, however few."""
        first: dict[tuple[str, ...], int] = {}
        for i in firm:
            self._join(i, first.setdefault(self._members[i].article.words, i))

    def _join_peers(self, firm: Sequence[int]) -> None:
        for i, j in self._linked(firm):
            if not self._is_part(i, j) and not self._is_part(j, i):
                self._join(i, j)

    def _linked(self, firm: Sequence[int]) -> Iterator[tuple[int, int]]:
        among = set(firm)
        return ((i, j) for i in firm for j in sorted(self._links[i].keys() & among))

    def _join_parts(self, firm: Sequence[int]) -> None:
        """Join each group of parts to the group that contains it, if there is only one."""
        holders: dict[int, list[int]] = defaultdict(list)
        for i, j in self._linked(firm):
            if self._is_part(i, j):
                holders[i].append(j)
        for _, parts in self._groups(firm):
            held = self._held(parts, holders)
            held.pop(self._group[parts[0]], None)
            ranked = sorted(held, key=lambda group: (-held[group], group))
            if len(ranked) > 1 and held[ranked[1]] >= RIVAL * held[ranked[0]]:
                self._undecided |= dict.fromkeys(parts, len(ranked))
            elif ranked:
                self._join(parts[0], ranked[0])

    def _held(self, parts: Sequence[int], holders: Mapping[int, Sequence[int]]) -> dict[int, int]:
        """Return the groups that contain any of `parts`, with the most characters of each."""
        held: dict[int, int] = defaultdict(int)
        for i in parts:
            for j in holders.get(i, ()):
                group = self._group[j]
                held[group] = max(held[group], self._links[i][j][0].shared)
        return held

    def _compare(self, firm: Sequence[int]) -> None:
        """Compare the longest text of each group with those of the others, if no link exists."""
        heads = [group[0] for _, group in self._groups(firm)]
        for i, j in combinations(heads[:_MOST_COMPARED], 2):
            if self._alike(self._members[i].article, self._members[j].article):
                self._join(i, j)

    def _attached(
        self, i: int, firm: Sequence[int], reports: Mapping[int, Sequence[KeyedArticle]]
    ) -> list[tuple[int, KeyedArticle]]:
        """Yield the reports that a mixed text belongs to, with its texts in each."""
        member = self._members[i]
        if member.article.ranges:
            its = (g for g, of in reports.items() if self._alike(member.article, of[0].article))
            return [(next(its, self._group[i]), member)]
        found = []
        for group, of in self._groups(firm):
            near = {link.one for j in of for link in self._links[i].get(j, ())}
            texts = tuple(text for text in member.article.texts if text.text_id in near)
            if texts:
                found.append((group, member._replace(article=replace(member.article, texts=texts))))
        return found or [(self._group[i], member)]


def _links(members: Sequence[KeyedArticle], neighbours: Neighbours) -> list[dict[int, list[Link]]]:
    """Return for each member its links with others, by number, those that share most first."""
    home: dict[int, list[int]] = defaultdict(list)
    for i, member in enumerate(members):
        for text in member.article.texts:
            home[text.text_id].append(i)
    found: list[dict[int, list[Link]]] = [{} for _ in members]
    for i, member in enumerate(members):
        links = [link for text in member.article.texts for link in neighbours.of_text(text.text_id)]
        for link in sorted(links, key=lambda link: (-link.shared, link.one, link.other)):
            for j in home.get(link.other, ()):
                if j != i:
                    found[i].setdefault(j, []).append(link)
    return found
