"""Selects the rules that a text needs: those with a required string that it contains."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from archive.known import Rule

Ranked = tuple[tuple[int, Rule], ...]
"""Rules with their positions in the rule files: of two equal matches the first one counts."""


@dataclass(frozen=True)
class Hints:
    """Finds the strings that rules require in one search.

    `rules` are the rules by the string that is searched for, each with its required string, which
    contains the other.
    """

    finder: re.Pattern[str]
    rules: Mapping[str, tuple[tuple[int, Rule, str], ...]]

    def places(self, text: str) -> list[int]:
        """Return the positions of the searched strings in `text`, in order."""
        return [found.start() for found in self.finder.finditer(text)]

    def of(self, text: str) -> Ranked:
        """Return the rules whose required string is in `text`, in no particular order."""
        hint = self.finder.search(text)
        if hint is None:
            return ()
        found_hints: set[str] = set()
        while hint:
            found_hints.add(hint[0])
            hint = self.finder.search(text, hint.start() + 1)
        needing = (one for hint in found_hints for one in self.rules[hint])
        return tuple({n: rule for n, rule, word in needing if word in text}.items())


def hints_of(rules: Ranked, needs: Mapping[int, Iterable[str]]) -> Hints:
    """Return the hints of `rules`; `needs` are the strings of which each requires one."""
    wanted = [(rank, rule, word) for rank, rule in rules for word in needs.get(rank, ())]
    words = {word for _, _, word in wanted}
    hints = sorted(w for w in words if not any(other in w for other in words - {w}))
    found = {hint: tuple(one for one in wanted if hint in one[2]) for hint in hints}
    return Hints(_any_of(hints), found)


def _any_of(words: list[str]) -> re.Pattern[str]:
    """Return a search for `words` that skips most positions by their first two characters."""
    if not words:
        return re.compile(r"(?!)")
    first, second = ("".join({word[place : place + 1] for word in words}) for place in (0, 1))
    lone = "".join(word for word in words if len(word) == 1) or "\0"
    near = f"(?:(?=[{re.escape(second)}])|(?<=[{re.escape(lone)}]))"
    rest = "|".join(f"(?<={re.escape(word[0])}){re.escape(word[1:])}" for word in words)
    return re.compile(f"[{re.escape(first)}]{near}(?:{rest})")
