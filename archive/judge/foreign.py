"""Finds names that recur in a text and do not belong to the genre.

A pair of characters that clean reports of other places do not contain may be part of a foreign
name. The name is what its occurrences share around the pair, without adjacent words of the
sentence.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nlargest
from operator import itemgetter
from typing import Final

from archive.known.figures import COMMONEST, Figures

_WORDS: Final = re.compile(r"[\u3400-\u9fffA-Za-z0-9]{2}")
_JOINTS: Final = "_-"
_LATIN: Final = re.compile(r"[A-Za-z0-9](?<![(（A-Za-z0-9.].)[A-Za-z0-9.]{1,20}")
"""A run of letters and digits; a bracketed one explains the word before it."""

_NUMBER: Final = "0123456789."
_LEFT, _RIGHT = 16, 20
_SHORTEST: Final = 2
PARTICLES: Final = "在被由向对将以的经从按与和及把使让给为于是到了着过并而或等第"
_ENDING_SIZES: Final = (2, 3, 4)
_CHANCE: Final = 3
"""The most occurrences that may have the same particle next to them by accident."""
_APART: Final = 3
"""Occurrences by itself from which a name is not part of a longer one."""
_MANY: Final = 400
"""The most occurrences of a pair that are examined: a page of spam would be slow."""
_MANY_NAMES: Final = 400
_MOST_PAIRS: Final = 400
_CHARS_A_PAIR: Final = 50
"""Characters of text for each unknown pair: reports have 100 and more of them, pages of spam 12.

