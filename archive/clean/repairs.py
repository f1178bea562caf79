"""Inline repairs that need more than a pattern; each is named by a rule's `method`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

from archive.clean.edits import Document, Edit, Method, edit, searched
from archive.clean.mojibake import mojibake
from archive.clean.shifted import lost_characters, shifted_runs
from archive.clean.spacing import inner_space, spaced_out
from archive.known import Knowledge, Rule
from archive.known.characters import usual
from archive.known.han import HAN

_SYLLABLE = re.compile(
    r"(?:[bpmfdtnlgkhjqxrzcsyw]|zh|ch|sh)?(?:i?ao|i?an|i?ang|iong|ong|u?ai|u?ei|ui|i?ou|iu|"
    r"u?an|u?ang|u?en|un|u?eng|in|ing|ia|ie|u?a|u?o|e|er|i|u|ü|üe|ue|v|ve)"
)
_LETTERS = re.compile(r"[a-zü]+")
_LEAST_PINYIN = 3
_LEAST_LINES = 3
_HAN = re.compile(f"[{HAN}]")
_STRAY = ("So", "Lo", "Ll", "Lu", "Sk", "Cn")
_JAMMER_TOKEN = 3
_JAMMER_MARKS = 3
_LETTER_RUN = re.compile(r"[A-Za-z0-9]+")
_NUMBERING = re.compile(r"(?:\(|\d{1,2}\.|\[\d{1,3}\])$")
_PART = re.compile(f"[{HAN}A-Za-z0-9.·]{{1,10}}")
_MARKS = frozenset("%^;)\\/|*&#@!~+<>{}[]$`=_")


def look_alike(rule: Rule, document: Document) -> Iterator[Edit]:
    """Radicals and compatibility ideographs, each with the ideograph that it looks like."""
    right = usual()
    for match in rule.regex.finditer(document.text):
        if match[0] in right:
            yield edit(rule, *match.span(), right[match[0]])


def pinyin(rule: Rule, document: Document) -> Iterator[Edit]:
    """Toneless pronunciations: one character's repeated, or at least three on the page."""
    found = [m for m in rule.regex.finditer(document.text) if _all_syllables(m.group())]
    several = len(found) >= _LEAST_PINYIN
    for match in found:
        groups = re.split(r"[)）]", match.group())[:-1]
        foreign = any(not c.isascii() and c not in "（）ü" for c in match.group())
        if several or len(groups) > 1 or foreign:
            yield edit(rule, *match.span())


def _all_syllables(words: str) -> bool:
    groups = [_LETTERS.findall(group) for group in re.split(r"[)）]", words)[:-1]]
    return all(len(g) == 1 and _SYLLABLE.fullmatch(g[0]) for g in groups)


def terms(rule: Rule, document: Document) -> Iterator[Edit]:
    """Lower-cased terms of the lexicon `casing`, each with its right form."""
    finder, right = _term_finder(document.knowledge)
    for match in finder.finditer(document.text):
        yield edit(rule, *match.span(), right[match.group()])


@lru_cache(maxsize=4)
def _term_finder(knowledge: Knowledge) -> tuple[re.Pattern[str], Mapping[str, str]]:
    lexicon: dict[str, Any] = knowledge.lexicon("casing")
    right = {term.lower(): term for term in lexicon["terms"]}
    longest_first = sorted(right, key=lambda term: (-len(term), term))
    words = "|".join(map(re.escape, longest_first))
    numerals = "".join(lexicon["numerals"])
    pattern = f"(?<![A-Za-z0-9./_@-])(?:{words})(?![A-Za-z0-9/_@])|[{numerals}](?=类|级|型)"
    return re.compile(pattern), {**right, **lexicon["numerals"]}


def jammer(rule: Rule, document: Document) -> Iterator[Edit]:
    """Runs of short ASCII tokens full of marks at an edge of a line of Han."""
    for match in rule.regex.finditer(document.text):
        line = document.line_at(*match.span())
        if line is None or not (match.start() == line.start or match.end() == line.stop):
            continue
        words = _NUMBERING.sub("", match.group())
        if _is_jammed(words) and _HAN.search(line.words):
            yield edit(rule, match.start(), match.start() + len(words))


