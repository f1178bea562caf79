"""Decides whether the characters of a page are text; glyph numbers are characters, too."""

from __future__ import annotations

import re
from typing import Final

from archive.known.commonness import PLAUSIBLE, commonness

LEAST_CHARS: Final = 40
"""The fewest characters for a decision."""
_LEAST_HAN: Final = 30
_MOST_ODD: Final = 0.3
_MOST_MARKS: Final = 0.45
_HAN: Final = re.compile("[\u2e80-\u2fdf\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_PLAIN: Final = re.compile(
    "[0-9A-Za-zāáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüê\u0391-\u03c9\u0410-\u044f\u2000-\u206f\u2150-\u218b\u2460-\u24ff\u2e80-\u303f\u3007\u3021-\u3029"
    "\u3040-\u30ff\u3200-\u33ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe6f\uff00-\uffef"
    "\U00020000-\U0003ffff]|[.,;:!?'\"()%/&+=@#*<>~$_\\[\\]{}|^`\\\\-]|[×÷·°±]"
)
_LETTERS: Final = re.compile("[A-Za-z]")
_FREQUENT: Final = frozenset("etaoinshrdlucETAOINSHRDLUC")
_LEAST_FREQUENT: Final = 0.6
"""Share of the commonest letters: .8 in English, .5 and less in glyph numbers."""
_ASCII_MARK: Final = re.compile(r"[!-/:-@\[-`{-~]")


def why_no_text(words: str) -> str:
    """Return why these characters are not text, or an empty string.

    Args:
        words: the characters, without white space.
    """
    if len(words) < LEAST_CHARS:
        return ""
    if len(_PLAIN.findall(words)) < (1 - _MOST_ODD) * len(words):
        return "glyph numbers"
    if len(_ASCII_MARK.findall(words)) > _MOST_MARKS * len(words):
        return "glyph numbers"
    if _is_random(words):
        return "glyph numbers"
    han = _HAN.findall(words)
    if len(han) >= max(_LEAST_HAN, len(words) // 2) and commonness("".join(han)) < PLAUSIBLE:
        return "characters that make no sense"
    return ""


def _is_random(words: str) -> bool:
    """Whether characters without Han are neither words nor figures."""
    if len(_HAN.findall(words)) * 5 > len(words):
        return False
    letters = _LETTERS.findall(words)
    figures = sum(char.isdecimal() for char in words)
    if figures * 2 > len(words):
        return False
    frequent = sum(char in _FREQUENT for char in letters)
    return len(letters) * 2 < len(words) or frequent < _LEAST_FREQUENT * len(letters)
