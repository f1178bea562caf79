"""Learn the figures that are shipped from clean reports: pairs, slots and surroundings.

    python bench/build_ngrams.py ../shared archive/known/figures

What is written are counts; no sentence of a report is kept. All texts of `reports` and `corpus`
are cleaned by the shipped line rules first. Words of everyday language, which a report of one
place may be the only one to use, come from the dictionary of jieba: those that it has seen often
and that are no names.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import jieba
from real_texts import real_texts

from archive.clean import clean
from archive.judge.foreign import foreign_names
from archive.judge.forms import forms
from archive.judge.slots import slot_words
from archive.known import Knowledge, shipped
from archive.known.figures import Figures, save_figures
from archive.known.learning import (
    RARE,
    Slot,
    learn_slots,
    learn_surroundings,
    place_names,
    spread_pairs,
    surroundings,
    words_in,
)
from archive.model import Capture, kept_words
from archive.read import read

_SHORTEST = 3000
_OF_A_CITY = 6  # characters of 广东省深圳市南山区 that name the city
_TRADITIONAL = "們"
LEAST_PLACES = 4
"""A pair that fewer places have may be part of a name of theirs."""

NEVER_KNOWN = ("棋牌", "投注", "博彩", "网投", "电竞", "竞猜")
"""Pairs at which a name is looked for in any case, although some reports have them."""

_EVERYDAY = 100
_NAMES_OR_UNSURE = ("nr", "nz", "nt", "x", "zg")


class Learnt(NamedTuple):
    """What `save_figures` writes."""

    pairs: dict[str, int]
    slots: tuple[Slot, ...]
    beside: dict[str, tuple[float, ...]]


def reports(folder: Path) -> Iterator[tuple[str, str]]:
    """Name and clean text of each report in `folder`."""
    csv.field_size_limit(10**9)
    for path in sorted((folder / "provinces-2026").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield row["province"], clean_text(row["full_text"])
    with (folder / "state-council.jsonl").open(encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if len(row["content"]) >= _SHORTEST and row["content"].count(_TRADITIONAL) < 5:
                yield row["title"], clean_text(row["content"])


def clean_text(words: str) -> str:
    """The clean text of a report."""
    known = shipped()
    page = read(Capture.from_bytes(words.encode(), filename="report.txt"), known)
    return "".join(kept_words(clean(page, known).spans, page.visible))


def everything(shared: Path) -> Iterator[tuple[str, str]]:
    """Place and words of all texts; a report of the country stands for its decade."""
    for name, words in reports(shared / "reports"):
        yield (f"全国{name[:3]}" if name[:1] in "12" else name), words
    for text in real_texts(shared / "corpus"):
        if text.is_report:
            yield text.place[:_OF_A_CITY], clean_text(text.words)  # districts with their city


def learn(texts: Sequence[tuple[str, str]], known: Knowledge) -> Learnt:
    """The figures of `texts`, which are places and words."""
    pairs = everyday_pairs() | spread_pairs(texts, LEAST_PLACES)
    for pair in NEVER_KNOWN:
        pairs.pop(pair, None)
    places = place_names(known.gazetteer)
    slots = learn_slots([words for _, words in texts], known.lexicon("slots")["words"], places)
    seen = list(_official(texts, known)) + list(_rare(texts, Figures.of(pairs), known))
    return Learnt(pairs, slots, learn_surroundings(seen))


def everyday_pairs() -> dict[str, int]:
    """The pairs of the words that jieba has seen often, each as if it were seen once."""
    dictionary = Path(jieba.__file__).with_name("dict.txt").read_text(encoding="utf-8")
    rows = (line.split() for line in dictionary.splitlines())
    words = [
        word
        for word, seen, kind in rows
        if int(seen) >= _EVERYDAY and not kind.startswith(_NAMES_OR_UNSURE)
    ]
    words += [word.replace("着", "著") for word in words]  # 著 is 着 in part of traditional texts
    return {word[i : i + 2]: 1 for word in words for i in range(len(word) - 1)}


def _official(texts: Iterable[tuple[str, str]], known: Knowledge) -> Iterator[tuple[str, str, str]]:
    """Kind and surroundings of the words that hijackers replace."""
    kinds = dict(known.lexicon("slots")["kinds"])
    kinds["place"] = place_names(known.gazetteer)
    for _, words in texts:
        for kind, start, stop in words_in(words, kinds):
            yield kind, *surroundings(words, start, stop)


def _rare(
    texts: Iterable[tuple[str, str]], figures: Figures, known: Knowledge
) -> Iterator[tuple[str, str, str]]:
    """Surroundings of the names that come back in a text and are no others' words."""
    slots, form = slot_words(known), forms(known)
    for _, words in texts:
        for name in foreign_names(words, figures, slots.vocabulary, form.is_ending):
            if slots.is_foreign(name.words) and form.of(name.words, figures).may_be_brand:
                for start in name.starts:
                    yield RARE, *surroundings(words, start, start + len(name.words))


def main(source: str, target: str) -> None:
    """Write the figures and say how large they are."""
    texts = list(everything(Path(source)))
    learnt = learn(texts, shipped())
    save_figures(Path(target), *learnt)
    size = sum(path.stat().st_size for path in Path(target).iterdir())
    print(
        f"{len(texts)} texts, {len(learnt.pairs)} pairs, {len(learnt.slots)} slots,"
        f" {len(learnt.beside)} surroundings, {size} bytes"
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
