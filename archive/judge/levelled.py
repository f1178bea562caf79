"""Normalises text for comparison: simplified characters, half-width forms, same offsets."""

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
    """Whether so much of `text` was changed that it is in another script."""
    return text != level and sum(map(ne, text, level)) > _ANOTHER_SCRIPT * len(text)


def levelled(text: str) -> str:
    """Return `text` in the characters of the figures and lexica, one for one.

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
