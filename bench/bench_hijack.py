"""Hijack detection on reports that the figures were not learnt from, with 95 % intervals.

    python bench/bench_hijack.py ../shared/reports [--fold all|dev]

Each fold's figures are learnt from the other folds, then every window of 2,500 characters (step
1,250) and every whole report of the fold is judged, clean and corrupted as hijackers do: a few
keywords, all mapped to one brand, everywhere. `dev` is what was looked at while the signals were
written: each third province. The shipped lexica are used as they are.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from build_ngrams import reports

from archive.clean import clean
from archive.judge import judge
from archive.judge.brands import brands
from archive.known import Knowledge, shipped
from archive.known.figures import save_figures
from archive.known.learning import count_grams, learn_slots, place_names
from archive.model import Block, Capture, Decoding, Flag, Page

WINDOW, STEP, FOLDS = 2500, 1250, 3
KEYWORDS = (
    "省委", "国务院", "党中央", "省政府", "市委", "自治区党委", "自治区人民政府", "省人民政府",
    "市政府", "全国人大",
)  # fmt: skip
UNLISTED = (
    "鸿运来体育", "鑫源娱乐", "宝马会", "凤凰棋牌", "彩乐园", "聚宝盆娱乐城", "星途电竞",
    "恒达平台", "顺博网", "dafu888", "九州体育_九州官网", "金冠会", "乐彩网", "佰家乐",
)  # fmt: skip


FRESH = (
    "银座娱乐", "亿乐汇", "东方彩站", "宏图体育_宏图直播", "博雅城", "聚缘棋牌", "凯旋门会所",
    "qile666", "众赢网", "鼎点国际", "百胜电竞", "旺财真人",
)  # fmt: skip
"""Names for the folds that are not `dev`, made up after the signals were written."""


def interval(hits: int, of: int) -> str:
    """`hits` of `of` as a share with its 95 % Wilson interval."""
    if not of:
        return "–"
    z, p = 1.96, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{p:.4f} [{middle - half:.4f}, {middle + half:.4f}] ({hits}/{of})"


def page_of(text: str) -> Page:
    """A text file as reading makes it."""
    blocks, start = [], 0
    for line in text.split("\n"):
        blocks.append(Block(start, start + len(line)))
        start += len(line) + 1
    return Page(text, tuple(blocks), Decoding("utf-8", "bench"), "text")


def flags(text: str, known: Knowledge) -> tuple[str, tuple[Flag, ...]]:
    """The verdict of a text and its hijack flags."""
    page = page_of(text)
    judgement = judge(page, clean(page, known), {}, Capture(""), known)
    return judgement.page_verdict, tuple(f for f in judgement.flags if f.kind == "hijack")


def corrupted(text: str, brand: str, places: list[str], rng: random.Random) -> str:
    """`text` with two or three keywords, and a place of it, replaced by `brand` everywhere."""
    here = [word for word in KEYWORDS if word in text]
    words = rng.sample(here, min(len(here), rng.choice((2, 3))))
    named = [place for place in places if place in text]
    words += rng.sample(named, min(len(named), 1))
    for word in words:
        text = text.replace(word, brand)
    return text


def windows(text: str) -> Iterator[str]:
    """Windows of `WINDOW` characters, every `STEP`."""
    for start in range(0, max(1, len(text) - WINDOW + 1), STEP):
        if len(text) - start >= WINDOW:
            yield text[start : start + WINDOW]


def learnt(texts: list[str], folder: Path) -> Knowledge:
    """The shipped knowledge with figures learnt from `texts` only."""
    known = shipped()
    shutil.copytree(known.folder, folder, dirs_exist_ok=True)
    slots = learn_slots(texts, known.lexicon("slots")["words"], place_names(known.gazetteer))
    save_figures(folder / "figures", count_grams(texts, 2, 2), slots)
    return Knowledge(folder)


def listed_names() -> list[str]:
    """Names that the lexicon knows: the whole ones, and a stem with a betting suffix."""
    lexicon = shipped().lexicon("brands")
    stems = [stem for group in lexicon["groups"] for stem in group["stems"]]
    made = [stem + suffix for stem in stems for suffix in ("体育", "娱乐", "棋牌")]
    finder = brands(shipped())
    return [name for name in (*lexicon["names"], *made) if any(finder.find(name))]


def measure(
    test: list[str],
    known: Knowledge,
    rng: random.Random,
    unlisted: tuple[str, ...],
    counts: Counter[str],
) -> None:
    """Add the counts of one fold."""
    listed, places = listed_names(), sorted(place_names(known.gazetteer))
    for text in test:
        for window in windows(text):
            verdict, found = flags(window, known)
            counts["windows"] += 1
            counts["windows flagged"] += verdict != "clean"
            if verdict != "clean":
                print("  clean window flagged:", {f.words for f in found}, found[0].evidence[:120])
            for kind, brand in (("listed", rng.choice(listed)), ("unlisted", rng.choice(unlisted))):
                bad = corrupted(window, brand, places, rng)
                if bad != window:
                    counts[f"{kind} windows"] += 1
                    counts[f"{kind} windows found"] += _finds(brand, flags(bad, known)[1])
        counts["reports"] += 1
        counts["reports flagged"] += flags(text, known)[0] != "clean"
        for kind, brand in (("listed", rng.choice(listed)), ("unlisted", rng.choice(unlisted))):
            bad = corrupted(text, brand, places, rng)
            if bad != text:
                found = flags(bad, known)[1]
                counts[f"{kind} reports"] += 1
                counts[f"{kind} reports found"] += _finds(brand, found)
                counts[f"{kind} places"] += bad.count(brand)
                counts[f"{kind} places found"] += sum(f.words == brand for f in found)


def _finds(brand: str, found: tuple[Flag, ...]) -> bool:
    return any(brand in flag.words for flag in found)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("source", type=Path)
    parser.add_argument("--fold", default="all", choices=("all", "dev", "test"))
    options = parser.parse_args()
    texts = [text for _, text in reports(options.source)]
    folds = [texts[i::FOLDS] for i in range(FOLDS)]
    chosen = {"all": range(FOLDS), "dev": [0], "test": range(1, FOLDS)}[options.fold]
    counts: Counter[str] = Counter()
    for number in chosen:
        train = [text for i, fold in enumerate(folds) if i != number for text in fold]
        with tempfile.TemporaryDirectory() as folder:
            known = learnt(train, Path(folder))
            measure(
                folds[number], known, random.Random(number), FRESH if number else UNLISTED, counts
            )
    for what in ("windows flagged", "reports flagged"):
        print(f"clean {what}:", interval(counts[what], counts[what.split()[0]]))
    for kind in ("listed", "unlisted"):
        for what in ("windows", "reports", "places"):
            of = counts[f"{kind} {what}"]
            print(f"{kind} brands, {what} found:", interval(counts[f"{kind} {what} found"], of))


if __name__ == "__main__":
    main()
