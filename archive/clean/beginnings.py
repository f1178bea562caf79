"""Finds where documents begin in a text: reports by their heads, others by what ends before them.

The head of a report has some of: a title, a session, a salutation and an opening sentence, one
below the other. Each alone occurs in other places too. Other documents are recognised by a title
after the closing words of a report, and translations by their script.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise
from typing import Final, Literal

from archive.clean import heads

Kind = Literal["report", "document", "translation"]

ANOTHER_TEXT: Final = "another text behind the closing words"
"""The evidence of a document that is only recognised by its position."""

_HEAD, _NEAR = 10, 4
"""Lines from the title to the opening at most, and from the title to the session."""

_LEAD: Final = 300
"""The most characters of prose above the head of the first document."""

_LONG_LINE: Final = 1500
"""The fewest characters of a line that may hold more than one document."""

_LATE_OPENING: Final = 20
"""The most lines below title and session in which a report may be opened."""

_BELOW, _TOLD_BELOW, _SAID_BELOW = 6, 100, 250
"""Lines below a title, and how much prose they hold where a document begins with it."""

_NEXT_SECTION: Final = 60
"""The most lines after closing words in which the next section begins, if the speech continues."""

_FOREIGN_TEXT: Final = 400
"""Characters of the shortest translation."""

_TRIMMED: Final = " \t\u3000\xa0*#"


@dataclass(frozen=True, slots=True)
class Beginning:
    """A document that begins in `line`; `evidence` says how it is recognised, empty if unknown.

    If not `sure`, another document begins near this line, but the exact place is unknown. `column`
    is the number of characters of another document before it in the line.
    """

    line: int
    kind: Kind
    evidence: str
    sure: bool = True
    column: int = 0


def beginnings(lines: Sequence[str]) -> tuple[Beginning, ...]:
    """Return the documents that begin in `lines`, in order; the first begins in the first line."""
    return _beginnings(tuple(lines))


@lru_cache(maxsize=1)  # without junk lines, frame and sections ask for the same lines
def _beginnings(lines: tuple[str, ...]) -> tuple[Beginning, ...]:
    text = _Text([line.strip(_TRIMMED) for line in lines])
    reports = _with_texts(text, list(_reports(text)))
    others = (*reports, *_others(text, reports), *_translations(text, reports))
    places = {(each.line, each.column): each for each in reversed(others)}
    found = [places[place] for place in sorted(places)]
    if not found or not found[0].sure or text.leads_with_another(found[0].line):
        return (Beginning(0, "document", ""), *(each for each in found if each.line or each.column))
    return (replace(found[0], line=0), *found[1:])


@dataclass(frozen=True)
class _Text:
    """The lines of a text, trimmed."""

    lines: Sequence[str]

    def said(self, start: int, stop: int) -> int:
        """The number of characters of prose in the lines from `start` up to before `stop`."""
        return self._reached[stop] - self._reached[start] if stop > start else 0

    def leads_with_another(self, line: int) -> bool:
        """Whether the text above `line` is other than a summary of what follows."""
        return self.said(0, line) > _LEAD and not any(map(heads.heads_summary, self.lines[:_NEAR]))

    @cached_property
    def _reached(self) -> list[int]:
        return [0, *accumulate(map(heads.prose, self.lines))]

    def stands_alone(self, line: int) -> bool:
        """Whether a line is complete rather than a piece of a sentence, such as a former link."""
        above = next((self.lines[n] for n in range(line - 1, -1, -1) if self.lines[n]), "。")
        below = next((each for each in self.lines[line + 1 : line + 1 + _BELOW] if each), "")
        ends = above[-1] in "。！!；;？?）)…”" or len(above) <= heads.SHORT // 2
        return ends and below[:1] not in "》、，。；：）)”’,.;:"

    def below(self, line: int, stop: int) -> Sequence[str]:
        """The few lines below a line, at most up to `stop`."""
        return self.lines[line + 1 : min(stop, line + 1 + _BELOW)]


def _with_texts(text: _Text, reports: list[Beginning]) -> list[Beginning]:
    """Return the reports that have a text, merged with an extract or first title above them."""
    if len(reports) < 2:  # noqa: PLR2004
        return reports
    found = []
    begins = reports[0].line
    for one, other in pairwise(reports):
        if text.said(one.line, other.line) > _LEAD or not other.sure:
            found.append(replace(one, line=begins))
            begins = other.line
    last = reports[-1]
    if not last.sure or not found or text.said(last.line, len(text.lines)) > _LEAD:
        found.append(replace(last, line=begins))
    return found


def _reports(text: _Text) -> Iterator[Beginning]:
    """Yield reports with an opening, and reports with title and session."""
    lowest, last = 0, None
    for line, words in enumerate(text.lines):
        head = None
        if heads.opens(words):
            head = _opened(text, line, lowest)
            if (
                last is not None
                and head.evidence == "opening"
                and line - last.line <= _LATE_OPENING
            ):
                continue  # it opens the report whose title and session are above
        elif "届" in words[: 2 * heads.SHORT] and not _opens_below(text, line):
            head = last = _titled(text, line, lowest)
        if head is not None:
            lowest = line + 1
            yield head
            if len(words) > _LONG_LINE:
                for column in heads.openings_inside(words):
                    yield Beginning(
                        line, "report", "opening inside a line", sure=False, column=column
                    )


def _opens_below(text: _Text, line: int) -> bool:
    """Whether the head with this short line ends with an opening."""
    for words in text.lines[line : line + _HEAD]:
        if heads.opens(words):
            return True
        if len(words) > heads.SHORT:
            return False
    return False


def _opened(text: _Text, line: int, lowest: int) -> Beginning:
    """Return the document opened in `line`, starting at the top line of its head."""
    first, known_by = line, [*heads.parts_before_opening(text.lines[line]), "opening"]
    if "title" in known_by:
        return Beginning(line, "report", ", ".join(known_by))
    for above in range(line - 1, max(lowest, line - _HEAD) - 1, -1):
        if heads.closes(text.lines[above]):
            break
        part = heads.part_of_head(text.lines[above])
        if part == "beside":
            # above title and session it belongs to the previous text
            first = first if {"title", "session"}.intersection(known_by) else above
        elif part:
            first = above
            known_by.insert(0, part)
        elif heads.prose(text.lines[above]):
            break
    is_other = "other title" in known_by and "title" not in known_by
    return Beginning(
        first, "document" if is_other else "report", ", ".join(dict.fromkeys(known_by))
    )


def _titled(text: _Text, line: int, lowest: int) -> Beginning | None:
    """Return the document that a session line and a title begin, in one or a few lines."""
    if heads.has_title_and_session(text.lines[line]):
        return Beginning(line, "report", "title, session")
    if not heads.is_session(text.lines[line]):
        delivered = heads.says_delivered(text.lines[line])
        return Beginning(line, "report", "session") if delivered else None
    for above in range(line - 1, max(lowest, line - _NEAR) - 1, -1):
        part = heads.part_of_head(text.lines[above])
        if part == "title":
            return Beginning(above, "report", "title, session")
        if part == "other title":
            return Beginning(above, "document", "other title, session")
        if heads.prose(text.lines[above]):
            break
    return Beginning(line, "report", "session") if heads.says_delivered(text.lines[line]) else None


def _others(text: _Text, reports: Sequence[Beginning]) -> Iterator[Beginning]:
    """Yield documents after the closing words of a report, before the next one begins."""
    starts = [0, *(each.line for each in reports if each.line), len(text.lines)]
    for start, stop in pairwise(starts):
        closings = [line for line in range(start, stop) if heads.closes(text.lines[line])]
        if closings:
            yield from _named(text, closings, stop)
            yield from _unnamed(text, closings[-1] + 1, stop)
            yield from _elsewhere(text, start, closings, stop)


def _named(text: _Text, closings: Sequence[int], stop: int) -> Iterator[Beginning]:
    """Return titles of other kinds of documents after closing words and at most an appendix."""
    for line in range(closings[0] + 1, stop):
        if not heads.names_document(text.lines[line]) or not text.stands_alone(line):
            continue
        behind = closings[bisect_left(closings, line) - 1] + 1
        appendix = any(map(heads.heads_appendix, text.lines[behind : min(line, behind + _NEAR)]))
        said = sum(map(heads.prose, text.below(line, stop)))
        if said >= _TOLD_BELOW and (appendix or text.said(behind, line) <= _LEAD):
            yield Beginning(line, "document", "title behind the closing words")


def _unnamed(text: _Text, start: int, stop: int) -> Iterator[Beginning]:
    """Return the first text after the last closing words that is neither appendix nor titled."""
    for line in range(start, min(stop, start + _HEAD)):
        words = text.lines[line]
        if heads.heads_appendix(words) or heads.names_document(words):
            return
        if heads.number(words):
            if heads.looks_back(words):
                yield Beginning(line, "document", "sections begin anew", sure=False)
            return
        if text.said(start, line) > _LEAD:
            return
        if _begins_text(text, line, stop):
            yield Beginning(line, "document", ANOTHER_TEXT)
            return


def _begins_text(text: _Text, line: int, stop: int) -> bool:
    """Whether a line is a headline followed by prose, and not a list."""
    below = text.below(line, stop)
    if not heads.is_headline(text.lines[line]) or not below or heads.is_item(below[0]):
        return False
    said = sum(len(words) for words in below if "。" in words and not heads.is_item(words))
    return said >= _SAID_BELOW and text.stands_alone(line)


def _elsewhere(text: _Text, start: int, closings: Sequence[int], stop: int) -> Iterator[Beginning]:
    """Return sections after closing words whose numbers do not continue the previous ones."""
    highest = 0
    for before, closing in pairwise([start, *closings]):
        highest = max([highest, *map(heads.number, text.lines[before:closing])])
        if heads.unites(text.lines[closing]):
            number, inner = _next_numbers(text, closing + 1, min(stop, closing + _NEXT_SECTION))
            if number not in (0, 1, highest + 1) or inner > 1:
                known_by = "sections go on elsewhere"
                yield Beginning(closing + 1, "document", known_by, sure=False)
                return


def _next_numbers(text: _Text, start: int, stop: int) -> tuple[int, int]:
    """Return the next section number, or the next inner one; otherwise 0."""
    for words in text.lines[start:stop]:
        if heads.heads_appendix(words):
            break
        numbers = heads.number(words), heads.inner_number(words)
        if any(numbers):
            return numbers
    return 0, 0


def _translations(text: _Text, reports: Sequence[Beginning]) -> Iterator[Beginning]:
    """Yield texts in another script that continue to the end or the head of the next report."""
    starts = [0, *(each.line for each in reports if each.line), len(text.lines)]
    for start, stop in pairwise(starts):
        lines = [line for line in range(start, stop) if heads.is_foreign(text.lines[line])]
        han = [n for n in range(start, stop) if lines and heads.is_han(text.lines[n])]
        last = max(
            (n for n in han if heads.prose(text.lines[n]) and n < lines[-1]), default=start - 1
        )
        run = [line for line in lines if line > last]
        said = sum(heads.prose(text.lines[n]) for n in han if n > last)
        if sum(len(text.lines[line]) for line in run) >= _FOREIGN_TEXT and said <= _LEAD:
            yield Beginning(_first_foreign(text, run[0]), "translation", "another script")


def _first_foreign(text: _Text, line: int) -> int:
    """Return the first line of a text in another script, including its title."""
    while line and text.lines[line - 1] and not heads.is_han(text.lines[line - 1]):
        line -= 1
    return line
