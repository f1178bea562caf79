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
from archive.clean.beginnings import ANOTHER_TEXT, beginnings
from archive.clean.head import HeaderLines
from archive.clean.lines import VisibleLine
from archive.clean.looks import Looks, looks_of
from archive.clean.rulebook import Fate
from archive.clean.speech import speech_of
from archive.clean.tail import Tail
from archive.known import Knowledge
from archive.model import Page

RULE: Final = "outside-report"


@dataclass(frozen=True)
class ReportFrame:
    """Where a report stands on its page, by line numbers.

    `body` are the first line of the speech and the last line of whatever belongs to it; `outside`
    are the lines of the main part that are none of the report's, each with the rule that says so.
    """

    body: tuple[int, int]
    outside: Mapping[int, str]


def frame_of(
    page: Page, lines: Sequence[VisibleLine], fates: Sequence[Fate], knowledge: Knowledge
) -> ReportFrame | None:
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
    head, tail = HeaderLines(looks, speech.opening), Tail(looks, speech)
    start, stop = head.start(), tail.stop
    strangers = (*head.strangers(start), *tail.strangers)
    ranks = (*range(start), *strangers, *range(stop, len(looks.all)))
    rules = dict.fromkeys(ranks, RULE)
    graft = grafts.border(looks, speech, stop)
    if graft is not None:
        rules |= dict.fromkeys(range(graft, len(looks.all)), grafts.RULE)
        stop = graft
    found = _documents(looks, speech.opening)
    if found is None:
        return None
    for rank in found:
        rules.pop(rank, None)
    body = min((speech.opening, *found)), max((stop - 1, *found))
    numbers = [look.line.index for look in looks.all]
    return ReportFrame(
        (numbers[body[0]], numbers[body[1]]), {numbers[n]: rule for n, rule in rules.items()}
    )


def _documents(looks: Looks, opening: int) -> Sequence[int] | None:
    """The ranks of other documents than the speech; None if several reports are in the text.

    An article that nothing but its place tells is no document.
    """
    found = beginnings(["" if look.taken else look.line.words for look in looks.all])
    if sum(each.kind == "report" for each in found) > 1:
        return None
    stops = [*(each.line for each in found[1:]), len(looks.all)]
    return [
        rank
        for each, stop in zip(found, stops, strict=True)
        if each.kind != "report"
        and each.sure
        and each.told not in ("", ANOTHER_TEXT)
        and not each.line <= opening < stop
        for rank in range(each.line, stop)
    ]
