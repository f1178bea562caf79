"""Rules made ready for use: which rule takes a line, alone or field by field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from archive.clean.lines import SCOPES_OF, Zone
from archive.known import Rule

_BETWEEN_FIELDS = re.compile(r"[\s|｜·•\u200b\ufeff]*")
_LONGEST_FIELD_LINE = 400


@dataclass(frozen=True, slots=True)
class Field:
    """A piece of a line, by offsets in its words, that `rule` takes."""

    start: int
    stop: int
    rule: Rule


@dataclass(frozen=True)
class RuleBook:
    """The line rules of a ruleset, sorted by what they look at."""

    plain: tuple[Rule, ...]
    conditional: tuple[Rule, ...]
    any_plain: re.Pattern[str]

    def fields(self, words: str, zone: Zone) -> tuple[Field, ...]:
        """The fields that make up all of `words`, or none where a piece belongs to no rule."""
        found: list[Field] = []
        if not self.any_plain.match(words):
            return ()
        place = 0
        while place < len(words):
            field = self._field(words, place, zone)
            if field is None:
                return ()
            found.append(field)
            place = field.stop
            if place > _LONGEST_FIELD_LINE and place < len(words):
                return ()
        return tuple(found)

    def _field(self, words: str, place: int, zone: Zone) -> Field | None:
        best: Field | None = None
        for rule in self.plain:
            if rule.scope not in SCOPES_OF[zone] or (rule.whole and place):
                continue
            stop = taken(rule, words, place)
            if stop > place and (best is None or stop > best.stop):
                best = Field(place, stop, rule)
        return best


def taken(rule: Rule, words: str, place: int = 0) -> int:
    """Where the piece of `words` that `rule` takes at `place` ends; `place` where it takes none."""
    if rule.never is not None and rule.never.fullmatch(words):
        return place
    match = rule.regex.match(words, place)
    if match is None or match.end() == place or (rule.whole and match.end() < len(words)):
        return place
    gap = _BETWEEN_FIELDS.match(words, match.end())
    return gap.end() if gap else match.end()


@lru_cache(maxsize=4)
def rulebook(rules: tuple[Rule, ...]) -> RuleBook:
    """The line rules among `rules`, ready for use."""
    lines = [rule for rule in rules if rule.scope != "inline" and rule.kind != "page"]
    plain = tuple(rule for rule in lines if not rule.conditional)
    return RuleBook(
        plain=plain,
        conditional=tuple(rule for rule in lines if rule.conditional),
        any_plain=re.compile("|".join(_alternatives(plain)) or r"(?!)"),
    )


def _alternatives(rules: Sequence[Rule]) -> list[str]:
    return [f"(?:{rule.pattern})" for rule in rules]
