"""Corrects terms of a lower-cased copy with a list of how reports write them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from archive.clean.edits import Edit, SelectedText, edit
from archive.known import Knowledge, Rule

_FREQUENT = 20
_LEAST_TERMS = 2
_CAPITALS = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9]*[A-Z][A-Za-z0-9.&-]*")
_NUMBER_BEFORE = re.compile(r"(?:(?<![0-9])[0-9]+\.)?[0-9]+$")
_SERIES = re.compile(r"[a-z]+(?=[0-9.]+$)")
_MYRIADS = frozenset("万亿")
_AMONG_NUMBERS = re.compile(r"\+_|_\+|[0-9nx] _(?:[”\"]| [0-9nx])|[“\"]_ [0-9nx]")
_PLACEHOLDERS = {"n": "N", "x": "X"}
_ADDRESS_BEFORE = re.compile(r"[@/_\\]$|(?:[A-Za-z]\.|[A-Za-z0-9]-)$")
_ADDRESS_BEHIND = frozenset("@/_")
_LONGEST_NUMBER = 8
_LATIN_AND_SPACE = re.compile(r"[A-Za-z] | [A-Za-z]")


@dataclass(frozen=True)
class Terms:
    """The correct form of each lower-cased term, and the frequent terms.

    `measures` follow any number, `series` precede any number, and `small` words have no capitals.
    """

    right: Mapping[str, str]
    measures: Mapping[str, str]
    series: Mapping[str, str]
    numerals: Mapping[str, str]
    frequent: frozenset[str]
    small: frozenset[str]

    def form(self, before: str, number: str, letters: str, behind: str) -> str | None:
        """Return how reports write a term of a `number` and `letters`, between two characters."""
        whole = number + letters
        if right := self.right.get(whole) or self.numerals.get(whole):
            return right
        if len(whole) == 1:
            right = self.right.get(whole + behind)
            return right and right[0]
        if (number or before in _MYRIADS) and (
            right := self.measures.get(letters) or self.right.get(letters)
        ):
            return number + right
        series = _SERIES.match(letters)
        if series and series[0] in self.series:
            return number + self.series[series[0]] + letters[series.end() :]
        return None


@dataclass(frozen=True, slots=True)
class _Small:
    """A lower-case term at a position, and its correct form if known."""

    start: int
    stop: int
    words: str
    right: str | None


def lower_cased(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Return lower-case terms with their correct forms.

    A frequent term is always corrected. Others require a page with at least two lower-case terms
    and none with its capitals. A rule that only flags gets the unlisted terms of such a page.
    """
    terms = _terms(document.knowledge)
    found = list(_small(document, terms))
    known = {one.words for one in found if one.right}
    if not known:
        return
    proven = len(known) >= _LEAST_TERMS and not _writes_capitals(document, terms)
    for one in found:
        if rule.action == "flag":
            if proven and not one.right:
                yield replace(edit(rule, one.start, one.stop), proposals=(one.words.upper(),))
        elif one.right and (proven or one.words in terms.frequent):
            yield edit(rule, one.start, one.stop, one.right)


def _small(document: SelectedText, terms: Terms) -> Iterator[_Small]:
    """Yield lower-case terms in kept lines, except for URLs, English words and units."""
    text = document.text
    for start, stop in document.small_letters:
        number = _NUMBER_BEFORE.search(text, max(0, start - _LONGEST_NUMBER), start)
        begin = number.start() if number else start
        right = _placeholder(text, begin, stop)
        if right is None:
            if _in_address(text, begin, stop) or _in_english(text, begin, stop):
                continue
            before, behind = text[begin - 1 : begin], text[stop : stop + 1]
            right = terms.form(before, text[begin:start], text[start:stop], behind)
        is_known = right or not (text[start:stop] in terms.small or stop - start == 1)
        if is_known:
            yield _Small(begin, stop, text[begin:stop], right)


def _placeholder(text: str, start: int, stop: int) -> str | None:
    """Return the capital of a letter that stands for a number, as in 8+N."""
    right = _PLACEHOLDERS.get(text[start:stop])
    around = f"{text[max(0, start - 2) : start]}_{text[stop : stop + 2]}"
    return right if right and _AMONG_NUMBERS.search(around) else None


def _in_address(text: str, start: int, stop: int) -> bool:
    """Whether `text[start:stop]` is part of a URL or a file name."""
    return _ADDRESS_BEFORE.search(text, max(0, start - 2), start) is not None or (
        text[stop : stop + 1] in _ADDRESS_BEHIND
    )


def _in_english(text: str, start: int, stop: int) -> bool:
    """Whether other Latin words are next to `text[start:stop]`."""
    return any(
        _LATIN_AND_SPACE.fullmatch(pair) is not None
        for pair in (text[max(0, start - 2) : start], text[stop : stop + 2])
    )


def _writes_capitals(document: SelectedText, terms: Terms) -> bool:
    """Whether kept lines write a listed term with its capitals."""
    capitals = {form for form in terms.right.values() if form.isascii()}
    return any(
        match[0] in capitals and document.kept_at(*match.span())
        for match in _CAPITALS.finditer(document.text)
    )


@lru_cache(maxsize=4)
def _terms(knowledge: Knowledge) -> Terms:
    lexicon: dict[str, Any] = knowledge.lexicon("casing")
    counts: Mapping[str, int] = lexicon["terms"]
    numerals = lexicon["numerals"]
    return Terms(
        right=_by_small_form(counts),
        measures=_by_small_form(lexicon["measures"]),
        series=_by_small_form(lexicon["series"]),
        numerals=numerals,
        frequent=frozenset(
            {
                *numerals,
                *_PLACEHOLDERS,
                *(term.lower() for term, uses in counts.items() if uses >= _FREQUENT),
            }
        ),
        small=frozenset(lexicon["small"]),
    )


def _by_small_form(forms: Mapping[str, int]) -> dict[str, str]:
    return {form.lower(): form for form in forms}
