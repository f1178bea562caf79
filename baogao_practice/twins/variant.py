"""The slogans, brands, paths, numbers and places of one set of twins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from baogao_practice.places import places
from baogao_practice.report import Report
from baogao_practice.writer import write_report

SLOGANS = (
    "一蓑烟雨任平生 — — 烟雨文库◆收藏我,别走散~", "WENKU88.TEST —— 专注公文写作范文",
    "读书破万卷 — — 破卷文库◆记下我,再来呀~", "腹有诗书气自华 — — 静斋文库◆常回来看看~",
    "GONGWENBA.TEST —— 党政机关公文范文大全", "行到水穷处 — — 云起文库◆关注我,不迷路~",
)  # fmt: skip
BRANDS = (
    "鸿运国际", "聚星互娱", "万象棋牌", "金樽娱乐城", "星耀体育", "乐享彩票网", "爱博电竞平台",
    "bet88体育", "凯旋门娱乐", "亿鼎博直播",
)  # fmt: skip
MIRRORS = ("览县网", "知县通", "县情网", "百县文网", "乡县资料网")
REGIONS = ("hb", "db", "xn", "xibei", "huadong", "huazhong", "huanan")
ABBREVIATIONS: Mapping[str, str] = {
    "13": "冀", "14": "晋", "21": "辽", "22": "吉", "32": "苏", "34": "皖", "35": "闽",
    "36": "赣", "37": "鲁", "41": "豫", "42": "鄂", "43": "湘", "45": "桂", "61": "陕",
}  # fmt: skip


@dataclass(frozen=True)
class Variant:
    """The own data of one set of twins, drawn with random numbers seeded by its number."""

    number: int

    @property
    def dice(self) -> Random:
        """Return a new random generator of this variant."""
        return Random(f"twins {self.number}")  # noqa: S311  (no secret)

    @property
    def slogan(self) -> str:
        """The header line of the library."""
        return SLOGANS[self.number % len(SLOGANS)]

    @property
    def widget(self) -> str:
        """The number on every page of the library."""
        return str(self.dice.randint(20_000, 999_999))

    @property
    def brand(self) -> str:
        """The brands that replace three keywords on the hijacked portal."""
        return BRANDS[self.number % len(BRANDS)]

    @property
    def inserted(self) -> str:
        """The brand in the disclaimer of the hijacked clone."""
        return BRANDS[(self.number * 3 + 7) % len(BRANDS)]

    @property
    def mirror(self) -> str:
        """The name of the splitting mirror."""
        return MIRRORS[self.number % len(MIRRORS)]

    def path(self, what: str) -> str:
        """The path that 本文地址 names."""
        dice = Random(f"twins {self.number} {what}")  # noqa: S311
        return f"/baogao/{dice.choice(REGIONS)}/{dice.randint(1000, 9999)}.html"

    def page(self) -> tuple[int, int, int, int]:
        """Page, pages, reports and characters of the compilation."""
        dice = self.dice
        pages = dice.randint(20, 180)
        return dice.randint(2, pages - 1), pages, dice.randint(5, 65), dice.randint(90_000, 800_000)

    def city(self) -> Report:
        """The report of a prefecture on the hijacked portal."""
        codes = [
            code for code in sorted(places()) if code.endswith("00") and code[:2] in ABBREVIATIONS
        ]
        dice = self.dice
        return write_report(
            dice.choice(codes), dice.randint(2019, 2025), seed=500 + self.number, length=12_500,
            appendix=False,
        )  # fmt: skip

    def county(self, what: str, length: int, *, appendix: bool, early: bool) -> Report:
        """The report of a county for one of the other twins."""
        codes = [code for code in sorted(places()) if not code.endswith("00")]
        dice = Random(f"twins {self.number} {what}")  # noqa: S311
        return write_report(
            dice.choice(codes), dice.randint(2019, 2025), seed=500 + self.number, length=length,
            appendix=appendix, early=early,
        )  # fmt: skip
