"""Where documents begin in a text, told by their heads and by what ends before them.

The head of a report has a title, a session, a salutation and the sentence with which a speaker
opens it (我代表…向大会报告…请予审议), or some of these, one below the other. Each alone stands in other
places as well. Other documents are told by a title behind the closing words of a report, and
translations by their script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

Kind = Literal["report", "document", "translation"]

_SHORT: Final = 90
"""Characters of the longest line that may be part of a head; longer ones are prose."""

_OPENS_WITHIN: Final = 420
"""Characters from its beginning on in which a line that opens a report says so."""

_LONG_LINE: Final = 1500
"""Characters of a line that may hold more than one document."""

_HEAD, _NEAR = 10, 4
"""Lines from the title to the opening at most, and from the title to the session."""

_LEAD: Final = 300
"""Characters of prose that may stand above the head of the first document."""

_NAME = r"(?:政\s{0,3}府\s{0,3})?工\s{0,3}作\s{0,3}(?:的\s{0,3})?报\s{0,3}告"
_TITLE = re.compile(rf"[^。；;，！!？?：:]{{0,50}}{_NAME}[》”\"]?[^。；;，]{{0,40}}")
_NAMED = re.compile(rf"{_NAME}[》”\"]?(?:\s{{0,3}}[（(][^）)]{{0,30}}[）)])?$")
_OF_SESSION = r"第.{1,6}届.{0,40}会议"
_SESSION = re.compile(rf"[^。；;]{{0,40}}{_OF_SESSION}(?:[^。；;：:]{{0,24}})")
_LONG_TITLE = re.compile(rf"[^。；，]{{0,40}}{_NAME}[^。；，]{{0,60}}{_OF_SESSION}")
_SALUTATION = re.compile(
    r"(?:尊敬的)?(?:各位(?:人大)?代表|代表同志们|同志们|各位委员)[^。]{0,24}[：:，,！!]?"
)
_OPENING = re.compile(
    r"(?:我(?!们|市|省|区|县|国|州|盟|旗|校|镇|乡)[^。！!；]{0,24}代表|受[^。！!；]{0,30}委托)"
    r"[^。！!；]{0,100}(?:报告|汇报|提请)[^。！!；]{0,80}(?:审[议查]|意见|评议)"
)
_OF_A_REPORT = re.compile(r"决议|决定|说明|解读|审查|修改")
_BESIDE = re.compile(r"记者|摄|编者按|作[^。]{0,12}工作报告")
_OF_APPENDIX = re.compile(
    r"名词|术语|用语|词语|解释|注[释解：:]|备注|附[件录表注：:]|目录|实事|项目|清单|一览|指标|计划表|任务分|"
    r"^[附注]\s{0,3}释?$|\.(?:docx?|pdf|wps|xlsx?)$"
)
_OTHER_TITLE = re.compile(
    r"(?![一二三四五六七八九十（(—\-])[^。；;，！!？?]{2,60}"
    r"(?:报告|说明|决议|公报|讲话|规划|纲要|通知|决定|方案|公告|办法|解读|综述|侧记|社论|致辞)"
    r"(?:\s{0,3}[（(][^）)]{0,30}[）)])?"
)
_KIND = re.compile(
    r"(?:报告|说明|决议|公报|讲话|规划|纲要|通知|决定|方案|公告|办法|解读|综述|侧记|社论|致辞)"
    r"(?:[》”\"]|\s{0,3}[（(][^）)]{0,30}[）)])?$"
)
_REVIEW = re.compile(r"回顾|过去|总结|以来|取得|成绩|成就")
_ANY_TITLE = re.compile(r"[\u3400-\u9fff“《][^。；;！!？?：:|]{4,44}[^。；;！!？?：:|，、与和的在是等对把将]")
_ITEM = re.compile(
    r"[一二三四五六七八九十]{1,3}[、是]|\d{1,3}\s{0,2}[.．、)）:：]|[①-⑳（(\[〔［【—\-·•*|]"  # noqa: RUF001
)
_SPOKEN = re.compile(r"让我们|团结|领导下|周围|优异|奋斗|贡献|奋进|前进|伟业")
_CALL = re.compile(
    r"[！!]$|(?:奋斗|努力|奋进|贡献|前进|篇章|局面|胜利|辉煌|力量|新程|华章|答卷|伟业|复兴)[^。！!]{0,12}。?$"
)
_CLOSES, _ENDS, _GOES_ON = "！!。）)", "。！!；;？?）)…”", "》、，。；：）)”’,.;:"
_SOURCE = re.compile(r"[（(][^（）()]{0,30}[）)]$")
_NUMBER = re.compile(r"(?P<n>[一二三四五六七八九十]{1,2})、")
_DIGITS = {word: n for n, word in enumerate("零一二三四五六七八九十")}
_SENTENCE_ENDS = "。！!；;？?"
_HAN = re.compile(r"[\u3400-\u9fff]")
_FOREIGN_LINE, _FOREIGN_TEXT = 40, 400
_BELOW, _TOLD_BELOW, _SAID_BELOW = 6, 100, 250
_TRIMMED = " \t\u3000\xa0*#"


@dataclass(frozen=True, slots=True)
class Beginning:
    """A document that begins in `line`; `told` says by what it is known.

    Where it is not `sure` it is known that another document begins, but not where.
    """

    line: int
    kind: Kind
    told: str
    sure: bool = True


def beginnings(lines: Sequence[str]) -> tuple[Beginning, ...]:
    """The documents that begin in `lines`, in order; the first one begins in the first line."""
    words = [line.strip(_TRIMMED) for line in lines]
    reports = list(_reports(words))
    if len(reports) > 1:
        reports = list(_with_texts(words, reports))
    found = sorted(
        (*reports, *_others(words, reports), *_translations(words)), key=lambda each: each.line
    )
    if not found or not found[0].sure or _said(words, 0, found[0].line) > _LEAD:
        return (Beginning(0, "document", "the text"), *found)
    return (replace(found[0], line=0), *found[1:])


def _with_texts(words: Sequence[str], reports: Sequence[Beginning]) -> Iterator[Beginning]:
    """The reports that have a text, each with an extract or a first title that stands above it."""
    begins = reports[0].line
    for one, other in pairwise(reports):
        if _said(words, one.line, other.line) > _LEAD or not other.sure:
            yield replace(one, line=begins)
            begins = other.line
    last = reports[-1]
    if not last.sure or begins == reports[0].line or _said(words, last.line, len(words)) > _LEAD:
        yield replace(last, line=begins)


def _said(words: Sequence[str], start: int, stop: int) -> int:
    return sum(map(_prose, words[start:stop]))


def _prose(words: str) -> int:
    return len(words) if len(words) > _SHORT or words[-1:] in _SENTENCE_ENDS else 0


def _reports(words: Sequence[str]) -> Iterator[Beginning]:
    """Reports with an opening, and reports with title and session."""
    lowest = 0
    for line, each in enumerate(words):
        if _opens(each):
            yield _opened(words, line, lowest)
        elif "届" in each[: 2 * _SHORT] and not _opens_below(words, line):
            head = _titled(words, line, lowest)
            if head is None:
                continue
            yield head
        else:
            continue
        lowest = line + 1
        yield from _inside(each, line)


def _opens(words: str) -> re.Match[str] | None:
    beginning = words[:_OPENS_WITHIN]
    # plain searches first: they rule out nearly every line, at a tenth of the cost
    asked = "审" in beginning or "意见" in beginning or "评议" in beginning
    if asked and ("代表" in beginning or "委托" in beginning):
        return _OPENING.search(beginning)
    return None


def _opens_below(words: Sequence[str], line: int) -> bool:
    return any(map(_opens, words[line + 1 : line + _HEAD]))


def _opened(words: Sequence[str], line: int, lowest: int) -> Beginning:
    """The report that is opened in `line`, from the topmost line of its head on."""
    first, told = line, ["opening"]
    for above in range(line - 1, max(lowest, line - _HEAD) - 1, -1):
        part = _part(words[above])
        if part:
            first = above
            told.insert(0, part)
        elif _prose(words[above]) and not _BESIDE.search(words[above]):
            break
    is_other = "other title" in told and "title" not in told
    return Beginning(first, "document" if is_other else "report", ", ".join(dict.fromkeys(told)))


def _part(words: str) -> str:
    """Which part of a head a line is, or nothing."""
    if _is_title(words):
        return "title"
    if _is_session(words):
        return "session"
    if _is_head_line(_SALUTATION, words):
        return "salutation"
    return "other title" if _is_head_line(_OTHER_TITLE, words) else ""


def _is_title(words: str) -> bool:
    """Whether a line is the title of a report on the work of a government."""
    if _is_head_line(_TITLE, words):
        return _OF_A_REPORT.search(words) is None
    return _is_head_line(_OTHER_TITLE, words) and _NAMED.search(words) is not None


def _is_session(words: str) -> bool:
    return "届" in words and "会议" in words and _is_head_line(_SESSION, words)


def _is_head_line(pattern: re.Pattern[str], words: str) -> bool:
    return (
        len(words) <= _SHORT
        and pattern.fullmatch(words) is not None
        and _OF_APPENDIX.search(words) is None
    )


def _titled(words: Sequence[str], line: int, lowest: int) -> Beginning | None:
    """The document that a session line and a title begin: in one line, or a few lines above."""
    if _LONG_TITLE.match(words[line][: 2 * _SHORT]):
        return Beginning(line, "report", "title, session")
    if not _is_session(words[line]):
        return None
    for above in range(line - 1, max(lowest, line - _NEAR) - 1, -1):
        if _is_title(words[above]):
            return Beginning(above, "report", "title, session")
        if _is_head_line(_OTHER_TITLE, words[above]):
            return Beginning(above, "document", "other title, session")
        if _prose(words[above]):
            return None
    return None


def _inside(words: str, line: int) -> Iterator[Beginning]:
    """Reports that are opened inside a line which begins with another."""
    if len(words) > _LONG_LINE:
        for _ in _OPENING.finditer(words, _OPENS_WITHIN):
            yield Beginning(line, "report", "opening inside a line", sure=False)


def _others(words: Sequence[str], reports: Sequence[Beginning]) -> Iterator[Beginning]:
    """Documents that begin behind the closing words of a report, before the next one begins."""
    starts = [0, *(each.line for each in reports if each.line), len(words)]
    for start, stop in pairwise(starts):
        for line in range(start, stop):
            if _names_document(words, line) and _is_behind_closing(words, start, line):
                yield Beginning(line, "document", "title behind the closing words")
        closing = next((n for n in range(stop - 1, start, -1) if _closes(words[n])), None)
        if closing is not None:
            yield from _untitled(words, start, closing + 1, stop)


def _names_document(words: Sequence[str], line: int) -> bool:
    """Whether a line is a title that names a kind of document, with a text below."""
    each = words[line]
    if len(each) > _SHORT or not _KIND.search(each):
        return False
    named = _is_head_line(_OTHER_TITLE, each) or _is_title(each)
    return named and _stands_alone(words, line) and _said_below(words, line) >= _TOLD_BELOW


def _stands_alone(words: Sequence[str], line: int) -> bool:
    """Whether a line is no piece of a sentence, as words are that were links."""
    above = next((each for each in reversed(words[:line]) if each), "。")
    below = next((each for each in words[line + 1 :] if each), "")
    return (above[-1] in _ENDS or len(above) <= _SHORT // 2) and below[:1] not in _GOES_ON


def _is_behind_closing(words: Sequence[str], start: int, line: int) -> bool:
    """Whether a speech ends above a line, with nothing but its appendix in between."""
    closing = next((n for n in range(line - 1, start - 1, -1) if _closes(words[n])), None)
    if closing is None:
        return False
    between = words[closing + 1 : line]
    heads = [each for each in between[:_NEAR] if len(each) <= _SHORT]
    return _said(words, closing + 1, line) <= _LEAD or any(map(_OF_APPENDIX.search, heads))


def _untitled(words: Sequence[str], begin: int, start: int, stop: int) -> Iterator[Beginning]:
    """The first text behind the last closing words that is neither appendix nor named."""
    for line in range(start, min(stop, start + _HEAD)):
        each = words[line]
        if len(each) <= _SHORT and (_OF_APPENDIX.search(each) or _KIND.search(each)):
            return
        if _number(each):
            if any(map(_number, words[begin:start])) and _REVIEW.search(each[: _SHORT // 2]):
                yield Beginning(line, "document", "sections begin anew", sure=False)
            return
        if _said(words, start, line) > _LEAD:
            return
        if _is_headline(words, line) and _said_below(words, line) >= _SAID_BELOW:
            yield Beginning(line, "document", "another text behind the closing words")
            return


def _is_headline(words: Sequence[str], line: int) -> bool:
    each = words[line]
    return (
        _is_head_line(_ANY_TITLE, each)
        and _ITEM.match(each) is None
        and _stands_alone(words, line)
    )


def _said_below(words: Sequence[str], line: int) -> int:
    """How much prose follows a line; none where a list does."""
    below = words[line + 1 : line + 1 + _BELOW]
    if below and _ITEM.match(below[0]):
        return 0
    return sum(len(each) for each in below if "。" in each and not _ITEM.match(each))


def _closes(words: str) -> bool:
    """Whether a line calls upon the hearers, as the last sentence of a speech does."""
    if words[-1:] not in _CLOSES or (len(words) <= _SHORT // 2 and "让我们" not in words):
        return False
    words = _SOURCE.sub("", words)
    return _CALL.search(words[-_HEAD * 2 :]) is not None and _SPOKEN.search(words) is not None


def _number(words: str) -> int:
    match = _NUMBER.match(words)
    if match is None:
        return 0
    tens, found, ones = match["n"].rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if found else 0) + _DIGITS.get(ones, 0)


def _translations(words: Sequence[str]) -> Iterator[Beginning]:
    """A text in another script that goes on to the end, or to the head of the next report."""
    begins, size = None, 0
    for line, each in enumerate(words):
        if _HAN.search(each):
            if _prose(each) and size < _FOREIGN_TEXT:
                begins, size = None, 0
            elif _prose(each):
                break
        elif len(each) >= _FOREIGN_LINE and sum(map(str.isalpha, each)) * 2 > len(each):
            begins = _first_foreign(words, line) if begins is None else begins
            size += len(each)
    if begins is not None and size >= _FOREIGN_TEXT:
        yield Beginning(begins, "translation", "another script")


def _first_foreign(words: Sequence[str], line: int) -> int:
    while line and words[line - 1] and not _HAN.search(words[line - 1]):
        line -= 1
    return line
