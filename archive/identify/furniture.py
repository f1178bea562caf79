"""Reads what a page prints around a report: dates, sources, record numbers, page n of m, counts.

These lines are often dropped from the clean text, so they are read here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from archive.identify.evidence import seen
from archive.identify.sheet import PageLine
from archive.identify.squeezed import normalise
from archive.known.numerals import iso_date
from archive.model import Page, Value

_COLON = r"[\s\u3000]*[:\uff1a|\uff5c]"
_PUBLISHED = ("发布时间", "发布日期", "发表时间", "发表日期", "发稿时间", "公开日期", "公布日期",
              "时间", "日期", "更新时间", "更新日期")  # fmt: skip
_SOURCE = ("信息来源", "文章来源", "稿件来源", "新闻来源", "内容来源", "消息来源", "来源", "稿源")
_EDITOR = ("责任编辑", "责编", "编辑")
_LABEL = re.compile(
    rf"(?P<label>{'|'.join((*_PUBLISHED, *_SOURCE, *_EDITOR))}){_COLON}[ \t\u3000\u00a0]*"
)
_LONGEST_LINE = 400
_IN_A_WORD = re.compile(r"[一-鿿]")
_Labels = dict[str, list[tuple[int, int]]]
_ANY_LABEL = re.compile(
    r"(?:发布|发表|发稿|更新|公布)?(?:时间|日期)|(?:[一-鿿]{2})?来源|稿源|作者|责任编辑|责编|编辑|审核|"
    r"[阅浏]览(?:量|次数)?|点击(?:量|数)?|访问量|字体|字号|分享|打印|收藏|文号|发布机构|索引号|主题词|信息类别"
)
_STAMP = re.compile(
    r"(?:19|20)[0-9]{2}[\s\u3000]*[-年/.][\s\u3000]*[0-9]{1,2}[\s\u3000]*[-月/.][\s\u3000]*[0-9]{1,2}(?![0-9])[\s\u3000]*日?"
    r"|[一二][〇○零九][〇○零一二三四五六七八九]{2}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日"
)
_CLOCK = re.compile(r"[\sT\u3000]*[0-9]{1,2}[\s\u3000]*[:\uff1a时][\s\u3000]*[0-9]{1,2}")
_REST_OF_CLOCK = re.compile(r"[:\uff1a0-9分秒 ]{0,6}$|[ \t\u3000]*(?:信息|文章)?来源")
_BETWEEN_LABELS = re.compile(
    r"[ \t\u3000\u00a0]{2,}|[|｜]|[ \t\u3000\u00a0](?=[^\s:\uff1a]{2,6}[:\uff1a])|[【\[]"
)
_RUN_TOGETHER = re.compile(
    r"(?<=.)(?:分享|举报|收藏|打印|作者|责任编辑|责编|编辑|浏览|阅读|点击|字[体号]|(?:19|20)[0-9]{2}[-年/.])"
)
_PRESS = re.compile(
    r"(?:网站?|报|日报|晚报|社|台|政府|办公室|办公厅|委员会|[局厅委办]|客户端|融媒体?|中心|发布|新闻|频道|APP|app)$"
)

_GAP = r"[ \t\u3000\u00a0]*+"
_NUMBER = r"[0-9]{1,4}"
_MARK = r"[ \t,\uff0c/\uff0f()\uff08\uff09]*"
_PAGE_OF = (
    re.compile(
        rf"第{_GAP}(?P<n>{_NUMBER}){_GAP}页?{_GAP}[/\uff0f]{_GAP}共?{_GAP}(?P<m>{_NUMBER}){_GAP}页"
    ),
    re.compile(rf"第{_GAP}(?P<n>{_NUMBER}){_GAP}页{_MARK}共{_GAP}(?P<m>{_NUMBER}){_GAP}页"),
    re.compile(
        rf"共{_GAP}(?P<m>{_NUMBER}){_GAP}页{_MARK}(?:当前)?第{_GAP}(?P<n>{_NUMBER}){_GAP}页"
    ),
)
_DECLARED = re.compile(
    rf"(?:共计|总字数|字数|(?:全文|本文|本篇|正文)(?:{_GAP}(?:共计?|计|约|长)){{0,2}})[:\uff1a]?{_GAP}"
    rf"(?P<n>[0-9]{{2,8}}|[0-9]{{1,3}}(?:,[0-9]{{3}}){{1,2}}){_GAP}(?:个汉?字|汉?字)"
)
_SITE_ID = re.compile(r"网站标识码\s*+[:\uff1a]?\s*+(?P<id>[0-9]{10}|[bB][mM][0-9]{8})(?![0-9])")
_POLICE = re.compile(rf"[一-鿿]公网安备{_GAP}[0-9]{{14}}(?![0-9])(?:{_GAP}号)?")
_ICP = re.compile(
    rf"[一-鿿]{_GAP}ICP{_GAP}[备证]{_GAP}字?{_GAP}第?{_GAP}[0-9]{{5,10}}{_GAP}号(?:-[0-9]{{1,3}})?",
    re.IGNORECASE,
)
_ICP_LETTERS = re.compile("[Ii\u0130\u0131][Cc][Pp]")  # faster to search for than the whole
_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{2,63}){1,4}",
    re.ASCII,
)
_EMAIL_LABEL = re.compile(r"邮箱|邮件|[Mm]ail")
_NAME: Final = re.compile(
    r"[一-鿿]{1,2}[ \t\u3000]?[一-鿿]{1,2}"
    r"|[一-鿿]{2,8}(?:[·•・][一-鿿]{1,8}){1,3}"
    r"|[一-鿿]{2,3}(?:[ \t、,][一-鿿]{2,3}){1,2}"
)
_MORE_OF_A_WORD = re.compile(r"[一-鿿:\uff1a]")
_LONGEST_SOURCE = 40
_LONGEST_SPACED_NAME = 5


def furniture(page: Page) -> dict[str, Value | None]:
    """Return the fields printed around a report; None for those that are not."""
    number, count = _page_of(page)
    labels = _labels(page)
    return {
        "published_on": _published_on(page, labels),
        "source": _labelled_words(page, labels, _SOURCE),
        "editor": _editor(page, labels),
        "site_id": _plain(page, "标识码", _SITE_ID, "id"),
        "icp": _plain(page, "号", _ICP) if _ICP_LETTERS.search(page.visible) else None,
        "police_record": _plain(page, "公网安备", _POLICE),
        "email": _email(page),
        "page_no": number,
        "page_count": count,
        "declared_chars": _declared(page),
    }


def _published_on(page: Page, labels: _Labels) -> Value | None:
    """Return the labelled date of publication; the best label wins, and an empty one is ignored."""
    for label in _PUBLISHED:
        for start, stop in labels.get(label, ()):
            stamp = _STAMP.match(page.visible, start, min(stop, start + 40))
            day = iso_date(normalise(stamp[0])) if stamp else None
            if stamp and day:
                clock = _CLOCK.match(page.visible, stamp.end())
                shown = clock.end() if clock else stamp.end()
                return seen(
                    page, day, start, shown, confidence=0.9 if label in ("时间", "日期") else 0.99
                )
    return None


def stamped_on(page: Page, lines: Sequence[PageLine]) -> Value | None:
    """Return a line of the header that is only a date, with a time or next to a source line."""
    for index, line in enumerate(lines):
        stamp = _STAMP.match(page.visible, line.start, line.stop) if line.short else None
        if stamp is None:
            continue
        clock = _CLOCK.match(page.visible, stamp.end(), line.stop)
        rest = page.visible[(clock or stamp).end() : line.stop].strip()
        beside = [each.words for each in lines[max(0, index - 1) : index + 2]]
        sourced = any(words.startswith(_SOURCE) for words in beside)
        day = iso_date(normalise(stamp[0]))
        if day and (clock or sourced) and (not rest or _REST_OF_CLOCK.match(rest)):
            return seen(page, day, line.start, (clock or stamp).end(), confidence=0.9)
    return None


def _labels(page: Page) -> _Labels:
    """Return the range of the words after each label, in one pass over the short lines.

    After a label that is alone on its line, the next line is returned too.
    """
    found: _Labels = {}
    for block in page.blocks:
        if block.stop - block.start > _LONGEST_LINE:
            continue
        for match in _LABEL.finditer(page.visible, block.start, block.stop):
            if match.start() > block.start and _IN_A_WORD.match(page.visible, match.start() - 1):
                continue
            places = found.setdefault(match["label"], [])
            places.append((match.end(), block.stop))
            if not page.visible[match.end() : block.stop].strip():
                places.append(_next_line(page.visible, block.stop))
    return found


def _line_stop(visible: str, start: int) -> int:
    stop = visible.find("\n", start)
    return len(visible) if stop < 0 else stop


def _next_line(visible: str, stop: int) -> tuple[int, int]:
    """Return the next line that is not empty."""
    start = stop
    while start < len(visible) and visible[start].isspace():
        start += 1
    return start, _line_stop(visible, start)


def _labelled_words(page: Page, labels: _Labels, names: tuple[str, ...]) -> Value | None:
    for label in names:
        for order, (start, stop) in enumerate(labels.get(label, ())):
            words = _first_words(page.visible[start:stop])
            if not words or len(words) > _LONGEST_SOURCE or _ANY_LABEL.match(words):
                continue
            if "。" in words or (order and not _PRESS.search(words)):
                continue
            return seen(page, words, start, start + len(words))
    return None


def _first_words(rest: str) -> str:
    """Return the words up to the next label or a wide gap."""
    words = _BETWEEN_LABELS.split(rest, maxsplit=1)[0].strip(" \t\u3000\u00a0\r")
    return _RUN_TOGETHER.split(words, maxsplit=1)[0].strip()


def _editor(page: Page, labels: _Labels) -> Value | None:
    for label in _EDITOR:
        for start, stop in labels.get(label, ()):
            match = _NAME.match(page.visible, start, stop)
            behind = page.visible[match.end() : stop] if match else ""
            if match and not _ANY_LABEL.match(match[0]) and not _MORE_OF_A_WORD.match(behind):
                spaced = len(match[0]) <= _LONGEST_SPACED_NAME
                return seen(page, normalise(match[0]) if spaced else match[0], *match.span())
    return None


def _plain(page: Page, needed: str, pattern: re.Pattern[str], group: str | int = 0) -> Value | None:
    match = pattern.search(page.visible) if needed in page.visible else None
    return seen(page, match[group].strip(), *match.span(group)) if match else None


def _email(page: Page) -> Value | None:
    """Return the e-mail address with a label, or the first one."""
    found = list(_EMAIL.finditer(page.visible)) if "@" in page.visible else []
    labelled = [
        m for m in found if _EMAIL_LABEL.search(page.visible, max(0, m.start() - 12), m.start())
    ]
    best = next(iter(labelled or found), None)
    return seen(page, best[0], *best.span()) if best else None


def _page_of(page: Page) -> tuple[Value | None, Value | None]:
    """Return page n of m, if n is not greater than m."""
    if "页" not in page.visible:
        return None, None
    for pattern in _PAGE_OF:
        match = pattern.search(page.visible)
        if match and 1 <= int(match["n"]) <= int(match["m"]):
            number, count = int(match["n"]), int(match["m"])
            return seen(page, number, *match.span("n")), seen(page, count, *match.span("m"))
    return None, None


def _declared(page: Page) -> Value | None:
    match = _DECLARED.search(page.visible)
    if match is None:
        return None
    return seen(page, int(match["n"].replace(",", "")), *match.span("n"))
