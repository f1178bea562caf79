"""Sentences of a text with their keys, and the hashes by which copies are found."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from archive.collate.keys import SENTENCE, key

SHORTEST: Final = 12
"""Characters from which a sentence is distinctive; shorter ones are formulas."""

GRAM: Final = 12
"""Characters of a gram; half of them survive if 6 % of the characters are wrong."""

ONE_IN: Final = 18
"""One gram in this many is kept (FracMinHash), the same ones in every text: 0.94 KB for 1,000
characters of keys. Hashes of whole sentences with a thinner sample need as much space and find
fewer noisy copies (142 of 150 tenths of a text with 6 % wrong characters, against 149)."""

_HASH_BYTES: Final = 6
_PRIME: Final = 2**48 - 59
"""The greatest prime of 48 bits: the remainder of a gram is small enough for the index, wide enough
for 10^8 grams, and computed three times as fast as a digest."""

_UNIT_BYTES: Final = 2
_GRAM_BYTES: Final = _UNIT_BYTES * GRAM
_KEPT: Final = re.compile(b"[\\x00-\\x%02x]" % (256 // ONE_IN - 1))


@dataclass(frozen=True, slots=True)
class KeyedSentence:
    """`text[start:stop]` with its final marks, and its comparison key."""

    start: int
    stop: int
    key: str


def sentences(text: str) -> Iterator[KeyedSentence]:
    """Return the sentences of `text`: a partition of it, in order."""
    for start, stop in bounds(text):
        yield KeyedSentence(start, stop, key(text[start:stop]))


def bounds(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of `text` begin and end."""
    return (found.span() for found in SENTENCE.finditer(text))


def digest(words: str) -> int:
    """Return the hash of a sentence or any other words."""
    return _digest(words.encode("utf-32-le"))


def fingerprints(keys: Iterable[str]) -> frozenset[int]:
    """Return the hashes of a text from the keys of its sentences: a sample of its grams.

    Whether a gram is in the sample depends only on the gram itself, so the hashes of a fragment are
    among those of the whole.
    """
    encoded = "".join(keys).encode("utf-16-le", "surrogatepass")
    starts = [_UNIT_BYTES * found.start() for found in _KEPT.finditer(_lots(encoded))]
    grams = [encoded[start : start + _GRAM_BYTES] for start in starts]
    return frozenset([int.from_bytes(gram, "big") % _PRIME for gram in grams])


def _lots(encoded: bytes) -> bytes:
    """Return one byte for each gram of `encoded` (UTF-16), which depends on all its characters.

    Every character is mapped to a byte; bytes are permuted and combined in twos, fours, eights and
    twelves. All positions are computed at once, in the lanes of one large integer.
    """
    count = len(encoded) // _UNIT_BYTES
    low, high, two, four, eight, twelve = _permutations()
    ones = _lanes(encoded[::2], low) ^ _lanes(encoded[1::2], high)
    twos = ones ^ (_lanes(ones.to_bytes(count, "little"), two) >> 8)
    in_twos = twos.to_bytes(count, "little")
    fours = twos ^ (_lanes(in_twos, four) >> 16)
    in_fours = fours.to_bytes(count, "little")
    eights = fours ^ (_lanes(in_fours, eight) >> 32)
    twelves = eights ^ (_lanes(in_fours, twelve) >> 64)
    return twelves.to_bytes(count, "little")[: max(0, count - GRAM + 1)]


def _lanes(each: bytes, permuted: bytes) -> int:
    return int.from_bytes(each.translate(permuted), "little")


@lru_cache(maxsize=1)
def _permutations() -> tuple[bytes, ...]:
    """Six independent permutations of all bytes."""
    return tuple(
        bytes(sorted(range(256), key=lambda byte: _digest(bytes((number, byte)))))
        for number in range(6)
    )


def _digest(words: bytes) -> int:
    return int.from_bytes(blake2b(words, digest_size=_HASH_BYTES).digest(), "big")
