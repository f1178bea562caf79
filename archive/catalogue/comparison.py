"""Compares two copies: which passages agree, which numbers differ, what was changed.

The copies are aligned as collation aligns them (`archive.collate.alignment`).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, groupby
from typing import Final, NamedTuple
from unicodedata import normalize

from archive.collate.alignment import Op, align
from archive.known.numerals import DAY, YEAR, number, year

ALIKE: Final = 0.5
"""Share of the shorter passage that must be equal for a changed passage to count as the same."""

_NUMBER: Final = re.compile(r"\d+(?:[,，]\d{3}(?!\d))*(?:[.．]\d+)?[%％‰]?")
_LEADING_ZEROS: Final = re.compile(r"^0+(?=\d)")
_SPELT: Final = re.compile(rf"({DAY}|{YEAR})(?=[年月日])")
"""A year, month or day in Chinese numerals (or in figures, which `_NUMBER` finds as well)."""
_FIGURES: Final = re.compile(r"[\d.]+|[^\d.]+")
_NUMBER_GOES_ON: Final = re.compile(r"\d\d|\d\.|\.\d")
_LAYOUT: Final = re.compile(r"[\s　]+")
_SAME_MARK: Final = str.maketrans("，。；：！？（）“”‘’％", ",.;:!?()\"\"''%")


@dataclass(frozen=True, slots=True)
class ComparedWords:
    """A piece of a passage: equal on both sides if `a` equals `b`."""

    a: str
    b: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A passage of each side (numbered from 1); None if only the other side has it."""

    a: int | None
    b: int | None
    changes: tuple[ComparedWords, ...]
    numbers_a: tuple[str, ...] = ()
    numbers_b: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """`same`, `differ`, `only_a` or `only_b`."""
        if self.a is None:
            return "only_b"
        if self.b is None:
            return "only_a"
        return "differ" if any(change.a != change.b for change in self.changes) else "same"


def compare(a: Sequence[str], b: Sequence[str], heads: tuple[int, int] = (0, 0)) -> list[Pair]:
    """Return the passages of two copies in pairs; layout and width of marks are ignored.

    Args:
        a: the passages of one copy.
        b: those of the other.
        heads: how many passages of each are its head: title, date, names. Sites word it as they
            like, so a number that only one side has there is not reported as a difference.
    """
    mine, theirs = _Passages(a), _Passages(b)
    ops = align(mine.text, theirs.text).ops
    partners = _partners(ops, mine, theirs)
    numbers = _ChangedNumbers(ops, mine, theirs, partners, heads)
    pairs: list[Pair] = []
    reached = 0
    for i in range(len(a)):
        j = partners.get(i)
        if j is None:
            pairs.append(Pair(i + 1, None, (ComparedWords(a[i], ""),)))
            continue
        pairs += [Pair(None, n + 1, (ComparedWords("", b[n]),)) for n in range(reached, j)]
        changes = tuple(_whole_numbers(_changes(ops, mine, theirs, i, j)))
        pairs.append(Pair(i + 1, j + 1, changes, *numbers.of(i, j)))
        reached = j + 1
    return pairs + [Pair(None, n + 1, (ComparedWords("", b[n]),)) for n in range(reached, len(b))]


def comparable(words: str) -> str:
    """Return a passage for comparison: without layout, marks in one width."""
    return _LAYOUT.sub("", words).translate(_SAME_MARK)


def numbers(words: str) -> dict[tuple[int, int], str]:
    """Return the numbers in `words` by their range, all in one form."""
    return {found.span(): _plain(found[0]) for found in _NUMBER.finditer(words)}


def _plain(number: str) -> str:
    return _LEADING_ZEROS.sub("", normalize("NFKC", number).replace(",", ""))


