"""Decides how much of what follows a speech belongs to it: signatures, notes and lists."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from archive.clean.looks import LONGEST_HEAD, LONGEST_HEADING, Look, Looks
from archive.clean.speech import Speech
from archive.known.genre import ends_sentence

_LEAST_GAIN: Final = 0.9
"""The least total weight of lines after a speech that belong to it."""
_END, _TAKEN, _HEADING, _SIGNED, _STRANGE = -8.0, -1.5, 3.0, 1.2, -1.5
_UNANNOUNCED: Final = 0.25
_STILL: Final = 0.3
_NOTES_WITHIN: Final = 3
_SOME_NOTES: Final = 3
_TERM: Final = re.compile(
    r"(?:[\[［〔【(（]?\^?\d{1,3}[\]］〕】)）.、．:]*|[①-⑳❶-❿])?[“《]?([^:：”》]{2,30})[”》]?(?:[:：]|是指|指)"
)
_LAST_SECTIONS: Final = frozenset({"结束语", "结语", "结尾"})
_MOST_SIGNATURES: Final = 4
_LONGEST_NUMBER: Final = 4
_OFFICES: Final = frozenset("办局委心司道镇乡村区院校队会站所处部厅园")
"""Last characters of cells that name an office or a place."""

# how much a line must read like a report, with less and with more other evidence
_UNLIKE, _BARELY, _CELL, _HALFWAY, _ALIKE, _SURELY, _MUCH = -2.2, -1.2, -1.0, -0.5, 0.3, 0.5, 1.5


class Tail:
    """Weighs the lines after a speech one by one; `stop` is the rank after its last line.

    `strangers` are earlier lines that do not belong to the speech. `appendix` means that a heading,
    or several notes, announced an appendix; `listed` that it is a list, whose cells may have a line
    each; `broken` that a line was found that belongs to no report; `doubtful` that one was found in
    the appendix; `ended` that the page continued with other things.
    """

    def __init__(self, looks: Looks, speech: Speech) -> None:
        self.looks = looks
        self.shapes = looks.shapes
        self.speech = speech
        self.stop = speech.closing + 1
        self.total, self.best = 0.0, _LEAST_GAIN
        self.appendix = self.listed = False
        self.ended = self.broken = self.doubtful = False
        self.notes = self.signatures = 0
        self.gap = range(0)
        self.strangers: list[int] = []
        for rank in range(self.stop, len(looks.all)):
            self._add(rank)

    def _add(self, rank: int) -> None:
        worth = self._worth(rank)  # which may set the total
        self.total += worth
        if self.total > self.best:
            self.best, self.stop = self.total, rank + 1
            self.strangers += self.gap
            self.gap = range(0)

    def _worth(self, rank: int) -> float:
        look = self.looks.all[rank]
        words = look.words
        if len(words) <= LONGEST_HEADING and self.shapes.holds("end", words):
            self.appendix = self.listed = False
            self.ended = self.broken = self.doubtful = True
            return _END
        if look.taken:
            self.broken = self.doubtful = True
            return _TAKEN
        if self.looks.heads_appendix(words):
            return self._heading(rank)
        return self._line(look)

    def _heading(self, rank: int) -> float:
        """Return the weight of an appendix heading; after other things it needs notes."""
        following = self.looks.all[rank + 1 : rank + 1 + _NOTES_WITHIN]
        noted = any(
            self.shapes.is_(kind, look.words) for look in following for kind in ("note", "glossary")
        )
        if noted and self.ended and self._explains_the_speech(following):
            self._go_on_at(rank)
        elif not noted and (self.ended or (self.broken and not self.appendix)):
            return -1.0
        self.appendix, self.doubtful = True, False
        self.listed = self.listed or self.shapes.holds("lists", self.looks.all[rank].words)
        return _HEADING

    def _explains_the_speech(self, looks: Sequence[Look]) -> bool:
        """Whether the term explained here occurs in the speech."""
        spoken = "\n".join(look.words for look in self.looks.all[: self.speech.closing + 1])
        terms = (_TERM.match(look.words) for look in looks)
        return any(term is not None and term[1] in spoken for term in terms)

    def _go_on_at(self, rank: int) -> None:
        """Restart from an appendix that follows the furniture of the page."""
        self.gap = range(self.stop, rank)
        self.total, self.best = 0.0, _LEAST_GAIN
        self.ended = self.broken = False

    def _line(self, look: Look) -> float:
        words = look.words
        if not self.broken and (self._signs(words) or self._closes(words)):
            return _SIGNED
        if self.shapes.is_("note", words):
            return self._note(look)
        if self.shapes.is_("section", words) and (
            words in _LAST_SECTIONS or self._like(look) > _HALFWAY
        ):
            return 2.0
        if look.is_prose:
            return self._prose(look)
        if self.shapes.is_("glossary", words):
            return self._term(look)
        return self._cell(look) if self.listed else self._short(look)

    def _like(self, look: Look) -> float:
        """Return how much a line reads like a report; computed late, because it is costly."""
        return self.looks.like(look)

    def _signs(self, words: str) -> bool:
        """Whether the line is a signature, date or remark; only a few are allowed."""
        if len(words) > LONGEST_HEAD or self.signatures == _MOST_SIGNATURES:
            return False
        found = any(self.shapes.is_(kind, words) for kind in ("signature", "bracketed", "date"))
        self.signatures += found
        return found

    def _closes(self, words: str) -> bool:
        """Whether a line right after the speech closes it, or closes it again."""
        if not ends_sentence(words):
            return False
        return all(self.shapes.holds(kind, words) for kind in ("closing", "closing_end"))

    def _note(self, look: Look) -> float:
        self.notes += 1
        self.appendix = self.appendix or self.notes >= _SOME_NOTES
        if self.appendix:
            return 2.0
        marked = not self.broken and self.shapes.begins("marked_note", look.words)
        if marked or self._like(look) > _ALIKE:
            return 1.0
        return self._unannounced(look, -1.0)

    def _prose(self, look: Look) -> float:
        words = look.words
        if not self.speech.closed and not self.broken:
            return 1.0  # a fragment may end anywhere
        if self.notes >= _SOME_NOTES and not self.shapes.begins("address", words):
            return 1.0 if self._like(look) > _HALFWAY else -1.0
        if self.appendix or self.shapes.begins("address", words):
            return 1.5 if self._like(look) > _UNLIKE else self._defined(words)
        return 1.5 if self._like(look) > _ALIKE else self._unannounced(look, -2.0)

    def _defined(self, words: str) -> float:
        """Return the weight of a definition in unusual words, for a list of definitions."""
        explains = self.appendix and not self.doubtful and self.shapes.is_("glossary", words)
        return _STILL if explains else -2.0

    def _term(self, look: Look) -> float:
        """Return the weight of a term with its definition.

        Among numbered notes it is out of place.
        """
        if self.notes >= _SOME_NOTES:
            return 0.3 if self._like(look) > _ALIKE else -0.7
        if self.appendix and self._like(look) > _UNLIKE:
            return 1.5
        if self.appendix:
            return -0.5 if self.doubtful else _STILL
        return 0.5 if self._like(look) > _SURELY else self._unannounced(look, -1.0)

    def _unannounced(self, look: Look, otherwise: float) -> float:
        """Return the weight of a note without a heading: low, and 0 after anything else."""
        alike = not self.broken and self._like(look) > _BARELY
        return _UNANNOUNCED if alike else otherwise

    def _cell(self, look: Look) -> float:
        words = look.words
        if words.isdecimal():
            return 0.3 if len(words) <= _LONGEST_NUMBER else -0.7
        return 0.3 if words[-1:] in _OFFICES or self._like(look) > _CELL else -0.7

    def _short(self, look: Look) -> float:
        words = look.words
        if not self.ended and self.shapes.is_("salutation", words):
            return 0.5
        if self._like(look) > _MUCH:
            if ends_sentence(words) and not self.speech.closed and not self.broken:
                return 1.0  # a fragment may end anywhere
            return 0.3 if words[-1:] in "：:" else 0.0
        self.broken = self.doubtful = True
        return _STRANGE
