"""The inline stage: damage inside lines. Each edit has a rule, and is reversible or only a flag."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from archive.clean.lines import VisibleLine
from archive.known import Knowledge, Rule
from archive.known.han import HAN
from archive.model import Flag

SMALL_LETTERS = re.compile(
    r"[a-zⅰ-ⅹ](?:(?<=[ⅰ-ⅹ])|(?<![A-Za-z].)[A-Za-z0-9]*(?:[.&-][A-Za-z0-9]+)*)"
)
UNUSUAL = re.compile(f"[^\x00-\u04ff\u2000-\u33ff{HAN}\ufe30-\uffef]")


@dataclass(frozen=True, slots=True)
class Edit:
    """What an inline rule does to `visible[start:stop]`: drop, replace or only flag."""

    start: int
    stop: int
    rule: Rule
    action: Literal["drop", "replace", "flag"]
    replacement: str | None = None
    evidence: str = ""
    proposals: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether it changes the text."""
        return self.action != "flag"

    def as_flag(self, text: str) -> Flag:
        """The flag that reports it."""
        words = text[self.start : self.stop]
        why = self.evidence or self.rule.why
        return Flag(self.rule.id, self.start, self.stop, words, why, self.proposals)


@dataclass(frozen=True)
class SelectedText:
    """The text with its kept lines, and those that a rule dropped."""

    text: str
    kept: tuple[VisibleLine, ...]
    dropped: tuple[VisibleLine, ...]
    knowledge: Knowledge = field(repr=False)

    @cached_property
    def unusual(self) -> tuple[tuple[int, str], ...]:
        """Characters that are neither Han, Latin, punctuation nor symbols, with their positions."""
        return tuple((match.start(), match[0]) for match in UNUSUAL.finditer(self.text))

    @cached_property
    def small_letters(self) -> tuple[tuple[int, int], ...]:
        """Positions of lower-case words and Roman numerals in the kept lines."""
        return tuple(
            match.span()
            for line in self.kept
            for match in SMALL_LETTERS.finditer(self.text, line.start, line.stop)
        )

    @cached_property
    def _lines(self) -> list[VisibleLine]:
        return sorted((*self.kept, *self.dropped), key=lambda line: line.start)

    @cached_property
    def _starts(self) -> list[int]:
        return [line.start for line in self._lines]

    @cached_property
    def _kept(self) -> frozenset[int]:
        return frozenset(line.index for line in self.kept)

    def line_at(self, start: int, stop: int) -> VisibleLine | None:
        """The line that fully contains `text[start:stop]`, or None."""
        rank = bisect_right(self._starts, start) - 1
        if rank < 0 or stop > self._lines[rank].stop:
            return None
        return self._lines[rank]

    def keeps(self, line: VisibleLine) -> bool:
        """Whether this line is kept."""
        return line.index in self._kept

    def kept_at(self, start: int, stop: int) -> bool:
        """Whether `text[start:stop]` is in a kept line."""
        line = self.line_at(start, stop)
        return line is not None and self.keeps(line)


Method = Callable[[Rule, SelectedText], Iterable[Edit]]


def searched(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Return an edit for each match of the rule's pattern, or of its group `hit…`."""
    for match in rule.regex.finditer(document.text):
        hits = [name for name, words in match.groupdict().items() if words is not None]
        start, stop = match.span(hits[0] if hits else 0)
        if rule.never is not None and rule.never.search(document.text, max(0, start - 24), start):
            continue
        yield edit(rule, start, stop)


def edit(rule: Rule, start: int, stop: int, replacement: str | None = None) -> Edit:
    """Return the edit of `rule` at a position."""
    if rule.action == "replace":
        new = rule.replacement if replacement is None else replacement
        return Edit(start, stop, rule, "replace", new)
    if rule.action == "drop":
        return Edit(start, stop, rule, "drop")
    return Edit(start, stop, rule, "flag", proposals=rule.proposals)


def edits_of(
    document: SelectedText, rules: Sequence[Rule], methods: Mapping[str, Method]
) -> tuple[Edit, ...]:
    """Return the edits of the inline `rules` in text order; changes never overlap.

    If two rules would change the same characters, the first in the rule files applies. Dropped
    lines are not changed, but may be flagged.
    """
    accepted: list[Edit] = []
    taken: set[int] = set()
    for rule in rules:
        found = list(methods[rule.method](rule, document))
        if len({document.text[e.start : e.stop] for e in found}) < rule.least:
            continue
        for one in found:
            if _fits(one, document, taken):
                accepted.append(one)
                if one.changes:
                    taken.update(range(one.start, one.stop))
    return tuple(sorted(accepted, key=lambda e: (e.start, e.stop)))


def _fits(one: Edit, document: SelectedText, taken: set[int]) -> bool:
    line = document.line_at(one.start, one.stop)
    if line is None or one.stop <= one.start:
        return False
    if not one.changes:
        return True
    return document.keeps(line) and taken.isdisjoint(range(one.start, one.stop))
