"""Links to a passage that still lead there when the text is made again.

A number alone changes when a rule or another copy adds or removes a passage before it. The link
therefore also has a digest of the passage's first and of its last words: a correction inside, or
a passage that is split or joined, leaves at least one of them as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple
from unicodedata import normalize

from archive.model import sha256

_EDGE: Final = 16
"""Characters of the first and of the last words."""

_DIGITS: Final = 6
"""Hexadecimal digits of each digest: one in 16 million, among some hundred passages."""

_FORM: Final = re.compile(r"([1-9]\d{0,8})-([0-9a-f]{6})([0-9a-f]{6})")
_NOT_WORDS: Final = re.compile(r"[\W_]+")


class LedTo(NamedTuple):
    """The passage that a link leads to now; `is_same` means that its first or last words stand."""

    number: int
    is_same: bool


def permalink(number: int, words: str) -> str:
    """Return the argument `at` of the link to passage `number`, whose words are `words`."""
    return f"{number}-{''.join(_digests(words))}"


def target(at: str, passages: Iterable[tuple[int, str]]) -> LedTo | None:
    """Return where a link leads among passages with their numbers; None if it is malformed.

    Of several passages with these words the nearest to the link's number is taken; without any,
    the one that has the number now.
    """
    found = _FORM.fullmatch(at)
    if found is None:
        return None
    number, wanted = int(found[1]), (found[2], found[3])
    best: tuple[int, int, int] | None = None
    for candidate, words in passages:
        same = sum(one == other for one, other in zip(_digests(words), wanted, strict=True))
        rank = (-same, abs(candidate - number), candidate)
        best = rank if best is None else min(best, rank)
    return None if best is None else LedTo(best[2], is_same=best[0] < 0)


def _digests(words: str) -> tuple[str, str]:
    plain = _NOT_WORDS.sub("", normalize("NFKC", words)).lower()
    return _digest(plain[:_EDGE]), _digest(plain[-_EDGE:])


def _digest(words: str) -> str:
    return sha256(words.encode())[:_DIGITS]
