"""Chinese numerals up to 99, as parts of a speech and sittings are counted."""

from __future__ import annotations

_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0}


def chinese(words: str) -> int:
    """The value of a numeral up to 99; other words are 0.

    >>> chinese("二十三"), chinese("十"), chinese("12"), chinese("若干")
    (23, 10, 12, 0)
    """
    if words.isascii():
        return int(words)
    tens, found, ones = words.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if found else 0) + _DIGITS.get(ones, 0)
