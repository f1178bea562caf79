"""Finds where reports begin on a page that may hold several: titles, salutations, contents.

Nothing is split here. The text of a page is kept whole, and collation decides what its parts are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from archive.model import Border, BorderKind

_INDENT: Final = " \t\xa0\u3000"
_LONGEST_TITLE: Final = 60
_TITLE: Final = re.compile(
    r"^[（(【《\[]?[^，。；！？]{0,40}(?:政\s*府\s*工\s*作\s*报\s*告|人民政府.{0,12}工作报告)"
    r"[》】\])）]?\s*(?:[（(【\[][^，。；]{0,24}[)）】\]])?$"
)
_TOC: Final = re.compile(r"^\d{1,3}\s*[.、．]\s*\S.{0,50}报告.{0,12}?(?:[.…·\s]*\d{1,4})$")
_SALUTATION: Final = re.compile(
    r"^(?:尊敬的)?(?:各位|诸位)(?:代表|委员)(?:、(?:各位)?\S{1,8})?\s*[:：!！,，]?$"
)


def find_borders(lines: Iterable[tuple[int, str]]) -> tuple[Border, ...]:
    """Return the lines at which a report may begin.

    Args:
        lines: the number of each line of the main part, and its words.
    """
    found = ((number, kind_of(words)) for number, words in lines)
    return tuple(Border(number, kind) for number, kind in found if kind is not None)


def kind_of(words: str) -> BorderKind | None:
    """Return the kind of border a line is: `toc`, `title`, `salutation`, or none."""
    words = words.strip(_INDENT)
    if not words or len(words) > _LONGEST_TITLE:
        return None
    if _TOC.match(words):
        return "toc"
    if _SALUTATION.match(words):
        return "salutation"
    return "title" if _TITLE.match(words) else None
