"""Figures of the genre: which characters stand together, and what fills a slot of a sentence.

They are counts learnt from clean reports (`archive.known.learning`), never their sentences.
"""

from __future__ import annotations

import gzip
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import add
from pathlib import Path

from archive.errors import DataFileError
from archive.known.learning import Slot

GRAMS = "grams.tsv.gz"
SLOTS = "slots.tsv"
_LINE_END = "⏎"
_ZERO = ord("0")
_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")
_UNSEEN = -2  # the power of two that a pair never seen is given when its surprise is reckoned


@dataclass(frozen=True)
class Figures:
    """Counts of pairs of characters, in powers of two, and the slots with their fillers.

    `rows` are a first character, those that follow it, and how often each does, as digits.
    """

    rows: tuple[tuple[str, str, str], ...]
    slots: Mapping[tuple[str, str], Slot]

    @cached_property
    def pairs(self) -> Mapping[str, int]:
        """How often each pair was seen, as the power of two below."""
        return {
            first + second: ord(level) - _ZERO
            for first, seconds, levels in self.rows
            for second, level in zip(seconds, levels, strict=True)
        }

    @cached_property
    def firsts(self) -> Mapping[str, float]:
        """How often each character was seen with any that follows it."""
        return {
            first: sum(2.0 ** (ord(level) - _ZERO) for level in levels)
            for first, _, levels in self.rows
        }

    @cached_property
    def codes(self) -> frozenset[int]:
        """The pairs as numbers, for `unseen_pairs`."""
        plain = ((_ASTRAL.sub("", f), _ASTRAL.sub("", seconds)) for f, seconds, _ in self.rows)
        pairs = [first + first.join(seconds) for first, seconds in plain if first and seconds]
        return frozenset(_numbers("".join(pairs)))

    def knows(self, pair: str) -> bool:
        """Was this pair of characters seen at least twice?"""
        return pair in self.pairs

    def bits(self, words: str) -> float:
        """The mean surprise of the pairs of `words`, in bits; 0 for less than two characters."""
        if len(words) < 2:  # noqa: PLR2004
            return 0.0
        level, first, unknown = self.pairs.get, self._first_bits.get, math.log2(len(self.firsts))
        seen = sum([level(pair, _UNSEEN) for pair in map(add, words, words[1:])])
        return (sum([first(each, unknown) for each in words[:-1]]) - seen) / (len(words) - 1)

    @cached_property
    def _first_bits(self) -> Mapping[str, float]:
        """How many bits each first character leaves open, before it is asked what follows it."""
        return {each: math.log2(count + len(self.firsts)) for each, count in self.firsts.items()}


def unseen_pairs(text: str, codes: frozenset[int], most: int) -> Iterable[list[int]]:
    """Where each pair begins that is not among `codes` and stands twice to `most` times."""
    unseen: list[int] = []
    places: list[int] = []
    for offset, numbers in enumerate(_pair_codes(text)):
        found = [i for i, number in enumerate(numbers) if number not in codes]
        unseen += [numbers[i] for i in found]
        places += [2 * i + offset for i in found]
    counts = Counter(unseen)
    repeated: dict[int, list[int]] = {n: [] for n, count in counts.items() if 1 < count <= most}
    for number, place in zip(unseen, places, strict=True):
        if number in repeated:
            repeated[number].append(place)
    return repeated.values()


def _pair_codes(text: str) -> Iterator[list[int]]:
    """The codes of the pairs that begin at even places of `text`, then of those at odd ones."""
    text = _ASTRAL.sub("\ufffd", text)
    for offset in (0, 1):
        yield _numbers(text[offset : len(text) - (len(text) - offset) % 2])


def _numbers(pairs: str) -> list[int]:
    """Pairs of characters of the basic plane, one after the other, as numbers of four bytes.

    As such they are told apart three times faster than as strings. The lower halves of both
    characters are put together: they differ most, so that few numbers meet in a set.
    """
    data = bytearray(pairs.encode("utf-16-le", "surrogatepass"))
    data[1::4], data[2::4] = data[2::4], data[1::4]
    return array("I", bytes(data)).tolist()


def load_figures(folder: Path) -> Figures:
    """Read the figures in `folder`.

    Raises:
        DataFileError: a file is missing or broken.
    """
    try:
        packed = gzip.decompress((folder / GRAMS).read_bytes()).decode()
        slots = (folder / SLOTS).read_text(encoding="utf-8")
        rows = tuple(_rows(packed))
        return Figures(rows, {(s.left, s.right): s for s in _slots(slots)})
    except (OSError, EOFError, ValueError) as error:
        raise DataFileError(f"{folder}: the figures cannot be read: {error}") from error


def save_figures(folder: Path, pairs: Mapping[str, int], slots: Iterable[Slot]) -> None:
    """Write figures as `load_figures` reads them; equal figures give equal bytes."""
    followers: dict[str, list[tuple[str, int]]] = {}
    for pair, count in sorted(pairs.items()):
        followers.setdefault(pair[0], []).append((pair[1], count.bit_length() - 1))
    lines = (
        f"{_shown(first)}\t{''.join(_shown(c) for c, _ in row)}\t"
        f"{''.join(chr(_ZERO + level) for _, level in row)}\n"
        for first, row in followers.items()
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAMS).write_bytes(gzip.compress("".join(lines).encode(), 9, mtime=0))
    rows = (
        f"{_shown(s.left)}\t{_shown(s.right)}\t{s.seen}\t{s.share}\t{' '.join(s.fillers)}\n"
        for s in slots
    )
    (folder / SLOTS).write_text("".join(rows), encoding="utf-8")


def _rows(packed: str) -> Iterable[tuple[str, str, str]]:
    for line in packed.split("\n"):
        if line:
            first, seconds, levels = line.split("\t")
            if len(first) != 1 or len(seconds) != len(levels):
                raise ValueError(f"{GRAMS} has a row of another form: {line[:20]!r}")
            yield first.replace(_LINE_END, "\n"), seconds.replace(_LINE_END, "\n"), levels


def _slots(table: str) -> Iterable[Slot]:
    for line in table.split("\n"):
        if line:
            left, right, seen, share, fillers = line.split("\t")
            yield Slot(
                left.replace(_LINE_END, "\n"),
                right.replace(_LINE_END, "\n"),
                int(seen),
                float(share),
                tuple(fillers.split(" ")),
            )


def _shown(words: str) -> str:
    return words.replace("\n", _LINE_END)
