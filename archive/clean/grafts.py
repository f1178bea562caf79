"""Detects that the tail of a report is another article.

Mirrors fill up a page with half a report with an article from elsewhere, and people copy two
articles at once. Such a tail is in the main part and reads like prose, so neither position nor
shape reveals it. Two things do: a dateline (新华社北京3月5日电, 本报讯, 据…报道) or the title of
another kind of document at its beginning; or sentences that, to the end, use words that reports do
not use and this report has not used before.

This is decided while cleaning, not while judging, because place, year and completeness are read
from the remaining text.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from statistics import median
from typing import Final

from archive.clean.looks import LONGEST_HEAD, Look, Looks
from archive.clean.speech import Speech
from archive.known.genre import ends_sentence

RULE: Final = "graft"

_LIMIT: Final = 7.2
"""Bits for each pair of characters: 49 of 50 paragraphs of reports have fewer, most other articles
have more."""
_ABOVE_OWN: Final = 1.4
_MOST: Final = 2.0
_LEAST, _LEAST_BEHIND_CLOSING = 6.0, 1.5
"""What the sentences of a tail must be worth together."""
_FEWEST, _FEWEST_BEHIND_CLOSING = 3, 2
_FEWEST_OF_REPORT: Final = 4
_MOSTLY: Final = 0.75
_SAMPLE: Final = 4
_READ: Final = 200
_SOME_NOTES: Final = 3
_SHORTEST_LEAD: Final = 24
_LONGEST_HEADLINE: Final = 4


def border(looks: Looks, speech: Speech, stop: int) -> int | None:
    """Return the rank of the line that begins another article, which continues to the end.

    Args:
        looks: the lines.
        speech: the report's speech, as far as found.
        stop: the rank after the last line that may belong to the report.
    """
    first = speech.closing + 1 if speech.closed else _behind_some_prose(looks, speech.opening)
    ranks = range(first, stop)
    found = _announced(looks, ranks, closed=speech.closed)
    if found is None:
        found = _unlike(looks, speech, ranks)
    return None if found is None else _with_headline(looks, found, first)


def _behind_some_prose(looks: Looks, opening: int) -> int:
    prose = [n for n, look in enumerate(looks.all) if n >= opening and looks.is_paragraph(look)]
    return (prose[_FEWEST_OF_REPORT - 1 : _FEWEST_OF_REPORT] or [len(looks.all)])[0] + 1


def _announced(looks: Looks, ranks: range, *, closed: bool) -> int | None:
    """Return the line that begins like a news item, or is the title of another kind of document."""
    for rank in ranks:
        if _is_dateline(looks, rank) or (closed and _is_title(looks, rank, ranks.stop)):
            return rank
    return None


def _is_dateline(looks: Looks, rank: int) -> bool:
    words = looks.all[rank].words
    return len(words) > _SHORTEST_LEAD and looks.shapes.begins("dateline", words)


def _is_title(looks: Looks, rank: int, stop: int) -> bool:
    """Whether a line followed by sentences is a title, and not a name from the sentence above."""
    if not looks.shapes.is_("other_title", looks.all[rank].words):
        return False
    following = looks.all[rank + 1 : stop]
    above = looks.all[rank - 1].words[-1:]
    return ends_sentence(above) and sum(each.is_prose for each in following) >= _FEWEST


def _unlike(looks: Looks, speech: Speech, ranks: range) -> int | None:
    """Return the first of the final sentences whose words are unlike the report's."""
    prose = [rank for rank in ranks if _tells(looks, looks.all[rank])]
    last = [_bits(looks.all[rank]) for rank in prose[-_SAMPLE:]]
    if not last or sum(last) / len(last) < _LIMIT:
        return None
    bits = {rank: _bits(looks.all[rank]) for rank in prose}
    found = _best(prose, bits, _LIMIT)
    own = [
        bits.get(rank) or _bits(looks.all[rank])
        for rank in range(speech.opening, found)
        if _tells(looks, looks.all[rank])
    ]
    if len(own) < _FEWEST_OF_REPORT:
        return None
    limit = max(_LIMIT, median(own) + _ABOVE_OWN)
    found = _best(prose, bits, limit)
    tail = [bits[rank] - limit for rank in prose if rank >= found]
    return found if _is_another(looks, tail, range(found, ranks.stop), speech) else None


def _tells(looks: Looks, look: Look) -> bool:
    """Whether a line is a sentence and not a note: notes explain unusual words."""
    shapes = looks.shapes
    noted = shapes.is_("note", look.words) or shapes.is_("glossary", look.words)
    return look.is_prose and not noted


def _bits(look: Look) -> float:
    return look.figures.bits(look.words[:_READ])


def _best(prose: Sequence[int], bits: dict[int, float], limit: float) -> int:
    """Return the line from which the sentences to the end score highest."""
    worth = accumulate(max(-_MOST, min(_MOST, bits[rank] - limit)) for rank in reversed(prose))
    return max(zip(worth, reversed(prose), strict=True))[1]


def _is_another(looks: Looks, tail: Sequence[float], ranks: range, speech: Speech) -> bool:
    fewest = _FEWEST_BEHIND_CLOSING if speech.closed else _FEWEST
    least = _LEAST_BEHIND_CLOSING if speech.closed else _LEAST
    lines = [looks.all[rank].words for rank in ranks]
    notes = sum(looks.shapes.is_("note", words) for words in lines)
    return (
        len(tail) >= fewest
        and sum(max(-_MOST, min(_MOST, each)) for each in tail) >= least
        and sum(each > 0 for each in tail) >= _MOSTLY * len(tail)
        and notes < _SOME_NOTES
        and not any(map(looks.heads_appendix, lines))
    )


def _with_headline(looks: Looks, rank: int, first: int) -> int:
    """Return the first of the short lines above `rank` that form its headline and byline."""
    for above in range(rank - 1, max(first, rank - _LONGEST_HEADLINE) - 1, -1):
        if not _may_head(looks, looks.all[above]):
            break
        rank = above
    return rank


def _may_head(looks: Looks, look: Look) -> bool:
    short = len(look.words) <= LONGEST_HEAD and not look.is_prose
    return short and not looks.shapes.begins("numbered", look.words)
