"""Where a report begins and ends among the lines of a text, and what stands around it.

Whoever copies a page copies its menus, its neighbours and its comments too, and nothing in such
a line says that it is none of the report's. Its place does: it stands above the title, or behind
the closing words and whatever notes and lists belong to them. How far the report reaches is
reckoned line by line: what reads like a report speaks for going on, what reads like none against.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from archive.clean import grafts
from archive.clean.head import Head
from archive.clean.lines import Line
from archive.clean.looks import looks_of
from archive.clean.rulebook import Fate
from archive.clean.speech import speech_of
from archive.clean.tail import Tail
from archive.known import Knowledge
from archive.model import Page

RULE: Final = "outside-report"


@dataclass(frozen=True)
class Frame:
    """Where a report stands on its page, by line numbers.

    `body` are the first line of the speech and the last line of whatever belongs to it; `outside`
    are the lines of the main part that are none of the report's, each with the rule that says so.
    """

    body: tuple[int, int]
    outside: Mapping[int, str]


def frame_of(
    page: Page, lines: Sequence[Line], fates: Sequence[Fate], knowledge: Knowledge
) -> Frame | None:
    """The frame of the report on `page`; None where no report is found, or several are.

    Args:
        page: the page.
        lines: all of its lines.
        fates: what rules would take of each, wherever it stood.
        knowledge: gives the shapes of a report's ends, and what reports say.
    """
    if any(field.rule.kind == "compilation" for fate in fates for field in fate):
        return None
    looks = looks_of(page, lines, fates, knowledge)
    speech = speech_of(looks)
    if speech is None:
        return None
    head, stop = Head(looks, speech.opening), Tail(looks, speech).stop
    start = head.start()
    numbers = [look.line.index for look in looks.all]
    outside = (*numbers[:start], *(numbers[n] for n in head.strangers(start)), *numbers[stop:])
    rules = dict.fromkeys(outside, RULE)
    graft = grafts.border(looks, speech, stop)
    if graft is not None:
        rules |= dict.fromkeys(numbers[graft:], grafts.RULE)
        stop = graft
    return Frame((numbers[speech.opening], numbers[stop - 1]), rules)
