"""How much of a report a text holds: complete, a head or a tail missing, or a fragment.

A head is the salutation with the sentence that opens a report; a tail is the closing formula.
Page n of m, the numbers of sections and list items, notes without their texts and the count
of characters that some sites declare speak for or against both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal

from archive.model import Candidate, Capture, Cleaning, Identity, Page, Passage, Value, passages

State = Literal["complete", "head_missing", "tail_missing", "fragment", "unknown"]
READING_SPEED: Final = 300
"""Characters a minute by which mirrors compute a reading time: minutes = ceil(chars / 300)."""
_REPORT = "政府工作报告"
_NO_TEXT = ("index", "challenge", "error", "login")
_SALUTATION = re.compile(r"\s*(?:各位(?:人大)?代表|同志们|代表同志们|各位委员)")
_OPENING = re.compile(
    r"我[^。！!]{0,8}代表|受[^。]{0,24}委托|报告(?:政府)?工作|作[^。]{0,8}报告|请予?审[议查]"
)
_CLOSING_WORDS = re.compile(r"让我们|团结在|紧密团结|为[^。]{0,60}而|各位代表[^。]{0,200}[！!]\s*$")
_CLOSING = re.compile(
    r"(?:奋斗|努力|奋进|贡献|前进|篇章|局面|胜利|辉煌|未来|明天|力量|新程|华章|业绩|目标|答卷|伟业|复兴)"
    r"[^。！!]{0,24}[。！!]?\s*$|[！!]\s*$"
)
_SECTION = re.compile(
    r"\s*(?:[(（](?P<inner>[一二三四五六七八九十]{1,3})[)）]|(?P<outer>[一二三四五六七八九十]{1,2})、)"
)
_ITEM = re.compile(r"\s*(?P<n>[0-9]{1,2})[.．、]\s*[^0-9.]")
_PROMISED = re.compile(
    r"(?P<n>[0-9]{1,2}|[一二三四五六七八九十]{1,3})(?:件|项|个)?(?:重点)?民生实事"
)
_NOTE = re.compile(r"[\[〔［【](?P<n>[0-9]{1,3})[\]〕］】]")
_MINUTES = re.compile(r"阅读时长\s*(?P<minutes>[0-9]{1,5})\s*分钟")
_FIRST, _LAST, _SHOWN = 8, 6, 24
_ENOUGH = 0.9
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}


def completeness(
    page: Page, cleaning: Cleaning, identity: Identity, capture: Capture
) -> Value | None:
    """What is there of the report, as `{"state": …, "ratio": … or None}`.

    `ratio` is what is there of what the page itself declares: of its count of characters, of
    its number of pages; 1.0 for a complete text, None where nothing says how much there was.
    The cues are the candidates. None for what is no report.
    """
    del capture
    kind = identity.get("kind")
    if cleaning.shape in _NO_TEXT or (kind is not None and kind.value != _REPORT):
        return None
    kept = list(passages(cleaning.spans, page.visible))
    body = [passage for passage in kept if passage.part == "body"]
    if not body:
        return None
    cues = [*_head(body), *_tail(body), *_pages(identity), *_numbers(body)]
    cues += _appendix(kept, body, closed=any(cue.value == "tail" for cue in cues))
    ratio = _ratio(page, kept, cleaning, identity)
    cues += _declared(ratio, identity)
    state = _state(body, cues, known=kind is not None)
    shown = (ratio or 1.0) if state == "complete" else ratio
    return _value(page, state, shown, body[0].start, cues)


def _head(body: Sequence[Passage]) -> Iterator[Candidate]:
    for index, passage in enumerate(body[:_FIRST]):
        words = "".join(each.text for each in body[index : index + 3])[:240]
        if _SALUTATION.match(passage.text) and _OPENING.search(words):
            yield Candidate("head", 0.95, passage.text[:24])
            return


def _tail(body: Sequence[Passage]) -> Iterator[Candidate]:
    for passage in reversed(body[-_LAST:]):
        if _CLOSING_WORDS.search(passage.text) and _CLOSING.search(passage.text):
            yield Candidate("tail", 0.95, passage.text[-24:])
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


def _numbers(body: Sequence[Passage]) -> Iterator[Candidate]:
    """The first numbered section is the first of its kind, or something stood before it."""
    for passage in body:
        match = _SECTION.match(passage.text)
        if match:
            words = match["inner"] or match["outer"]
            if _chinese(words) > 1:
                yield Candidate("no head", 0.9, f"sections begin with {words}")
            return


def _appendix(
    kept: Sequence[Passage], body: Sequence[Passage], *, closed: bool
) -> Iterator[Candidate]:
    """A list of n items that stops before n, notes whose texts are not there."""
    text = "".join(passage.text for passage in body)
    items = [
        int(match["n"]) for p in kept if p.part == "appendix" and (match := _ITEM.match(p.text))
    ]
    promised = _PROMISED.search(text) if items else None
    if promised and _short(max(items), _chinese(promised["n"]), closed=closed):
        yield Candidate("no tail", 0.85, f"{max(items)} of {promised['n']} items")
    notes = {int(match["n"]) for match in _NOTE.finditer(text)}
    said = {
        int(m["n"]) for p in kept if p.part == "appendix" and (m := _NOTE.match(p.text.strip()))
    }
    if notes and not said and not items and min(notes) > 1:
        yield Candidate("no head", 0.7, f"notes begin with {min(notes)}")


def _short(there: int, promised: int, *, closed: bool) -> bool:
    """Whether a list stops before its end; behind a closing it must stop at less than half."""
    return there < (0.5 if closed else 1.0) * promised


def _ratio(
    page: Page, kept: Sequence[Passage], cleaning: Cleaning, identity: Identity
) -> float | None:
    """The share of the declared characters, or of the pages; not of a compilation's count."""
    declared, count = _number(identity, "declared_chars"), _number(identity, "page_count")
    if cleaning.shape == "compilation" or (count or 1) > 1:
        return None if cleaning.shape == "compilation" or not count else round(1 / count, 3)
    minutes = _MINUTES.search(page.visible)
    wrong = minutes and declared and int(minutes["minutes"]) != -(-declared // READING_SPEED)
    if not declared or wrong:
        return None
    present = sum(len(passage.text) - passage.text.count(" ") for passage in kept)
    return round(min(1.0, present / declared), 3)


def _declared(ratio: float | None, identity: Identity) -> list[Candidate]:
    declared = _number(identity, "declared_chars")
    if ratio is None or declared is None or (_number(identity, "page_count") or 1) > 1:
        return []
    enough = ratio >= _ENOUGH
    words = f"{ratio:.1%} of {declared} declared characters"
    return [Candidate("all" if enough else "not all", 0.8, words)]


def _state(body: Sequence[Passage], cues: Sequence[Candidate], *, known: bool) -> State:
    said = {cue.value for cue in cues}
    head = "head" in said and "no head" not in said
    tail = "tail" in said and "no tail" not in said
    if head and tail:
        return "fragment" if "not all" in said else "complete"
    if head or tail:
        return "tail_missing" if head else "head_missing"
    long_enough = sum(len(passage.text) for passage in body) > READING_SPEED
    return "fragment" if known and long_enough else "unknown"


def _value(
    page: Page, state: State, ratio: float | None, start: int, cues: Sequence[Candidate]
) -> Value:
    """The state, with the first words of the body as what it was read from."""
    confidence = {"complete": 0.95, "unknown": 0.0}.get(state, 0.85)
    stop = min(start + _SHOWN, len(page.visible))
    return Value(
        {"state": state, "ratio": ratio}, page.visible[start:stop], "visible", "inferred",
        confidence, start, stop, tuple(cues),
    )  # fmt: skip


def _chinese(words: str) -> int:
    """The value of a numeral up to 99."""
    if words.isascii():
        return int(words)
    tens, found, ones = words.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if found else 0) + _DIGITS.get(ones, 0)
