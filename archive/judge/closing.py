"""Finds a report's closing words: the last exhortation, after which the speech does not continue.

Lists, glossaries, credits, licence boxes and other articles may follow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from archive.known.genre import ADDRESSED, CLOSING_WORDS
from archive.known.numerals import value_of

_ENOUGH: Final = 4
"""Signs of a closing that a paragraph needs; paragraphs within a speech seldom have so many."""

_AGAIN: Final = 3
"""Signs needed by a paragraph that continues the closing words of the previous one."""

_ADDRESS: Final = re.compile(f"{ADDRESSED}|代表们|朋友们")
_CREDIT: Final = re.compile(r"[（(](?:完|全文完|[^（）()]{2,10}(?:报|网|台|社|中心|办公室))[）)]$")
_CALLS: Final = re.compile(
    r"让我们|我们一定|我们要|我们将|我们坚信|我们相信|我们有|必将|一定能|紧密团结|团结在|团结和?带领|坚强领导下|正确领导下|高举|同心同德|齐心协力"
    r"|开拓进取|开拓创新|锐意进取|真抓实干|埋头苦干|奋发有为|奋发图强|扎实工作|奋斗|只争朝夕|砥砺|勇毅|凝心聚力|众志成城|万众一心|坚定信心|振奋精神"
    r"|攻坚克难|求真务实|与时俱进|解放思想|牢记|不忘初心|担当|勇往直前|奋勇|奋力"
)
_MISSION: Final = re.compile(
    r"为[^。！!]{2,90}(?:奋斗|努力|贡献|前进|而[^。！!]{2,20}$)|优异[^。！!]{0,8}成绩|[作做]出[^。！!]{0,16}贡献"
    r"|谱写[^。！!]{0,60}[篇华]?章|开创[^。！!]{0,40}(?:局面|未来)|奋勇前进|再创[^。！!]{0,20}辉煌|[交书]出?[^。！!]{0,24}答卷|献礼"
    r"|[上迈]新(?:的)?台阶|推向前进|胜利前进|新(?:的)?(?:更大)?(?:的)?胜利|(?:共创|迈向|创造|建设)[^。！!]{0,40}(?:明天|未来|辉煌|业绩|奇迹|家园)"
)
_END: Final = re.compile(
    r"(?:" + CLOSING_WORDS + r"|新篇|征程|目标|步伐|福祉|世纪|召开|献礼|周年"
    r"|台阶|跨越|梦想|中国梦|奇迹|佳绩|崛起|幸福|腾飞|振兴|家园|高歌|时代|事业|发展|现代化|强国|满意)[^。！!]{0,24}[。！!]*$"
)
_FORMULA: Final = re.compile(r"紧密地?团结在以.{2,6}同志为(?:核心|总书记)的党中央")
"""Words that end a speech and occur nowhere else in it, whatever follows."""

_THANKS: Final = re.compile(r"谢谢|(?:我的)?报告完了?|.{0,6}完毕")
_WORD: Final = re.compile(r"\w")
_EXCLAIMED: Final = re.compile(r"[！!]$")
_FIRST_LEVEL: Final = re.compile(
    r"(?P<number>[一二三四五六七八九十]{1,3})、|第(?P<part>[一二三四五六七八九十])部分"
)
_INNER: Final = re.compile(r"[(（][一二三四五六七八九十]{1,3}[)）]|——|[—-]{2}")
_AHEAD: Final = re.compile(r"安排|任务|目标|打算|部署|要求|重点工作|主要工作|建议|今年|今后|未来")
_APPENDED: Final = re.compile(
    r".{0,4}附件|附|[（(]?备?注[:：释解]|名词|有关(?:名词|术语|用语)|[《〈]?政府工作报告|[\[〔【(（]?\^?[1１①][\]〕】)）.．、:：]|.{0,36}(?:解释|注释|说明|实事|项目表|一览表|清单|目录)[》）)]?$"
    r"|(?:责任)?编辑|责编|来源|作者|记者|供稿|版权|扫一扫|打印|关闭|[上下]一篇|相关|分享|主办|网站|本文|声明|许可|[^。]{2,24}[:：](?:指|是指|即|是)"
)
_LONE, _SHORT, _MARKS = 12, 40, "。；;！!，,：:、"


def closing(units: Sequence[str]) -> int | None:
    """Return the index of the closing words among the paragraphs of a speech, or None."""
    for index in range(len(units) - 1, -1, -1):
        if _marks(units, index) >= _ENOUGH and _is_last(units, index):
            return index
    return None


def _marks(units: Sequence[str], index: int) -> int:
    """Count the signs of a closing in the paragraph."""
    words = "".join(units[index].split())
    words = _CREDIT.sub("", words)
    if len(words) <= _LONE:
        return 0
    addressed = _ADDRESS.match(words) or (
        index > 0 and len(units[index - 1].strip()) <= _LONE and _ADDRESS.match(units[index - 1])
    )
    calls = len({match[0] for match in _CALLS.finditer(words)})
    return (
        bool(addressed)
        + min(calls, 2)
        + bool(_MISSION.search(words))
        + bool(_END.search(words))
        + bool(_EXCLAIMED.search(words))
    )


def _is_last(units: Sequence[str], index: int) -> bool:
    """Whether the speech ends with a paragraph.

    Nothing follows, or an appendix or page footer does; the audience is not addressed again, and
    the section numbers do not continue.
    """
    following = [unit.strip() for unit in units[index + 1 :] if _WORD.search(unit)]
    while following and (_THANKS.match(following[0]) or _marks(following, 0) >= _AGAIN):
        del following[0]
    if not following:
        return True
    reached = max((_number(unit) for unit in units[: index + 1]), default=0)
    formula = _FORMULA.search("".join(units[index].split()))
    appended = formula or _is_appended(following[0], reached)
    return bool(appended) and not _goes_on(following, reached)


def _is_appended(unit: str, reached: int) -> bool:
    """Whether a paragraph is neither prose of the speech nor the heading of its next part."""
    if _APPENDED.match(unit):
        return True
    if number := _number(unit):
        return number == 1 < reached
    if _INNER.match(unit) or _AHEAD.search(unit):
        return False
    return len(unit) <= _SHORT and unit[-1] not in _MARKS


def _goes_on(following: Sequence[str], reached: int) -> bool:
    """Whether the speech continues: another salutation comes, or its numbers go on first."""
    other = False
    for unit in following:
        number = _number(unit)
        other = other or number == 1
        if _ADDRESS.match(unit) or (number == reached + 1 and not other):
            return True
    return False


def _number(unit: str) -> int:
    """Return the number of the part that a paragraph introduces, or 0."""
    match = _FIRST_LEVEL.match(unit.strip())
    return value_of(match["number"] or match["part"]) if match else 0
