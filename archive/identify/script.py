"""Decides which script a text uses: simplified, traditional, or both."""

from __future__ import annotations

from typing import Final

from archive.identify.evidence import seen
from archive.identify.sheet import PageLines
from archive.model import Candidate, Value

_SIMPLE: Final = "国会发经济业产们为与设实务学义农进对动现开关个来这过报员"
_TRADITIONAL: Final = "國會發經濟業產們為與設實務學義農進對動現開關個來這過報員"
"""Characters found in every report, simplified and traditional."""
_FEWEST: Final = 12
_NEARLY_ALL: Final = 0.95


def script_of(sheet: PageLines) -> Value | None:
    """Return the script of the kept text, from common characters; None for a few words."""
    text = sheet.kept
    simple, traditional = (sum(map(text.count, each)) for each in (_SIMPLE, _TRADITIONAL))
    counted = simple + traditional
    if counted < _FEWEST:
        return None
    share = max(simple, traditional) / counted
    main = "simplified" if simple >= traditional else "traditional"
    value = main if share >= _NEARLY_ALL else "mixed"
    shown = (
        Candidate("simplified", round(simple / counted, 3), f"{simple} characters"),
        Candidate("traditional", round(traditional / counted, 3), f"{traditional} characters"),
    )
    return seen(
        sheet.page,
        value,
        0,
        0,
        method="inferred",
        confidence=min(0.99, round(share, 3)),
        candidates=shown,
    )
