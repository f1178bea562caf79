"""Families of sites, which are declared in `families.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Family:
    """A family of sites that run the same system.

    `spider` is the import path of the spider class, `articles` are patterns searched in the whole
    URL of an article, and `sign` is a pattern whose matches in a page indicate the family.
    """

    spider: str
    articles: tuple[re.Pattern[str], ...]
    sign: re.Pattern[str] | None


@lru_cache(maxsize=1)
def families() -> Mapping[str, Family]:
    """Return every family by name."""
    declared = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {name: _family(**facts) for name, facts in declared.items()}


def guess_family(page: str) -> str:
    """Return the name of the family with the most signs in `page`, or "list" without any."""
    seen = {
        name: sum(1 for _ in family.sign.finditer(page))
        for name, family in families().items()
        if family.sign is not None
    }
    best = max(seen, key=lambda name: seen[name])
    return best if seen[best] else "list"


def _family(spider: str, articles: Any = (), sign: str | None = None) -> Family:
    return Family(
        f"crawler.spiders.{spider}",
        tuple(map(re.compile, articles)),
        None if sign is None else re.compile(sign),
    )
