"""Decides the condition of a report: how much of it there is, and whether its words can be trusted.

This is decided once, when the edition of a report is made. Pages, exports, panels and commands show
the result and judge nothing themselves.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from archive.collate.edition import EditionPassage

QUALITIES: Final = ("clean", "repaired", "suspect", "hijacked")
"""How far the words can be trusted: clean; repaired by rules or from another copy; suspect, because
its best copy is; hijacked, if injected words remain that no copy could replace."""

STATES: Final = ("full", "repaired", "partial", "unknown", "suspect", "hijacked")
"""Quality and completeness in one word, for a cell of a table."""

UNFIT: Final = ("hijacked", "fragment", "no_body")
"""Reasons why the words of a report are not counted."""

HAN: Final = re.compile(r"[㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff]+")
"""Runs of Han characters: unified ideographs with extensions, and compatibility ideographs."""


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of one copy of a report, its texts in page order.

    `verdicts` are those of its texts; `states` and `ratio` are their completeness, and `extent` is
    that of the copy. `missing` means that pages are known to be missing. `shared` means that its
    texts contain other reports too, so that what is known of the texts is not known of the report.
    """

    verdicts: tuple[str, ...]
    states: tuple[str, ...]
    ratio: float | None
    extent: str
    replaced_chars: int = 0
    missing: bool = False
    shared: bool = False

    @property
    def completeness(self) -> str:
        """Return complete, head_missing, tail_missing, fragment or unknown."""
        if self.extent == "whole":
            return "complete"
        if self.shared:
            return "unknown"
        if self.missing or self.extent == "excerpt":
            return "fragment"
        head = self.states[0] in ("head_missing", "fragment")
        tail = self.states[-1] in ("tail_missing", "fragment")
        if head and tail:
            return "fragment"
        return "head_missing" if head else "tail_missing" if tail else "unknown"


@dataclass(frozen=True, slots=True)
class Condition:
    """The condition of an edition.

    `ratio` is the share of the report that is present (0 to 1), None if unknown. `hijacked_copies`
    is the number of copies with injected words, whether or not the edition has any. `body_chars`
    and `body_han` count the body's characters without white space, and its Han characters.
    """

    quality: str
    completeness: str
    ratio: float | None
    hijacked_copies: int
    body_chars: int
    body_han: int

    @property
    def state(self) -> str:
        """One of `STATES`."""
        if self.quality in ("hijacked", "suspect"):
            return self.quality
        if self.completeness == "complete":
            return "full" if self.quality == "clean" else "repaired"
        return "unknown" if self.completeness == "unknown" else "partial"

    @property
    def unfit(self) -> str:
        """One of `UNFIT`, or empty for a report whose words are counted."""
        if self.quality == "hijacked":
            return "hijacked"
        if self.completeness == "fragment":
            return "fragment"
        return "" if self.body_chars else "no_body"


def condition(passages: Sequence[EditionPassage], copies: Sequence[Held]) -> Condition:
    """Return the condition of an edition.

    It is complete if one copy is, because the edition takes from that copy what others lack.

    Args:
        passages: those of the edition.
        copies: what is known of each copy, the best first; that is the base of the edition.
    """
    whole = next((copy for copy in copies if copy.completeness == "complete"), copies[0])
    body = "\n".join(passage.text for passage in passages if passage.part == "body")
    return Condition(
        quality=_quality(passages, copies[0]),
        completeness=whole.completeness,
        ratio=None if whole.shared else whole.ratio,
        hijacked_copies=sum("hijacked" in copy.verdicts for copy in copies),
        body_chars=chars(body),
        body_han=han(body),
    )


def chars(words: str) -> int:
    """Count characters without white space."""
    return len("".join(words.split()))


def han(words: str) -> int:
    """Count Han characters."""
    return sum(map(len, HAN.findall(words)))


def _quality(passages: Sequence[EditionPassage], base: Held) -> str:
    if any(change.is_gap for passage in passages for change in passage.changes):
        return "hijacked"
    if "suspect" in base.verdicts and "hijacked" not in base.verdicts:
        return "suspect"
    mended = any(passage.origin != "base" for passage in passages)
    touched = base.replaced_chars or "hijacked" in base.verdicts
    return "repaired" if mended or touched else "clean"
