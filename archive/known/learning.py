"""Learns figures from clean reports: counts of character pairs, slots, and surroundings.

A slot is a place in a sentence that official words fill regularly: the words before `、省政府和`
are nearly always 省委. Surroundings are the few characters next to a word: they distinguish
official words from names used by only one place. Only counts of a text are kept.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from archive.known.gazetteer import Gazetteer

LONGEST_FILLER = 14
SIZES = ((2, 2), (0, 3), (0, 4), (0, 5), (3, 0), (4, 0), (5, 0))
"""The numbers of characters before and after a filler that form a context."""

ONE_SIDED = (3, 4, 5)
_LEAST = 5
_LEAST_TEXTS = 2
_LEAST_SHARE = 0.85
_SHORTEST_NAME = 2
_PAIR = 2
_PLACE = "〇"

KINDS = ("organ", "level", "leader", "unit", "place")
"""The kinds of words that hijackers replace, in the order of a row of `Surroundings`."""

RARE = "rare"
"""The kind of names used by only one place."""

FARTHEST = 3
LEFT, RIGHT = "<", ">"
_LEVELLED = str.maketrans(
    dict.fromkeys("0123456789", "0")
    | dict.fromkeys(" \t\r\n\u3000\xa0", "\n")
    | dict(zip(",;:!?()\"'", "，；：！？（）“‘", strict=True))
)
_ALIKE, _ALIKE_LONGER = 160.0, 8.0
"""What all kinds together say counts like so many occurrences; for one character, for more."""
_SEEN_OFTEN = 5
_SAYS_SOMETHING = 0.5


@dataclass(frozen=True, slots=True)
class Slot:
    """The fillers of the place between `left` and `right`, most frequent first.

    `share` is how much of what was seen there is one of the official words or a place (〇).
    """

    left: str
    right: str
    seen: int
    share: float
    fillers: tuple[str, ...]


def place_names(gazetteer: Gazetteer) -> frozenset[str]:
    """Return names and short forms of provinces and prefectures, as found in slots."""
    names: set[str] = set()
    for division in gazetteer.divisions:
        if division.level in ("province", "prefecture") and len(division.name) > _SHORTEST_NAME:
            names.add(division.name)
            names |= {short for short in division.short if len(short) > 1}
    return frozenset(names)


def count_grams(texts: Iterable[str], size: int, least: int) -> dict[str, int]:
    """Count runs of `size` characters in `texts` that occur at least `least` times."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text[i : i + size] for i in range(len(text) - size + 1))
    return {gram: count for gram, count in counts.items() if count >= least}


def spread_pairs(texts: Iterable[tuple[str, str]], least: int) -> dict[str, int]:
    """Count pairs of characters in `texts` that at least `least` places use.

    `texts` are places and words: what only one place repeats is not typical of the genre.
    """
    by_place: dict[str, Counter[str]] = defaultdict(Counter)
    for place, words in texts:
        by_place[place].update(map("".join, pairwise(words)))
    counts: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for found in by_place.values():
        counts.update(found)
        places.update(found.keys())
    return {pair: count for pair, count in counts.items() if places[pair] >= least}


def surroundings(text: str, start: int, stop: int) -> tuple[str, str]:
    """Return the surroundings of `text[start:stop]`, with marks and digits normalised."""
    left = text[max(0, start - FARTHEST) : start].rjust(FARTHEST)
    right = text[stop : stop + FARTHEST].ljust(FARTHEST)
    return left.translate(_LEVELLED), right.translate(_LEVELLED)


def learn_surroundings(
    seen: Iterable[tuple[str, str, str]],
) -> dict[str, tuple[float, ...]]:
    """Return how much likelier each kind of words has some surroundings than a rare name, in bits.

    `seen` are the kind, the left and the right surroundings of each occurrence. A key is `<` or `>`
    and one to three characters; a value has one number for each of `KINDS`. Longer keys that add
    nothing to the shorter ones are left out.
    """
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in (*KINDS, RARE)}
    totals: Counter[str] = Counter()
    for kind, left, right in seen:
        totals[kind] += 1
        counts[kind].update(_keys(left, right))
    everything: Counter[str] = sum(counts.values(), Counter())
    values: dict[str, tuple[float, ...]] = {"": (0.0,) * len(KINDS)}
    found: dict[str, tuple[float, ...]] = {}
    for key in sorted(everything, key=lambda key: (len(key), key)):
        if everything[key] < _SEEN_OFTEN:
            continue
        more = _likelier(key, counts, totals, everything)
        values[key] = tuple(map(float.__add__, values[_shorter(key)], more))
        if max(map(abs, more)) >= _SAYS_SOMETHING:
            found[key] = values[key]
    return found


