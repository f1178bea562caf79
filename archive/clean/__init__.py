"""Turns visible text into spans: what stays, what goes, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archive.clean.decide import decide
from archive.clean.edits import Edit, SelectedText, edits_of
from archive.clean.fragments import cut_lines
from archive.clean.joining import joined_lines
from archive.clean.layout import Decisions, spans_of
from archive.clean.lines import VisibleLine, lines_of
from archive.clean.repairs import METHODS
from archive.clean.repeated import dropped, masked, repeats
from archive.clean.rulebook import rulebook
from archive.clean.sections import Section, alone, sections
from archive.clean.shape import page_shape
from archive.known import Knowledge
from archive.known.attachments import attachments
from archive.model import MANY_REPORTS, Cleaning, Page

__all__ = ["Cleaned", "clean", "cleaned"]


@dataclass(frozen=True)
class Cleaned:
    """A cleaning, with what it says about the page as a whole.

    `page` is the page for later stages: repeated words are blanked, so that they count once.
    `sections` are the documents on the page, one or more. `says_many` means that the page calls
    itself one of the pages of many reports.
    """

    cleaning: Cleaning
    page: Page
    sections: tuple[Section, ...]
    says_many: bool = False

    @property
    def reports(self) -> tuple[Section, ...]:
        """The sections that are reports, or the first section if none is known to be one."""
        found = tuple(section for section in self.sections if section.kind == "report")
        return found or self.sections[:1]

    def alone(self, section: Section) -> tuple[Page, Cleaning]:
        """The page as if it held only one section, with its cleaning."""
        return alone(self.page, section), replace(self.cleaning, shape="report")


LAID_OUT = frozenset({"ocr", *(m for m, kind in attachments().items() if kind.laid_out)})
"""Media whose readers know the positions of rows on paper, and have joined them."""


def clean(page: Page, knowledge: Knowledge) -> Cleaning:
    """Decide the fate of every character of `page`.

    The spans are a partition of `page.visible`, and none crosses a line border. Kept spans have the
    part `body`; `identify` finds the parts of a report. Flags mark suspected damage inside lines
    that is not changed, repeated text, and the beginnings of further documents.
    """
    return cleaned(page, knowledge).cleaning


def cleaned(page: Page, knowledge: Knowledge) -> Cleaned:
    """Return the cleaning of `page`, the page for later stages, and its sections."""
    again = repeats(page)
    if not again.pieces:
        return _cleaned(page, knowledge)
    made = _cleaned(masked(page, again), knowledge)
    spans = dropped(made.cleaning.spans, again)
    flags = (*again.flags, *made.cleaning.flags)
    return replace(made, cleaning=replace(made.cleaning, spans=spans, flags=flags))


def _cleaned(page: Page, knowledge: Knowledge) -> Cleaned:
    lines = lines_of(page)
    book = rulebook(knowledge)
    decided = decide(page, lines, book, knowledge)
    fates = decided.fates
    decisions = Decisions(decided, frozenset(), {})
    document = _document(page, lines, decisions, knowledge)
    edits = edits_of(document, book.inline_rules(page.visible), METHODS)
    indents = [line.start - line.begin for line in document.kept]
    wrapped = set[int]()
    if page.medium not in LAID_OUT:
        wrapped = joined_lines(document.kept, fates, indents)
    joined = frozenset(wrapped | cut_lines(document.kept, knowledge.figures))
    changes = _by_line(document, (one for one in edits if one.changes))
    found = sections(document.kept, len(page.visible))
    shape = page_shape(page, lines, fates)
    cleaning = Cleaning(
        spans_of(lines, Decisions(decided, joined, changes)),
        shape=MANY_REPORTS if len(found) > 1 else shape,
        flags=(
            *(one.as_flag(page.visible) for one in edits if not one.changes),
            *(section.as_flag(page.visible) for section in found[1:]),
        ),
    )
    return Cleaned(cleaning, page, found, says_many=shape == MANY_REPORTS)


def _document(
    page: Page, lines: Sequence[VisibleLine], decisions: Decisions, knowledge: Knowledge
) -> SelectedText:
    kept = tuple(line for line in lines if decisions.keeps(line))
    dropped = tuple(
        line for line in lines if line.block.main and line.words and decisions.decided.drops(line)
    )
    return SelectedText(page.visible, kept, dropped, knowledge)


def _by_line(document: SelectedText, changes: Iterable[Edit]) -> dict[int, list[Edit]]:
    found: dict[int, list[Edit]] = {}
    for one in changes:
        line = document.line_at(one.start, one.stop)
        if line is not None:
            found.setdefault(line.index, []).append(one)
    return found
