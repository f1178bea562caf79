"""Chinese and Arabic numerals, years and dates as reports print them."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

_ZEROS: Final = "〇零○◯Ｏ０0oOОоΟο◦⭕"
"""Characters used for zero in a year, including letters of three scripts and circles."""
_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_DIGITS |= {**dict.fromkeys(_ZEROS, 0), "两": 2, "元": 1, "壹": 1, "贰": 2}
_TENS = {"十": 10, "百": 100}
_SPOKEN: Final = rf"[{_ZEROS}一二三四五六七八九]"

NUMBER: Final = r"[0-9〇零○一二三四五六七八九十百两]{1,5}"
"""A numeral in a squeezed text, such as 17, 十七 or 一百二十."""
YEAR: Final = rf"(?:19|20)[0-9]{{2}}|[一二][{_ZEROS}九]{_SPOKEN}{{2}}"
"""A year in a squeezed text, such as 2023 or 二〇二三; any of several characters may be zero."""
DAY: Final = r"[0-9〇零○一二三四五六七八九十]{1,3}"
"""The number of a month or a day."""
DATE: Final = (
    rf"(?:{YEAR})(?:年{DAY}月{DAY}日"
    r"|[-/.][0-9]{1,2}[-/.][0-9]{1,2}(?![0-9]{2})"
    r"|(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])日?(?![0-9]))"
)
"""A date in a squeezed text: 2023年1月7日, 二〇二三年一月七日, 2023-01-07 or 20230107."""
_PARTS = re.compile(rf"({YEAR})[-年/.]({NUMBER})[-月/.]({NUMBER})日?")
_RUN_TOGETHER = re.compile(r"((?:19|20)[0-9]{2})([01][0-9])([0-3][0-9])")


def number(words: str) -> int | None:
    """Return the value of a numeral up to 999, or None if `words` is not one.

    >>> number("十七"), number("17"), number("二十"), number("一百零三"), number("")
    (17, 17, 20, 103, None)
    """
    if words.isascii() and words.isdigit():
        return int(words)
    if not words or any(w not in _DIGITS and w not in _TENS for w in words):
        return None
    total = last = 0
    for word in words:
        if word in _TENS:
            total += (last or 1) * _TENS[word]
            last = 0
        else:
            last = _DIGITS[word]
    return total + last


def value_of(words: str) -> int:
    """Return the value of a numeral up to 999; 0 for other words.

    >>> value_of("二十三"), value_of("12"), value_of("若干")
    (23, 12, 0)
    """
    return number(words) or 0


def year(words: str) -> int | None:
    """Return the year printed in `words`, from 1949 to 2099, or None.

    >>> year("二〇二三"), year("2023"), year("1812")
    (2023, 2023, None)
    """
    digits = "".join(str(_DIGITS.get(word, word)) for word in words)
    if len(digits) != len("2023") or not (digits.isascii() and digits.isdigit()):
        return None
    value = int(digits)
    return value if 1949 <= value <= 2099 else None  # noqa: PLR2004  (the republic's years)


def iso_date(words: str) -> str | None:
    """Return the date in squeezed `words` as YYYY-MM-DD; None if there is no such day.

    >>> iso_date("二〇二六年一月二十七日"), iso_date("2023年2月30日")
    ('2026-01-27', None)
    """
    match = _PARTS.match(words) or _RUN_TOGETHER.match(words)
    if match is None:
        return None
    numbers = year(match[1]), number(match[2]), number(match[3])
    if None in numbers:
        return None
    try:
        return date(*(int(n or 0) for n in numbers)).isoformat()
    except ValueError:
        return None
