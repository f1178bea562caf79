"""Exact search in Chinese: an index of overlapping bigrams, and a check of its results.

Chinese has no spaces, so an index of words only finds words that a dictionary splits in the same
way. Here every character begins exactly one token: a Han character together with the next one, a
whole number, a Latin word, or a single mark. The index stores which texts have which tokens, but no
positions: with them it would be four times as large, and larger than the texts. A query looks up
all tokens of its words; if there are several, each text that has them is read and checked. The
result is exactly the texts that contain the words (as with `LIKE '%…%'`), except that numbers and
Latin words match only as a whole: 3个 does not find 13个. Texts and queries are compared in
simplified script: 经济 finds 經濟.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add
from typing import Final

from archive.known.characters import to_simplified

_PIECE: Final = re.compile(
    r"(?P<han>[^\W\d_A-Za-z]+)|(?P<whole>\d+|[A-Za-z]+)|(?P<space>\s+)|(?P<mark>.)", re.DOTALL
)
_RUN: Final = re.compile("([〇\u2160-\u2188\u3400-\u4dbf\u4e00-\u9fff]+)")
"""Matches most of the group `han` of `_PIECE`, faster."""

_PLAIN: Final = re.compile(r"(?:[ -~]|[^\W\d_a-zA-Z\u0080-\u2e7f])+")
"""Terms in which only the letters A to Z may look different: ASCII and characters of CJK."""

_LAST_CASED: Final = 0x20000
"""No character from here on has a capital or a small form."""

_END: Final = "\0"
_SPACED: Final = b"\0\0\0\0 \0"
_SHORT: Final = 6
_MOST_REMEMBERED: Final = 4_000
_SPACE: Final = "··"  # two marks: no other token looks like it
_TERM: Final = re.compile(r'(?P<exclude>-?)(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))')


def tokens(text: str) -> str:
    """Return the tokens of `text`, joined by spaces, as the index stores them.

    >>> tokens("钢铁产业增长5%")
    '钢铁 铁产 产业 业增 增长 长 5 m25'
    """
    text = to_simplified(text)
    pieces = _RUN.split(text)
    between = list(map(_between().__getitem__, pieces[::2]))
    if None in between:
        return _tokens(text)
    pieces[::2] = between
    pieces[1::2] = _bigrams(pieces[1::2])
    return " ".join(filter(None, pieces))


def _tokens(text: str) -> str:
    """Return the same as `tokens`, piece by piece, for any text; four times slower."""
    found: list[str] = []
    for piece in _PIECE.finditer(text):
        found.extend(_cut(piece))
    return " ".join(found)


def _bigrams(runs: Sequence[str]) -> list[str]:
    """Return the tokens of each run of Han characters, of all runs at once.

    Pairs of characters and spaces are joined; the end of each run has a mark, which is removed with
    the tokens that contain it.
    """
    encoded = _END.join(["", *runs, ""]).encode("utf-16-le")
    laid = bytearray(_SPACED * (len(encoded) // 2 - 1))
    for byte in (0, 1):
        laid[byte::6] = encoded[byte:-2:2]
        laid[byte + 2 :: 6] = encoded[byte + 2 :: 2]
    cut = laid.decode("utf-16-le")[1:-2].split(f"{_END} {_END}")
    return [each[2:] for each in cut if runs]


class _Between(dict[str, str | None]):
    """Maps the text between runs to its tokens; None if it does not separate cleanly."""

    def __missing__(self, words: str) -> str | None:
        made = self._made(words)
        if len(words) <= _SHORT and len(self) < _MOST_REMEMBERED:
            self[words] = made
        return made

    def _made(self, words: str) -> str | None:
        found: list[str] = []
        for piece in _PIECE.finditer(words):
            if piece.lastgroup == "han":
                return None
            found.extend(_cut(piece))
        return " ".join(found)


@lru_cache(maxsize=1)
def _between() -> _Between:
    return _Between()


def needed(words: str) -> tuple[str, ...]:
    """Return the FTS5 terms of every text that contains `words`; none if there are no words.

    >>> needed("营商环境")
    ('"营商"', '"商环"', '"环境"')
    >>> needed("钢")
    ('"钢"*',)
    """
    pieces = list(_PIECE.finditer(to_simplified(words.strip())))
    found = [f'"{token}"' for piece in pieces for token in _cut(piece)]
    if found and pieces[-1].lastgroup == "han":
        if len(pieces[-1].group()) > 1:
            # the last token only marks the end of the run; the bigram before it has the character
            found.pop()
        else:
            found[-1] += "*"
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Query:
    """A user's query: terms that a text must all contain, and terms that it must not."""

    terms: tuple[str, ...]
    excluded: tuple[str, ...] = ()

    @classmethod
    def parse(cls, typed: str) -> Query:
        """Parse `typed`: spaces separate terms, quotes keep them together, a minus excludes."""
        wanted: list[str] = []
        excluded: list[str] = []
        for found in _TERM.finditer(typed):
            words = (found["quoted"] if found["bare"] is None else found["bare"]).strip()
            if words:
                (excluded if found["exclude"] else wanted).append(words)
        return cls(tuple(wanted), tuple(excluded))

    @property
    def match(self) -> str:
        """The FTS5 expression that finds every text with the terms; empty without terms.

        The index stores no order: if `is_exact` is false, check the results with `accepts`.
        """
        wanted = [token for term in self.terms for token in needed(term)]
        if not wanted:
            return ""
        without = [tokens[0] for term in self.excluded if len(tokens := needed(term)) == 1]
        return " NOT ".join([f"({' AND '.join(dict.fromkeys(wanted))})", *without])

    @property
    def is_exact(self) -> bool:
        """Whether `match` finds only texts that `accepts` accepts."""
        return all(len(needed(term)) == 1 for term in (*self.terms, *self.excluded))

    def accepts(self, text: str) -> bool:
        """Whether `text` contains all terms and no excluded term."""
        simplified = to_simplified(text)
        return all(_stands(term, simplified) for term in self.terms) and not any(
            _stands(term, simplified) for term in self.excluded
        )

    @property
    def pattern(self) -> re.Pattern[str] | None:
        """Return a pattern for `to_simplified(text)` that matches any of the terms."""
        if not self.terms:
            return None
        longest_first = sorted(map(to_simplified, self.terms), key=len, reverse=True)
        return re.compile("|".join(bounded(term) for term in longest_first), re.IGNORECASE)


