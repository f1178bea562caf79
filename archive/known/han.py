"""The Han characters of every plane, for use in a character class."""

from __future__ import annotations

from typing import Final

HAN: Final = "々〇\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
"""Unified and compatibility ideographs, the iteration mark and the ideographic zero."""

SPACES: Final = " \t\u00a0\u2000-\u200a\u202f\u205f\u3000"
"""Characters that are gaps within a line."""
