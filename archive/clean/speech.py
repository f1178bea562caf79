"""Finds where the speech of a report opens and closes among the lines of a text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from archive.clean import heads
from archive.clean.looks import LONGEST_HEAD, Look, Looks
from archive.known.genre import ends_sentence

_OPENING_WORDS: Final = ("报告", "汇报", "审议", "审查", "委托")
_OPENING_WITHIN: Final = 80
_OPENS_WITHIN: Final = 12
_LONGEST_SALUTATION: Final = 40
_SENTENCE: Final = 25
_NARROW: Final = 15
_LONG: Final = 40
_SURELY: Final = 0.5
_FLOWERY: Final = -2.2
"""How unusual the last sentence of a speech may be: it is full of images and verse."""
_SHORTEST_CLOSING: Final = 20
_CLOSING_WITHIN: Final = 60
_CLOSING_MARKS: Final = frozenset('。！!”"）)')
_GLANCED_LINES, _GLANCED_CHARS = 3, 24
_FEWEST: Final = 4


@dataclass(frozen=True)
class Speech:
    """The ranks of the first and last line of a speech; `closed` means that it has an ending."""

    opening: int
    closing: int
    closed: bool


def speech_of(looks: Looks) -> Speech | None:
    """Return the speech in a text.

    None if there is none, or if lines are those of a printed page.
    """
    opening = _opening(looks)
    if opening is None:
        return None
    closing = _closing(looks, opening)
    goes_on = None if closing is None else _goes_on_behind(looks, opening, closing)
    if closing is None or goes_on is not None:
        last, closed = max(_last_paragraph(looks, opening), goes_on or 0), False
    else:
        last, closed = closing, True
    return None if _is_wrapped(looks, opening, last) else Speech(opening, last, closed)


def _opening(looks: Looks) -> int | None:
    """Return the line that opens the speech: its salutation, or its first sentence."""
    session = False
    for rank, look in enumerate(looks.all):
        if _opens(looks, rank) or (session and _goes_on(looks, look)):
            return rank
        session = session or _is_session(looks, look)
    return _first_of_piece(looks)


def _opens(looks: Looks, rank: int) -> bool:
    look = looks.all[rank]
    words = look.words
    if look.taken:
        return False
    if _says_so(looks, words):
        return look.likelihood > 0
    if len(words) > _LONGEST_SALUTATION or not looks.shapes.is_("salutation", words):
        return False
    following = looks.all[rank + 1 : rank + 1 + _OPENS_WITHIN]
    return any(other.is_prose and other.likelihood > 0 for other in following)


def _says_so(looks: Looks, words: str) -> bool:
    if len(words) <= _SENTENCE or not any(word in words for word in _OPENING_WORDS):
        return False
    return looks.shapes.holds("opening", words[:_OPENING_WITHIN])


def _is_session(looks: Looks, look: Look) -> bool:
    short = len(look.words) <= LONGEST_HEAD
    return short and not look.taken and looks.shapes.is_("session", look.words)


def _goes_on(looks: Looks, look: Look) -> bool:
    """Whether a line below the session begins a speech without salutation."""
    if looks.shapes.begins("numbered", look.words):
        return looks.is_like(look, 0)
    return look.is_prose and len(look.words) >= _LONG and looks.is_like(look, _SURELY)


def _first_of_piece(looks: Looks) -> int | None:
    """Return the first paragraph of a fragment of a report."""
    if not looks.glance(_GLANCED_LINES, _GLANCED_CHARS):
        return None
    prose = [look for look in looks.longest if look.is_prose]
    alike = sum(look.likelihood > _SURELY for look in prose)
    if len(prose) < _FEWEST or alike * 3 < len(prose) * 2:
        return None
    return next((n for n, look in enumerate(looks.all) if looks.is_paragraph(look)), None)


def _closing(looks: Looks, opening: int) -> int | None:
    """Return the last line that closes a speech."""
    for kind in ("closing", "weak_closing"):
        for rank in range(len(looks.all) - 1, opening, -1):
            if _closes(looks, looks.all[rank], kind):
                return rank
    return None


def _closes(looks: Looks, look: Look, kind: str) -> bool:
    words, shapes = look.words, looks.shapes
    if look.taken or len(words) < _SHORTEST_CLOSING or words[-1] not in _CLOSING_MARKS:
        return False
    if not shapes.holds(kind, words) or shapes.is_("note", words):
        return False
    least = _FLOWERY if shapes.begins("address", words) else 0
    return shapes.holds("closing_end", words[-_CLOSING_WITHIN:]) and looks.is_like(look, least)


def _goes_on_behind(looks: Looks, opening: int, closing: int) -> int | None:
    """Return the line after `closing` that continues the section numbers, if any."""
    for number in (heads.number, heads.inner_number):
        within = [number(look.words) for look in looks.all[opening : closing + 1]]
        reached = next(filter(None, reversed(within)), 0)
        rank = _next_numbered(looks, closing + 1, number)
        if reached and rank is not None and number(looks.all[rank].words) == reached + 1:
            return rank
    return None


def _next_numbered(looks: Looks, start: int, number: Callable[[str], int]) -> int | None:
    """Return the next numbered line after another one, above any appendix."""
    for rank in range(start, len(looks.all)):
        words = looks.all[rank].words
        if looks.heads_appendix(words):
            return None
        if number(words):
            return rank
    return None


def _last_paragraph(looks: Looks, opening: int) -> int:
    ranks = range(len(looks.all) - 1, opening, -1)
    return next((rank for rank in ranks if looks.is_paragraph(looks.all[rank])), opening)


def _is_wrapped(looks: Looks, opening: int, closing: int) -> bool:
    """Whether most lines end in mid-sentence, like those of a printed page.

    The end of such a text is often not found, and its lines may be short: if a speech has hardly
    any long line, all that follows counts, then the shorter lines.
    """
    for stop, least in ((closing + 1, _SENTENCE), (None, _SENTENCE), (None, _NARROW)):
        words = (look.words for look in looks.all[opening:stop])
        long = [each for each in words if len(each) >= least]
        if len(long) >= _FEWEST:
            return sum(map(ends_sentence, long)) * 2 < len(long)
    return False