def match(typed: str) -> str:
    """Return the MATCH expression for a user's query; `""` (which finds nothing) if empty."""
    return Query.parse(typed).match or '""'


def _cut(piece: re.Match[str]) -> Sequence[str]:
    words = piece[0]
    match piece.lastgroup:
        case "han":
            return [*map(add, words, words[1:]), words[-1]]
        case "whole":
            return (words,)
        case "space":
            return (_SPACE,)
        case _:
            # an ASCII mark would separate tokens; its code point with a letter does not
            return (words if ord(words) > 127 else f"m{ord(words):x}",)  # noqa: PLR2004


def _stands(term: str, simplified: str) -> bool:
    return re.search(bounded(to_simplified(term)), simplified, re.IGNORECASE) is not None


def bounded(term: str) -> str:
    """Return a pattern for `term`: numbers and Latin words match as a whole, as in the index."""
    before, after = _whole(term[0]), _whole(term[-1])
    return (f"(?<!{before})" if before else "") + _escaped(term) + (f"(?!{after})" if after else "")


def quickly_found(term: str) -> list[str]:
    """Return patterns that together match what `bounded(term)` matches in any case, found faster.

    Each begins with a literal character, so `re` looks only at places that have it.
    """
    first, rest = term[0], term[1:]
    before, after = _whole(first), _whole(term[-1])
    space, rest = (r"\s+", rest.lstrip()) if rest[:1].isspace() else ("", rest)
    ending = f"(?i:{space}{_escaped(rest)}" + (f"(?!{after}))" if after else ")")
    return [
        re.escape(form) + (f"(?<!(?i:{before}){re.escape(form)})" if before else "") + ending
        for form in _forms_of(first)
    ]


def may_overlap(one: str, other: str) -> bool:
    """Whether occurrences of two terms, or of one term twice, might share characters of a text."""
    if not (_PLAIN.fullmatch(one) and _PLAIN.fullmatch(other)):
        return True  # its occurrences may look different
    first, second = one.lower(), other.lower()
    return (one != other and (first in second or second in first)) or any(
        first.endswith(second[:shared]) or second.endswith(first[:shared])
        for shared in range(1, min(len(first), len(second)))
    )


def _escaped(words: str) -> str:
    return r"\s+".join(map(re.escape, words.split()))


def _whole(edge: str) -> str:
    """Return the characters beside which `edge` would be part of a longer number or word."""
    if edge.isdecimal():
        return r"\d"
    return "[A-Za-z]" if edge.isascii() and edge.isalpha() else ""


@lru_cache(maxsize=256)
def _forms_of(letter: str) -> tuple[str, ...]:
    """Return the characters that `re` takes for `letter` if it ignores case."""
    if letter.upper() == letter == letter.lower():
        return (letter,)
    return tuple(re.findall(re.escape(letter), _cased(), re.IGNORECASE))


@lru_cache(maxsize=1)
def _cased() -> str:
    characters = map(chr, range(_LAST_CASED))
    return "".join(each for each in characters if each.lower() != each or each.upper() != each)
