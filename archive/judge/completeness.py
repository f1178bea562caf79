"""Decides how much of a report a text contains, from evidence; absence of evidence proves nothing.

It looks for four things: the opening, the closing words, the numbers of the parts, and how much
there is according to the page itself. An end that is not found counts as missing only if something
shows that it existed: a page of several, a number that is not the first, an unfinished sentence.
Otherwise the state is `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from archive.judge.closing import closing
from archive.known.genre import ADDRESSED
from archive.known.kinds import REPORT
from archive.known.numerals import value_of
from archive.model import (
    MANY_REPORTS,
    SHAPES_WITHOUT_TEXT,
    Candidate,
    Cleaning,
    Identity,
    Page,
    Passage,
    Value,
    passages,
)

State = Literal["complete", "head_missing", "tail_missing", "fragment", "unknown"]
READING_SPEED: Final = 300
"""Characters a minute with which mirrors compute a reading time: minutes = ceil(chars / 300)."""
SHORTEST: Final = 2500
"""The fewest characters of a whole report; the shortest of a thousand has 7,700."""

_PARTIAL_STAGES: Final = ("abstract", "excerpt")
"""Stages of texts that contain part of a report, whatever their two ends look like."""

_SALUTATION = re.compile(ADDRESSED)
_OPENING = re.compile(
    r"代表[^。！!]{2,40}(?:报告|汇报)|受[^。]{2,24}委托[^。]{0,60}报告|请予?审[议查]"
    r"|向(?:大会|各位代表|会议|人民代表大会)[^。]{0,12}(?:报告|汇报|作)|作[^。]{0,40}报告[^。]{0,12}审[议查]"
)
"""Words that open a report; thanks are also given on behalf of the government, but report
nothing."""

_SECTION = re.compile(
    r"\s*(?:[(（](?P<inner>[一二三四五六七八九十]{1,3})[)）]|(?P<outer>[一二三四五六七八九十]{1,2})、)"
)
_ITEM = re.compile(r"\s*(?P<n>[0-9]{1,2})[.．、]\s*[^0-9.]")
_PROMISED = re.compile(
    r"(?P<n>[0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:件|项|个)?(?:重点)?(?:民生|惠民|为民)?实事"
)
_NOTE = re.compile(r"[\[〔［【](?P<n>[0-9]{1,3})[\]〕］】]")
_MINUTES = re.compile(
    r"(?:阅读|读完|看完|用时|需时)[^。\n0-9]{0,8}(?P<needs>[0-9]{1,5})\s*分钟"
    r"|(?P<takes>[0-9]{1,5})\s*分钟[^。\n0-9]{0,6}?(?:读完|看完|阅读|读毕)"
)
_MINUTES_NEAR: Final = 40
"""Characters between the declared length and its minutes; elsewhere 15分钟阅读圈 is a plan."""

_BACK = re.compile(r"回顾|过去|所做|成绩|成就|取得|完成情况|工作情况")
_AHEAD = re.compile(
    r"(?:今年|明年|未来|今后|下一步|下一年|[0-9〇零一二三四五六七八九]{4}年|时期)[^。]{0,24}"
    r"(?:安排|任务|目标|打算|部署|重点|要求|建议|工作|思路)|预期目标"
)
_STOPS = re.compile(r"[。．.！!？?；;：:…”’\"』」》）)\]】]$")
_FIRST, _SHOWN, _LONG_UNIT, _LONG_HEADING, _HEADER_NEAR, _OPENS_WITHIN = 8, 24, 1500, 60, 400, 160
_ENOUGH = 0.9


def completeness(page: Page, cleaning: Cleaning, identity: Identity) -> Value | None:
    """Return how much of the report is present, as `{"state": …, "ratio": … or None}`.

    `ratio` is the share of what the page itself declares, by its character count or number of
    pages; 1.0 for a complete text, None if nothing declares the total. The cues are the candidates.
    None for anything but a report.
    """
    kind = identity.get("kind")
    if cleaning.shape in SHAPES_WITHOUT_TEXT or (kind is not None and kind.value != REPORT):
        return None
    kept = list(passages(cleaning.spans, page.visible))
    body = [passage for passage in kept if passage.part == "body"]
    if not body:
        return None
    units = [unit for passage in body for unit in _units(passage.text)]
    ratio = _ratio(page, kept, cleaning, identity)
    pages = list(_pages(identity))
    cues = [*_ends(units), *_header(body, identity), *pages, *_numbers(units), *_lists(kept)]
    cues += [*_declared(ratio, identity), *_stage(identity)]
    short = kind is not None and sum(map(len, units)) < SHORTEST
    state = _state(cues, paged=bool(pages), short=short)
    shown = (ratio or 1.0) if state == "complete" else ratio
    return _value(page, state, shown, body[0].start, cues)


def _units(text: str) -> list[str]:
    """Split passages into paragraphs: a whole report may be in one line, with its indents kept."""
    if len(text) < _LONG_UNIT:
        return [text]
    return [unit for unit in re.split(r"(?<=[。！!：:])\s*\u3000{2,}|\s{4,}", text) if unit.strip()]


def _ends(units: Sequence[str]) -> Iterator[Candidate]:
    """Yield the opening sentence, and the closing words or where the text stops without them."""
    yield from _head(units)
    last = closing(units)
    if last is None:
        yield from _stops_short(units)
    else:
        yield Candidate("tail", 0.95, units[last].strip()[-_SHOWN:])


def _head(units: Sequence[str]) -> Iterator[Candidate]:
    """Find the sentence that opens a report, with or without the salutation before it."""
    for index, unit in enumerate(units[:_FIRST]):
        words = "".join("".join(each.split()) for each in units[index : index + 2])
        greeted = _SALUTATION.search(words[:_HEADER_NEAR])
        begin = greeted.start() if greeted else 0
        if _OPENING.search(words[begin : begin + _OPENS_WITHIN]):
            yield Candidate("head", 0.95, unit.strip()[:_SHOWN])
            return


def _header(body: Sequence[Passage], identity: Identity) -> Iterator[Candidate]:
    """Find a session line or speaker right above the first part: nothing is missing before it."""
    for field in ("session", "speaker"):
        value = identity.get(field)
        stop = value.stop if value is not None and value.source == "visible" else None
        if stop is not None and -_HEADER_NEAR < stop - body[0].start < _HEADER_NEAR:
            yield Candidate("header", 0.85, f"the {field} stands above the text")
            return


def _pages(identity: Identity) -> Iterator[Candidate]:
    """Page n of m: the first page has no tail, the last no head, the others neither."""
    number, count = _number(identity, "page_no"), _number(identity, "page_count")
    if number is not None and number > 1:
        yield Candidate("no head", 0.9, f"page {number}")
    if number is not None and count is not None and number < count:
        yield Candidate("no tail", 0.9, f"page {number} of {count}")


def _number(identity: Identity, field: str) -> int | None:
    value = identity.get(field)
    return value.value if value is not None and isinstance(value.value, int) else None


def _numbers(units: Sequence[str]) -> Iterator[Candidate]:
    """Check whether the first numbered part is the first of its kind."""
    for unit in units:
        match = _SECTION.match(unit)
        if match:
            words = match["inner"] or match["outer"]
            if value_of(words) > 1:
                yield Candidate("no head", 0.9, f"parts begin with {words}")
            return


def _lists(kept: Sequence[Passage]) -> Iterator[Candidate]:
    """Find an announced list that stops before its number, and notes that begin late.

    Other lists after the closing words have numbers of their own: files, terms, targets.
    """
    appendix = [passage.text.strip() for passage in kept if passage.part == "appendix"]
    items = [(at, int(m["n"])) for at, text in enumerate(appendix) if (m := _ITEM.match(text))]
    if items and items[0][1] == 1 and items[-1][0] == len(appendix) - 1:
        head = appendix[max(0, items[0][0] - 1)]
        promised = [m for passage in kept if (m := _PROMISED.search(passage.text))]
        there = max(number for _, number in items)
        if "实事" in head and promised and there < value_of(promised[-1]["n"]):
            yield Candidate("no tail", 0.85, f"{there} of {promised[-1]['n']} items")
    notes = {int(m["n"]) for p in kept if p.part == "body" for m in _NOTE.finditer(p.text)}
    said = {int(m["n"]) for text in appendix if (m := _NOTE.match(text))}
    if notes and not said and not items and min(notes) > 1:
        yield Candidate("no head", 0.7, f"notes begin with {min(notes)}")


def _stops_short(units: Sequence[str]) -> Iterator[Candidate]:
    """Find an unfinished last sentence, a last heading without text, a review without a plan."""
    last = units[-1].strip()
    if _SECTION.match(last) and len(last) < _LONG_HEADING and not _STOPS.search(last):
        yield Candidate("no tail", 0.85, "ends with a heading")
    elif len(last) > _LONG_HEADING and not _STOPS.search(last):
        yield Candidate("no tail", 0.85, "ends within a sentence")
    headings = [unit for unit in units if len(unit) < _LONG_HEADING]
    looks_back = any(_SECTION.match(h) and _BACK.search(h) for h in headings)
    if looks_back and not any(_AHEAD.search(unit) and not _BACK.search(unit) for unit in headings):
        yield Candidate("no tail", 0.8, "looks back only")


def _ratio(
    page: Page, kept: Sequence[Passage], cleaning: Cleaning, identity: Identity
) -> float | None:
    """Return the share of the declared characters or pages; not for the count of a compilation."""
    declared, count = _number(identity, "declared_chars"), _number(identity, "page_count")
    if cleaning.shape == MANY_REPORTS or (count or 1) > 1:
        return None if cleaning.shape == MANY_REPORTS or not count else round(1 / count, 3)
    if not declared or _denied(page, identity, declared):
        return None
    present = sum(len(passage.text) - passage.text.count(" ") for passage in kept)
    return round(min(1.0, present / declared), 3)


def _denied(page: Page, identity: Identity, declared: int) -> bool:
    """Whether the reading time next to the declared length contradicts it."""
    value = identity["declared_chars"]
    if value is None or value.start is None or value.stop is None:
        return False
    first = max(0, value.start - _MINUTES_NEAR)
    minutes = _MINUTES.search(page.visible, first, value.stop + _MINUTES_NEAR)
    if minutes is None:
        return False
    return int(minutes["needs"] or minutes["takes"]) != -(-declared // READING_SPEED)


def _declared(ratio: float | None, identity: Identity) -> Iterator[Candidate]:
    declared = _number(identity, "declared_chars")
    if ratio is None or declared is None or (_number(identity, "page_count") or 1) > 1:
        return
    words = f"{ratio:.1%} of {declared} declared characters"
    yield Candidate("all" if ratio >= _ENOUGH else "not all", 0.8, words)


def _stage(identity: Identity) -> Iterator[Candidate]:
    value = identity.get("stage")
    if value is not None and value.value in _PARTIAL_STAGES:
        yield Candidate("not all", 0.9, f"the text is an {value.value}")


def _state(cues: Sequence[Candidate], *, paged: bool, short: bool) -> State:
    """Return the state that follows from the cues.

    A text that certainly lacks one end and does not show the other is a fragment. In a text shorter
    than any report, whatever is not found is missing.
    """
    said = {str(cue.value) for cue in cues}
    opened, closed = bool({"head", "header"} & said), "tail" in said
    no_head = ("no head" in said and (paged or "head" not in said)) or (short and not opened)
    no_tail = "no tail" in said or (short and not closed)
    if no_head or no_tail:
        if (no_head and not no_tail and closed) or (no_tail and not no_head and opened):
            return "head_missing" if no_head else "tail_missing"
        return "fragment"
    if "not all" in said:
        return "tail_missing" if opened and not closed else "fragment"
    return "complete" if opened and closed else "unknown"


def _value(
    page: Page, state: State, ratio: float | None, start: int, cues: Sequence[Candidate]
) -> Value:
    """Return the state, with the first words of the body as its source."""
    said = {cue.value for cue in cues}
    confidence = {"complete": 0.95 if "head" in said else 0.85, "unknown": 0.0}.get(state, 0.85)
    stop = min(start + _SHOWN, len(page.visible))
    return Value(
        {"state": state, "ratio": ratio}, page.visible[start:stop], "visible", "inferred",
        confidence, start, stop, tuple(cues),
    )  # fmt: skip
