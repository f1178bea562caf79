"""Which rules a text is worth showing to: those of which it holds a string that they need."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.known import Rule

Ranked = tuple[tuple[int, Rule], ...]
"""Rules with their places in the rule files: of two that take as much, the first one counts."""


@dataclass(frozen=True)
class Hints:
    """Finds the strings that rules need, all in one search.

    `rules` are the rules by the string that is searched for, each with the string that it needs,
    which holds the other.
    """

    finder: re.Pattern[str]
    rules: Mapping[str, tuple[tuple[int, Rule, str], ...]]

    def places(self, text: str) -> list[int]:
        """Where the strings that are searched for stand in `text`, in order."""
        return [found.start() for found in self.finder.finditer(text)]

    def of(self, text: str) -> Ranked:
        """The rules of which a needed string stands in `text`, in no particular order."""
        hint = self.finder.search(text)
        if hint is None:
            return ()
        told: set[str] = set()
        while hint:
            told.add(hint[0])
            hint = self.finder.search(text, hint.start() + 1)
        needing = (one for hint in told for one in self.rules[hint])
        return tuple({n: rule for n, rule, word in needing if word in text}.items())


def hints_of(rules: Ranked, needs: Mapping[int, Iterable[str]]) -> Hints:
    """The hints of `rules`; `needs` are the strings of which each needs one."""
    wanted = [(rank, rule, word) for rank, rule in rules for word in needs.get(rank, ())]
    words = {word for _, _, word in wanted}
    hints = sorted(w for w in words if not any(other in w for other in words - {w}))
    found = {hint: tuple(one for one in wanted if hint in one[2]) for hint in hints}
    return Hints(_any_of(hints), found)


def _any_of(words: list[str]) -> re.Pattern[str]:
    """A search for `words` that passes over most places by their first two characters."""
    if not words:
        return re.compile(r"(?!)")
    first, second = ("".join({word[place : place + 1] for word in words}) for place in (0, 1))
    lone = "".join(word for word in words if len(word) == 1) or "\0"
    near = f"(?:(?=[{re.escape(second)}])|(?<=[{re.escape(lone)}]))"
    rest = "|".join(f"(?<={re.escape(word[0])}){re.escape(word[1:])}" for word in words)
    return re.compile(f"[{re.escape(first)}]{near}(?:{rest})")
