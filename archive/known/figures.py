"""Figures of the genre: pairs of characters, fillers of slots, and surroundings.

They are counts learnt from clean reports (`archive.known.learning`), never their sentences.
"""

from __future__ import annotations

import gzip
import math
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from archive.errors import DataFileError
from archive.known.learning import FARTHEST, KINDS, LEFT, RIGHT, Slot, surroundings

GRAMS = "grams.tsv.gz"
SLOTS = "slots.tsv.gz"
SURROUNDINGS = "surroundings.tsv.gz"
_LINE_END = "⏎"
_ZERO = ord("0")
_MOST_POWERS = 64
_MIDDLE, _MOST_BITS, _STEPS = ord("M"), 6.0, 2
_ASTRAL = re.compile(r"[\U00010000-\U0010ffff]")
COMMON, FREQUENT, COMMONEST = 5, 8, 10
"""Powers of two: pairs of the words of sentences, of most reports, of nearly every report."""

READS_ALIKE = 8.0
"""Bits for each pair of characters below which words read like a report: 19 of 20 lines of reports
have fewer, 19 of 20 lines of furniture more."""

_UNSEEN = -2  # the power of two assumed for an unknown pair when surprise is computed


@dataclass(frozen=True)
class Figures:
    """Counts of pairs of characters, in powers of two; slots with their fillers; surroundings.

    `rows` are a first character, its followers, and how often each occurs, as digits. `beside` are
    the surroundings with a letter for each of `KINDS`: half bits around M.
    """

    rows: tuple[tuple[str, str, str], ...]
    slots: Mapping[tuple[str, str], Slot]
    beside: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Mapping[str, int]) -> Figures:
        """Make figures with only pairs, and their counts."""
        return cls(tuple(_by_first(pairs)), {})

    @cached_property
    def pairs(self) -> Mapping[str, int]:
        """The count of each pair, rounded down to a power of two."""
        return {
            first + second: ord(level) - _ZERO
            for first, seconds, levels in self.rows
            for second, level in zip(seconds, levels, strict=True)
        }

    @cached_property
    def _followers(self) -> Mapping[str, tuple[str, str]]:
        """Each first character with its followers and their counts."""
        return {first: (seconds, levels) for first, seconds, levels in self.rows}

    def level(self, pair: str) -> int | None:
        """Return the count of a pair as a power of two; None for an unknown one."""
        seconds, levels = self._followers.get(pair[0], ("", ""))
        at = seconds.find(pair[1])
        return None if at < 0 else ord(levels[at]) - _ZERO

    @cached_property
    def codes(self) -> Mapping[int, int]:
        """The pairs as numbers, as in `unseen_pairs`, with the power of two of each."""
        rows = [row for row in map(_plain, self.rows) if row]
        pairs = "".join([first + first.join(seconds) for first, seconds, _ in rows])
        levels = "".join([levels for _, _, levels in rows]).encode()
        return dict(zip(_numbers(pairs), [level - _ZERO for level in levels], strict=True))

    @cached_property
    def _common_codes(self) -> Mapping[int, int]:
        """The pairs that make up most of any text: few enough for fast lookup."""
        return {number: level for number, level in self.codes.items() if level >= FREQUENT}

    def is_common(self, pair: str, least: int = COMMON) -> bool:
        """Whether a pair reaches the count `least`: `COMMON`, `FREQUENT`, `COMMONEST`."""
        level = self.level(pair)
        return level is not None and level >= least

    def knows(self, pair: str) -> bool:
        """Whether this pair of characters belongs to the genre."""
        return self.level(pair) is not None

    def share_known(self, pairs: str) -> float:
        """Return how many of `pairs`, written one after the other, belong to the genre."""
        numbers = _numbers(_ASTRAL.sub("\ufffd", pairs))
        return sum(number in self.codes for number in numbers) / max(1, len(numbers))

    def likelier(self, text: str, start: int, stop: int) -> tuple[float, ...]:
        """Return how much likelier each of `KINDS` is at a place than a rare name, in bits."""
        left, right = surroundings(text, start, stop)
        found = (
            self._longest(LEFT + left[-size:] for size in range(FARTHEST, 0, -1)),
            self._longest(RIGHT + right[:size] for size in range(FARTHEST, 0, -1)),
        )
        return tuple(
            (ord(one) + ord(two) - 2 * _MIDDLE) / _STEPS for one, two in zip(*found, strict=True)
        )

    def _longest(self, keys: Iterable[str]) -> str:
        return next((self.beside[key] for key in keys if key in self.beside), "M" * len(KINDS))

    def bits(self, words: str) -> float:
        """Return the mean surprise of the pairs of `words`, in bits.

        0 for less than two characters.
        """
        if len(words) < 2:  # noqa: PLR2004
            return 0.0
        common, level, first = self._common_codes, self.codes.get, self._first_bits.get
        unknown = math.log2(len(self.rows))
        numbers = [number for some in _pair_codes(words) for number in some]
        seen = sum([common[n] if n in common else level(n, _UNSEEN) for n in numbers])
        return (sum([first(each, unknown) for each in words[:-1]]) - seen) / (len(words) - 1)

    def unseen_pairs(self, text: str, most: int) -> Iterable[list[int]]:
        """Return the starts of unknown pairs that occur twice to `most` times in `text`."""
        common, codes = self._common_codes, self.codes
        numbers = list(_pair_codes(text))
        counts: Counter[int] = Counter()
        for some in numbers:
            counts.update(some)
        # only repeated pairs are looked up: half of a report's, and `codes` fit in the cache
        repeated: dict[int, list[int]] = {
            number: []
            for number, n in counts.items()
            if 1 < n <= most and number not in common and number not in codes
        }
        for offset, some in enumerate(numbers):
            for place in [i for i, number in enumerate(some) if number in repeated]:
                repeated[some[place]].append(2 * place + offset)
        return repeated.values()

    @cached_property
    def _first_bits(self) -> Mapping[str, float]:
        """The bits that each first character leaves open, before its follower is known."""
        counts = {chr(_ZERO + power): 2.0**power for power in range(_MOST_POWERS)}
        return {
            first: math.log2(sum(map(counts.__getitem__, levels)) + len(self.rows))
            for first, _, levels in self.rows
        }


