"""Inline repairs that need more than a pattern; rules name them in `method`."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Final

from archive.clean.casing import lower_cased
from archive.clean.edits import Edit, Method, SelectedText, edit, searched
from archive.clean.mojibake import mojibake
from archive.clean.plus import lost_plus
from archive.clean.shifted import lost_characters, shifted_runs
from archive.clean.spacing import inner_space, spaced_out
from archive.clean.watermarks import watermarks
from archive.known import Rule
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
_MARKS = frozenset("%^;)\\/|*&#@!~+<>{}[]$`=_")
_STRANGE_MARKS = frozenset("^\\|*~`$#@{}")
_JAMMER_STRANGE = 3
_EARLIER_SOUNDS = re.compile(r"(?:[(（][^()（）\s]{1,12}[)）])+$")
_SORTED_BY_SOUND = 0xB0, 0xD7
_BIG5_FREQUENT = b"\xa4\x40", b"\xc6\x7e"


def look_alike(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Radicals and compatibility ideographs, each with the ideograph it resembles."""
    right = usual()
    for match in rule.regex.finditer(document.text):
        if match[0] in right:
            yield edit(rule, *match.span(), right[match[0]])


def pinyin(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Toneless pronunciations: repeated for one character, or at least three on the page."""
    found = [
        m
        for m in rule.regex.finditer(document.text)
        if _all_syllables(m.group()) and _is_frequent(document.text[m.start() - 1])
    ]
    several = len(found) >= _LEAST_PINYIN
    for match in found:
        groups = re.split(r"[)）]", match.group())[:-1]
        foreign = any(not c.isascii() and c not in "（）ü" for c in match.group())
        if several or len(groups) > 1 or foreign:
            yield edit(rule, *match.span())


def toned_pinyin(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Pronunciations with tones, inserted by a converter that lacks rare characters.

    Authors explain rare characters and names themselves. Of simplified characters, at least three
    must have a pronunciation. One is enough after a traditional form, which a converter chose, or
    after non-Han text whose bytes were shifted.
    """
    text = document.text
    found = [(m, _spoken(text, m.start())) for m in rule.regex.finditer(text)]
    made = [(m, spoken) for m, spoken in found if _is_frequent(spoken) or not _HAN.match(spoken)]
    several = len(made) >= _LEAST_PINYIN
    for match, spoken in made:
        if several or not _is_simplified(spoken):
            yield edit(rule, *match.span())


def _spoken(text: str, place: int) -> str:
    """Return the character pronounced at `place`, skipping other pronunciations of it."""
    return _EARLIER_SOUNDS.sub("", text[max(0, place - 32) : place])[-1:]


def _is_simplified(character: str) -> bool:
    """Whether it is a Han character of GB 2312."""
    return _HAN.match(character) is not None and len(character.encode("gb2312", "replace")) == 2  # noqa: PLR2004


def _is_frequent(character: str) -> bool:
    """Whether it is one of the 3,755 that GB 2312 sorts by sound, or frequent in Big5 only."""
    code = character.encode("gb2312", "replace")
    if len(code) == 2:  # noqa: PLR2004
        return _SORTED_BY_SOUND[0] <= code[0] <= _SORTED_BY_SOUND[1]
    return _BIG5_FREQUENT[0] <= character.encode("big5", "replace") <= _BIG5_FREQUENT[1]


def _all_syllables(words: str) -> bool:
    groups = [_LETTERS.findall(group) for group in re.split(r"[)）]", words)[:-1]]
    return all(len(g) == 1 and _SYLLABLE.fullmatch(g[0]) for g in groups)


def jammer(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Runs of short ASCII tokens with strange marks at an edge of a line of Han.

    If several lines of a page certainly have such a run, a lower threshold applies to others. A
    list of notes has brackets and numbers at its edges, but no strange marks.
    """
    found = [
        edit
        for match in rule.regex.finditer(document.text)
        if (edit := _jammed(rule, match, document))
    ]
    strange = [len(_strange(document.text[one.start : one.stop])) for one in found]
    several = sum(count >= _JAMMER_STRANGE for count in strange) >= _LEAST_LINES
    for one, count in zip(found, strange, strict=True):
        if several or count >= _JAMMER_STRANGE:
            yield one


def _jammed(rule: Rule, match: re.Match[str], document: SelectedText) -> Edit | None:
    line = document.line_at(*match.span())
    if line is None or not (match.start() == line.start or match.end() == line.stop):
        return None
    words = _NUMBERING.sub("", match.group())
    if not _is_jammed(words) or not _HAN.search(line.words):
        return None
    return edit(rule, match.start(), match.start() + len(words))


def _strange(words: str) -> frozenset[str]:
    """Return the marks of `words` that no report uses."""
    return _STRANGE_MARKS.intersection(words)


def _is_jammed(words: str) -> bool:
    marks = [character for character in words if character in _MARKS]
    longest = max((len(run) for run in _LETTER_RUN.findall(words)), default=0)
    return (
        len(marks) >= _JAMMER_MARKS
        and len(set(marks)) >= _JAMMER_MARKS
        and len(marks) * 5 >= len(words)
        and longest <= _JAMMER_TOKEN + 1
    )


def line_end_token(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """A token of mixed case that ends at least three lines of the page."""
    found = []
    for line in document.kept:
        match = rule.regex.search(line.words, max(0, len(line.words) - 8))
        if match and _is_random(match.group(), document):
            found.append((match.group(), line.start + match.start(), line.start + match.end()))
    often = Counter(token for token, _, _ in found)
    for token, start, stop in found:
        if often[token] >= _LEAST_LINES:
            yield edit(rule, start, stop)


def _is_random(token: str, document: SelectedText) -> bool:
    """Whether it is of mixed case, and not a term."""
    if token.isupper() or token.islower():
        return False
    lexicon: dict[str, Any] = document.knowledge.lexicon("casing")
    return token not in lexicon["mixed"]


def stray(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """A single character of a foreign script, with Han on both sides."""
    text = document.text
    for place, character in document.unusual:
        if not rule.regex.match(character) or unicodedata.category(character) not in _STRAY:
            continue
        around = text[place - 1 : place], text[place + 1 : place + 2]
        if all(map(_HAN.match, around)):
            yield edit(rule, place, place + 1)


def private_use(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Private-use characters in kept lines: those in GB18030's table, or the rest.

    A rule that replaces gets those whose character the table names, a rule that flags the others.
    """
    table: dict[str, Any] = document.knowledge.lexicon("private_use")["gb18030"]  # type: ignore[assignment]
    for place, character in document.unusual:
        if not rule.regex.match(character) or not document.kept_at(place, place + 1):
            continue
        public = table.get(f"{ord(character):04X}")
        if (public is None) == (rule.action == "flag"):
            yield edit(rule, place, place + 1, public)


def stray_token(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Letters of repeatedly alternating case inside a Han word."""
    for found in searched(rule, document):
        words = document.text[found.start : found.stop]
        ups = sum(a.islower() and b.isupper() for a, b in pairwise(words))
        if ups > 1:
            yield found


METHODS: Final[Mapping[str, Method]] = {
    "search": searched,
    "look-alike": look_alike,
    "pinyin": pinyin,
    "pinyin-toned": toned_pinyin,
    "lower-cased": lower_cased,
    "jammer": jammer,
    "line-end-token": line_end_token,
    "watermark": watermarks,
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