class _Passages:
    """Passages joined by line ends: their starts, and the passage at an offset."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self.text = "\n".join(words)
        self.starts = [0, *accumulate(len(each) + 1 for each in words)]

    def at(self, offset: int) -> int:
        """Return the passage that contains an offset."""
        return bisect_right(self.starts, offset) - 1

    def extent(self, number: int) -> tuple[int, int]:
        """Return the range of a passage."""
        start = self.starts[number]
        return start, start + len(self.words[number])


_Range = tuple[int, int]
_Numbers = Mapping[_Range, str]


class _Equal(NamedTuple):
    """Equal characters in one passage of each side."""

    a: int
    b: int
    chars: int


def _partners(ops: Sequence[Op], mine: _Passages, theirs: _Passages) -> dict[int, int]:
    """Pair each passage with the one that has most of its words, if that is mutual."""
    shared: Counter[tuple[int, int]] = Counter()
    for op in ops:
        if op.tag == "equal":
            for piece in _pieces(op, mine, theirs):
                shared[piece.a, piece.b] += piece.chars
    of_a: dict[int, int] = {}
    of_b: dict[int, int] = {}
    for (i, j), _ in sorted(shared.items(), key=lambda each: (-each[1], each[0])):
        of_a.setdefault(i, j)
        of_b.setdefault(j, i)
    return {
        i: j
        for i, j in of_a.items()
        if of_b[j] == i and shared[i, j] >= ALIKE * min(len(mine.words[i]), len(theirs.words[j]))
    }


def _pieces(op: Op, mine: _Passages, theirs: _Passages) -> Iterator[_Equal]:
    """Yield an equal operation cut at the ends of passages on either side."""
    at = 0
    chars = op.a1 - op.a0
    while at < chars:
        i, j = mine.at(op.a0 + at), theirs.at(op.b0 + at)
        ends = mine.starts[i + 1] - op.a0, theirs.starts[j + 1] - op.b0
        stop = min(chars, *ends)
        yield _Equal(i, j, stop - at)
        at = stop


class _ChangedNumbers:
    """The numbers of two copies that the other one does not have at the same place."""

    def __init__(
        self,
        ops: Sequence[Op],
        mine: _Passages,
        theirs: _Passages,
        partners: Mapping[int, int],
        heads: tuple[int, int],
    ) -> None:
        self._paired = set(partners), set(partners.values())
        here, there = numbers(mine.text), numbers(theirs.text)
        for own, other in _same_numbers(ops, here, there):
            del here[own], there[other]
        self._here, self._there = _by_passage(here, mine), _by_passage(there, theirs)
        self._heads = heads
        in_heads = (_in_head(mine, heads[0]), _in_head(theirs, heads[1]))
        self._of_heads = in_heads[0] - in_heads[1], in_heads[1] - in_heads[0]

    def of(self, i: int, j: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the changed numbers of passage `i` here and of its partner `j` there."""
        a, b = self._here[i], self._there[j]
        near_a = _alone_around(self._here, self._paired[0], i)
        near_b = _alone_around(self._there, self._paired[1], j)
        a, b = a - b - near_b, b - a - near_a
        if i < self._heads[0] or j < self._heads[1]:
            a, b = a & self._of_heads[0], b & self._of_heads[1]
            if not (a and b):
                return (), ()
        return tuple(a.elements()), tuple(b.elements())


def _alone_around(
    found: Mapping[int, Counter[str]], paired: Collection[int], passage: int
) -> Counter[str]:
    """Return the numbers of the unpaired passages next to one: lines may end elsewhere."""
    near: Counter[str] = Counter()
    for step in (-1, 1):
        at = passage + step
        while min(found, default=0) <= at <= max(found, default=-1) and at not in paired:
            near += found.get(at, Counter())
            at += step
    return near


def _same_numbers(
    ops: Sequence[Op], here: _Numbers, there: _Numbers
) -> Iterator[tuple[_Range, _Range]]:
    """Yield the ranges of numbers that are whole and equal on both sides."""
    ranges = sorted(here)
    for op in ops:
        if op.tag != "equal":
            continue
        shift = op.b0 - op.a0
        for own in ranges[bisect_left(ranges, (op.a0, 0)) : bisect_left(ranges, (op.a1, 0))]:
            other = own[0] + shift, own[1] + shift
            if own[1] <= op.a1 and here[own] == there.get(other):
                yield own, other


