"""Copies of real reports as mirrors make them, for measuring which of them find their report.

Five strengths: page furniture around the whole text; 5 % and 20 % of the sentences lost; two halves
that overlap by a tenth of the text; an excerpt of a fifth; two words replaced by a brand.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

BRAND: Final = "金鼎国际"
SLOTS: Final = ("省委", "全市", "国家", "企业", "全省", "全区", "人民", "发展")
ABOVE: Final = (
    "首页 > 政务公开 > 政府工作报告\n"
    "来源：演示市人民政府办公室 发布时间：2020-02-03 字体：大 中 小\n"
)
BELOW: Final = "\n上一篇：没有了\n下一篇：关于印发通知的函\n打印本页 关闭窗口\n"

_SENTENCE: Final = re.compile(r"[^。！？；\n]*[。！？；\n]+|[^。！？；\n]+")
_OVERLAP: Final = (0.45, 0.55)
_EXCERPT: Final = 0.2
_FEWEST, _MOST = 3, 12

Make = Callable[[str, random.Random], list[str]]


def between(text: str, start: float, stop: float) -> str:
    """The sentences that lie between two shares of the text."""
    first, last = start * len(text), stop * len(text)
    return "".join(m[0] for m in _SENTENCE.finditer(text) if m.end() > first and m.start() < last)


def in_chrome(text: str, _chance: random.Random) -> list[str]:
    """The whole text with page furniture around it."""
    return [f"{ABOVE}{text}{BELOW}"]


def losing(share: float) -> Make:
    """A copy that lacks a share of the sentences, here and there."""

    def made(text: str, chance: random.Random) -> list[str]:
        kept = (m[0] for m in _SENTENCE.finditer(text) if chance.random() >= share)
        return ["".join(kept)]

    return made


def halves(text: str, _chance: random.Random) -> list[str]:
    """Both halves, which have a tenth of the text in common."""
    return [between(text, 0, _OVERLAP[1]), between(text, _OVERLAP[0], 1)]


def excerpt(text: str, chance: random.Random) -> list[str]:
    """A fifth of the text, from within."""
    start = chance.uniform(0.05, 0.95 - _EXCERPT)
    return [between(text, start, start + _EXCERPT)]


def branded(text: str, chance: random.Random) -> list[str]:
    """A brand in place of two words, 3 to 12 times each."""
    there = [word for word in SLOTS if text.count(word) >= _FEWEST]
    for word in chance.sample(there, min(2, len(there))):
        pieces = text.split(word)
        places = range(len(pieces) - 1)
        count = min(chance.randint(_FEWEST, _MOST), len(places))
        chosen = set(chance.sample(places, count))
        text = "".join(
            piece + ((BRAND if n in chosen else word) if n in places else "")
            for n, piece in enumerate(pieces)
        )
    return [text]


COPIES: Final[dict[str, Make]] = {
    "chrome": in_chrome,
    "5 % lost": losing(0.05),
    "20 % lost": losing(0.2),
    "halves": halves,
    "a fifth": excerpt,
    "brands": branded,
}


def copies(texts: Sequence[str], count: int, seed: int = 4) -> Iterator[tuple[str, int, list[str]]]:
    """Yield about `count` copies of `texts`: the change, the original, and the copy.

    Halves are two texts and count as two.
    """
    chance = random.Random(seed)
    each = -(-count // (len(COPIES) + 1))
    for name, make in COPIES.items():
        for number in chance.sample(range(len(texts)), min(each, len(texts))):
            yield name, number, make(texts[number], chance)
