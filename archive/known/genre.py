"""Words and marks of the genre that more than one stage searches for.

All except the marks are parts of regular expressions; `lexica/frame.toml` refers to them in braces.
"""

from __future__ import annotations

from typing import Final

SENTENCE_ENDS: Final = "。！？；!?;"
"""Marks that end a sentence, in both widths."""

CLAUSE_ENDS: Final = f"{SENTENCE_ENDS}：:"
"""Marks after which a line may end: those that end a sentence, and colons."""

ADDRESSED: Final = "各位(?:人大)?代表|代表同志们|同志们|各位委员"
"""The people whom a speech addresses."""

GREETS: Final = "各位|诸位|同志们|代表们"
"""The beginning of a line that addresses somebody."""

CLOSING_WORDS: Final = (
    "奋斗|努力|奋进|贡献|前进|篇章|局面|胜利|辉煌|未来|明天|力量|新程|华章|业绩|答卷|伟业|复兴"
)
"""The end of the last sentence of a speech."""

NUMERAL: Final = "[一二三四五六七八九十]{1,3}"
NUMBERED: Final = f"{NUMERAL}、|第{NUMERAL}(?:部分|[章节])|[(（]{NUMERAL}[)）]"
"""The beginning of a section heading."""

PIECES: Final = {"GREETS": GREETS, "CLOSING_WORDS": CLOSING_WORDS, "NUMBERED": NUMBERED}
"""The names that a pattern of a lexicon may use in braces."""


def ends_sentence(words: str) -> bool:
    """Whether the last character of `words` ends a sentence."""
    return words.endswith(tuple(SENTENCE_ENDS))
