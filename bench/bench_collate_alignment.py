"""Substituted spans found exactly, and the time, beside plain sentence + difflib.

    python bench/bench_collate_alignment.py [FOLDER]

FOLDER holds the provincial reports (`provinces-2026`); without it texts are recombined from
made-up sentences. Both methods run interleaved on the same pairs.
"""

from __future__ import annotations

import csv
import random
import statistics
import sys
import time
from collections.abc import Callable
from difflib import SequenceMatcher
from pathlib import Path

from archive.collate.alignment import align
from archive.collate.sentences import sentences

BRAND = "鸿图体育"
WORDS = ("省委", "国务院", "全市", "全省", "我市", "我省", "沈阳", "党中央", "省政府")
Found = set[tuple[int, int, str]]


def reports(folder: Path) -> list[str]:
    """The texts of a folder of CSV files, one report each."""
    csv.field_size_limit(10**8)
    found = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8-sig") as lines:
            found.extend(row["full_text"] for row in csv.DictReader(lines))
    return found


def made_up(seed: int, chars: int) -> str:
    """A text of random sentences in which the words to be replaced occur."""
    chance = random.Random(seed)
    letters = "经济发展建设产业项目农村城市教育医疗环境改革开放创新服务民生就业收入增长投资消费"
    lines = []
    while sum(map(len, lines)) < chars:
        words = "".join(chance.choice(letters) for _ in range(chance.randrange(20, 60)))
        at = chance.randrange(len(words))
        lines.append(f"{words[:at]}{chance.choice(WORDS)}{words[at:]}{chance.randrange(1000)}。")
    return "\n".join("".join(lines[i : i + 4]) for i in range(0, len(lines), 4))


def substituted(text: str, most: int, chance: random.Random) -> tuple[str, list[tuple[int, int]]]:
    """The text with words replaced by the brand, and where they stood."""
    places = sorted(
        {
            (at, at + len(word))
            for word in WORDS
            for at in range(len(text))
            if text.startswith(word, at)
        }
    )
    chosen: list[tuple[int, int]] = []
    for place in sorted(chance.sample(places, min(most * 2, len(places)))):
        if len(chosen) < most and (not chosen or place[0] > chosen[-1][1] + 1):
            chosen.append(place)
    pieces, last = [], 0
    for start, stop in chosen:
        pieces += [text[last:start], BRAND]
        last = stop
    return "".join(pieces) + text[last:], chosen


def noisy(text: str, chance: random.Random) -> str:
    """Straight quotes, three paragraphs in a hundred gone, chrome around."""
    lines = [line for line in text.split("\n") if BRAND in line or chance.random() > 0.03]
    chrome = ["首页 > 政务公开 > 政府工作报告", "字号:大 中 小 打印"], ["上一篇:没有了", "版权所有"]
    straight = "\n".join(lines).translate(dict.fromkeys(map(ord, "“”"), '"'))
    return "\n".join([*chrome[0], straight, *chrome[1]])


def ours(one: str, other: str) -> Found:
    """The replacements that `align` finds."""
    ops = align(one, other).ops
    return {(op.a0, op.a1, other[op.b0 : op.b1]) for op in ops if op.tag == "replace"}


def plain(one: str, other: str) -> Found:
    """The replacements of difflib on sentences, then on the characters of what is left."""
    mine = [(s.start, s.stop, one[s.start : s.stop]) for s in sentences(one)]
    theirs = [(s.start, s.stop, other[s.start : s.stop]) for s in sentences(other)]
    outer = SequenceMatcher(None, [m[2] for m in mine], [t[2] for t in theirs], autojunk=False)
    found = set()
    for tag, i0, i1, j0, j1 in outer.get_opcodes():
        if tag != "replace":
            continue
        a, b = mine[i0][0], theirs[j0][0]
        here, there = one[a : mine[i1 - 1][1]], other[b : theirs[j1 - 1][1]]
        inner = SequenceMatcher(None, here, there, autojunk=False)
        for kind, x0, x1, y0, y1 in inner.get_opcodes():
            if kind == "replace":
                found.add((a + x0, a + x1, there[y0:y1]))
    return found


def timed(method: Callable[[str, str], Found], one: str, other: str) -> tuple[float, Found]:
    """Milliseconds and what was found."""
    started = time.perf_counter()
    found = method(one, other)
    return 1000 * (time.perf_counter() - started), found


def main() -> None:
    """Print one line for each length, noise and method."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    texts = reports(folder) if folder else [made_up(n, 20_000) for n in range(31)]
    chance = random.Random(8)
    for chars, repeats in ((20_000, 20), (200_000, 2)):
        for noise in (False, True):
            times: dict[str, list[float]] = {"ours": [], "plain": []}
            exact = {"ours": 0, "plain": 0}
            total = 0
            for _ in range(repeats):
                chance.shuffle(texts)
                text = ("\n".join(texts))[:chars] if chars > 20_000 else _long(texts, chars)
                changed, places = substituted(text, chars // 222, chance)
                changed = noisy(changed, chance) if noise else changed
                total += len(places)
                for name, method in (("ours", ours), ("plain", plain)):
                    if chars > 20_000 and name == "plain" and noise:
                        continue
                    ms, found = timed(method, text, changed)
                    times[name].append(ms)
                    exact[name] += sum((*place, BRAND) in found for place in places)
            for name, each in times.items():
                if each:
                    print(
                        f"{chars:7} {'noise' if noise else 'clean':5} {name:5}"
                        f" {statistics.median(each):8.1f} ms  exact {exact[name] / total:.4f}"
                    )


def _long(texts: list[str], chars: int) -> str:
    text = "\n".join(texts[:3])
    return text[:chars]


if __name__ == "__main__":
    main()
