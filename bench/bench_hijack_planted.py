"""Brands planted into pieces of real reports: how many are found, and are the slots complete?

    python bench/bench_hijack_planted.py [--brands dev|held] [--windows 300]
        [--texts 1000] [--jobs 2] [--show]

Pieces of 2,500 characters (whole paragraphs) of texts that nobody here wrote are corrupted as
hijackers do it: two to four words (offices, levels, places, names, units) are replaced by one
brand, 3 to 12 times in all. Every brand of the list is used in turn. Clean whole texts and clean
pieces of them are judged beside, so that a gain on the one side shows its cost on the other.

`dev` brands were looked at while the signals were written, `held` brands never: only their
figures were. `--folds` learns the figures anew from the places that a piece is not of.
"""

from __future__ import annotations

import argparse
import random
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from itertools import cycle
from pathlib import Path

from measuring import interval, page_of
from real_texts import CORPUS, Real, real_texts

from archive.clean import clean
from archive.judge import judge
from archive.judge.brands import brands
from archive.judge.forms import forms
from archive.known import Knowledge, shipped
from archive.known.figures import save_figures
from archive.known.learning import place_names
from archive.model import Capture, Flag

PIECE = 2500
ONE_IN_FIVE = 0.2
LEAST, MOST = 3, 12
FOLDS = 4
SURE, LIKELY = 18, 11

DEV = (
    "鸿运来体育", "鑫源娱乐", "宝马会", "凤凰棋牌", "彩乐园", "聚宝盆娱乐城", "星途电竞",
    "恒达平台", "顺博网", "dafu888", "九州体育_九州官网", "金冠会", "乐彩网", "佰家乐", "汇丰源",
    "鼎瑞", "ky开元棋牌", "M8体育", "博亿", "vns6060", "澳门新银座娱乐城官网", "财神到", "u2娱乐",
    "亿万豪庭", "hg7788", "胜发国际-胜发网投", "九五至尊", "龙腾会所", "万利宝", "beplus",
)  # fmt: skip
"""Brands to look at: made up, none of them in the lexicon."""

HELD = (
    "银座娱乐", "亿乐汇", "东方彩站", "宏图体育_宏图直播", "博雅城", "聚缘棋牌", "凯旋门会所",
    "qile666", "众赢网", "鼎点国际", "百胜电竞", "旺财真人", "金玉满堂", "瑞博斯", "k9体育",
    "天盛", "嘉禾娱乐app", "新东泰娱乐城官方网站", "js9966", "满堂彩", "铂爵",
    "欧凯体育-欧凯电竞", "yobet", "锦利会", "大赢家", "云鼎棋牌", "7星娱乐", "双喜临门国际",
    "晟宇", "乾坤投注", "梦之城平台", "fuwin88", "喜洋洋彩", "帝豪", "海王星娱乐", "尊亿",
)  # fmt: skip
"""Brands that are only counted."""

WORDS = (
    "省委", "市委", "区委", "县委", "州委", "党中央", "国务院", "省政府", "市政府", "区政府",
    "县政府", "人民政府", "市委市政府", "省委省政府", "自治区党委", "自治区人民政府",
    "省人民政府", "市人民政府", "全国人大", "市人大", "市政协", "政协", "全国", "全省", "全市",
    "全区", "全县", "全州", "我国", "我省", "我市", "我区", "中国", "国家级", "省级", "市级",
    "中央",
)  # fmt: skip
"""Official words that hijackers replace: organs and levels."""

OTHERS = ("亿元", "万元", "公里", "平方米", "万亩", "习近平", "总书记", "市长", "区长", "省长")
"""Units and what stands beside names: one piece in five has one of them replaced as well."""


def listed_names() -> list[str]:
    """Names that the lexicon knows: the whole ones, and a stem with a betting suffix."""
    lexicon = shipped().lexicon("brands")
    stems = [stem for group in lexicon["groups"] for stem in group["stems"]]
    made = [stem + suffix for stem in stems for suffix in ("体育", "娱乐", "棋牌")]
    finder = brands(shipped())
    return [name for name in (*lexicon["names"], *made) if any(finder.find(name))]


