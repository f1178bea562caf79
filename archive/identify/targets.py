"""Reads the year's targets as printed: indicator, bounds, phrasing, words and offset.

A target named without a number (与经济增长同步) keeps its phrasing and has no bounds; nothing is
computed. Five-year targets (年均, “十五五”时期) are not included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal

from archive.known import Knowledge

Bound = Literal["about", "at_least", "at_most", "exactly", "range", "in_step", "unquantified"]

_COMMA, _SEMICOLON, _COLON, _PERCENT = "\uff0c", "\uff1b", "\uff1a", "\uff05"
_ENDS: Final = f",;{_COMMA}{_SEMICOLON}\u3002"
_ANCHOR: Final = re.compile(
    rf"(?:预期|主要|奋斗)目标[^{_ENDS}\n]{{0,16}}?\s{{0,3}}(?:是|为|包括|[:{_COLON}])"
    rf"[:{_COLON}]?\s{{0,3}}"
)
_REACH_CHARS: Final = 700
_NARROW: Final = {ord(wide): ord(wide) - 0xFEE0 for wide in "０１２３４５６７８９．－％～"}
"""Full-width figures and their marks, mapped one to one, so that offsets are unchanged."""
_QUOTES: Final = '\u201c\u201d"'
_FIVE_YEARS: Final = re.compile(
    rf"年均|[{_QUOTES}]?十[一二三四五六]五[{_QUOTES}]?(?:时期|期间)|20[23]5年"
)
_THIS_YEAR: Final = re.compile(r"今年|20\d\d年")
_CLAUSE: Final = re.compile(rf"[^{_ENDS}\n]+")
_DASH: Final = "\u2014\u2013\u2212~\uff5e至到-"
_NUMBER: Final = (
    rf"(?P<low>\d+(?:\.\d+)?)\s?[%{_PERCENT}]?\s?"
    rf"(?:[{_DASH}]{{1,2}}\s?(?P<high>\d+(?:\.\d+)?))?\s?"
)
_BOUND: Final = r"\s?(?P<bound>左右|以上|以内|以下|上下)?"
_FORERUNNER: Final = re.compile(r"不低于|不少于|(?<!不)高于|(?<!不)超过|力争达到|至少")
_CEILING: Final = re.compile(r"不超过|不高于|(?<!不)低于|控制在")
_IN_STEP: Final = re.compile(r"同步|高于|快于|低于|保持.{0,8}水平|稳定|回升|正增长|完成国家")
_GROWTH: Final = re.compile(rf"(?:生产总值|GDP|经济)[^{_ENDS}]{{0,12}}增")
_PHRASE_CHARS: Final = 24

_BOUNDS: Final[Mapping[str, Bound]] = {
    "左右": "about", "上下": "about", "以上": "at_least", "以内": "at_most", "以下": "at_most",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One target: `text[start:stop]` are its words; `low` and `high` are in `unit`, or None.

    `bound` is the meaning of the number: about (左右), at_least (以上), at_most (以内), exactly,
    range, in_step (tied to another figure) or unquantified.
    """

    indicator: str
    low: float | None
    high: float | None
    bound: Bound
    unit: str
    words: str
    start: int
    stop: int
    confidence: float


def targets(text: str, knowledge: Knowledge) -> tuple[Target, ...]:
    """Return the year's targets in the clean text of a report, in text order; may be empty.

    Reads the list after 主要预期目标是; of several lists, the one for the year.
    """
    narrow = text.translate(_NARROW)
    place = _list_of_targets(narrow)
    if place is None:
        return ()
    found: dict[str, Target] = {}
    for target in _read(narrow, *place, _indicators(knowledge)):
        printed = replace(target, words=text[target.start : target.stop])
        found.setdefault(target.indicator, printed)
    return tuple(found.values())


def _list_of_targets(text: str) -> tuple[int, int] | None:
    """Return where the list of the year's targets begins and ends."""
    scored = [
        (_score(text, match), -match.start(), match)
        for match in _ANCHOR.finditer(text)
    ]  # fmt: skip
    best = max(scored, default=None)
    if best is None or best[0] <= 0:
        return None
    start = best[2].end()
    stop = text.find("。", start, start + _REACH_CHARS)
    return start, stop if stop >= 0 else min(len(text), start + _REACH_CHARS)


