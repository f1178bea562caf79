"""Places that are not divisions of GB/T 2260: functional areas, and towns below the counties.

A functional area (新区, 开发区, 高新区 …) has a committee instead of a government and lies in a
division, mostly a city. Some have statistical codes (统计用区划代码), which are not codes of GB/T
2260; many have none. `gazetteer/areas.csv` lists the known ones; others are recognised by the last
words of their name.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

from archive.errors import DataFileError
from archive.known.divisions import stem
from archive.known.gazetteer import Gazetteer

AreaLevel = Literal["functional area", "township"]

_AREA: Final = (
    r"新区|新城|开发区|高新区|经开区|园区|管理区|示范区|实验区|试验区|合作区|保税区|保税港区|度假区|风景名胜区|风景区"
    r"|林区|垦区|矿区|集聚区|聚集区|新片区|保护区|生态区|起步区|工业区|功能区|能源化工基地|港区|兵团|第[一二三四五六七八九十]{1,3}师"
)
_NAME: Final = re.compile(rf".{{1,20}}?(?:{_AREA})")
_TOWN: Final = re.compile(r".{1,8}?(?:民族乡|镇|乡|苏木|街道)")
_ONE_CHARACTER: Final = re.compile(rf".(?:{_AREA}|镇|乡|街道)")
_DIVISION: Final = re.compile(r"[省市县区州盟旗]$")
"""The end of what may precede a name of one character; a short form is part of it: 石门台管理区."""
_KIND: Final = re.compile(
    r"(?:国家)?(?:高新区|经开区|开发区|高新技术产业开发区|经济技术开发区|经济开发区|保税区|工业园区|度假区|风景区)"
)
"""A kind of area named only after its city: 沈阳高新区; 沈阳新区 is not a name."""
_COMMITTEE: Final = re.compile(
    r"(?:党工委|工委)?(?:管理委员会|管委会|行政公署|行署|人民政府|政府|街道办事处|办事处)?$"
)
_BARE: Final = re.compile(rf"(?:我|全|本|市|区|县|省|国家级|国家)?(?:{_AREA})|[镇乡]|街道|苏木")
_SHORTER: Final = (
    ("高新技术产业开发区", "高新区"), ("高新技术产业园区", "高新区"),
    ("经济技术开发区", "经开区"), ("经济开发区", "经开区"), ("经济技术开发区", "开发区"),
    ("经济开发区", "开发区"), ("高新技术开发区", "高新区"), ("火炬高技术产业开发区", "高新区"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Area:
    """A place below a division that GB/T 2260 does not list.

    `within` is the code of its division, None if unknown; `code` is its statistical code, if any.
    """

    name: str
    level: AreaLevel
    within: str | None = None
    code: str | None = None

    def full_name(self, gazetteer: Gazetteer, year: int | None) -> str:
        """The name from the province down, such as 广东省深圳市坪山新区."""
        above = gazetteer.full_name(self.within, year) if self.within else ""
        stem = self.name
        for name in _names_of(self.within, gazetteer):
            stem = stem.removeprefix(name) if len(stem) > len(name) + 1 else stem
        return above + stem if above else self.name


@dataclass(frozen=True)
class Areas:
    """The known functional areas."""

    known: Mapping[str, tuple[Area, ...]]

    def parse(self, words: str, gazetteer: Gazetteer, year: int | None = None) -> Area | None:
        """Return the area named by squeezed words such as 深圳市坪山新区管委会, or None.

        The words before its name must be a division, or part of a known name.
        """
        words = _COMMITTEE.sub("", words)
        if not words or _BARE.fullmatch(words):
            return None
        return self._listed(words) or _described(words, gazetteer, year, self)

    def _listed(self, words: str) -> Area | None:
        found = self.known.get(words, ())
        return found[0] if len(found) == 1 else None


def _described(words: str, gazetteer: Gazetteer, year: int | None, areas: Areas) -> Area | None:
    """Return an area recognised by its last words, after the division it lies in."""
    for cut in range(len(words) - 1, -1, -1):
        above = gazetteer.parse(words[:cut], year=year) if cut else ()
        if cut and len(above) != 1:
            continue
        name = words[cut:]
        level = _level(name)
        if cut and _ONE_CHARACTER.fullmatch(name) and not _DIVISION.search(words[:cut]):
            continue
        if level is None or (_BARE.fullmatch(name) and not (cut and _KIND.fullmatch(name))):
            continue
        within = above[0].code if above else None
        listed = areas.known.get(name, ()) or areas.known.get(words, ())
        for each in listed:
            if within is None or (each.within or "").startswith(stem(within)):
                return Area(each.name, each.level, each.within if cut == 0 else within, each.code)
        return Area(name, level, within)
    return None


def _level(name: str) -> AreaLevel | None:
    if _NAME.fullmatch(name) or _KIND.fullmatch(name):
        return "functional area"
    return "township" if _TOWN.fullmatch(name) else None


def _names_of(code: str | None, gazetteer: Gazetteer) -> tuple[str, ...]:
    row = gazetteer.division(code) if code else None
    return row.surfaces if row else ()


@lru_cache(maxsize=2)
def load_areas(folder: Path) -> Areas:
    """Load the functional areas of `areas.csv` in `folder`, by names and short forms.

    Raises:
        DataFileError: the file is missing or has an invalid row.
    """
    path = folder / "areas.csv"
    known: dict[str, dict[Area, None]] = {}
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                area = Area(row["name"], "functional area", row["within"], row["code"] or None)
                for name in _spellings(area.name):
                    known.setdefault(name, {})[area] = None
    except (OSError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise DataFileError(f"{path}: {error}") from error
    return Areas({name: tuple(areas) for name, areas in known.items()})


def _spellings(name: str) -> Iterator[str]:
    yield name
    for long, short in _SHORTER:
        if name.endswith(long):
            yield name.removesuffix(long) + short
