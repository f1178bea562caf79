"""Keeps a report's own head lines if the main part begins below them.

Templates print the title, and sometimes session and speaker, in a separate box above the text. They
still belong to the report.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from archive.clean.lines import VisibleLine
from archive.model import Page

RULE: Final = "title-outside-main"

_TITLE = re.compile(
    r".{0,60}(?:报告|報告|公报|规划|規劃|纲要)(?:\s?[(（][^)）]{1,30}[)）]){0,2}"
)  # fmt: skip
_FRONT = re.compile(
    r"[—–―-]{0,4}.{0,30}(?:人民代表大会|人大).{0,20}会议.{0,6}|"
    r"(?:.{0,16}(?:人民政府|政府))?(?:代)?(?:省长|市长|县长|区长|州长|盟长|旗长|主席|镇长|乡长|主任)\s{0,4}\S{0,12}"
)
_HEADINGS = ("h1", "h2", "h3")
_LOOKED_AT = 40
_FIRST_MAIN_LINES = 12
_MOSTLY_LINKS = 0.5


def head_outside_main(page: Page, lines: Sequence[VisibleLine]) -> frozenset[int]:
    """Return the numbers of the lines above the main part that are the report's own head."""
    shown = [line for line in lines if not line.blank and not line.block.hidden]
    first = next((rank for rank, line in enumerate(shown) if line.block.main), None)
    if not first:
        return frozenset()
    main_head = {
        line.squeezed for line in shown[first : first + _FIRST_MAIN_LINES] if line.block.main
    }
    above = shown[max(0, first - _LOOKED_AT) : first]
    title = next((line for line in reversed(above) if _is_title(page, line)), None)
    if title is None or any(title.squeezed in words for words in main_head):
        return frozenset()
    front = (line.index for line in _front(above, title) if line.squeezed not in main_head)
    return frozenset((title.index, *front))


def _is_title(page: Page, line: VisibleLine) -> bool:
    if line.link_share > _MOSTLY_LINKS:
        return False
    if _TITLE.fullmatch(line.words):
        return True
    return line.block.tag in _HEADINGS and any(
        meta.source == "title" and "".join(meta.value.split()).startswith(line.squeezed)
        for meta in page.metas
    )


def _front(above: Sequence[VisibleLine], title: VisibleLine) -> Iterator[VisibleLine]:
    for line in above:
        if line.index > title.index and _FRONT.fullmatch(line.words):
            yield line
