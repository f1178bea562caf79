"""Joins sentences that were cut around linked words, with each link on its own line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from archive.clean.joining import begins_anew
from archive.clean.lines import VisibleLine
from archive.known.figures import Figures
from archive.known.genre import CLAUSE_ENDS

_NEVER_FIRST: Final = frozenset("，。、；：！？,;")
_NEVER_LAST = frozenset("“‘《〈（〔【「『")
_PAIRS = {"”": "“", "’": "‘", "》": "《", "〉": "〈", "）": "（", "〕": "〔", "】": "【", ")": "("}
_SENTENCE_ENDS = frozenset(f"{CLAUSE_ENDS}…")
_INSIDE = re.compile("[。；！？].")
_LONGEST_PIECE = 40
_LEAST_CUTS = 3


def cut_lines(kept: Sequence[VisibleLine], figures: Figures) -> set[int]:
    """Return the numbers of kept lines that the next kept line continues.

    A punctuation mark that never begins a line continues the line before it. If a page has several
    such lines, the words before them were cut off too, provided that reports write their first
    character after the last one of the line above.
    """
    at_marks = set(_at_marks(kept))
    cuts = set(at_marks)
    if len(at_marks) >= _LEAST_CUTS:
        cuts |= set(_around_pieces(kept, at_marks, figures))
    return {kept[rank].index for rank in cuts}


def _at_marks(kept: Sequence[VisibleLine]) -> Iterator[int]:
    """Return line borders with a mark on the wrong side, by the rank of the upper line."""
    sentence = ""
    for rank, (line, following) in enumerate(pairwise(kept)):
        sentence += line.words
        if _goes_on(sentence, following.words[0]):
            yield rank
        else:
            sentence = ""


def _goes_on(sentence: str, first: str) -> bool:
    """Whether `sentence` ends in a mark that ends no line, or `first` is one that begins none."""
    if sentence[-1] in _NEVER_LAST:
        return True
    if first in _NEVER_FIRST:
        return sentence[-1] not in _SENTENCE_ENDS
    opening = _PAIRS.get(first)
    return opening is not None and sentence.rfind(opening) > sentence.rfind(first)


def _around_pieces(
    kept: Sequence[VisibleLine], at_marks: set[int], figures: Figures
) -> Iterator[int]:
    """Return the other borders of sentence pieces, by the rank of the upper line."""
    going_on = False
    for rank, (line, following) in enumerate(pairwise(kept)):
        inside = going_on or _INSIDE.search(line.words) is not None
        cut_behind = rank + 1 in at_marks and len(following.words) <= _LONGEST_PIECE
        if rank in at_marks:
            going_on = True
        elif inside and cut_behind:
            going_on = _is_open(line.words, following.words)
        else:
            piece = cut_behind or _ends_a_sentence(kept, rank + 1, figures)
            going_on = (inside or piece) and _fits(line.words, following.words, figures)
        if going_on:
            yield rank


def _ends_a_sentence(kept: Sequence[VisibleLine], rank: int, figures: Figures) -> bool:
    """Whether the short line of this rank continues in the next, where a sentence ends."""
    if len(kept[rank].words) > _LONGEST_PIECE or rank + 1 >= len(kept):
        return False
    following = kept[rank + 1].words
    return following[-1] in _SENTENCE_ENDS and _fits(kept[rank].words, following, figures)


def _is_open(words: str, following: str) -> bool:
    """Whether the sentence of `words` is unfinished and nothing new begins at its borders."""
    return words[-1] not in _SENTENCE_ENDS and not (begins_anew(words) or begins_anew(following))


def _fits(words: str, following: str, figures: Figures) -> bool:
    """Whether reports continue `words` with the following ones."""
    return _is_open(words, following) and (
        words[-1] in _NEVER_FIRST or figures.knows(words[-1] + following[0])
    )
