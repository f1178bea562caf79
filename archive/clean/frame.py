"""Finds where a report begins and ends among the lines of a text, and what surrounds it.

People who copy a page also copy its menus, neighbouring articles and comments. The words of such a
line do not say that it is outside the report, but its position does: above the title, or after the
closing words and the notes and lists that belong to them. How far the report reaches is weighed
line by line: lines that read like a report extend it, others end it.
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
    """The extent of a report on its page, by line numbers.

    `body` is the first line of the speech and the last line that belongs to it. `outside` are lines
    of the main part that do not belong to the report, each with the rule that says so.
    """

    body: tuple[int, int]
    outside: Mapping[int, str]


def frame_of(
    page: Page, lines: Sequence[VisibleLine], fates: Sequence[Fate], knowledge: Knowledge
) -> ReportFrame | None:
    """Return the frame of the report on `page`, or None if there is no report, or several.

    Args:
        page: the page.
        lines: all of its lines.
        fates: what rules would take of each line in any zone.
        knowledge: provides the patterns of a report's ends, and the phrases of reports.
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
    """Return the ranks of documents other than the speech; None if the text has several reports.

    An article recognised only by its position does not count.
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
        and each.evidence not in ("", ANOTHER_TEXT)
        and not each.line <= opening < stop
        for rank in range(each.line, stop)
    ]
