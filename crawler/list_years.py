"""Which years a list gives an article: in its title, in the date beside it, in its address."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from parsel import Selector

from archive import UsageError

EARLIEST: Final = 1949
LONGEST_BESIDE: Final = 200
"""Characters of a list item that are looked at; more is no list item."""

_DIGITS: Final = "〇一二三四五六七八九"
_IN_HAN: Final = re.compile(rf"([{_DIGITS}零○Ｏ0]{{4}})\s*年")
_ZEROS: Final = str.maketrans("零○Ｏ0", "〇〇〇〇")
_IN_WORDS: Final = re.compile(
    r"(?<!\d)((?:19|20)\d{2})(?=\s*年|[-./]\d{1,2}(?!\d)|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d))"
)
_IN_ADDRESS: Final = re.compile(
    r"[/_t-]((?:19|20)\d{2})"
    r"(?=/|-\d{1,2}[-/]|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?(?:[/_.]|$))"
)
_SPAN: Final = re.compile(r"(\d{4})(?:\s*[-–~]\s*(\d{4}))?")
_ITEM: Final = (
    "ancestor::*[self::li or self::tr or self::dd or self::dt or self::p or self::div][1]"
)
_OWN_WORDS: Final = ".//text()[not(ancestor::a)]"
_WORDS_AFTER: Final = (
    "following-sibling::node()[position() <= 2][not(self::a)]/descendant-or-self::text()"
)


@dataclass(frozen=True, slots=True)
class Years:
    """Years from `first` to `last`, both of them too."""

    first: int
    last: int

    @classmethod
    def read(cls, words: str) -> Years:
        """The years that somebody asks for: `2000-2026`, or one.

        Raises:
            UsageError: these are no years.

        Example:
            >>> Years.read("2000-2026")
            Years(first=2000, last=2026)
        """
        found = _SPAN.fullmatch(words.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not EARLIEST <= first <= last:
            raise UsageError(f"{words!r} is no span of years: as 2000-2026, from {EARLIEST} on")
        return cls(first, last)

    def __contains__(self, year: int) -> bool:
        return self.first <= year <= self.last

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def years_of(url: str, words: str, beside: str = "") -> frozenset[int]:
    """The years that title, date and address of an article tell; none, where they tell none.

    Example:
        >>> sorted(years_of("http://a.cn/202401/t20240129_7.html", "2023年政府工作报告"))
        [2023, 2024]
    """
    told = f"{words}\n{beside}"
    found = {int(year) for year in _IN_WORDS.findall(told)}
    found |= {int(year) for year in _IN_ADDRESS.findall(url)}
    found |= {_of_han(digits) for digits in _IN_HAN.findall(told)}
    return frozenset(year for year in found if year >= EARLIEST)


def _of_han(digits: str) -> int:
    return int("".join(str(_DIGITS.index(digit)) for digit in digits.translate(_ZEROS)))


def words_beside(anchor: Selector) -> str:
    """The words that stand with a link in the same item of a list, the link's own left out.

    Of an item with several links, those between this link and the next one.
    """
    item = anchor.xpath(_ITEM)
    alone = len({link.attrib["href"] for link in item.css("a[href]")}) <= 1
    words = item.xpath(_OWN_WORDS) if item and alone else anchor.xpath(_WORDS_AFTER)
    return " ".join(" ".join(words.getall()).split())[:LONGEST_BESIDE]
