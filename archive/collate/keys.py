"""Comparison keys: what is left of a text when copies shall be recognised as copies.

Keys compare; they are never stored in place of a text. `fold` keeps the length, so that a
difference found in folded texts stands at the same offset in the real ones.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import Final
from unicodedata import category, normalize

_QUOTES: Final = dict.fromkeys("“”„‟‘’‚‛「」『』«»＂＇'", '"')
_STOPS: Final = {"。": ".", "、": ",", "—": "-", "–": "-", "―": "-", "～": "~"}
_MARKS: Final = {**_QUOTES, **_STOPS}
_TONED: Final = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ]", re.IGNORECASE)
_LATIN: Final = re.compile(r"[A-Za-zÀ-ɏ]+")
_ANNOTATED: Final = 3
"""A text with a Latin word to every third Han character or denser is annotated with pinyin."""


def fold(text: str) -> str:
    """`text` with script, case, width and quote style levelled; of the same length."""
    return text.translate(_folding())


def key(text: str) -> str:
    """The comparison key: NFKC, lower case, simplified, only Han, letters and digits.

    Pinyin between the characters is no part of the text that it annotates.
    """
    return _without_pinyin(text).translate(_keying())


def simplify(character: str) -> str:
    """The simplified form of one character, in lower case."""
    return _simplified().get(character, character).lower()


def is_quote(character: str) -> bool:
    """Whether it is a quotation mark of any style."""
    return character in _QUOTES or character == '"'


def _without_pinyin(text: str) -> str:
    if _TONED.search(text):
        text = _LATIN.sub(lambda run: "" if _TONED.search(run[0]) else run[0], text)
    words = _LATIN.findall(text)
    others = len(text) - sum(map(len, words))
    dense = len(words) > _ANNOTATED and len(words) * _ANNOTATED > others
    return _LATIN.sub("", text) if dense else text


class _Folding(dict[int, str]):
    """Code point to one character, made when first met."""

    def __missing__(self, code: int) -> str:
        self[code] = made = _one_to_one(chr(code))
        return made


class _Keying(dict[int, str]):
    """Code point to its part of the key, made when first met."""

    def __missing__(self, code: int) -> str:
        simple = _simplified().get(chr(code), chr(code))
        plain = normalize("NFKC", simple).lower()
        kept = (_simplified().get(each, each) for each in plain)
        self[code] = made = "".join(each for each in kept if category(each)[0] in "LN")
        return made


@lru_cache(maxsize=1)
def _folding() -> _Folding:
    return _Folding()


@lru_cache(maxsize=1)
def _keying() -> _Keying:
    return _Keying()


def _one_to_one(character: str) -> str:
    plain = _MARKS.get(character) or normalize("NFKC", character)
    plain = _simplified().get(plain, plain).lower()
    return plain if len(plain) == 1 else character


@lru_cache(maxsize=1)
def _simplified() -> dict[str, str]:
    pairs = files(__package__).joinpath("simplified.txt").read_text(encoding="utf-8").split("\n")
    return {pair[0]: pair[1] for pair in pairs if pair}
