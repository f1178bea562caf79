"""Comparison keys: normalised text by which copies are recognised.

Keys are for comparison and never stored in place of a text. `fold` keeps the length, so that a
difference found in folded texts has the same offset in the original.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final
from unicodedata import category, normalize

from archive.known.characters import comparison_forms
from archive.known.genre import SENTENCE_ENDS

SENTENCE: Final = re.compile(rf"[^{SENTENCE_ENDS}\n]*[{SENTENCE_ENDS}\n]+|[^{SENTENCE_ENDS}\n]+")
"""A sentence with its final marks; these are a partition of any text."""

_ENDS: Final = re.compile(f"[{SENTENCE_ENDS}\n]+")
_HAN: Final = (0x4E00, 0x9FA5)
_QUOTES: Final = dict.fromkeys("“”„‟‘’‚‛「」『』«»＂＇'", '"')
_STOPS: Final = {"。": ".", "、": ",", "—": "-", "–": "-", "―": "-", "～": "~"}
_MARKS: Final = {**_QUOTES, **_STOPS}
_TONED: Final = re.compile("[āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜńňǹ]", re.IGNORECASE)
_LATIN: Final = re.compile(r"[A-Za-zÀ-ɏ]+")
_MOST_REMEMBERED: Final = 4_000
_ANNOTATED: Final = 3
"""A text with a Latin word for every third Han character or denser is annotated with pinyin."""

_NEAR: Final = 18
"""The most other characters between the first and last of some four words of an annotated sentence:
n words have fewer than 3n others among them."""


def fold(text: str) -> str:
    """Return `text` with script, case, width and quote style normalised.

    The length is unchanged.
    """
    return text.translate(_folding())


def key(text: str) -> str:
    """Return the comparison key: NFKC, lower case, simplified; only Han, letters and digits.

    Pinyin between the characters is an annotation and not part of the key.
    """
    return _level(_without_pinyin(text))


def sentence_keys(text: str) -> list[str]:
    """Return the key of each sentence of `text`, as `key` does; some empty ones are left out.

    Pinyin is detected sentence by sentence; a text that cannot have any is processed at once.
    """
    if _may_be_annotated(text):
        return list(map(key, SENTENCE.findall(text)))
    return _level(text, _levelled_by_sentence()).split("\n")


def sentences_key(text: str) -> str:
    """Return the joined keys of the sentences of `text` (see `archive.collate.sentences`).

    Pinyin is detected sentence by sentence; a text that cannot have any is processed at once.
    """
    if _may_be_annotated(text):
        return "".join(map(key, SENTENCE.findall(text)))
    return _level(text)


def simplify(character: str) -> str:
    """Return the simplified form of one character, in lower case."""
    return comparison_forms().get(character, character).lower()


def is_quote(character: str) -> bool:
    """Whether it is a quotation mark of any style."""
    return character in _QUOTES or character == '"'


def _may_be_annotated(text: str) -> bool:
    """Whether a sentence of `text` may have pinyin: tones, or four words of letters nearby."""
    words = list(_LATIN.finditer(text))
    if _TONED.search(" ".join(word[0] for word in words)):
        return True
    letters = [0, *accumulate(word.end() - word.start() for word in words)]
    return any(
        later.start() - word.end() - (letters[index + 3] - letters[index + 1]) <= _NEAR
        for index, (word, later) in enumerate(zip(words, words[_ANNOTATED:], strict=False))
    )


def _without_pinyin(text: str) -> str:
    if _TONED.search(text):
        text = _LATIN.sub(lambda run: "" if _TONED.search(run[0]) else run[0], text)
    words = _LATIN.findall(text)
    others = len(text) - sum(map(len, words))
    dense = len(words) > _ANNOTATED and len(words) * _ANNOTATED > others
    return _LATIN.sub("", text) if dense else text


class _Folding(dict[int, str]):
    """Code point to one character, computed on first use."""

    def __missing__(self, code: int) -> str:
        self[code] = made = _one_to_one(chr(code))
        return made


class _Keying(dict[int, str]):
    """Code point to its part of the key, computed on first use."""

    def __missing__(self, code: int) -> str:
        simple = comparison_forms().get(chr(code), chr(code))
        plain = normalize("NFKC", simple).lower()
        kept = (comparison_forms().get(each, each) for each in plain)
        self[code] = made = "".join(each for each in kept if category(each)[0] in "LN")
        return made


def _level(text: str, levelled: _Levelled | None = None) -> str:
    """Return `text.translate(_keying())`; faster, because most characters are their own key."""
    known = _levelled() if levelled is None else levelled
    pieces = _other_than_keys().split(text)
    pieces[1::2] = map(known.__getitem__, pieces[1::2])
    return "".join(pieces)


class _Levelled(dict[str, str]):
    """Maps marks and other characters that are not their own key; caches short strings."""

    def __missing__(self, words: str) -> str:
        made = self.made(words)
        if len(words) <= _ANNOTATED and len(self) < _MOST_REMEMBERED:
            self[words] = made
        return made

    def made(self, words: str) -> str:
        """Return the key of `words`."""
        return words.translate(_keying())


class _LevelledBySentence(_Levelled):
    """The same, with a line break, which keys never contain, for marks that end a sentence."""

    def made(self, words: str) -> str:
        """Return the keys of the parts of `words` in different sentences."""
        return "\n".join(map(super().made, _ENDS.split(words)))


@lru_cache(maxsize=1)
def _levelled() -> _Levelled:
    return _Levelled()


@lru_cache(maxsize=1)
def _levelled_by_sentence() -> _Levelled:
    return _LevelledBySentence()


@lru_cache(maxsize=1)
def _other_than_keys() -> re.Pattern[str]:
    """Match runs of characters that are not, or may not be, their own key."""
    changed = sorted(ord(each) for each in comparison_forms() if _HAN[0] <= ord(each) <= _HAN[1])
    borders = [_HAN[0] - 1, *changed, _HAN[1] + 1]
    kept = "".join(f"{chr(a + 1)}-{chr(b - 1)}" for a, b in pairwise(borders) if b - a > 1)
    return re.compile(f"([^0-9a-z{kept}]+)")


@lru_cache(maxsize=1)
def _folding() -> _Folding:
    return _Folding()


@lru_cache(maxsize=1)
def _keying() -> _Keying:
    return _Keying()


def _one_to_one(character: str) -> str:
    plain = _MARKS.get(character) or normalize("NFKC", character)
    plain = comparison_forms().get(plain, plain).lower()
    return plain if len(plain) == 1 else character
