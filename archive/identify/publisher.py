"""Identifies the publisher: the footer's 版权所有 or 主办单位, if it is a known body."""

from __future__ import annotations

import re

from archive.identify import beside
from archive.identify.evidence import seen
from archive.known import Gazetteer
from archive.model import Candidate, Page, Value

_LABEL = re.compile(
    r"(?:版权所有|主办单位|主办)"
    r"\s*+(?:[:\uff1a©]|[(\uff08][cC][)\uff09])*+[ \t\u3000\u00a0]*+"
    r"(?P<who>[^\s:\uff1a,\uff0c。]{3,40})"
)
_GOVERNMENT = re.compile(r"(?P<place>.{1,24}?)(?:人民)?政府(?:办公厅|办公室)?$")
_BODY = re.compile(
    r"(?:报社|报业集团|传媒集团|广播电视台|融媒体中心|电视台|通讯社|日报社|出版社|图书馆|大学)$"
)


def publisher(page: Page, site_id: Value | None, gazetteer: Gazetteer) -> Value | None:
    """Return the publisher as printed, or the one of the site code if its name was replaced."""
    labelled = list(_LABEL.finditer(page.visible))
    for match in labelled:
        if _exists(match["who"], gazetteer):
            return seen(page, match["who"], *match.span("who"), confidence=0.95)
    strangers = [m for m in labelled if _GOVERNMENT.match(m["who"])]
    if strangers and site_id is not None:
        return _from_code(page, strangers[0], site_id, gazetteer)
    return None if labelled else beside.site_name(page)


def _exists(who: str, gazetteer: Gazetteer) -> bool:
    government = _GOVERNMENT.match(who)
    if government:
        return bool(gazetteer.parse(government["place"]))
    return _BODY.search(who) is not None


def _from_code(
    page: Page, match: re.Match[str], site_id: Value, gazetteer: Gazetteer
) -> Value | None:
    """Return the government of the printed site code, if its name was replaced."""
    row = gazetteer.division(str(site_id.value)[:6])
    if row is None:
        return None
    name = f"{gazetteer.full_name(row.code)}人民政府"
    because = Candidate(match["who"], 0.1, f"printed; {site_id.raw} is a code of {row.name}")
    return seen(
        page, name, *match.span("who"), method="inferred", confidence=0.8, candidates=(because,)
    )
