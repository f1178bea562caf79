"""Compares the lines of a text with those of reports: their patterns, and how usual they read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import nlargest
from typing import Final

from archive.clean.edits import UNUSUAL
from archive.clean.lines import VisibleLine
from archive.clean.rulebook import Fate
from archive.known import Knowledge
from archive.known.figures import READS_ALIKE, Figures
from archive.known.genre import ends_sentence, with_pieces
from archive.model import Page

LONGEST_HEAD: Final = 90
"""Characters of the longest line that may be in a report's head, or sign it."""
LONGEST_HEADING: Final = 60

_BEGINNING: Final = 80
_PROSE: Final = 25
_PARAGRAPH: Final = 40
_BARELY: Final = -1.0
_SAMPLE: Final = 8
_INNER_MARK: Final = re.compile("[，；]")
_USUAL: Final = 2.0
"""Score of the median of a report's longest lines, and the most that is added to it."""
_NOISE: Final = re.compile(r"^(?=[!-~]{0,20}[\^\\|*~`$#@{}])[!-~]{6,60}(?=[㐀-鿿])")
_NOISY: Final = "^~`\\"


@dataclass(frozen=True)
class LinePatterns:
    """The patterns of `lexica/frame.toml`."""

    patterns: dict[str, re.Pattern[str]]

    def is_(self, kind: str, words: str) -> bool:
        """Whether all of `words` is of this kind."""
        return self.patterns[kind].fullmatch(words) is not None

    def begins(self, kind: str, words: str) -> bool:
        """Whether `words` begin with this kind."""
        return self.patterns[kind].match(words) is not None

    def holds(self, kind: str, words: str) -> bool:
        """Whether `words` contain this kind."""
        return self.patterns[kind].search(words) is not None


@lru_cache(maxsize=4)
def shapes_of(knowledge: Knowledge) -> LinePatterns:
    """Return the patterns of `knowledge`."""
    lexicon = knowledge.lexicon("frame")
    return LinePatterns(
        {kind: re.compile(with_pieces(str(pattern), "frame")) for kind, pattern in lexicon.items()}
    )


@dataclass(eq=False, slots=True)
class Look:
    """A line with values that are used repeatedly.

    `words` are its words without white space and stray characters; `taken` means that rules take
    all of it.
    """

    line: VisibleLine
    words: str
    taken: bool
    figures: Figures
    _likelihood: float | None = None

    @property
    def likelihood(self) -> float:
        """How much it reads like a report: above zero means more than like anything else."""
        if self._likelihood is None:
            self._likelihood = READS_ALIKE - self.figures.bits(self.words[:_BEGINNING])
        return self._likelihood

    @property
    def is_prose(self) -> bool:
        """Whether it is a sentence of some length."""
        words = self.words
        return len(words) >= _PROSE and (ends_sentence(words) or "。" in words)


@dataclass(frozen=True)
class Looks:
    """The shown lines of a page's main part, in order."""

    all: Sequence[Look]
    shapes: LinePatterns

    @cached_property
    def longest(self) -> list[Look]:
        """The longest lines, which best show what a text is about."""
        return nlargest(_SAMPLE, self.all, key=lambda look: len(look.line.words))

    @cached_property
    def _unusual(self) -> float:
        """The correction for a text full of names of its own, which reads less like others."""
        middle = sorted(look.likelihood for look in self.longest)[len(self.longest) // 2]
        return min(_USUAL, max(0.0, _USUAL - middle))

    def like(self, look: Look) -> float:
        """Return how much a line reads like a report, relative to the other lines of its text."""
        return look.likelihood + self._unusual

    def is_like(self, look: Look, least: float) -> bool:
        """Whether `like` exceeds `least`; most lines decide this without the rest of the text."""
        return look.likelihood > least or self.like(look) > least

    def is_paragraph(self, look: Look) -> bool:
        """Whether a line is a paragraph of a report, or part of one."""
        if len(look.words) < _PARAGRAPH:
            return False
        if look.is_prose:
            return self.is_like(look, _BARELY)
        marked = not look.taken and _INNER_MARK.search(look.words) is not None
        return marked and self.is_like(look, 0)

    def heads_appendix(self, words: str) -> bool:
        """Whether a line is the heading of an appendix."""
        if len(words) > LONGEST_HEADING or ends_sentence(words):
            return False
        return not self.shapes.begins("numbered", words) and self.shapes.is_("appendix", words)

    def glance(self, lines: int, chars: int) -> bool:
        """Whether the beginnings of the longest sentences read like a report; this is cheap."""
        prose = [look for look in self.longest if look.is_prose][:lines]
        words = "".join(look.words[:chars] for look in prose)
        return bool(prose) and prose[0].figures.bits(words) < READS_ALIKE


def looks_of(
    page: Page, lines: Sequence[VisibleLine], fates: Sequence[Fate], knowledge: Knowledge
) -> Looks:
    """Return the looks of the shown lines of the main part of `page`."""
    return Looks(list(_looks(page, lines, fates, knowledge.figures)), shapes_of(knowledge))


def _looks(
    page: Page, lines: Sequence[VisibleLine], fates: Sequence[Fate], figures: Figures
) -> Iterator[Look]:
    damaged = UNUSUAL.search(page.visible) or any(mark in page.visible for mark in _NOISY)
    for line in lines:
        if line.block.main and line.words and not line.block.hidden:
            words = _undamaged(line.squeezed) if damaged else line.squeezed
            yield Look(line, words, bool(fates[line.index]), figures)


def _undamaged(words: str) -> str:
    """Return `words` without stray characters, and without the noise that a forum adds in front."""
    return _NOISE.sub("", UNUSUAL.sub("", words))
