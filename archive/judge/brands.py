"""Finds names of the brand lexicon, except where a name has another meaning."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from archive.judge.foreign import PARTICLES, Name
from archive.known import Knowledge
from archive.known.genre import SENTENCE_ENDS

_SENTENCE: Final = 60
_NEARLY_ALL: Final = 0.75
_SHORTEST_ENDING, _LONGEST_STEM = 2, 8
_SENTENCE_ENDS: Final = f"{SENTENCE_ENDS}\n"


@dataclass(frozen=True)
class Brands:
    """Finds brand names of the lexicon in a text."""

    finder: re.Pattern[str]
    starts: re.Pattern[str]
    betting: re.Pattern[str]
    real: re.Pattern[str]
    gambling: re.Pattern[str]
    bodies: re.Pattern[str]

    def find(self, words: str) -> Iterator[tuple[int, int]]:
        """Start and stop of each brand name in `words`."""
        reached = 0
        # two character classes are searched much faster than a hundred names
        for start in self.starts.finditer(words):
            match = self.finder.match(words, start.start()) if start.start() >= reached else None
            if match:
                reached = match.end()
                yield match.span()

    def places(self, words: str) -> list[tuple[int, int]]:
        """Return all places of each brand, unless it means something else everywhere.

        The characters after a name may look like a suffix by accident (娱乐 before 城市): the
        shorter form applies if it is the usual one. A name that was found also counts after a
        number.
        """
        found = list(self.find(words))
        counts = Counter(words[start:stop].lower() for start, stop in found)
        usual = [(start, start + len(_usual(words[start:stop], counts))) for start, stop in found]
        meant = {
            words[start:stop].lower()
            for start, stop in usual
            if not self.means_something_else(words, start, stop)
        }
        return everywhere(words, meant)

    def means_something_else(self, words: str, start: int, stop: int) -> bool:
        """Whether the name is that of a real thing here (a park), or the text is about gambling."""
        if self.real.match(words, stop) and not self.betting.search(words, start, stop):
            return True
        first, last = start, stop
        while first > max(0, start - _SENTENCE) and words[first - 1] not in _SENTENCE_ENDS:
            first -= 1
        while last < min(len(words), stop + _SENTENCE) and words[last] not in _SENTENCE_ENDS:
            last += 1
        around = words[first:start] + "\n" + words[stop:last]
        return self.gambling.search(around) is not None

    def names_a_thing(self, text: str, name: Name) -> bool:
        """Whether the same word of a real thing follows nearly every occurrence of `name`."""
        size = len(name.words)
        things = [self.real.match(text, start + size) for start in name.starts]
        followed = Counter(thing[0] for thing in things if thing)
        return followed.total() > 0 and max(followed.values()) >= _NEARLY_ALL * len(things)

    def named_bodies(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and stop of words in the name of a body that end as names of brands do."""
        for match in self.bodies.finditer(text):
            start, stop = match.span(match.lastgroup or 0)
            least = start - _LONGEST_STEM if match.lastgroup == "governs" else start
            while start > max(0, least) and _is_of_a_name(text[start - 1]):
                start -= 1
            if stop - start > _SHORTEST_ENDING:
                yield start, stop


def _is_of_a_name(character: str) -> bool:
    return character.isalnum() and character not in PARTICLES


def everywhere(words: str, names: Collection[str]) -> list[tuple[int, int]]:
    """Return where `names`, in lower case, occur in `words`; longest first, without overlaps."""
    if not names:
        return []
    either = re.compile(_either(list(names)), re.IGNORECASE)
    return [match.span() for match in either.finditer(words)]


def _usual(name: str, counts: Counter[str]) -> str:
    """Return the name, or a shorter form of it that is more frequent."""
    low = name.lower()
    shorter = [other for other in counts if low.startswith(other) and counts[other] > counts[low]]
    return name[: max(map(len, shorter), default=len(name))]


@lru_cache(maxsize=4)
def brands(knowledge: Knowledge) -> Brands:
    """The finder for the shipped lexicon `brands`."""
    lexicon: dict[str, Any] = knowledge.lexicon("brands")
    return Brands(
        _finder(lexicon),
        _starts(lexicon),
        *(
            re.compile(lexicon[name], re.IGNORECASE)
            for name in ("betting", "real", "gambling", "bodies")
        ),
    )


def _finder(lexicon: dict[str, Any]) -> re.Pattern[str]:
    ambiguous = set(lexicon["ambiguous_stems"])
    all_stems = [stem for group in lexicon["groups"] for stem in group["stems"]]
    stems = [stem for stem in all_stems if stem not in ambiguous]
    betting = [s for s in lexicon["suffixes"] if s not in lexicon["plain_suffixes"]]
    suffix, bet = _either(lexicon["suffixes"]), _either(betting)
    core = f"{_either(stems)}{suffix}{{1,3}}|{_either(sorted(ambiguous))}{bet}{{1,3}}"
    name = f"(?:{core}|{_either(lexicon['names'])})"
    more = f"(?:{_either(all_stems)})?{suffix}{{1,3}}|{_either(lexicon['tails'])}"
    tail = f"(?:[_-]{{1,2}}(?:{more})){{0,4}}"
    # a Latin name must not be part of a longer word
    begins = "(?:(?=[^A-Za-z0-9])|(?<![A-Za-z0-9]))"
    ends = "(?:(?<=[^A-Za-z0-9])|(?![A-Za-z0-9]))"
    return re.compile(f"{begins}{name}{tail}{ends}", re.IGNORECASE)


def _starts(lexicon: dict[str, Any]) -> re.Pattern[str]:
    """Match the first two characters of all names with two character classes, overlapping."""
    names = {*lexicon["names"], *lexicon["ambiguous_stems"]}
    names |= {stem for group in lexicon["groups"] for stem in group["stems"]}
    first, second = (
        "".join(sorted({c for name in names for c in (name[i].lower(), name[i].upper())}))
        for i in (0, 1)
    )
    return re.compile(f"[{re.escape(first)}](?=[{re.escape(second)}])")


def _either(words: list[str]) -> str:
    longest_first = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word) for word in longest_first) + ")"
