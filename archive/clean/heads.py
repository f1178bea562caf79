"""Classifies lines to distinguish documents: part of a head, closing words, a heading.

Every pattern examines a short line or the beginning of a long one, so that no line is slow.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from archive.known.genre import ADDRESSED, CLOSING_WORDS, ends_sentence
from archive.known.numerals import value_of

Part = Literal["title", "session", "salutation", "other title", "beside", ""]

SHORT: Final = 110
"""Characters of the longest line that may be part of a head; longer ones are prose."""

_OPENS_WITHIN: Final = 420
"""The first characters of a line in which an opening must occur."""

_TELLING, _ASKING = 100, 200
"""Characters behind 我代表 in which a speaker says that he reports, and asks for consideration."""

_NAME = r"(?:政\s{0,3}府\s{0,3})?工\s{0,3}作\s{0,3}(?:的\s{0,3})?报\s{0,3}告"
_TITLE = re.compile(rf"[^。；;，！!？?：:]{{0,50}}{_NAME}[》”\"]?[^。；;：:]{{0,70}}")
_NO_REPORT = re.compile(r"决议|决定|说明|解读|审查|修改|[>＞»|｜/]")
_SITTING = r"(?:第.{1,6}|[一二三四五六七八九十\d]{1,3})届.{0,40}会议"
_SESSION = re.compile(rf"[^。；;]{{0,80}}{_SITTING}[^。；;：:]{{0,24}}")
_DELIVERED = re.compile(
    rf"[—―－–\-（(]{{0,4}}\s{{0,2}}[^。；;：:，]{{0,40}}在[^。；;：:，]{{0,40}}{_SITTING}上?[）)]?"
)
_BEGINS_DELIVERED = re.compile(
    rf"[—―－–\-（(]{{1,4}}\s{{0,2}}[^。；;：:，]{{0,40}}在[^。；;：:，]{{0,40}}{_SITTING}上"
)
_TITLE_AND_SESSION = re.compile(rf"[^。；，]{{0,40}}{_NAME}[^。；]{{0,80}}{_SITTING}")
_SALUTATION = re.compile(
    r"[^。；，！!]{0,40}(?:" + ADDRESSED + r")"
    r"(?:[、，,和及]\s{0,3}(?:各位)?[^。，,！!：:]{1,8}){0,3}\s{0,3}[：:，,！!]?"
)
_SESSION_AND_SALUTATION = re.compile(rf"{_SITTING}上?.{{0,60}}各位代表[：:]")
_PRINTED_BY = re.compile("印发|秘书处|通过|主席团|文件")
_SPEAKER = re.compile(
    r"[^。；，]{0,30}(?:总理|[省市州盟县区旗镇乡]长|主席|主任|专员)(?:\s{0,6}\S{1,4}){0,3}"
)
_DAY = re.compile(r"[（(]?[\d０-９]{4}年[\d０-９]{1,2}月[\d０-９]{1,2}日[^。；]{0,12}[）)]?")
_CAPTION = re.compile(r"记者|摄|编者按|作[^。]{0,12}工作报告")
_SENTENCE = re.compile(r"[^。！!；？?]+")
_SPEAKS = re.compile(
    r"我(?!们|市|省|区|县|国|州|盟|旗|校|镇|乡)[^。]{0,24}?代表|受[^。]{0,30}?委托"
)
_NAMES_A_PART, _ASKS = re.compile("报告|汇报|提请"), re.compile("审[议查]|意见|评议")
_KINDS = "报告|说明|决议|公报|讲话|规划|纲要|通知|决定|方案|公告|办法|解读|综述|侧记|社论|致辞"
_IN_BRACKETS = r"(?:\s{0,3}[（(][^）)]{0,30}[）)])?"
_NAMES_KIND = re.compile(rf"(?:{_KINDS})[》”\"]?{_IN_BRACKETS}$")
_NAMES_REPORT = re.compile(rf"{_NAME}[》”\"]?{_IN_BRACKETS}$")
_OTHER_TITLE = re.compile(
    rf"(?![一二三四五六七八九十（(—\-])[^。；;，！!？?>＞|]{{2,60}}(?:{_KINDS}){_IN_BRACKETS}"
)
_HEADLINE = re.compile(
    r"[\u3400-\u9fff“《][^。；;！!？?：:|>＞]{4,44}[^。；;！!？?：:|>＞，、与和的在是等对把将]"
)
_APPENDIX = re.compile(
    r"名词|术语|用语|词语|解释|注[释解：:]|备注|附[件录表注：:]|目录|实事|项目|清单|一览|指标|计划表|"
    r"任务分|^[附注]\s{0,3}释?$|\.(?:docx?|pdf|wps|xlsx?)$"
)
_SUMMARY = re.compile("摘要|提要|导读|简介|编者按")
_ITEM = re.compile(
    r"[一二三四五六七八九十]{1,3}[、是]|\d{1,3}\s{0,2}[.．、)）:：]|[①-⑳（(\[〔［【—\-·•*|]"
)
_REVIEW = re.compile(r"回顾|过去|总结|以来|取得|成绩|成就")
_CALL = re.compile(
    r"[！!]$|(?:" + CLOSING_WORDS + r")"
    r"[^。！!]{0,12}。?$"
)
_CALLED_UPON = re.compile(r"让我们|团结|领导下|周围|优异|奋斗|贡献|奋进|前进|伟业")
_UNITED = re.compile(
    r"(?:让我们|我们要|我们一定要).{0,24}(?:团结|携手|凝心|同心|万众)|团结在.{0,40}周围"
)
_LAST = 20
"""The last characters of a line in which it may address its audience."""

_SOURCE = re.compile(r"[（(][^（）()]{0,30}[）)]$")
_NUMBER = re.compile(r"(?P<n>[一二三四五六七八九十]{1,2})、")
_INNER = re.compile(r"[（(](?P<n>[一二三四五六七八九十]{1,2})[)）]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_FOREIGN = 40
"""Characters of the shortest line that counts as prose in another script."""


def prose(words: str) -> int:
    """Return the number of characters of a line of prose; 0 for a possible title or heading."""
    return len(words) if len(words) > SHORT or ends_sentence(words) else 0


def opens(words: str) -> bool:
    """Whether the beginning of a line opens a report: 我代表…向大会报告…请予审议."""
    beginning = words[:_OPENS_WITHIN]
    # plain searches exclude nearly every line at a tenth of the cost
    if "代表" not in beginning and "委托" not in beginning:
        return False
    if "审" not in beginning and "意见" not in beginning and "评议" not in beginning:
        return False
    return any(_is_opening(sentence[0]) for sentence in _SENTENCE.finditer(beginning))


def _is_opening(sentence: str) -> bool:
    speaks = _SPEAKS.search(sentence)
    if speaks is None:
        return False
    tells = _NAMES_A_PART.search(sentence, speaks.end(), speaks.end() + _TELLING)
    return (
        tells is not None
        and _ASKS.search(sentence, tells.end(), speaks.end() + _ASKING) is not None
    )


def parts_before_opening(words: str) -> list[Part]:
    """Return the parts of a head within a line, before its opening."""
    beginning = words[:SHORT]
    found: list[Part] = []
    if has_title_and_session(words):
        found += ["title", "session"]
    elif _BEGINS_DELIVERED.match(words[: 2 * SHORT]):
        found.append("session")
    if "各位代表" in beginning or "同志们" in beginning:
        found.append("salutation")
    return found


def openings_inside(words: str) -> list[int]:
    """Return where further reports are opened in a long line: the starts of those sentences."""
    return [
        sentence.start()
        for sentence in _SENTENCE.finditer(words, _OPENS_WITHIN)
        if opens(sentence[0])
        or ("届" in sentence[0] and _SESSION_AND_SALUTATION.search(sentence[0]))
    ]


def part_of_head(words: str) -> Part:
    """Return which part of a head a line is; `beside` is a speaker, a date or a caption."""
    if len(words) > SHORT or _APPENDIX.search(words):
        return ""
    if is_title(words):
        return "title"
    if is_session(words):
        return "session"
    if _SALUTATION.fullmatch(words):
        return "salutation"
    if _OTHER_TITLE.fullmatch(words):
        return "other title"
    return "beside" if _is_beside(words) else ""


def _is_beside(words: str) -> bool:
    if len(words) <= SHORT // 2 and (_SPEAKER.fullmatch(words) or _DAY.fullmatch(words)):
        return True
    return _CAPTION.search(words) is not None


def is_title(words: str) -> bool:
    """Whether a line is the title of a report on the work of a government."""
    if len(words) > SHORT or _NO_REPORT.search(words) or _APPENDIX.search(words):
        return False
    if _TITLE.fullmatch(words):
        return True
    return _OTHER_TITLE.fullmatch(words) is not None and _NAMES_REPORT.search(words) is not None


def is_session(words: str) -> bool:
    """Whether a line names the session at which a report was given."""
    named = "届" in words and "会议" in words and len(words) <= SHORT
    return named and _SESSION.fullmatch(words) is not None and not _PRINTED_BY.search(words)


def says_delivered(words: str) -> bool:
    """Whether a line says when and where a report was given, and nothing else if it is short."""
    if len(words) > SHORT:
        return _BEGINS_DELIVERED.match(words[: 2 * SHORT]) is not None
    return _DELIVERED.fullmatch(words) is not None


def has_title_and_session(words: str) -> bool:
    """Whether the beginning of a line has both the title and the session of a report."""
    return "届" in words[: 2 * SHORT] and _TITLE_AND_SESSION.match(words[: 2 * SHORT]) is not None


def names_document(words: str) -> bool:
    """Whether a line is a title that names its kind of document."""
    if len(words) > SHORT or not _NAMES_KIND.search(words) or _APPENDIX.search(words):
        return False
    return _OTHER_TITLE.fullmatch(words) is not None or is_title(words)


def is_headline(words: str) -> bool:
    """Whether a line may be the title of any text."""
    return _HEADLINE.fullmatch(words) is not None and not is_item(words)


def is_item(words: str) -> bool:
    """Whether a line begins like a list item."""
    return _ITEM.match(words) is not None


def heads_appendix(words: str) -> bool:
    """Whether a line is the heading of an appendix: glossary, list of projects, attachment."""
    return not prose(words) and _APPENDIX.search(words) is not None


def heads_summary(words: str) -> bool:
    """Whether a line is the heading of a summary of what follows."""
    return not prose(words) and _SUMMARY.search(words) is not None


def looks_back(words: str) -> bool:
    """Whether a heading is that of the review at the beginning of a report."""
    return _REVIEW.search(words[: SHORT // 2]) is not None


def closes(words: str) -> bool:
    """Whether a line appeals to the audience, like the last sentence of a speech."""
    if words[-1:] not in "！!。）)" or (len(words) <= SHORT // 2 and "让我们" not in words):
        return False
    if words[-1:] in "）)":
        words = _SOURCE.sub("", words)
    return _CALL.search(words[-_LAST:]) is not None and _CALLED_UPON.search(words) is not None


def unites(words: str) -> bool:
    """Whether closing words are those that reports hardly ever use before the end."""
    return _UNITED.search(words) is not None


def number(words: str) -> int:
    """Return the section number at the beginning of a line (一、), or 0."""
    return _numeral(_NUMBER.match(words))


def inner_number(words: str) -> int:
    """Return the inner section number at the beginning of a line (（一）), or 0."""
    return _numeral(_INNER.match(words))


def _numeral(match: re.Match[str] | None) -> int:
    return 0 if match is None else value_of(match["n"])


def is_han(words: str) -> bool:
    """Whether a line holds any Han character."""
    return _HAN.search(words) is not None


def is_foreign(words: str) -> bool:
    """Whether a line is prose in another script."""
    return (
        len(words) >= _FOREIGN
        and not is_han(words)
        and 2 * sum(map(str.isalpha, words)) > len(words)
    )
