"""The divisions named in the demonstration texts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from baogao_practice.phrases import TEXTS

_PROVINCE_ENDS = ("壮族自治区", "自治区", "省")
_CAPITALS = {
    "13": "石家庄", "14": "太原", "21": "沈阳", "22": "长春", "23": "哈尔滨", "32": "南京",
    "33": "杭州", "34": "合肥", "35": "福州", "36": "南昌", "37": "济南", "41": "郑州",
    "42": "武汉", "43": "长沙", "44": "广州", "45": "南宁", "51": "成都", "52": "贵阳",
    "53": "昆明", "61": "西安", "62": "兰州",
}  # fmt: skip
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Place:
    """A division: GB/T 2260 code, full name from the province down, and short name."""

    code: str
    full: str
    short: str
    unit: str
    congress_in_2022: int
    parts: tuple[str, ...]

    @property
    def level(self) -> str:
        """`prefecture` or `county`."""
        return "prefecture" if self.code.endswith("00") else "county"

    @property
    def name(self) -> str:
        """The name with its unit, such as 正定县."""
        return self.short + self.unit

    @property
    def province(self) -> str:
        """The province's full name."""
        return next(
            self.full[: self.full.index(end) + len(end)]
            for end in _PROVINCE_ENDS
            if end in self.full
        )

    @property
    def capital(self) -> str:
        """The capital of its province."""
        return _CAPITALS[self.code[:2]]

    @property
    def upper(self) -> str:
        """The party committee whose leadership its reports name."""
        return "省委、省政府和市委" if self.unit == "市" else f"市委、市政府和{self.unit}委"

    def congress(self, year: int) -> tuple[int, int]:
        """Return the congress and the session that hears the report of `year`."""
        if year >= 2022:  # noqa: PLR2004  (the year in which these congresses were elected)
            return self.congress_in_2022, year - 2021
        return self.congress_in_2022 - 1, year - 2016


def numeral(number: int) -> str:
    """Return a Chinese numeral for 1 to 99."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[ones] if ones else "")


@lru_cache(maxsize=1)
def places() -> dict[str, Place]:
    """Return all divisions by code."""
    found = {}
    for line in (TEXTS / "places.txt").read_text("utf-8").splitlines():
        if line.startswith("#") or not line.strip():
            continue
        code, full, short, unit, congress, parts = (cell.strip() for cell in line.split("|"))
        found[code] = Place(code, full, short, unit, int(congress), tuple(parts.split()))
    return found
