"""Words and marks of the genre that more than one stage searches for.

All except the marks are parts of regular expressions; `lexica/frame.toml` and `kinds.toml` refer to
them in braces.
"""

from __future__ import annotations

import re
from typing import Final

from archive.errors import DataFileError

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

GOVERNMENT: Final = (
    "(?:(?:人民)?政府|国务院|行政公署|行署|管理委员会|管委会|革命委员会|革委会|人民委员会|办事处)"
)
"""The body that gives a government work report, without its place."""

SPEAKS_FOR: Final = "(?:(?<!各位)(?<!人大)代表(?!大会|[们团:,!])|(?<![接享遭感深])受|根据)"
"""The word before the body for which a speaker reports; 各位代表 and 人大代表 are the audience."""

ON_BEHALF: Final = rf"{SPEAKS_FOR}(?:(?!{GOVERNMENT})[^。:;!]){{0,40}}?"
"""The beginning of a sentence that names another body than a government before any government."""

REPORTS: Final = rf"(?:(?!{GOVERNMENT})[^。:;!]){{0,50}}?(?:报告|汇报)"
"""The rest of that sentence; the body reports on itself, no government is named."""

PIECES: Final = {
    "GREETS": GREETS,
    "CLOSING_WORDS": CLOSING_WORDS,
    "NUMBERED": NUMBERED,
    "GOVERNMENT": GOVERNMENT,
    "SPEAKS_FOR": SPEAKS_FOR,
    "ON_BEHALF": ON_BEHALF,
    "REPORTS": REPORTS,
}
"""The names that a pattern of a lexicon may use in braces."""

_PIECE: Final = re.compile(r"\{([A-Z_]+)\}")


def with_pieces(pattern: str, lexicon: str) -> str:
    """Return a pattern of `lexicon` with the pieces that it names in braces.

    Raises:
        DataFileError: there is no such piece.
    """
    try:
        return _PIECE.sub(lambda named: PIECES[named[1]], pattern)
    except KeyError as name:
        raise DataFileError(f"lexica/{lexicon}.toml: there is no piece {name}") from name


def ends_sentence(words: str) -> bool:
    """Whether the last character of `words` ends a sentence."""
    return words.endswith(tuple(SENTENCE_ENDS))