def _by_passage(found: _Numbers, of: _Passages) -> defaultdict[int, Counter[str]]:
    passages: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for (start, _), words in found.items():
        passages[of.at(start)][words] += 1
    return passages


def _in_head(of: _Passages, head: int) -> Counter[str]:
    """Count the numbers of a head, with those of dates in Chinese numerals."""
    words = "\n".join(of.words[:head])
    spelt = (year(date) or number(date) for date in _SPELT.findall(words) if not date.isascii())
    return Counter([*numbers(words).values(), *map(str, filter(None, spelt))])


def _changes(
    ops: Sequence[Op], mine: _Passages, theirs: _Passages, i: int, j: int
) -> Iterator[ComparedWords]:
    """Yield the common and the differing words of two passages, which make up both."""
    if comparable(mine.words[i]) == comparable(theirs.words[j]):
        yield ComparedWords(mine.words[i], mine.words[i])
        return
    start_a, stop_a = mine.extent(i)
    start_b, stop_b = theirs.extent(j)
    here, there = mine.text, theirs.text
    for op in ops:
        a0, a1 = max(op.a0, start_a), min(op.a1, stop_a)
        b0, b1 = max(op.b0, start_b), min(op.b1, stop_b)
        if op.tag == "equal":
            shift = op.b0 - op.a0
            first, last = max(a0, b0 - shift), min(a1, b1 - shift)
            if first < last:
                yield from _between(here, there, (a0, first), (b0, first + shift))
                yield from _runs(here[first:last], there[first + shift : last + shift])
                yield from _between(here, there, (last, a1), (last + shift, b1))
                continue
        yield from _between(here, there, (a0, a1), (b0, b1))


def _whole_numbers(changes: Iterable[ComparedWords]) -> Iterator[ComparedWords]:
    """Return the words so that no number is cut: `2024` and `2012`, not `20`, `1`, `2` and `4`."""
    cut = chain.from_iterable(map(_at_figures, changes))
    whole = _joined(cut, lambda one, other: _goes_on(one.a, other.a) or _goes_on(one.b, other.b))
    return _joined(whole, lambda one, other: one.a == one.b and other.a == other.b)


def _joined(
    pieces: Iterable[ComparedWords], belong: Callable[[ComparedWords, ComparedWords], bool]
) -> Iterator[ComparedWords]:
    """Yield the pieces, each joined with those after it that belong to it."""
    held: ComparedWords | None = None
    for piece in pieces:
        if held is None:
            held = piece
        elif belong(held, piece):
            held = ComparedWords(held.a + piece.a, held.b + piece.b)
        else:
            yield held
            held = piece
    if held is not None:
        yield held


def _at_figures(piece: ComparedWords) -> Iterator[ComparedWords]:
    """Yield equal words in pieces, each a run of figures or of other words."""
    if piece.a != piece.b:
        yield piece
    else:
        yield from (ComparedWords(run, run) for run in _FIGURES.findall(piece.a))


def _goes_on(before: str, after: str) -> bool:
    """Whether a number goes on from one piece to the next."""
    return _NUMBER_GOES_ON.fullmatch(before[-1:] + after[:1]) is not None


def _between(
    here: str, there: str, in_a: tuple[int, int], in_b: tuple[int, int]
) -> Iterator[ComparedWords]:
    words_a, words_b = here[slice(*in_a)], there[slice(*in_b)]
    words_a = words_a if in_a[0] < in_a[1] else ""
    words_b = words_b if in_b[0] < in_b[1] else ""
    if words_a or words_b:
        yield ComparedWords(words_a, words_b)


def _runs(a: str, b: str) -> Iterator[ComparedWords]:
    """Yield equal words: really equal ones, and those that differ in script or case."""
    marks = zip(a.translate(_SAME_MARK), b.translate(_SAME_MARK), strict=True)
    at = 0
    for same, run in groupby(marks, key=lambda both: both[0] == both[1]):
        stop = at + len(list(run))
        yield ComparedWords(a[at:stop], a[at:stop] if same else b[at:stop])
        at = stop
