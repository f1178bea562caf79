"""Cleaning rules as data (stub: the cleaning room fills it)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Rule:
    """One cleaning rule: `id`, what it is for and why."""

    id: str
    kind: str
    family: str
    scope: str
    pattern: str
    why: str
    example: str
    counter_examples: tuple[str, ...] = ()


def load_rules(folder: Path) -> tuple[Rule, ...]:
    """The rules of every `*.toml` in `folder`."""
    return () if not folder.exists() else ()
