"""Families of sites: `families.toml` is the only place that declares one."""

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
    """Sites of one system.

    `spider` is the path of the class that reads them, `articles` are the addresses of their
    articles, searched in the whole URL, and `sign` is what in a page speaks for the family.
    """

    spider: str
    articles: tuple[re.Pattern[str], ...]
    sign: re.Pattern[str] | None


@lru_cache(maxsize=1)
def families() -> Mapping[str, Family]:
    """Every family by its name."""
    declared = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {name: _family(**facts) for name, facts in declared.items()}


def guess_family(page: str) -> str:
    """The family that most of a page's addresses and script calls speak for."""
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
