"""Names that come back again and again in a text and do not belong to the genre.

A pair of characters that clean reports of other places do not have is where a foreign name may
stand. The name is what its occurrences share around the pair, without the words of the sentence
that happen to stand beside each of them.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final

from archive.known.figures import COMMONEST, Figures

_WORDS: Final = re.compile(r"[\u3400-\u9fffA-Za-z0-9]{2}")
_JOINTS: Final = "_-"
_LATIN: Final = re.compile(r"[A-Za-z0-9](?<![(（A-Za-z0-9.].)[A-Za-z0-9.]{1,20}")
"""A run of letters and digits; what stands in brackets explains the word before it."""

_NUMBER: Final = "0123456789."
_LEFT, _RIGHT = 16, 20
_SHORTEST: Final = 2
PARTICLES: Final = "在被由向对将以的经从按与和及把使让给为于是到了着过并而或等第"
_ENDING_SIZES: Final = (2, 3, 4)
_CHANCE: Final = 3
"""So many occurrences may have the same particle beside them by chance; more have not."""
_APART: Final = 3
"""A name that stands so often by itself is no piece of a longer one."""
_MANY: Final = 400
"""Occurrences of one pair beyond this are not looked at: a page of nothing but spam is slow."""
_MANY_NAMES: Final = 400


@dataclass(frozen=True, slots=True)
class Name:
    """A repeated foreign name and where it starts, each time."""

    words: str
    starts: tuple[int, ...]


def foreign_names(
    text: str,
    figures: Figures,
    vocabulary: frozenset[str] = frozenset(),
    is_ending: Callable[[str], bool] = lambda _: False,
) -> tuple[Name, ...]:
    """The names of `text` that stand there at least twice and hold a pair never seen.

    `vocabulary` holds pairs that belong to the genre although the figures have not seen them;
    `is_ending` says whether words are what names of brands end with, however common they are.
    """
    finder = _Finder(text, figures, is_ending)
    for starts in figures.unseen_pairs(text, _MANY):
        if _may_name(text[starts[0] : starts[0] + 2], vocabulary):
            finder.look_around(starts)
    finder.look_for_latin()
    return finder.names()


def _may_name(pair: str, vocabulary: frozenset[str]) -> bool:
    return pair not in vocabulary and not pair.isascii() and _WORDS.match(pair) is not None


def _is_inside(character: str) -> bool:
    """Whether a character may stand in a name."""
    return character.isalnum() or character in _JOINTS


class _Finder:
    """Finds where names begin and end around pairs of characters that they hold."""

    def __init__(self, text: str, figures: Figures, is_ending: Callable[[str], bool]) -> None:
        self._text = text
        # so that what stands beside an occurrence need not be asked for the ends of the text
        self._padded = "\n" * _LEFT + text + "\n" * _RIGHT
        self._figures = figures
        self._is_ending = is_ending
        self._names: dict[str, set[int]] = defaultdict(set)
        self._inside: dict[int, int] = {}  # place of a pair in a name → occurrences of the name

    def names(self) -> tuple[Name, ...]:
        """What stands there at least twice, and not only inside a longer name."""
        found = {words: s for words, s in self._names.items() if len(s) > 1}
        if len(found) <= _MANY_NAMES:
            self._settle(found)
        names = [Name(words, tuple(sorted(s))) for words, s in found.items()]
        standing = _Standing(names)
        return tuple(name for name in names if not standing.hidden(name))

    def look_for_latin(self) -> None:
        """Add the runs of letters and digits, also those that stand behind a number."""
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
            return  # the rest of a name that was found at another pair
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
        """The occurrences in groups, each with how far all of the group are the same.

        `step` is 1 to the right, where `size` counts from the pair's start, and -1 to the left.
        Most of a group may be longer than the rest: then these are names of their own.
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
        """The characters next to `size` others, at each occurrence; marks where the text ends."""
        offset = _LEFT + size if step > 0 else _LEFT - size - 1
        text = self._padded
        return "".join([text[start + offset] for start in starts])

    def _trimmed(self, starts: Sequence[int], left: int, right: int) -> tuple[int, int]:
        """How far the name reaches before and behind its pair, without words of the sentence."""
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
        """How many characters at the beginning of `words` belong to the sentence beside them.

        Their pairs are all common, and so is the pair that the first makes with what stands
        beside it at each occurrence. Beside marks only the commonest words are distinguished from
        names.
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
        """Whether a pair belongs together: as words of a sentence, as a number, as a Latin word."""
        if pair.isascii() and pair.isalnum():
            return pair.isdigit() or pair.isalpha()
        return self._figures.is_common(pair)

    def _is_foreign(self, words: str) -> bool:
        return any(not self._figures.knows(words[i : i + 2]) for i in range(len(words) - 1))

    def _with_ending(self, words: str, stop: int) -> int:
        """Where the name ends that `words[:stop]` are, if an ending of brands goes on behind it."""
        for end in range(len(words), stop, -1):
            if self._is_ending(words[stop:end]) or any(
                self._is_ending(words[end - size : end]) for size in _ENDING_SIZES
            ):
                return end
        return stop

    def _settle(self, found: dict[str, set[int]]) -> None:
        """Give the occurrences of a longer name to a shorter one that often stands by itself."""
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
    """Names in the order in which they stand, so that those around a place are found at once."""

    def __init__(self, names: Iterable[Name]) -> None:
        standing = sorted(
            ((start, name) for name in names for start in name.starts), key=itemgetter(0)
        )
        self._starts = [start for start, _ in standing]
        self._names = [name for _, name in standing]

    def hidden(self, name: Name) -> bool:
        """Does `name` stand nowhere but inside one longer name?"""
        first = name.starts[0]
        begin = bisect_left(self._starts, first - _LEFT - _RIGHT)
        around = self._names[begin : bisect_right(self._starts, first, begin)]
        return any(_within(name, other) for other in around if name.words in other.words)


def _within(name: Name, other: Name) -> bool:
    """Does `name` stand nowhere but inside the longer `other`?"""
    if len(name.words) >= len(other.words) or len(name.starts) > _MANY:
        return False
    offsets = list(places_in(other.words, name.words))
    return {start + offset for start in other.starts for offset in offsets}.issuperset(name.starts)


def places_in(text: str, words: str) -> Iterator[int]:
    """Where `words` stand in `text`, in order."""
    place = text.find(words)
    while place >= 0:
        yield place
        place = text.find(words, place + len(words))
