"""The sections of a text: the documents that were pasted into it one behind the other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from archive.clean.heads import Beginning, Kind, beginnings
from archive.clean.lines import Line
from archive.model import Flag, Page

BEGINS: Final = "another-document"
"""The kind of a flag: another document begins here."""

UNSURE: Final = "border-unsure"
"""The kind of a flag: another document begins hereabouts, and it is not known where."""

_SHOWN = 60
_CHARACTER = re.compile(r"[^\r\n]")


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


def sections(lines: Sequence[Line], length: int) -> tuple[Section, ...]:
    """The sections that begin in the kept `lines` of a text of so many characters."""
    found = beginnings([line.words for line in lines])
    starts = [0, *(lines[each.line].start for each in found[1:]), length]
    return tuple(
        Section(start, stop, each.kind, each.told, each.sure)
        for each, (start, stop) in zip(found, pairwise(starts), strict=True)
    )


def alone(page: Page, section: Section) -> Page:
    """The page with blanks in place of everything that is no part of `section`."""
    visible = page.visible
    before = _CHARACTER.sub(" ", visible[: section.start])
    behind = _CHARACTER.sub(" ", visible[section.stop :])
    return replace(page, visible=before + visible[section.start : section.stop] + behind)