@dataclass(frozen=True)
class Piece:
    """Words with a brand in them, and where."""

    words: str
    brand: str
    places: tuple[tuple[int, int], ...]


def pieces(words: str) -> list[str]:
    """Runs of whole paragraphs of about `PIECE` characters."""
    found, piece = [], ""
    for line in words.splitlines(keepends=True):
        piece += line
        if len(piece) >= PIECE:
            found.append(piece)
            piece = ""
    return found


def planted(words: str, brand: str, places: Sequence[str], rng: random.Random) -> Piece | None:
    """`words` with two to four of their words replaced, or None where they hold too few."""
    finder = _finder((*WORDS, *OTHERS, *places))
    spots: dict[str, list[tuple[int, int]]] = {}
    for match in finder.finditer(words):
        spots.setdefault(match[0], []).append(match.span())
    named = [place for place in spots if place not in WORDS and place not in OTHERS]
    others = [word for word in OTHERS if word in spots and rng.random() < ONE_IN_FIVE]
    here = [word for word in WORDS if word in spots]
    wanted = [*_some(named, 1, rng), *_some(others, 1, rng), *rng.sample(here, len(here))]
    most_words = rng.choice((2, 3, 4))
    chosen: list[tuple[int, int]] = []
    for word in wanted:
        if most_words and len(chosen) + len(spots[word]) <= MOST:
            chosen += spots[word]
            most_words -= 1
    return _replaced(words, brand, sorted(chosen)) if len(chosen) >= LEAST else None


def _some(words: Sequence[str], most: int, rng: random.Random) -> list[str]:
    return rng.sample(list(words), min(most, len(words)))


@lru_cache(maxsize=1)
def _finder(words: tuple[str, ...]) -> re.Pattern[str]:
    """Finds whole words: 马鞍山 is not found as 鞍山, 省委省政府 not as 省委."""
    return re.compile("|".join(map(re.escape, sorted(set(words), key=lambda w: (-len(w), w)))))


def _replaced(words: str, brand: str, spots: Sequence[tuple[int, int]]) -> Piece:
    parts, places, reached, length = [], [], 0, 0
    for start, stop in spots:
        parts += [words[reached:start], brand]
        length += start - reached
        places.append((length, length + len(brand)))
        length += len(brand)
        reached = stop
    return Piece("".join([*parts, words[reached:]]), brand, tuple(places))


@lru_cache(maxsize=FOLDS + 1)
def _known(folder: Path | None) -> Knowledge:
    return shipped() if folder is None else Knowledge(folder)


def judged(job: tuple[str, Path | None]) -> tuple[str, tuple[Flag, ...]]:
    """The verdict of a text by the knowledge in a folder, and its hijack flags."""
    words, folder = job
    page = page_of(words)
    known = _known(folder)
    judgement = judge(page, clean(page, known), {}, Capture(""), known)
    return judgement.page_verdict, tuple(f for f in judgement.flags if f.kind == "hijack")


def score(piece: Piece, found: tuple[str, tuple[Flag, ...]]) -> Counter[str]:
    """What was found of one piece: the piece, its slots, exact ones, and flags beside them."""
    verdict, flags = found
    spans = {(flag.start, flag.stop) for flag in flags}
    return Counter(
        {
            "pieces": 1,
            "pieces found": verdict != "clean" and any(_meets(piece, span) for span in spans),
            "slots": len(piece.places),
            "slots exact": sum(place in spans for place in piece.places),
            "flags elsewhere": sum(not _meets(piece, span) for span in spans),
        }
    )


def _meets(piece: Piece, span: tuple[int, int]) -> bool:
    return any(span[0] < stop and start < span[1] for start, stop in piece.places)


def learnt(some: Sequence[Real], folder: Path) -> Path:
    """The shipped knowledge with figures learnt from `some` texts only."""
    from build_ngrams import learn  # noqa: PLC0415

    known = shipped()
    shutil.copytree(known.folder, folder, dirs_exist_ok=True)
    save_figures(folder / "figures", *learn([(text.place, text.words) for text in some], known))
    return folder


def fold_of(place: str) -> int:
    """The fold of a place: all reports of a place lie in one."""
    return sum(map(ord, place)) % FOLDS


