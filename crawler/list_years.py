"""Finds the year of an article in a list: in its title, the date beside it, or its URL."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from parsel import Selector

from archive import UsageError

EARLIEST: Final = 1949
LONGEST_BESIDE: Final = 200
"""The most characters of a list item that are read. Longer text is not a list item."""

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
    """The years from `first` to `last`, inclusive."""

    first: int
    last: int

    @classmethod
    def read(cls, words: str) -> Years:
        """Parse `2000-2026` or a single year.

        Raises:
            UsageError: the years are invalid.

        Example:
            >>> Years.read("2000-2026")
            Years(first=2000, last=2026)
        """
        found = _SPAN.fullmatch(words.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (0, 0)
        if not EARLIEST <= first <= last:
            raise UsageError(
                f"{words!r}: invalid years; expected 2000-2026 or one year, from {EARLIEST} on"
            )
        return cls(first, last)

    def __contains__(self, year: int) -> bool:
        return self.first <= year <= self.last

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"


def years_of(url: str, words: str, beside: str = "") -> frozenset[int]:
    """Return the years named by title, date and URL of an article; empty if there are none.

    Example:
        >>> sorted(years_of("http://a.cn/202401/t20240129_7.html", "2023年政府工作报告"))
        [2023, 2024]
    """
    everything = f"{words}\n{beside}"
    found = {int(year) for year in _IN_WORDS.findall(everything)}
    found |= {int(year) for year in _IN_ADDRESS.findall(url)}
    found |= {_of_han(digits) for digits in _IN_HAN.findall(everything)}
    return frozenset(year for year in found if year >= EARLIEST)


def _of_han(digits: str) -> int:
    return int("".join(str(_DIGITS.index(digit)) for digit in digits.translate(_ZEROS)))


def words_beside(anchor: Selector) -> str:
    """Return the text of a list item around a link, without the link itself.

    In an item with several links, this is the text up to the next link.
    """
    item = anchor.xpath(_ITEM)
    alone = len({link.attrib["href"] for link in item.css("a[href]")}) <= 1
    words = item.xpath(_OWN_WORDS) if item and alone else anchor.xpath(_WORDS_AFTER)
    return " ".join(" ".join(words.getall()).split())[:LONGEST_BESIDE]
