"""Which texts share words with which, seen from the articles that they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.collate.articles import Article


@dataclass(frozen=True, slots=True)
class Link:
    """Two texts that are copies, and how many characters they share.

    `ends` says that only the end of one is the beginning of the other.
    """

    one: int
    other: int
    shared: int
    ends: bool = False


class Neighbours:
    """The links of texts and of articles, those that share most first."""

    def __init__(self, everything: Sequence[Article], links: Iterable[Link]) -> None:
        home = {text.text_id: article for article in everything for text in article.texts}
        self._pairs: dict[Article, dict[Article, list[Link]]] = defaultdict(dict)
        self._of_text: dict[int, list[Link]] = defaultdict(list)
        for link in sorted(links, key=lambda link: (-link.shared, link.one, link.other)):
            back = Link(link.other, link.one, link.shared, link.ends)
            self._of_text[link.one].append(link)
            self._of_text[link.other].append(back)
            one, other = home.get(link.one), home.get(link.other)
            if one is not None and other is not None and one is not other:
                self._pairs[one].setdefault(other, []).append(link)
                self._pairs[other].setdefault(one, []).append(back)

    def of(self, article: Article) -> dict[Article, Link]:
        """The articles that share text with this one, by the pair that shares most."""
        return {other: pairs[0] for other, pairs in self._pairs.get(article, {}).items()}

    def all_pairs(self, article: Article) -> Iterable[tuple[Article, Sequence[Link]]]:
        """The articles that share text with this one, with every pair of texts."""
        return self._pairs.get(article, {}).items()

    def of_text(self, text_id: int) -> Sequence[Link]:
        """The links of one text, seen from it."""
        return self._of_text.get(text_id, ())