def _score(text: str, match: re.Match[str]) -> float:
    """Score how likely the list after `match` is the year's: growth comes first, and no 年均."""
    before = text[max(0, match.start() - 40) : match.start()]
    after = text[match.end() : match.end() + 60]
    score = 0.0
    if _GROWTH.search(after):
        score += 2
    if _FIVE_YEARS.search(after[:30]):
        score -= 3
    if re.search(r"十[一二三四五六]五", before) and not _THIS_YEAR.search(before[-24:]):
        score -= 1
    if "预期" in match[0] or _THIS_YEAR.search(before[-24:]):
        score += 1
    return score if re.search(r"\d", after) else score - 1


def _read(text: str, start: int, stop: int, indicators: tuple[_Indicator, ...]) -> Iterator[Target]:
    for clause in _CLAUSE.finditer(text, start, stop):
        for indicator in indicators:
            name = indicator.name.search(clause[0])
            if name is not None:
                target = _target(clause, name.end(), indicator)
                if target is not None:
                    yield target
                break


def _target(clause: re.Match[str], after: int, indicator: _Indicator) -> Target | None:
    words = clause[0]
    tail = words[after:]
    if "分别" in tail:
        return None  # two figures for two groups are not one figure
    number = indicator.number.search(tail)
    low = high = None
    bound: Bound = "unquantified"
    if number is not None:
        low = float(number["low"])
        high = float(number["high"]) if number["high"] else None
        bound = _bound(tail[: number.start("low")], number)
        low, high = _limits(low, high, bound)
    elif _IN_STEP.search(tail):
        bound = "in_step"
    elif not re.match(indicator.verb or r"(?!)", tail):
        return None
    end = len(words.rstrip())
    return Target(
        indicator.id, low, high, bound, number["unit"] if number else indicator.unit,
        words.strip(), clause.start() + len(words) - len(words.lstrip()), clause.start() + end,
        0.95 if number else 0.8,
    )  # fmt: skip


def _bound(before: str, number: re.Match[str]) -> Bound:
    if number["high"]:
        return "range"
    if number["bound"]:
        return _BOUNDS[number["bound"]]
    if _CEILING.search(before):
        return "at_most"
    return "at_least" if _FORERUNNER.search(before) else "exactly"


def _limits(low: float, high: float | None, bound: Bound) -> tuple[float | None, float | None]:
    if bound == "at_least":
        return low, None
    if bound == "at_most":
        return None, low
    return low, high if high is not None else low


@dataclass(frozen=True, slots=True)
class _Indicator:
    id: str
    name: re.Pattern[str]
    verb: str
    number: re.Pattern[str]
    unit: str


@lru_cache(maxsize=2)
def _indicators(knowledge: Knowledge) -> tuple[_Indicator, ...]:
    """Return the indicators, longest names first: 单位生产总值能耗 before 生产总值."""
    lexicon: Mapping[str, Any] = knowledge.lexicon("indicators")
    made = [
        (max(map(len, entry["names"])), _indicator(name, entry))
        for name, entry in lexicon.items()
    ]  # fmt: skip
    return tuple(found for _, found in sorted(made, key=lambda pair: -pair[0]))


def _indicator(name: str, entry: Mapping[str, Any]) -> _Indicator:
    unit = f"[%{_PERCENT}]" if entry["unit"] == "%" else entry["unit"]
    verb = entry["verb"]
    between = rf"[^\d]{{0,{_PHRASE_CHARS}}}?(?:{verb})[^\d]{{0,{_PHRASE_CHARS}}}?" if verb else (
        rf"[^\d]{{0,{_PHRASE_CHARS}}}?"
    )  # fmt: skip
    names = "|".join(map(re.escape, sorted(entry["names"], key=len, reverse=True)))
    return _Indicator(
        name,
        re.compile(names),
        verb,
        re.compile(rf"{between}{_NUMBER}(?P<unit>{unit}){_BOUND}"),
        entry["unit"].split("|")[0],
    )
