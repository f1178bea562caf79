"""A planted matrix for collation: works with up to five witnesses each, and known faults.

For every paragraph of every work it is known whether some witness prints it unchanged (`clean`),
only damaged copies have it (`damaged`), or none has it (`missing`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from random import Random
from typing import Literal

from baogao_practice.damage import lost_plus, lowered, straight_quotes
from baogao_practice.page import Sheet
from baogao_practice.places import places
from baogao_practice.report import Line, Report
from baogao_practice.sites.splitter import closing
from baogao_practice.writer import write_report

State = Literal["clean", "damaged", "missing"]
BRAND = "盛世娱乐"
FAULTS = (
    "quotes", "brand", "lowered", "number", "word", "tail", "head", "middle", "dropped",
    "moved", "doubled",
)  # fmt: skip
"""The faults of a witness: damage inside paragraphs first, then missing or moved ones."""

_WORDS = (("增长", "提高"), ("持续", "不断"), ("群众", "市民"), ("全面", "全力"), ("推进", "推动"))


@dataclass(frozen=True)
class PlantedWitness:
    """A copy of a work: which paragraphs it prints, in which order and how, on which pages.

    `printed` holds for each printed paragraph its number in the original and its words.
    """

    kind: str
    url: str
    faults: tuple[str, ...]
    printed: tuple[tuple[int, str], ...]
    title: str
    pages_wanted: int = 1

    @cached_property
    def pages(self) -> tuple[tuple[str, bytes], ...]:
        """The pages of this copy: URL and HTML; a copy split over pages has several."""
        count = self.pages_wanted
        size = -(-len(self.printed) // count)
        stem = self.url.removesuffix(".html")
        return tuple(
            (
                self.url if page == 0 else f"{stem}_{page + 1}.html",
                self._html(self.printed[page * size : (page + 1) * size], page, count),
            )
            for page in range(count)
        )

    def _html(self, printed: Sequence[tuple[int, str]], page: int, count: int) -> bytes:
        sheet = Sheet()
        if self.kind == "mirror":
            sheet.line("导航菜单", "junk", "nav_menu")
        if page == 0 and printed and printed[0][0] == 0:
            sheet.line(printed[0][1], "keep", "title", tag="h1")
            printed = printed[1:]
        sheet.raw('<div class="TRS_Editor">')
        for _, text in printed:
            sheet.line(text, "keep", "paragraph", tag="p")
        sheet.raw("</div>")
        if self.kind == "mirror":
            if count > 1:
                stem = self.url.rpartition("/")[2].removesuffix(".html")
                links = [(f"{stem}_{n + 1}.html" if n else f"{stem}.html", str(n + 1))
                         for n in range(count)]  # fmt: skip
                sheet.links(links, "pager")
            closing(sheet, "知县网", self.url.partition(".test")[2])
        return sheet.document(self.title if page == 0 else "").encode()


@dataclass(frozen=True)
class PlantedWork:
    """A work of the matrix: its original and its witnesses."""

    report: Report
    witnesses: tuple[PlantedWitness, ...]

    @property
    def code(self) -> str:
        """The GB/T 2260 code of its place."""
        return self.report.place.code

    @property
    def year(self) -> int:
        """The report year."""
        return self.report.year

    @property
    def original(self) -> tuple[str, ...]:
        """The original paragraphs."""
        return self.report.texts

    @cached_property
    def states(self) -> tuple[State, ...]:
        """For each paragraph of the original: `clean`, `damaged` or `missing`."""
        printed = [pair for witness in self.witnesses for pair in witness.printed]
        clean = {number for number, text in printed if text == self.original[number]}
        there = {number for number, _ in printed}
        return tuple(
            "clean" if n in clean else "damaged" if n in there else "missing"
            for n in range(len(self.original))
        )


@lru_cache(maxsize=4)
def matrix(works: int = 40, *, seed: int = 0, length: int = 5500) -> tuple[PlantedWork, ...]:
    """Return the planted works; the same arguments give the same matrix.

    There are two years of each place, whose shared formulas must not merge them.

    Args:
        works: the number of works.
        seed: another number plants other faults in other reports.
        length: the approximate number of characters of a report.
    """
    codes = sorted(places())
    found = []
    for number in range(works):
        dice = Random(f"matrix {seed} {number}")  # noqa: S311  (no secret)
        code = codes[number // 2 % len(codes)]
        year = 2022 + number % 2 + 2 * (number // (2 * len(codes)))
        report = write_report(code, year, seed=seed + 100, length=length)
        found.append(PlantedWork(report, tuple(_witnesses(report, number, dice))))
    return tuple(found)


def _witnesses(report: Report, number: int, dice: Random) -> list[PlantedWitness]:
    count = 1 + number % 5
    official = number % 3 != 1
    witnesses = []
    for index in range(count):
        kind = "official" if official and index == 0 else dice.choice(("mirror", "mirror", "copy"))
        wanted = () if kind == "official" else tuple(dice.sample(FAULTS, dice.choice((0, 1, 1, 2))))
        if kind == "copy" and "brand" not in wanted:
            wanted = ("brand", *wanted[:1])
        faults = tuple(sorted(wanted, key=FAULTS.index))
        pages = dice.randint(2, 4) if kind == "mirror" else 1
        witnesses.append(
            _witness(
                report, kind=kind, name=f"{number:02}{index}", faults=faults, pages=pages, dice=dice
            )
        )
    return witnesses


def _witness(
    report: Report, *, kind: str, name: str, faults: tuple[str, ...], pages: int, dice: Random
) -> PlantedWitness:
    told = list(enumerate(report.texts))
    kept_faults = []
    for fault in faults:
        before = list(told)
        told = _HANDS[fault](told, report.lines, dice)
        if told != before:
            kept_faults.append(fault)
    host = {"official": "www.zhengwu.test", "mirror": "www.zhixian.test", "copy": "fz.jiahuo.test"}
    path = "/zwgk/zfgzbg/202402/t20240201_" if kind != "mirror" else "/baogao/hb/8"
    return PlantedWitness(
        kind, f"http://{host[kind]}{path}{name}.html", tuple(kept_faults), tuple(told),
        report.title if told and told[0][0] == 0 else "", pages,
    )  # fmt: skip


Told = list[tuple[int, str]]
Hand = Callable[[Told, tuple[Line, ...], Random], Told]


def _everywhere(change: Callable[[str], str]) -> Hand:
    return lambda told, _lines, _dice: [(n, change(text)) for n, text in told]


def _number(told: Told, lines: tuple[Line, ...], dice: Random) -> Told:
    """Replace one figure of one paragraph."""
    there = [i for i, (n, text) in enumerate(told)
             if lines[n].kind == "paragraph" and re.search(r"\d{2,}", text)]  # fmt: skip
    if not there:
        return told
    at = dice.choice(there)
    n, text = told[at]
    figure = dice.choice(list(re.finditer(r"\d{2,}", text)))
    digit = str((int(figure[0][0]) % 9) + 1)
    told = list(told)
    told[at] = (n, text[: figure.start()] + digit + text[figure.start() + 1 :])
    return told


def _word(told: Told, lines: tuple[Line, ...], dice: Random) -> Told:
    """Replace a word of one paragraph."""
    old, new = dice.choice(_WORDS)
    there = [i for i, (n, text) in enumerate(told) if lines[n].kind == "paragraph" and old in text]
    if not there:
        return told
    at = dice.choice(there)
    told = list(told)
    told[at] = (told[at][0], told[at][1].replace(old, new, 1))
    return told


def _tail(told: Told, _lines: tuple[Line, ...], dice: Random) -> Told:
    return told[: round(len(told) * dice.uniform(0.6, 0.9))]


def _head(told: Told, _lines: tuple[Line, ...], dice: Random) -> Told:
    return told[round(len(told) * dice.uniform(0.1, 0.4)) :]


def _middle(told: Told, _lines: tuple[Line, ...], dice: Random) -> Told:
    start = round(len(told) * dice.uniform(0.3, 0.5))
    return told[:start] + told[start + round(len(told) * 0.2) :]


def _dropped(told: Told, _lines: tuple[Line, ...], dice: Random) -> Told:
    at = dice.randrange(len(told) // 2, len(told))
    return told[:at] + told[at + 1 :]


def _moved(told: Told, _lines: tuple[Line, ...], dice: Random) -> Told:
    start = round(len(told) * dice.uniform(0.3, 0.5))
    block = told[start : start + 3]
    rest = told[:start] + told[start + 3 :]
    at = min(len(rest), start + 8)
    return rest[:at] + block + rest[at:]


def _doubled(told: Told, _lines: tuple[Line, ...], dice: Random) -> Told:
    at = dice.randrange(len(told) // 2, len(told))
    return told[: at + 1] + told[at:]


_HANDS: Mapping[str, Hand] = {
    "quotes": _everywhere(straight_quotes),
    "brand": _everywhere(lambda text: text.replace("省委", BRAND).replace("市委", BRAND)),
    "lowered": _everywhere(lambda text: lowered(lost_plus(text))),
    "number": _number,
    "word": _word,
    "tail": _tail,
    "head": _head,
    "middle": _middle,
    "dropped": _dropped,
    "moved": _moved,
    "doubled": _doubled,
}
