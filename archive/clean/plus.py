"""Detects plus signs that became spaces because a form was decoded twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from archive.clean.edits import Edit, SelectedText, edit
from archive.known import Rule
from archive.known.han import HAN

_IN_PART = f"[{HAN}A-Za-z0-9.·]"
_PART = re.compile(f"{_IN_PART}{{1,10}}")
_PARTS = re.compile(f'[“"]{_IN_PART}{{1,10}} (?={_IN_PART})')
_NUMBER = re.compile("[0-9]{1,3}|[NnXx]")
_LETTERS = frozenset("NX")
_FEW, _MONTHS, _DAYS = 3, 12, 31
_OUTSIDE_QUOTES = 50
_BEFORE_LEAD = re.compile(f'[{HAN}“"、，,（(]')
_BEHIND_LEAD = re.compile(f"[{HAN}]")


def lost_plus(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Return spaces in quotes, and after words that a plus follows, that may have been plus signs.

    A rule that replaces gets the proven ones: no line has a plus, and reports write these numbers
    or first word only with a plus. A rule that flags gets the others.
    """
    survives = any("+" in line.words or "＋" in line.words for line in document.kept)
    lexicon: dict[str, Any] = document.knowledge.lexicon("plus")
    quoted = rule.regex.finditer(document.text) if _PARTS.search(document.text) else ()
    for match in quoted:
        parts = match["inside"].split(" ")
        if len(parts) == 1 or not all(map(_PART.fullmatch, parts)):
            continue
        proven = not survives and _is_proven(parts, lexicon)
        doubtful = not survives or all(len(part) < _FEW for part in parts)
        if proven if rule.action == "replace" else doubtful:
            yield from _spaces(rule, match)
    if rule.action == "replace" and not survives:
        yield from _behind_leads(rule, document, lexicon["leads"])


def _spaces(rule: Rule, match: re.Match[str]) -> Iterator[Edit]:
    for place in range(*match.span("inside")):
        if match.string[place] == " ":
            yield edit(rule, place, place + 1)


def _is_proven(parts: list[str], lexicon: Mapping[str, Mapping[str, int]]) -> bool:
    """Whether reports join `parts` only with a plus; two numbers may also be a date."""
    if not all(map(_NUMBER.fullmatch, parts)):
        return len(parts) == 2 and parts[0].upper() in lexicon["leads"]  # noqa: PLR2004
    if len(parts) >= _FEW or not _LETTERS.isdisjoint(map(str.upper, parts)):
        return True
    month, day = map(int, parts)
    return "+".join(parts) in lexicon["numbers"] and not (month <= _MONTHS and day <= _DAYS)


def _behind_leads(rule: Rule, document: SelectedText, leads: Mapping[str, int]) -> Iterator[Edit]:
    """Return the space after each very frequent lead inside a sentence."""
    text = document.text
    for lead in (f"{lead} " for lead, uses in leads.items() if uses >= _OUTSIDE_QUOTES):
        place = text.find(lead)
        while place >= 0:
            space = place + len(lead) - 1
            if _BEFORE_LEAD.match(text[place - 1 : place]) and _BEHIND_LEAD.match(text, space + 1):
                yield edit(rule, space, space + 1)
            place = text.find(lead, space)