def sample(
    everything: Sequence[Real], brands: Sequence[str], windows: int, rng: random.Random
) -> Iterator[tuple[Real, Piece]]:
    """Planted pieces: the brands in turn, each in another text."""
    places = sorted(place_names(shipped().gazetteer))
    turn = cycle(rng.sample(list(brands), len(brands)))
    brand = next(turn)
    made = 0
    while made < windows:
        text = rng.choice(everything)
        piece = planted(rng.choice(pieces(text.words) or [""]), brand, places, rng)
        if piece is not None:
            yield text, piece
            made += 1
            brand = next(turn)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", type=Path, default=CORPUS)
    parser.add_argument("--brands", default="dev", choices=("dev", "held"))
    parser.add_argument("--windows", type=int, default=300)
    parser.add_argument("--texts", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--folds", action="store_true", help="learn figures from other places")
    parser.add_argument("--show", action="store_true", help="what was missed (dev), what was false")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    everything = [text for text in real_texts(options.corpus) if text.is_report]
    if options.folds:
        with tempfile.TemporaryDirectory() as name:
            folders = {
                number: learnt(
                    [text for text in everything if fold_of(text.place) != number],
                    Path(name) / str(number),
                )
                for number in range(FOLDS)
            }
            measure(everything, folders, rng, options)
    else:
        measure(everything, {}, rng, options)


def measure(
    everything: list[Real],
    folders: dict[int, Path],
    rng: random.Random,
    options: argparse.Namespace,
) -> None:
    """Judge the clean texts, their pieces and planted pieces; print the figures."""
    with ProcessPoolExecutor(options.jobs) as pool:
        for kind, brands in (
            ("unlisted", DEV if options.brands == "dev" else HELD),
            ("listed", listed_names()),
        ):
            cases = list(sample(everything, brands, options.windows, rng))
            jobs = [(piece.words, folders.get(fold_of(text.place))) for text, piece in cases]
            totals = defaultdict[str, Counter[str]](Counter)
            for (text, piece), found in zip(
                cases, pool.map(judged, jobs, chunksize=8), strict=True
            ):
                counts = score(piece, found)
                for name in (kind, f"{kind} {shape(piece.brand)}"):
                    totals[name] += counts
                if options.show and (kind == "listed" or options.brands == "dev"):
                    _show(text, piece, counts, found)
            for name, total in sorted(totals.items()):
                for what, of in (("pieces found", "pieces"), ("slots exact", "slots")):
                    print(f"{name}, {what}:", interval(total[what], total[of]))
                print(f"{name}, flags elsewhere:", total["flags elsewhere"])
        chosen = everything[: options.texts]
        clean_jobs = {
            "texts": [(text.words, folders.get(fold_of(text.place))) for text in chosen],
            "pieces": [
                (piece, folders.get(fold_of(text.place)))
                for text in chosen
                for piece in pieces(text.words)
            ],
        }
        for what, jobs in clean_jobs.items():
            bad = 0
            for job, (verdict, flags) in zip(
                jobs, pool.map(judged, jobs, chunksize=8), strict=True
            ):
                bad += verdict != "clean"
                if options.show and verdict != "clean":
                    told = Counter(flag.words for flag in flags)
                    print("  clean", what, job[0][:20].split(), told, flags and flags[0].evidence)
            print(f"clean {what} flagged:", interval(bad, len(jobs)))


def shape(brand: str) -> str:
    """How plainly the form of a brand says that it is one."""
    known = shipped()
    bits = forms(known).of(brand, known.figures).bits or 0.0
    if bits >= SURE:
        return "made as only brands are"
    return "made as many brands are" if bits >= LIKELY else "bare"


def _show(
    text: Real, piece: Piece, counts: Counter[str], found: tuple[str, tuple[Flag, ...]]
) -> None:
    if counts["slots exact"] < counts["slots"] or counts["flags elsewhere"]:
        told = Counter(flag.words for flag in found[1])
        how = f"×{counts['slots']}: exact {counts['slots exact']}, {dict(told)}"
        print(f"  {text.name} {piece.brand} {how}")
        if not counts["pieces found"]:
            for start, stop in piece.places:
                print("      ", repr(piece.words[max(0, start - 10) : stop + 10]))


if __name__ == "__main__":
    main()
