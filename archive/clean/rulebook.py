"""Prepares rules for matching: which rule takes a line, whole or field by field.

Few lines are taken. A line is therefore tested only against rules that can begin with its first
character. Rules that can begin with anything are tested if a string that they require is present.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from archive.clean.hints import Hints, Ranked, hints_of
from archive.clean.lines import SCOPES_OF, Zone
from archive.known import Knowledge, Rule
from archive.known.required_strings import beginnings, needed
from archive.model import Page

_BETWEEN_FIELDS = re.compile(
    r"[\s|｜·•\u200b\ufeff\ue000-\uf8ff]*"
)  # icons of web fonts are private-use characters
_LONGEST_FIELD_LINE = 400
_LATIN = "\xff"
_UNCOMMON = re.compile(r"[^\s\d,.:;?!\uff0c\u3002\u3001\uff1a\uff1b\uff1f\uff01\u201c\u201d]")


@dataclass(frozen=True, slots=True)
class MatchedField:
    """A piece of a line, by offsets in its words, that `rule` takes."""

    start: int
    stop: int
    rule: Rule


Fate = tuple[MatchedField, ...]
"""The fields that take a line; an empty fate keeps it."""


@dataclass(frozen=True)
class RuleBook:
    """The rules of a ruleset, grouped by what they examine.

    `conditional` rules are stored with the strings of which each requires one, if any.
    `by_beginning` are the plain rules by first character, together with those of `anywhere`, which
    can begin with anything. Other such rules are found by `hints`, and inline rules by
    `inline_hints`, if they require a string.
    """

    plain: Ranked
    conditional: tuple[tuple[Rule, frozenset[str]], ...]
    inline: Ranked
    anywhere: Ranked
    by_beginning: Mapping[str, Ranked]
    hints: Hints
    inline_hints: Hints

    def inline_rules(self, text: str) -> list[Rule]:
        """Return the inline rules that may match `text`, in file order."""
        hinted = {rank for rank, _ in self.inline_hints.of(text)}
        return [rule for rank, rule in self.inline if not rule.needs or rank in hinted]

    def conditional_rules(self, text: str) -> list[Rule]:
        """Return the rules that examine neighbouring lines and may take a line of `text`."""
        return [
            rule
            for rule, needs in self.conditional
            if not needs or any(word in text for word in needs)
        ]

    def hinted(self, page: Page) -> set[int]:
        """Return the few lines of `page` with a string that a rule requires."""
        starts = [block.start for block in page.blocks]
        return {bisect_right(starts, place) - 1 for place in self.hints.places(page.visible)}

    def fields(self, words: str, zone: Zone, *, hinted: bool = True) -> Fate:
        """Return the fields that make up all of `words`, or nothing if a piece matches no rule.

        Args:
            words: the words of a line.
            zone: the zone of the line.
            hinted: whether it may contain strings that rules require.
        """
        found: list[MatchedField] = []
        rules = self.hints.of(words) if hinted else ()
        place = 0
        while place < len(words):
            field = _longest(words, place, zone, (*self._beginning(words[place]), *rules))
            if field is None:
                return ()
            found.append(field)
            place = field.stop
            if place > _LONGEST_FIELD_LINE and place < len(words):
                return ()
        return tuple(found)

    def _beginning(self, character: str) -> Ranked:
        if character > _LATIN and (character.isdecimal() or character.isspace()):
            return self.plain
        return self.by_beginning.get(character, self.anywhere)


def _longest(words: str, place: int, zone: Zone, rules: Ranked) -> MatchedField | None:
    best: tuple[int, int, Rule] | None = None
    for rank, rule in rules:
        stop = taken(rule, words, place)
        if stop == place or rule.scope not in SCOPES_OF[zone] or (rule.whole and place):
            continue
        if best is None or (stop, -rank) > best[:2]:
            best = stop, -rank, rule
    return MatchedField(place, best[0], best[2]) if best else None


def taken(rule: Rule, words: str, place: int = 0) -> int:
    """Return where the piece that `rule` takes at `place` ends; `place` if it takes none."""
    match = rule.regex.match(words, place)
    if match is None or match.end() == place or (rule.whole and match.end() < len(words)):
        return place
    if rule.never is not None and rule.never.fullmatch(words):
        return place
    gap = _BETWEEN_FIELDS.match(words, match.end())
    return gap.end() if gap else match.end()


@lru_cache(maxsize=4)
def rulebook(knowledge: Knowledge) -> RuleBook:
    """Return the rules of `knowledge`, ready for matching."""
    lines = [rule for rule in knowledge.rules if rule.scope != "inline" and rule.kind != "page"]
    plain = tuple(enumerate(rule for rule in lines if not rule.conditional))
    begins = {rank: beginnings(rule.pattern) for rank, rule in plain}
    needs = {rank: _telling(rule) for rank, rule in plain if begins[rank] is None}
    anywhere = tuple((rank, rule) for rank, rule in plain if rank in needs and not needs[rank])
    inline = tuple(enumerate(rule for rule in knowledge.rules if rule.scope == "inline"))
    return RuleBook(
        plain=plain,
        conditional=tuple((rule, _telling(rule)) for rule in lines if rule.conditional),
        inline=inline,
        anywhere=anywhere,
        by_beginning=_by_beginning(plain, begins, anywhere),
        hints=hints_of(plain, needs),
        inline_hints=hints_of(inline, {rank: rule.needs for rank, rule in inline}),
    )


def _telling(rule: Rule) -> frozenset[str]:
    """Return the strings that `rule` requires, except marks and numbers found in most lines."""
    words = needed(rule.pattern)
    return words if all(map(_UNCOMMON.search, words)) else frozenset()


def _by_beginning(
    plain: Ranked, begins: Mapping[int, Iterable[str] | None], anywhere: Ranked
) -> dict[str, Ranked]:
    found: dict[str, list[tuple[int, Rule]]] = {}
    for rank, rule in plain:
        for character in begins[rank] or ():
            found.setdefault(character, list(anywhere)).append((rank, rule))
    return {character: tuple(rules) for character, rules in found.items()}
