"""Numbers as word processors write them before headings and items: 一、 （二） 3. ④ ⅴ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_DIGITS: Final = "〇一二三四五六七八九"
_LEGAL: Final = "零壹贰叁肆伍陆柒捌玖"
_UNITS: Final = ("", "十", "百", "千")
_LEGAL_UNITS: Final = ("", "拾", "佰", "仟")
_STEMS: Final = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES: Final = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN: Final = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"),
    (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
_FULL_WIDTH: Final = str.maketrans("0123456789", "０１２３４５６７８９")
_MOST_WORDS: Final = 99_999_999


def counted(number: int, digits: str = _DIGITS, units: tuple[str, ...] = _UNITS) -> str:
    """Return a number in spoken form: 十二, 一百零五."""
    if not 0 < number <= _MOST_WORDS:
        return str(number)
    ten_thousands, rest = divmod(number, 10_000)
    words = _four_digits(rest, digits, units) if rest else ""
    if ten_thousands:
        zero = _zero(digits) if 0 < rest < 1_000 else ""  # noqa: PLR2004
        words = f"{_four_digits(ten_thousands, digits, units)}万{zero}{words}"
    tens = f"{digits[1]}{units[1]}"
    return words[1:] if digits == _DIGITS and words.startswith(tens) else words


def _four_digits(number: int, digits: str, units: tuple[str, ...]) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            words += (_zero(digits) if gap and words else "") + digits[digit] + units[place]
        gap = not digit
    return words


def _zero(digits: str) -> str:
    return "零" if digits == _DIGITS else digits[0]


def _spelled(number: int) -> str:
    return "".join(_DIGITS[int(digit)] for digit in str(number))


def _chinese_counting(number: int) -> str:
    """Count in words below a hundred, digit by digit above."""
    return counted(number) if number < 100 else _spelled(number)  # noqa: PLR2004


def _roman(number: int) -> str:
    words = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        words += letters * times
    return words


def _letters(number: int) -> str:
    """A, B … Z, AA, BB …: word processors repeat the letter."""
    times, letter = divmod(number - 1, 26)
    return chr(ord("A") + letter) * (times + 1)


def _from(first: str, most: int) -> Callable[[int], str]:
    return lambda number: chr(ord(first) + number - 1) if 1 <= number <= most else str(number)


def _circled(number: int) -> str:
    if number <= 20:  # noqa: PLR2004  (three blocks of Unicode)
        return chr(0x2460 + number - 1)
    if number <= 35:  # noqa: PLR2004
        return chr(0x3251 + number - 21)
    return chr(0x32B1 + number - 36) if number <= 50 else f"({number})"  # noqa: PLR2004


def _cycle(words: str) -> Callable[[int], str]:
    return lambda number: words[(number - 1) % len(words)]


FORMATS: Final[dict[str, Callable[[int], str]]] = {
    "decimal": str,
    "decimalHalfWidth": str,
    "decimalZero": lambda number: f"{number:02}",
    "decimalFullWidth": lambda number: str(number).translate(_FULL_WIDTH),
    "decimalFullWidth2": lambda number: str(number).translate(_FULL_WIDTH),
    "upperRoman": _roman,
    "lowerRoman": lambda number: _roman(number).lower(),
    "upperLetter": _letters,
    "lowerLetter": lambda number: _letters(number).lower(),
    "chineseCounting": _chinese_counting,
    "chineseCountingThousand": counted,
    "japaneseCounting": counted,
    "taiwaneseCounting": _chinese_counting,
    "taiwaneseCountingThousand": counted,
    "ideographDigital": _spelled,
    "japaneseDigitalTenThousand": _spelled,
    "taiwaneseDigital": _spelled,
    "chineseLegalSimplified": lambda number: counted(number, _LEGAL, _LEGAL_UNITS),
    "ideographLegalTraditional": lambda number: counted(number, _LEGAL, _LEGAL_UNITS),
    "ideographTraditional": _cycle(_STEMS),
    "ideographZodiac": _cycle(_BRANCHES),
    "ideographZodiacTraditional": lambda number: (
        _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12]
    ),
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedFullstop": _from("⒈", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "ideographEnclosedCircle": _from("㊀", 10),
    "none": lambda _: "",
    "bullet": lambda _: "",
}
"""Format names of ECMA-376 (17.18.59). Other formats are written as decimal."""


def formatted(number: int, name: str) -> str:
    """Return `number` in the format `name`."""
    return FORMATS.get(name, str)(number) if number > 0 else str(number)
