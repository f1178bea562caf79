"""Figures of the genre: which characters stand together, and what fills a slot of a sentence.

They are counts learnt from clean reports (`archive.known.learning`), never their sentences.
"""

from __future__ import annotations

import gzip
import math
import re
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from archive.errors import DataFileError
from archive.known.learning import Slot

GRAMS = "grams.tsv.gz"
SLOTS = "slots.tsv"
_LINE_END = "⏎"
_ZERO = ord("0")
_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")
_UNSEEN = 0.25  # the count that a pair never seen is given when its surprise is reckoned


@dataclass(frozen=True)
class Figures:
    """Counts of pairs of characters, in powers of two, and the slots with their fillers."""

    pairs: Mapping[str, int]
    firsts: Mapping[str, float]
    slots: Mapping[tuple[str, str], Slot]

    @cached_property
    def codes(self) -> frozenset[int]:
        """The pairs as numbers, for `unseen_pairs`."""
        return frozenset(pair_code(pair) for pair in self.pairs if not _ASTRAL.search(pair))

    def knows(self, pair: str) -> bool:
        """Was this pair of characters seen at least twice?"""
        return pair in self.pairs

    def bits(self, words: str) -> float:
        """The mean surprise of the pairs of `words`, in bits; 0 for less than two characters."""
        if len(words) < 2:  # noqa: PLR2004
            return 0.0
        total = sum(self._bits(words[i : i + 2]) for i in range(len(words) - 1))
        return total / (len(words) - 1)

    def _bits(self, pair: str) -> float:
        seen = 2.0 ** self.pairs[pair] if pair in self.pairs else _UNSEEN
        return math.log2((self.firsts.get(pair[0], 0.0) + len(self.firsts)) / seen)


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
    # as numbers of four bytes, pairs are told apart three times faster than as strings
    data = _ASTRAL.sub("\ufffd", text).encode("utf-16-le", "surrogatepass")
    for offset in (0, 2):
        yield array("I", data[offset : len(data) - (len(data) - offset) % 4]).tolist()


def pair_code(pair: str) -> int:
    """A pair of characters of the basic plane as the number that `unseen_pairs` compares."""
    return int.from_bytes(pair.encode("utf-16-le", "surrogatepass"), sys.byteorder)


def load_figures(folder: Path) -> Figures:
    """Read the figures in `folder`.

    Raises:
        DataFileError: a file is missing or broken.
    """
    try:
        packed = gzip.decompress((folder / GRAMS).read_bytes()).decode()
        slots = (folder / SLOTS).read_text(encoding="utf-8")
        pairs = dict(_pairs(packed))
        return Figures(pairs, _firsts(pairs), {(s.left, s.right): s for s in _slots(slots)})
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


def _pairs(packed: str) -> Iterable[tuple[str, int]]:
    for line in packed.split("\n"):
        if line:
            first, seconds, levels = line.split("\t")
            for second, level in zip(seconds, levels, strict=True):
                yield (first + second).replace(_LINE_END, "\n"), ord(level) - _ZERO


def _firsts(pairs: Mapping[str, int]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for pair, level in pairs.items():
        totals[pair[0]] = totals.get(pair[0], 0.0) + 2.0**level
    return totals


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
