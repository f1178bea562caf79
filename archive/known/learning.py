"""Figures learnt from clean reports: counts of characters together, and what fills a slot.

A slot is a place in a sentence that official words fill again and again: what stands before
`、省政府和` is nearly always 省委. Counts are all that is kept of a text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from archive.known.gazetteer import Gazetteer

LONGEST_FILLER = 14
SIZES = ((2, 2), (0, 3), (0, 4), (0, 5), (3, 0), (4, 0), (5, 0))
"""How many characters before and after a filler make a context."""

ONE_SIDED = (3, 4, 5)
_LEAST = 3
_LEAST_TEXTS = 2
_LEAST_SHARE = 0.85
_SHORTEST_NAME = 2
_PLACE = "〇"


@dataclass(frozen=True, slots=True)
class Slot:
    """What fills the place between `left` and `right`: the words, most frequent first.

    `share` is how much of what was seen there is one of the official words or a place (〇).
    """

    left: str
    right: str
    seen: int
    share: float
    fillers: tuple[str, ...]


def place_names(gazetteer: Gazetteer) -> frozenset[str]:
    """Names and short forms of provinces and prefectures, as they stand in slots."""
    names: set[str] = set()
    for division in gazetteer.divisions:
        if division.level in ("province", "prefecture") and len(division.name) > _SHORTEST_NAME:
            names.add(division.name)
            names |= {short for short in division.short if len(short) > 1}
    return frozenset(names)


def count_grams(texts: Iterable[str], size: int, least: int) -> dict[str, int]:
    """How often each run of `size` characters stands in `texts`, where at least `least` times."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(text[i : i + size] for i in range(len(text) - size + 1))
    return {gram: count for gram, count in counts.items() if count >= least}


def learn_slots(
    texts: Sequence[str], words: Iterable[str], places: Iterable[str]
) -> tuple[Slot, ...]:
    """The slots that `words` and `places` fill in at least two of `texts`."""
    is_place = frozenset(places)
    finder = _finder([*words, *is_place])
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


def contexts(text: str, start: int, stop: int) -> list[tuple[str, str]]:
    """What stands around `text[start:stop]`, by the sizes of `SIZES`."""
    return [
        (text[start - before : start], text[stop : stop + after])
        for before, after in SIZES
        if start >= before and stop + after <= len(text)
    ]


def _finder(words: Iterable[str]) -> re.Pattern[str]:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(re.escape, longest_first)))


def _totals(
    texts: Sequence[str], often: Mapping[tuple[str, str], Counter[str]]
) -> Counter[tuple[str, str]]:
    """How often each context stands in `texts` around anything at all, or nothing."""
    rights: dict[str, list[str]] = defaultdict(list)
    for left, right in often:
        rights[left].append(right)
    totals: Counter[tuple[str, str]] = Counter()
    for text in texts:
        for i in range(len(text)):
            for size in ONE_SIDED:
                run = text[i : i + size]
                if ("", run) in often:
                    totals["", run] += 1
                if (run, "") in often:
                    totals[run, ""] += 1
            left = text[i : i + 2]
            window = text[i + 3 : i + LONGEST_FILLER + 4]
            for right in rights.get(left, ()):
                if right and right in window:
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
