"""The sections of a text: documents pasted one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from archive.clean.beginnings import Kind, beginnings
from archive.clean.lines import VisibleLine
from archive.model import Flag, Page

BEGINS: Final = "another-document"
"""Kind of flag: another document begins here."""

UNSURE: Final = "border-unsure"
"""Kind of flag: another document begins near here, but the exact place is unknown."""

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Section:
    """A document within the text: `visible[start:stop]`; `evidence` says how its start is known."""

    start: int
    stop: int
    kind: Kind
    evidence: str
    sure: bool

    def as_flag(self, visible: str) -> Flag:
        """The flag that marks where the document begins."""
        words = visible[self.start : min(self.start + _SHOWN, self.stop)]
        words = words.splitlines()[0].rstrip()
        evidence = f"a {self.kind} begins here: {self.evidence}"
        stop = self.start + len(words)
        return Flag(BEGINS if self.sure else UNSURE, self.start, stop, words, evidence)


def sections(lines: Sequence[VisibleLine], length: int) -> tuple[Section, ...]:
    """Return the sections that begin in the kept `lines` of a text of this length."""
    found = beginnings([line.words for line in lines])
    starts = [0, *(lines[each.line].start + each.column for each in found[1:]), length]
    return tuple(
        Section(start, stop, each.kind, each.evidence, each.sure)
        for each, (start, stop) in zip(found, pairwise(starts), strict=True)
    )


def alone(page: Page, section: Section) -> Page:
    """Return the page as if it held only `section`: its lines, with blanks around them."""
    words = page.visible[section.start : section.stop]
    behind = " " * (len(page.visible) - section.stop)
    blocks = (b for b in page.blocks if section.start <= b.start and b.stop <= section.stop)
    return replace(page, visible=" " * section.start + words + behind, blocks=tuple(blocks))
