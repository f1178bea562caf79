"""Sentences of a text with their keys, and the hashes by which copies find each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final
from zlib import crc32

from archive.collate.keys import key

SHORTEST: Final = 12
"""Characters of a key that a sentence needs to be worth a hash; shorter ones are formulas."""

GRAM: Final = 16
"""Characters of a sampled gram (FracMinHash); one of `ONE_IN` of a text's grams is kept."""

ONE_IN: Final = 32

_SENTENCE: Final = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+")
_HASH_BYTES: Final = 6


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text[start:stop]` with its mark of end, and its comparison key."""

    start: int
    stop: int
    key: str


def sentences(text: str) -> Iterator[Sentence]:
    """The sentences of `text`: a partition of it, in order."""
    for start, stop in bounds(text):
        yield Sentence(start, stop, key(text[start:stop]))


def bounds(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of `text` begin and end."""
    return (found.span() for found in _SENTENCE.finditer(text))


def digest(words: str) -> int:
    """A hash of 48 bits: small enough for the index, wide enough for 10^8 sentences."""
    return int.from_bytes(blake2b(words.encode(), digest_size=_HASH_BYTES).digest(), "big")


def fingerprints(keys: Iterable[str]) -> frozenset[int]:
    """The hashes of a text given as the keys of its sentences, in order.

    Every sentence of `SHORTEST` characters or more, and a sample of the text's grams, which
    still agree where wrong characters spoil most sentences.
    """
    whole = list(keys)
    hashed = {digest(each) for each in whole if len(each) >= SHORTEST}
    return frozenset(hashed | set(_sampled_grams("".join(whole))))


def _sampled_grams(joined: str) -> Iterator[int]:
    encoded = joined.encode("utf-32-le")
    for start in range(0, len(encoded) - 4 * GRAM + 1, 4):
        gram = encoded[start : start + 4 * GRAM]
        if crc32(gram) % ONE_IN == 0:
            yield int.from_bytes(blake2b(gram, digest_size=_HASH_BYTES).digest(), "big")
