"""Patterns of lines and names that suggest furniture: votes for locating the article."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from archive.errors import DataFileError
from archive.known import Knowledge


@dataclass(frozen=True, slots=True, eq=False)
class FurniturePatterns:
    """The compiled patterns of `lexica/furniture.toml`; lines over `longest` never match."""

    longest: int
    about: re.Pattern[str]
    end: re.Pattern[str]
    foot: re.Pattern[str]
    pager: re.Pattern[str]
    attachment: re.Pattern[str]
    appendix: re.Pattern[str]
    section: re.Pattern[str]
    against: re.Pattern[str]
    talk: re.Pattern[str]


@lru_cache
def shapes_of(knowledge: Knowledge) -> FurniturePatterns:
    """Return the patterns of `knowledge`.

    Raises:
        DataFileError: a pattern is missing or is not a regular expression.
    """
    listed = knowledge.lexicon("furniture")
    try:
        return FurniturePatterns(
            longest=int(str(listed["longest"])),
            against=re.compile(str(listed["against"])),
            talk=re.compile(str(listed["talk"])),
            about=_any_of(listed["about"]),
            end=_any_of(listed["end"]),
            foot=_any_of(listed["foot"]),
            pager=_any_of(listed["pager"]),
            attachment=_any_of(listed["attachment"]),
            appendix=_any_of(listed["appendix"]),
            section=_any_of(listed["section"]),
        )
    except (KeyError, TypeError, ValueError, re.error) as error:
        raise DataFileError(f"lexica/furniture.toml: {error!r}") from error


def _any_of(patterns: object) -> re.Pattern[str]:
    if not isinstance(patterns, list):
        raise TypeError(f"expected a list of patterns, not {patterns!r}")
    begins = [pattern[1:] for pattern in patterns if pattern.startswith("^")]
    others = [pattern for pattern in patterns if not pattern.startswith("^")]
    # one anchor for all is tried once at each character, not once for each pattern
    first = [f"^(?:{'|'.join(f'(?:{pattern})' for pattern in begins)})"] if begins else []
    return re.compile("|".join([*first, *(f"(?:{pattern})" for pattern in others)]))


@dataclass(frozen=True, slots=True)
class SiteTemplate:
    """What the pages of a site share: names of the article's element, and repeated lines."""

    containers: frozenset[str]
    lines: frozenset[str]
