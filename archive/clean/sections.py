"""The sections of a text: the documents that were pasted into it one behind the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from archive.clean.beginnings import Kind, beginnings
from archive.clean.lines import VisibleLine
from archive.model import Flag, Page

BEGINS: Final = "another-document"
"""The kind of a flag: another document begins here."""

UNSURE: Final = "border-unsure"
"""The kind of a flag: another document begins hereabouts, and it is not known where."""

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Section:
    """`visible[start:stop]` is a document of its own; `told` says how its beginning is known."""

    start: int
    stop: int
    kind: Kind
    told: str
    sure: bool

    def as_flag(self, visible: str) -> Flag:
        """The flag that says that a document begins here."""
        words = visible[self.start : min(self.start + _SHOWN, self.stop)]
        words = words.splitlines()[0].rstrip()
        evidence = f"a {self.kind} begins here: {self.told}"
        stop = self.start + len(words)
        return Flag(BEGINS if self.sure else UNSURE, self.start, stop, words, evidence)


def sections(lines: Sequence[VisibleLine], length: int) -> tuple[Section, ...]:
    """The sections that begin in the kept `lines` of a text of so many characters."""
    found = beginnings([line.words for line in lines])
    starts = [0, *(lines[each.line].start + each.column for each in found[1:]), length]
    return tuple(
        Section(start, stop, each.kind, each.told, each.sure)
        for each, (start, stop) in zip(found, pairwise(starts), strict=True)
    )


def alone(page: Page, section: Section) -> Page:
    """The page as if it held nothing but `section`: its lines, with blanks around them."""
    words = page.visible[section.start : section.stop]
    behind = " " * (len(page.visible) - section.stop)
    blocks = (b for b in page.blocks if section.start <= b.start and b.stop <= section.stop)
    return replace(page, visible=" " * section.start + words + behind, blocks=tuple(blocks))
