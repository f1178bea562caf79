"""A text as it is compared: simplified characters, half-width letters and digits, same offsets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from operator import ne
from typing import Final

from archive.known.characters import class_of, simplified, usual

_ANOTHER_SCRIPT: Final = 0.1
_NEAR_ASCII: Final = 0xFEE0
_WIDE: Final = [*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B)]


def is_rewritten(text: str, level: str) -> bool:
    """Whether so much of `text` was levelled that it is of another script, variants and all."""
    return text != level and sum(map(ne, text, level)) > _ANOTHER_SCRIPT * len(text)


def levelled(text: str) -> str:
    """`text` in the characters that figures and lexica have; each one stays where it is.

    >>> levelled("１１０ｋＶ、撫順")
    '110kV、抚顺'
    """
    forms = _forms()
    return _others().sub(lambda found: forms.get(found[0], found[0]), text)


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, str]:
    wide = {chr(code): chr(code - _NEAR_ASCII) for code in _WIDE}
    return {**usual(), **simplified(), **wide}


@lru_cache(maxsize=1)
def _others() -> re.Pattern[str]:
    return re.compile(f"[{class_of(_forms())}]")