def _pair_codes(text: str) -> Iterator[list[int]]:
    """Return the codes of the pairs at even positions of `text`, then at odd ones."""
    text = _ASTRAL.sub("\ufffd", text)
    for offset in (0, 1):
        yield _numbers(text[offset : len(text) - (len(text) - offset) % 2])


def _numbers(pairs: str) -> list[int]:
    """Return consecutive pairs of characters of the basic plane as four-byte numbers.

    Numbers are told apart three times faster than strings. The lower halves of both characters are
    placed together: they differ most, so that few numbers collide in a set.
    """
    data = bytearray(pairs.encode("utf-16-le", "surrogatepass"))
    data[1::4], data[2::4] = data[2::4], data[1::4]
    return array("I", bytes(data)).tolist()


def load_figures(folder: Path) -> Figures:
    """Load the figures in `folder`.

    Raises:
        DataFileError: a file is missing or broken.
    """
    try:
        rows = tuple(_rows(_unpacked(folder / GRAMS)))
        slots = {(s.left, s.right): s for s in _slots(_unpacked(folder / SLOTS))}
        return Figures(rows, slots, dict(_beside(_unpacked(folder / SURROUNDINGS))))
    except (OSError, EOFError, ValueError) as error:
        raise DataFileError(f"{folder}: the figures cannot be read: {error}") from error


def save_figures(
    folder: Path,
    pairs: Mapping[str, int],
    slots: Iterable[Slot],
    beside: Mapping[str, str | tuple[float, ...]],
) -> None:
    """Write figures as `load_figures` reads them; equal figures give equal bytes.

    Surroundings are bits as returned by `learn_surroundings`, or letters as in `Figures`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _pack(folder / GRAMS, map("\t".join, _by_first(pairs)))
    _pack(
        folder / SLOTS,
        (f"{s.left}\t{s.right}\t{s.seen}\t{s.share}\t{' '.join(s.fillers)}" for s in slots),
    )
    _pack(
        folder / SURROUNDINGS,
        (
            f"{key}\t{value if isinstance(value, str) else ''.join(map(_letter, value))}"
            for key, value in sorted(beside.items())
        ),
    )


def _plain(row: tuple[str, str, str]) -> tuple[str, str, str] | None:
    """Return a row without characters that do not fit two bytes; None if nothing is left."""
    first, seconds, levels = row
    if _ASTRAL.search(seconds):
        kept = [(c, n) for c, n in zip(seconds, levels, strict=True) if not _ASTRAL.match(c)]
        seconds, levels = "".join(c for c, _ in kept), "".join(n for _, n in kept)
    return (first, seconds, levels) if seconds and not _ASTRAL.match(first) else None


def _by_first(pairs: Mapping[str, int]) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of `Figures`: a first character, its followers, and their levels."""
    followers: dict[str, list[tuple[str, int]]] = {}
    for pair, count in sorted(pairs.items()):
        followers.setdefault(pair[0], []).append((pair[1], count.bit_length() - 1))
    for first, row in followers.items():
        yield first, "".join(c for c, _ in row), "".join(chr(_ZERO + n) for _, n in row)


def _letter(bits: float) -> str:
    return chr(_MIDDLE + round(_STEPS * max(-_MOST_BITS, min(_MOST_BITS, bits))))


def _unpacked(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode()


def _pack(path: Path, lines: Iterable[str]) -> None:
    words = "".join(f"{line.replace(chr(10), _LINE_END)}\n" for line in lines)
    path.write_bytes(gzip.compress(words.encode(), 9, mtime=0))


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


def _beside(table: str) -> Iterable[tuple[str, str]]:
    for line in table.split("\n"):
        if line:
            key, letters = line.split("\t")
            if len(letters) != len(KINDS):
                raise ValueError(f"{SURROUNDINGS} has a row of another form: {line[:20]!r}")
            yield key.replace(_LINE_END, "\n"), letters