In a text with less, only the `_MOST_PAIRS` most frequent pairs are examined.
"""


@dataclass(frozen=True, slots=True)
class Name:
    """A repeated foreign name and its start positions."""

    words: str
    starts: tuple[int, ...]


def foreign_names(
    text: str,
    figures: Figures,
    vocabulary: frozenset[str] = frozenset(),
    is_ending: Callable[[str], bool] = lambda _: False,
) -> tuple[Name, ...]:
    """Return names that occur in `text` at least twice and contain an unknown pair.

    `vocabulary` contains pairs of the genre that the figures lack; `is_ending` decides whether
    words are endings of brand names, however common they are.
    """
    finder = _Finder(text, figures, is_ending)
    pairs = [
        starts
        for starts in figures.unseen_pairs(text, _MANY)
        if _may_name(text[starts[0] : starts[0] + 2], vocabulary)
    ]
    if len(pairs) > max(_MOST_PAIRS, len(text) // _CHARS_A_PAIR):
        pairs = nlargest(_MOST_PAIRS, pairs, key=len)
    for starts in pairs:
        finder.look_around(starts)
    finder.look_for_latin()
    return finder.names()


def _may_name(pair: str, vocabulary: frozenset[str]) -> bool:
    return pair not in vocabulary and not pair.isascii() and _WORDS.match(pair) is not None


def _is_inside(character: str) -> bool:
    """Whether a character may be part of a name."""
    return character.isalnum() or character in _JOINTS


class _Finder:
    """Finds where names begin and end around pairs of characters that they contain."""

    def __init__(self, text: str, figures: Figures, is_ending: Callable[[str], bool]) -> None:
        self._text = text
        # so that neighbours can be read without checking the ends of the text
        self._padded = "\n" * _LEFT + text + "\n" * _RIGHT
        self._figures = figures
        self._is_ending = is_ending
        self._names: dict[str, set[int]] = defaultdict(set)
        self._inside: dict[int, int] = {}  # place of a pair in a name → occurrences of the name

    def names(self) -> tuple[Name, ...]:
        """Return names that occur at least twice, and not only inside a longer name."""
        found = {words: s for words, s in self._names.items() if len(s) > 1}
        if len(found) <= _MANY_NAMES:
            self._settle(found)
        names = [Name(words, tuple(sorted(s))) for words, s in found.items()]
        standing = _Standing(names)
        return tuple(name for name in names if not standing.hidden(name))

    def look_for_latin(self) -> None:
        """Add runs of letters and digits, including those after a number."""
        places: dict[str, set[int]] = defaultdict(set)
        for match in _LATIN.finditer(self._text):
            words = match[0].lstrip(_NUMBER)
            if words:
                places[words].add(match.end() - len(words))
                places[match[0]].add(match.start())
        for words, starts in places.items():
            if len(words) > 1 and len(starts) > 1:
                self._names[words] |= starts

    def look_around(self, pairs: Sequence[int]) -> None:
        """Add the names around the occurrences of a pair."""
        if self._inside.get(pairs[0]) == len(pairs):
            return  # the rest of a name found at another pair
        for some, right in self._grown(pairs, 2, 1):
            for starts, left in self._grown(some, 0, -1):
                before, after = self._trimmed(starts, left, right)
                if before + after >= _SHORTEST:
                    self._add(starts, before, after)

    def _add(self, starts: Sequence[int], before: int, after: int) -> None:
        first = starts[0] - before
        self._names[self._text[first : starts[0] + after]].update(s - before for s in starts)
        self._inside.update(dict.fromkeys(range(first, starts[0] + after - 1), len(starts)))

    def _grown(
        self, starts: Sequence[int], size: int, step: int
    ) -> Iterator[tuple[Sequence[int], int]]:
        """Group the occurrences, each with the length over which the whole group agrees.

        `step` is 1 to the right, where `size` counts from the start of the pair, and -1 to the
        left. If most of a group agree for longer than the rest, these are a name of their own.
        """
        longest = _RIGHT if step > 0 else _LEFT
        while size < longest:
            beside = self._beside(starts, size, step)
            character, count = beside[0], len(beside)
            if beside.count(character) < count:
                character, count = Counter(beside).most_common(1)[0]
                if 2 * count < len(starts) or count < _SHORTEST:
                    break
            if not _is_inside(character):
                break
            if count < len(starts):
                pairs = list(zip(starts, beside, strict=True))
                yield [start for start, other in pairs if other != character], size
                starts = [start for start, other in pairs if other == character]
            size += 1
        yield starts, size

    def _beside(self, starts: Sequence[int], size: int, step: int) -> str:
        """Return the characters next to `size` others at each occurrence; marks at text borders."""
        offset = _LEFT + size if step > 0 else _LEFT - size - 1
        text = self._padded
        return "".join([text[start + offset] for start in starts])

    def _trimmed(self, starts: Sequence[int], left: int, right: int) -> tuple[int, int]:
        """Return how far the name extends around its pair, without words of the sentence."""
        words = self._text[starts[0] - left : starts[0] + right]
        begin = self._run(words[: left + 1], self._beside(starts, left, -1))
        stop = len(words)
        stop -= self._run(words[left + 1 :][::-1], self._beside(starts, right, 1), step=-1)
        stop = self._with_ending(words, stop)
        if len(starts) <= _CHANCE:
            while begin < stop and words[begin] in PARTICLES:
                begin += 1
            while begin < stop and words[stop - 1] in PARTICLES:
                stop -= 1
        if stop - begin < _SHORTEST or not self._is_foreign(words[begin:stop]):
            return 0, 0
        return left - begin, stop - left

    def _run(self, words: str, beside: str, step: int = 1) -> int:
        """Return how many leading characters of `words` belong to the adjacent sentence.

        Their pairs are all common, and so is the pair of the first with its neighbour at each
        occurrence. Next to marks, only the commonest words are told apart from names.
        """
        inside = set(filter(_is_inside, beside))
        if not all(self._is_common((other + words[0])[::step]) for other in inside):
            return 0
        size = 1
        while size < len(words) and self._is_common(words[size - 1 : size + 1][::step]):
            size += 1
        if size == 1 and len(beside) > _CHANCE:
            return 0
        is_word = size > 1 and self._figures.is_common(words[:2][::step], COMMONEST)
        return size if inside or is_word else 0

    def _is_common(self, pair: str) -> bool:
        """Whether a pair belongs together: in words of a sentence, a number, or a Latin word."""
        if pair.isascii() and pair.isalnum():
            return pair.isdigit() or pair.isalpha()
        return self._figures.is_common(pair)

    def _is_foreign(self, words: str) -> bool:
        return any(not self._figures.knows(words[i : i + 2]) for i in range(len(words) - 1))

    def _with_ending(self, words: str, stop: int) -> int:
        """Return where the name `words[:stop]` ends if a brand ending continues it."""
        for end in range(len(words), stop, -1):
            if self._is_ending(words[stop:end]) or any(
                self._is_ending(words[end - size : end]) for size in _ENDING_SIZES
            ):
                return end
        return stop

    def _settle(self, found: dict[str, set[int]]) -> None:
        """Assign occurrences of a longer name to a shorter one that is frequent by itself."""
        for longer in sorted(found, key=len, reverse=True):
            for words, starts in found.items():
                at = longer.find(words)
                if at < 0 or words == longer:
                    continue
                inside = {start + at for start in found[longer]}
                apart = len(starts - inside)
                behind = longer[at + len(words) :]
                if apart >= _APART and 4 * apart >= len(inside) and not self._is_ending(behind):
                    starts.update(inside)
                    found[longer] = set()
                    break
        for words in [words for words, starts in found.items() if not starts]:
            del found[words]


class _Standing:
    """Names in text order, so that those around a place are found quickly."""

    def __init__(self, names: Iterable[Name]) -> None:
        standing = sorted(
            ((start, name) for name in names for start in name.starts), key=itemgetter(0)
        )
        self._starts = [start for start, _ in standing]
        self._names = [name for _, name in standing]

    def hidden(self, name: Name) -> bool:
        """Whether `name` occurs only inside one longer name."""
        first = name.starts[0]
        begin = bisect_left(self._starts, first - _LEFT - _RIGHT)
        around = self._names[begin : bisect_right(self._starts, first, begin)]
        return any(_within(name, other) for other in around if name.words in other.words)


def _within(name: Name, other: Name) -> bool:
    """Whether `name` occurs only inside the longer `other`."""
    if len(name.words) >= len(other.words) or len(name.starts) > _MANY:
        return False
    offsets = list(places_in(other.words, name.words))
    return {start + offset for start in other.starts for offset in offsets}.issuperset(name.starts)


def places_in(text: str, words: str) -> Iterator[int]:
    """Return where `words` occur in `text`, in order."""
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + len(words))
