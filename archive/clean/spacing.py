"""Removes spaces between characters inserted by scanners, PDF readers and word segmenters.

Chinese text has no space before commas and full stops. If nearly every character, or every mark, of
a line is set apart, the spaces are not part of the text and are removed. A single space inside a
sentence may be intended, so it is only flagged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from archive.clean.edits import Edit, SelectedText, edit
from archive.clean.lines import VisibleLine
from archive.known import Rule
from archive.known.han import HAN, SPACES

_GAP: Final = re.compile(f"[{SPACES}]+")
_MARKS: Final = re.compile(f"([{SPACES}]?)[，。、；：！？]")
_CJK: Final = re.compile(f"[{HAN}\u2014-\u201d\u3001-\u3011\uff01-\uff5e]")
_LEAST_GAPS: Final = 0.3
"""Gaps for each other character from which a line is examined: words have two characters."""
_APART: Final = 0.8
"""Share of neighbours that must be set apart for each character to count as separate."""
_PROOF: Final = 20
"""Characters of a line, including a mark, whose spaces prove how the text was made."""
_SEVERAL: Final = 3
"""The number of such lines from which short ones, such as headings, count too."""
_SHORTEST: Final = 12
_NO_GAP: Final = frozenset("，。、；：！？（）“”《》—")
_QUOTES: Final = re.compile(
    r"“[^“”\n]{0,60}”|\"[^\"\n]{0,60}\"|《[^《》\n]{0,60}》|[(（][^()（）\n]{0,60}[)）]"
)
_LONE: Final = re.compile(f"(?<=[{HAN}]) (?=[{HAN}])")
_LEAST_LONE: Final = 5


def spaced_out(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Return each line whose characters, or words and marks, are set apart."""
    apart = [line for line in document.kept if _is_gappy(line) and _stands_apart(line.words)]
    proofs = sum(_proves(line) for line in apart)
    for line in apart if proofs else ():
        if proofs >= _SEVERAL or len(line.squeezed) >= _SHORTEST:
            joined = _joined(line.words)
            if joined != line.words:
                yield edit(rule, line.start, line.stop, joined)


def _is_gappy(line: VisibleLine) -> bool:
    return len(line.words) - len(line.squeezed) >= len(line.squeezed) * _LEAST_GAPS


def _proves(line: VisibleLine) -> bool:
    return len(line.squeezed) >= _PROOF and _MARKS.search(line.words) is not None


def _stands_apart(words: str) -> bool:
    """Whether each character is set apart, or each mark if words are segmented."""
    pieces = _GAP.split(words)
    alone = sum(len(piece) == 1 for piece in pieces)
    if alone >= _APART * len(pieces):
        return True
    marks = _MARKS.findall(words)
    return bool(marks) and sum(map(bool, marks)) >= _APART * len(marks)


def _joined(words: str) -> str:
    """Return `words` without the spaces; a wider gap between two words stays as one space."""
    letters = all(len(piece) == 1 for piece in _GAP.split(words) if piece.isascii())

    def gap(match: re.Match[str]) -> str:
        around = words[match.start() - 1], words[match.end()]
        if len(match[0]) > 1 and not any(mark in _NO_GAP for mark in around):
            return match[0].strip(" ") or " "
        return "" if letters or any(map(_CJK.match, around)) else match[0]

    return _GAP.sub(gap, words)


def inner_space(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """A space inside a word of a sentence, on a page with several of them."""
    knows = document.knowledge.figures.knows
    found = []
    for line in document.kept:
        if " " not in line.words or "。" not in line.words or _is_gappy(line):
            continue
        quoted = [match.span() for match in _QUOTES.finditer(line.words)]
        for match in _LONE.finditer(line.words):
            place = match.start()
            if any(start < place < stop for start, stop in quoted):
                continue
            if knows(line.words[place - 1] + line.words[place + 1]):
                found.append(edit(rule, line.start + place, line.start + place + 1))
    yield from (replace(one, proposals=("",)) for one in found if len(found) >= _LEAST_LONE)
