"""The words that a panel counts: a text file of terms, or a TOML file of groups."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from archive.errors import DataFileError

_SEPARATORS: Final = re.compile(r"[,;\u3001\uff0c\uff1b\s]+")
_LONGEST_TERM: Final = 40


@dataclass(frozen=True)
class Words:
    """Names of columns, each with the terms it counts; a term alone is a group of one."""

    groups: Mapping[str, tuple[str, ...]]

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """Every term once, in order of first mention."""
        return tuple(dict.fromkeys(term for terms in self.groups.values() for term in terms))

    @cached_property
    def patterns(self) -> Mapping[str, re.Pattern[str] | None]:
        """For a group of several terms their alternation, the longest first; None for a single one.

        So 环境保护 in a group of 环境 and 环境保护 counts once.
        """
        return {
            name: None if len(terms) == 1 else _alternation(terms)
            for name, terms in self.groups.items()
        }

    def count(self, name: str, text: str) -> int:
        """How often the terms of group `name` stand in `text`, not overlapping."""
        pattern = self.patterns[name]
        if pattern is None:
            return text.count(self.groups[name][0])
        return sum(1 for _ in pattern.finditer(text))


def read_words(path: Path) -> Words:
    """Read `path`: one term a line, or `group = term, term`; in TOML `"group" = ["term", …]`.

    Raises:
        DataFileError: the file cannot be read, holds no term, or a line that is none.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
        groups = _toml(content) if path.suffix == ".toml" else _lines(content)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read as a list of words: {error}") from error
    except ValueError as error:
        raise DataFileError(f"{path}: {error}") from error
    if not groups:
        raise DataFileError(f"{path}: holds no term; write one a line, or: group = term, term")
    return Words(groups)


def _lines(content: str) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(content.splitlines(), 1):
        words = line.split("#")[0].strip()
        if not words:
            continue
        name, grouped, terms = words.replace("\uff1d", "=").partition("=")
        found = _terms(_SEPARATORS.split(terms) if grouped else [name], f"line {number}")
        _add(groups, name.strip(), found, f"line {number}")
    return groups


def _toml(content: str) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for name, terms in tomllib.loads(content).items():
        listed = [terms] if isinstance(terms, str) else terms
        if not isinstance(listed, list) or not all(isinstance(term, str) for term in listed):
            raise ValueError(f'"{name}" must be a list of terms, such as ["环保", "绿色"]')
        _add(groups, name, _terms(listed, f'"{name}"'), f'"{name}"')
    return groups


def _terms(found: Iterable[str], where: str) -> tuple[str, ...]:
    terms = tuple(dict.fromkeys(term.strip() for term in found if term.strip()))
    if not terms:
        raise ValueError(f"{where} names no term")
    for term in terms:
        if len(term) > _LONGEST_TERM or "\n" in term:
            raise ValueError(f"{where}: {term[:20]}… is no term, it is too long")
    return terms


def _add(groups: dict[str, tuple[str, ...]], name: str, terms: tuple[str, ...], where: str) -> None:
    if name in groups:
        raise ValueError(f"{where}: {name} stands twice")
    groups[name] = terms


def _alternation(terms: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(terms, key=len, reverse=True))))
