"""Finds which texts share words, grouped by the articles they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from archive.collate.articles import Article


@dataclass(frozen=True, slots=True)
class Link:
    """Two texts that are copies, and how many characters they share.

    `ends` means that only the end of one equals the beginning of the other.
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
        """Return the articles that share text with this one, by the pair that shares most."""
        return {other: pairs[0] for other, pairs in self._pairs.get(article, {}).items()}

    def all_pairs(self, article: Article) -> Iterable[tuple[Article, Sequence[Link]]]:
        """Yield the articles that share text with this one, with every pair of texts."""
        return self._pairs.get(article, {}).items()

    def of_text(self, text_id: int) -> Sequence[Link]:
        """Return the links of one text, from its side."""
        return self._of_text.get(text_id, ())