def _keys(left: str, right: str) -> Iterator[str]:
    for size in range(1, FARTHEST + 1):
        yield LEFT + left[-size:]
        yield RIGHT + right[:size]


def _shorter(key: str) -> str:
    """Return the key without the farthest character; empty for a key of one character."""
    if len(key) == len(LEFT) + 1:
        return ""
    return LEFT + key[2:] if key[0] == LEFT else key[:-1]


def _likelier(
    key: str,
    counts: Mapping[str, Counter[str]],
    totals: Mapping[str, int],
    everything: Mapping[str, int],
) -> list[float]:
    """Return what the farthest character of a key adds for each kind."""
    shorter = _shorter(key)
    alike = _ALIKE_LONGER if shorter else _ALIKE
    of = {kind: counts[kind][shorter] if shorter else totals[kind] for kind in counts}
    share = (everything[key] + 1) / (sum(of.values()) + 2)
    likely = {kind: (counts[kind][key] + alike * share) / (of[kind] + alike) for kind in counts}
    return [math.log2(likely[kind] / likely[RARE]) for kind in KINDS]


def learn_slots(
    texts: Sequence[str], words: Iterable[str], places: Iterable[str]
) -> tuple[Slot, ...]:
    """Return the slots that `words` and `places` fill in at least two of `texts`."""
    is_place = frozenset(places)
    finder = _finder((*words, *sorted(is_place)))
    seen: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    where: dict[tuple[str, str], set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        for match in finder.finditer(text):
            word = match.group()
            for key in contexts(text, *match.span()):
                seen[key][_PLACE if word in is_place else word] += 1
                where[key].add(number)
    often = {
        key: fillers
        for key, fillers in seen.items()
        if fillers.total() >= _LEAST and len(where[key]) >= _LEAST_TEXTS
    }
    totals = _totals(texts, often)
    return tuple(_slots(often, totals))


def words_in(text: str, kinds: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, int, int]]:
    """Yield where words of some kinds are in `text`, longest first: kind, start, stop."""
    kind_of = {word: kind for kind, words in kinds.items() for word in words}
    for match in _finder(tuple(kind_of)).finditer(text):
        yield kind_of[match[0]], *match.span()


def contexts(text: str, start: int, stop: int) -> list[tuple[str, str]]:
    """Yield the contexts of `text[start:stop]`, by the sizes of `SIZES`."""
    return [
        (text[start - before : start], text[stop : stop + after])
        for before, after in SIZES
        if start >= before and stop + after <= len(text)
    ]


@lru_cache(maxsize=4)
def _finder(words: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)))


def _totals(
    texts: Sequence[str], often: Mapping[tuple[str, str], Counter[str]]
) -> Counter[tuple[str, str]]:
    """Count each context in `texts` around anything at all, or nothing."""
    rights: dict[str, set[str]] = defaultdict(set)
    for left, right in often:
        rights[left].add(right)
    before, behind = rights.keys() - {""}, rights.get("", set())
    totals: Counter[tuple[str, str]] = Counter()
    for text in texts:
        for i in range(len(text)):
            for size in ONE_SIDED:
                run = text[i : i + size]
                if run in behind:
                    totals["", run] += 1
                if run in before:
                    totals[run, ""] += 1
            left = text[i : i + _PAIR]
            if left in before:
                window = text[i + 3 : i + LONGEST_FILLER + 4]
                there = {window[j : j + _PAIR] for j in range(len(window) - 1)}
                for right in there & rights[left]:
                    totals[left, right] += 1
    return totals


def _slots(
    often: Mapping[tuple[str, str], Counter[str]], totals: Mapping[tuple[str, str], int]
) -> Iterable[Slot]:
    for (left, right), fillers in sorted(often.items()):
        seen = fillers.total()
        share = seen / max(seen, totals[left, right])
        if share >= _LEAST_SHARE:
            common = tuple(word for word, _ in fillers.most_common(4))
            yield Slot(left, right, seen, round(share, 2), common)
