"""Kinds of documents: declared only in `lexica/kinds.toml`.

The archive makes works of some kinds, whose reports can be listed, exported and counted. The
default kind is the government work report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from archive.known.genre import with_pieces
from archive.known.lexica import load_lexicon

if TYPE_CHECKING:
    from archive.known import Knowledge

REPORT: Final = "政府工作报告"
_SHIPPED: Final = Path(__file__).parent / "lexica" / "kinds.toml"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document with the patterns that identify it.

    `english` is its name for people who do not read Chinese. `looks_back` means that a document of
    a year reviews the previous year; a communiqué or a plan does not. `gives_way` means that its
    title often stands above a report, whose own title then counts.
    """

    name: str
    english: str
    work: bool
    looks_back: bool
    gives_way: bool
    title: re.Pattern[str]
    opening: re.Pattern[str] | None
    body: re.Pattern[str] | None


@lru_cache(maxsize=4)
def kinds(knowledge: Knowledge) -> tuple[Kind, ...]:
    """Return the kinds of a knowledge, in the order in which they are tried."""
    return tuple(map(_kind, cast("list[dict[str, Any]]", knowledge.lexicon("kinds")["kind"])))


@lru_cache(maxsize=1)
def shipped_kinds() -> tuple[Kind, ...]:
    """Return the shipped kinds, in the order in which they are tried."""
    return tuple(map(_kind, cast("list[dict[str, Any]]", load_lexicon(_SHIPPED)["kind"])))


@lru_cache(maxsize=1)
def kinds_with_works() -> tuple[str, ...]:
    """Return the names of the kinds that become works, the work report first."""
    names = [kind.name for kind in shipped_kinds() if kind.work]
    return tuple(sorted(names, key=lambda name: name != REPORT))


def _kind(row: dict[str, Any]) -> Kind:
    return Kind(
        row["name"],
        row.get("english", row["name"]),
        row["work"],
        row.get("looks_back", True),
        row.get("gives_way", False),
        _pattern(row["title"]),
        _pattern(row["opening"]) if "opening" in row else None,
        _pattern(row["body"]) if "body" in row else None,
    )


def _pattern(written: str) -> re.Pattern[str]:
    return re.compile(with_pieces(written, "kinds"))
