"""Finds which official words a foreign name replaced: slots that clean reports fill with them.

There are two kinds of slots: those counted in clean reports, and those described in the lexicon
`slots`, with their original words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from archive.judge.foreign import places_in
from archive.known import Gazetteer, Knowledge
from archive.known.learning import Slot, contexts

PLACE = "〇"
_BEFORE, _AFTER = 24, 24
_NEAR = 2
_NEARLY = 1


@dataclass(frozen=True, slots=True)
class SlotReading:
    """The original words between `before` and `after`, most likely first, and why."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    reads: tuple[str, ...]
    why: str

    def at(self, left: str, right: str) -> re.Match[str] | None:
        """Return the match of what follows, if both sides match."""
        return self.after.match(right) if self.before.search(left) else None

    @property
    def is_place(self) -> bool:
        """Whether it is a place."""
        return self.reads[0].startswith("{") and self.reads[0] != "{committee}"


@dataclass(frozen=True)
class SlotWords:
    """The lexicon of slots, ready for matching."""

    slots: Mapping[tuple[str, str], Slot]
    readings: tuple[SlotReading, ...]
    own: re.Pattern[str]
    places: frozenset[str]
    countries: re.Pattern[str]
    vocabulary: frozenset[str]
    afters: re.Pattern[str]
    befores: re.Pattern[str]
    areas: re.Pattern[str]
    head: int

    @cached_property
    def _edges(self) -> frozenset[tuple[str, str]]:
        """Return the characters next to the gaps of counted slots, and nothing further away."""
        return frozenset((left[-_NEAR:], right[:_NEAR]) for left, right in self.slots)

    def counted(self, text: str, start: int, stop: int) -> tuple[Slot, ...]:
        """Yield the counted slots around `text[start:stop]` whose known fillers are other words."""
        near, after = text[max(0, start - _NEAR) : start], text[stop : stop + _NEAR]
        if self._edges.isdisjoint(((near, after), ("", after), (near, ""))):
            return ()
        words = text[start:stop]
        found = (self.slots.get(key) for key in contexts(text, start, stop))
        return tuple(slot for slot in found if slot is not None and words not in slot.fillers)

    def described(
        self, text: str, start: int, stop: int
    ) -> Iterator[tuple[SlotReading, re.Match[str]]]:
        """Yield the described slots around `text[start:stop]`, each with what follows."""
        left, right = text[max(0, start - _BEFORE) : start], text[stop : stop + _AFTER]
        if not self.afters.match(right) and not self.befores.search(left):
            return
        for reading in self.readings:
            match = reading.at(left, right)
            if match is not None:
                yield reading, match

    def is_own_area(self, words: str, text: str) -> bool:
        """Whether the head of `text` calls an area, town or the like `words`."""
        places = places_in(text[: self.head], words)
        return any(self.areas.match(text, at + len(words), self.head) for at in places)

    def is_foreign(self, words: str) -> bool:
        """Whether `words` are neither of the genre nor, up to one character, a place name."""
        if len(set(words.lower())) == 1:  # xx is a placeholder, not a name
            return False
        if self.own.search(words) or self.countries.search(words):
            return False
        least = max(2, len(words) - _NEARLY)
        return not any(
            words[i:j] in self.places
            for i in range(len(words) - least + 1)
            for j in range(i + least, len(words) + 1)
        )


@lru_cache(maxsize=4)
def slot_words(knowledge: Knowledge) -> SlotWords:
    """Return the shipped slots, the words of the genre, and all names of places."""
    lexicon: dict[str, Any] = knowledge.lexicon("slots")
    return SlotWords(
        knowledge.figures.slots,
        tuple(_reading(row) for row in lexicon["readings"]),
        re.compile("|".join(lexicon["own"])),
        _all_places(knowledge.gazetteer),
        re.compile("|".join(lexicon["countries"])),
        _vocabulary(lexicon),
        _any(row["after"] for row in lexicon["readings"] if "after" in row),
        _any(f"(?:{row['before']})$" for row in lexicon["readings"] if "after" not in row),
        re.compile(lexicon["areas"]["behind"]),
        lexicon["areas"]["head"],
    )


def one_vote(text: str, start: int, stop: int, words: SlotWords) -> str:
    """Return what clean reports have in place of `text[start:stop]`; empty without a slot."""
    for reading, _ in words.described(text, start, stop):
        return PLACE if reading.is_place else reading.reads[0]
    slots = words.counted(text, start, stop)
    strongest = max(slots, key=lambda slot: (slot.share, slot.seen), default=None)
    return "" if strongest is None else strongest.fillers[0]


def _reading(row: Mapping[str, Any]) -> SlotReading:
    before = row.get("before", "")
    return SlotReading(
        re.compile(f"(?:{before})$" if before else ""),
        re.compile(row.get("after", "")),
        tuple(row["reads"]),
        row["why"],
    )


def _any(patterns: Iterable[str]) -> re.Pattern[str]:
    """Combine patterns into one, so that most places are skipped at once."""
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def _vocabulary(lexicon: Mapping[str, Any]) -> frozenset[str]:
    """Return the pairs of characters in the official words of all levels."""
    words = [form.format(level) for form in lexicon["of_levels"] for level in lexicon["levels"]]
    return frozenset(
        word[i : i + 2] for word in (*words, *lexicon["words"]) for i in range(len(word) - 1)
    )


def _all_places(gazetteer: Gazetteer) -> frozenset[str]:
    return frozenset(_surfaces(gazetteer))


def _surfaces(gazetteer: Gazetteer) -> Iterable[str]:
    for division in gazetteer.divisions:
        yield division.name
        yield from (short for short in division.short if len(short) > 1)