def _is_jammed(words: str) -> bool:
    marks = [character for character in words if character in _MARKS]
    longest = max((len(run) for run in _LETTER_RUN.findall(words)), default=0)
    return (
        len(marks) >= _JAMMER_MARKS
        and len(set(marks)) >= _JAMMER_MARKS
        and len(marks) * 5 >= len(words)
        and longest <= _JAMMER_TOKEN + 1
    )


def line_end_token(rule: Rule, document: Document) -> Iterator[Edit]:
    """A token of mixed case that ends at least three lines of the page."""
    found = []
    for line in document.kept:
        match = rule.regex.search(line.words, max(0, len(line.words) - 8))
        if match and not match.group().isupper() and not match.group().islower():
            found.append((match.group(), line.start + match.start(), line.start + match.end()))
    often = Counter(token for token, _, _ in found)
    for token, start, stop in found:
        if often[token] >= _LEAST_LINES:
            yield edit(rule, start, stop)


def watermark(rule: Rule, document: Document) -> Iterator[Edit]:
    """The same words after the last full stop of at least three lines."""
    found = []
    for line in document.kept:
        match = rule.regex.search(line.words, max(0, len(line.words) - 26))
        if match:
            found.append((match.group()[1:], line.start + match.start() + 1, line.stop))
    often = Counter(words for words, _, _ in found)
    for words, start, stop in found:
        if often[words] >= _LEAST_LINES:
            yield edit(rule, start, stop)


def stray(rule: Rule, document: Document) -> Iterator[Edit]:
    """One character of a script that is not written here, with Han on both sides."""
    text = document.text
    for place, character in document.unusual:
        if not rule.regex.match(character) or unicodedata.category(character) not in _STRAY:
            continue
        around = text[place - 1 : place], text[place + 1 : place + 2]
        if all(map(_HAN.match, around)):
            yield edit(rule, place, place + 1)


def private_use(rule: Rule, document: Document) -> Iterator[Edit]:
    """Characters of the private use area in kept lines: those of GB18030's table, or the rest.

    A rule that replaces gets those whose character the table names, a rule that flags the others.
    """
    table: dict[str, Any] = document.knowledge.lexicon("private_use")["gb18030"]  # type: ignore[assignment]
    for place, character in document.unusual:
        if not rule.regex.match(character) or not document.kept_at(place, place + 1):
            continue
        public = table.get(f"{ord(character):04X}")
        if (public is None) == (rule.action == "flag"):
            yield edit(rule, place, place + 1, public)


def lost_plus(rule: Rule, document: Document) -> Iterator[Edit]:
    """Spaces inside quotes where plus signs may have stood, on a page without any plus."""
    plus_survives = "+" in document.text or "＋" in document.text
    for match in rule.regex.finditer(document.text):
        inside = match.group("inside")
        parts = inside.split(" ")
        if len(parts) < 2 or not all(_PART.fullmatch(part) for part in parts):  # noqa: PLR2004
            continue
        if not plus_survives or all(len(part) < _JAMMER_TOKEN for part in parts):
            for place in range(len(inside)):
                if inside[place] == " ":
                    start = match.start("inside") + place
                    yield edit(rule, start, start + 1)


def stray_token(rule: Rule, document: Document) -> Iterator[Edit]:
    """Letters whose case goes up again and again, inside a Han word."""
    for found in searched(rule, document):
        words = document.text[found.start : found.stop]
        ups = sum(a.islower() and b.isupper() for a, b in pairwise(words))
        if ups > 1:
            yield found


METHODS: Final[Mapping[str, Method]] = {
    "search": searched,
    "look-alike": look_alike,
    "pinyin": pinyin,
    "terms": terms,
    "jammer": jammer,
    "line-end-token": line_end_token,
    "watermark": watermark,
    "stray": stray,
    "private-use": private_use,
    "spaced-out": spaced_out,
    "inner-space": inner_space,
    "mojibake": mojibake,
    "lost-plus": lost_plus,
    "stray-token": stray_token,
    "gbk-shift": shifted_runs,
    "gbk-shift-lost": lost_characters,
}
"""The methods that a rule may name."""
