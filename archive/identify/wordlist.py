"""Finds which words of a long list occur in a text, in one pass over the text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from operator import add


class WordList:
    """Words of two or more characters, indexed by their first two."""

    def __init__(self, words: Iterable[str]) -> None:
        self._by_head: dict[str, list[str]] = defaultdict(list)
        for word in dict.fromkeys(words):
            self._by_head[word[:2]].append(word)

    def found(self, text: str) -> list[str]:
        """Return the words found in `text`, in list order; linear in its length.

        >>> WordList(["白水", "白山"]).found("长白山下")
        ['白山']
        """
        pairs = _pairs(text)
        return [
            word
            for head, words in self._by_head.items()
            if head in pairs
            for word in words
            if word == head or word in text
        ]


@lru_cache(maxsize=1)
def _pairs(text: str) -> frozenset[str]:
    """Return all pairs of adjacent characters in `text`; cached for the next list."""
    return frozenset(map(add, text, text[1:]))
