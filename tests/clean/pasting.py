"""A report that is pasted: an invented one, with a head of its own, and what is left of a text."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

from collate.made_up import report

from archive import Capture, Derivation, derive

sys.path.append(str(Path(__file__).parents[2] / "bench"))

import pasted

__all__ = ["KEY", "bodies", "derived", "pasted", "text_of", "twice_in"]

KEY = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]+")


def head(place: str, year: int, sitting: str = "三") -> list[str]:
    return [
        f"{year}年{place}政府工作报告",
        f"——{year}年1月8日在{place}第十八届人民代表大会第{sitting}次会议上",
        f"{place}市长 演示甲",
    ]


def _official(line: str) -> str:
    """The line with the same body everywhere: other words there would be a hijack."""
    return line.replace("沈阳", "省委").replace("国务院", "省委").replace("市委", "省委")


def text_of(place: str = "凌海市", year: int = 2024, seed: int = 5, paragraphs: int = 40) -> str:
    """An invented report with a head, an opening, sections and closing words."""
    salutation, *body, closing = (_official(line) for line in report(seed, paragraphs))
    half = len(body) // 2
    lines = [
        *head(place, year),
        salutation,
        "现在，我代表市人民政府，向大会报告工作，请予审议，并请政协委员提出意见。",
        f"一、{year - 1}年工作回顾",
        *body[:half],
        f"二、{year}年工作安排",
        *body[half:],
        f"各位代表！{closing}",
    ]
    return "\n".join(lines)


def derived(text: str) -> Derivation:
    name = "text.html" if text.startswith("<html") else "text.txt"
    return derive(Capture.from_bytes(text.encode(), filename=name))


def bodies(text: str) -> str:
    """The characters that carry words."""
    return KEY.sub("", text)


def twice_in(derivation: Derivation) -> list[str]:
    """The longer sentences that the clean text has more than once."""
    sentences = Counter(s for s in re.split(r"[。！\n]", derivation.text) if len(s) > 20)
    return [sentence for sentence, times in sentences.items() if times > 1]
