"""Cleaning rules as data: one TOML file for each template family or kind of junk.

A rule file has `family`, `about` and `[[rules]]`; `pieces.toml` has `[pieces]`, named fragments
that a pattern calls as `(?&name)`. The keys of a rule are documented in `docs/cleaning.md`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from archive.errors import DataFileError
from archive.known.lexica import parsed
from archive.known.linear import nested_quantifier

KINDS: Final = (
    "nav", "breadcrumb", "byline", "widget", "info-table", "share", "login-wall", "preface",
    "duplicate-title", "compilation", "print-remnant", "forum", "footer", "spam", "code-leak",
    "wrapper", "inline", "page",
)  # fmt: skip
"""The kinds of junk; `wrapper` is official and is kept, `inline` is damage inside a line, `page`
distinguishes a challenge, an error or an index from a text."""

SCOPES: Final = ("head", "tail", "margin", "line", "inline")
"""Where a rule applies: before the first body line, after the last, either, any line, inside
one."""

PIECES: Final = "pieces.toml"
_PIECE = re.compile(r"\(\?&([a-z-]+)\)")


@dataclass(frozen=True, slots=True)
class Near:
    """A neighbour that a rule requires: a line dropped by a rule of that id or kind.

    `least` and `most` are distances in lines that are not blank.
    """

    what: tuple[str, ...]
    least: int = 1
    most: int = 1


@dataclass(frozen=True)
class Rule:
    """One cleaning rule: what it matches, where, why, and an example that is a test.

    `pattern` must match at the beginning of a line or field; `whole` requires it to match the whole
    line. `unless` is a pattern of lines that the rule does not touch. The layout of the page is
    tested by `first` (among the first n lines), `before`, `after`, `beside` (neighbours), `repeats`
    (an earlier line of the head says the same), `links` (least share of link characters), `again`
    (several lines below say the same) and `outside_main`. `lone` is a pattern of beginnings: if
    several lines of a page have one and continue differently, they are a list and are kept.
    `unseen` is a pattern of what follows a name: reports must not contain any two adjacent
    characters of that name. `forms` are phrases of the template in their correct form.

    An inline rule is searched in the text; its group `hit`, if any, is the affected part. `method`
    names code that does more than search, `replacement` is the new text, `proposals` are those of a
    flag, and `least` is how many different hits a page must have. If none of `needs` is in a page,
    it is not searched at all.
    """

    id: str
    kind: str
    family: str
    scope: str
    pattern: str
    why: str
    example: str
    counter_examples: tuple[str, ...] = ()
    action: str = "drop"
    whole: bool = False
    unless: str = ""
    first: int = 0
    before: Near | None = None
    after: Near | None = None
    beside: Near | None = None
    repeats: bool = False
    links: float = 0.0
    outside_main: bool = False
    again: bool = False
    lone: str = ""
    unseen: str = ""
    forms: tuple[str, ...] = ()
    method: str = "search"
    replacement: str = ""
    proposals: tuple[str, ...] = ()
    least: int = 0
    needs: tuple[str, ...] = ()

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """`pattern`, compiled on first use: most pages need few rules."""
        return re.compile(self.pattern)

    @cached_property
    def never(self) -> re.Pattern[str] | None:
        """`unless`, compiled."""
        return re.compile(self.unless) if self.unless else None

    @cached_property
    def listed(self) -> re.Pattern[str] | None:
        """`lone`, compiled."""
        return re.compile(self.lone) if self.lone else None

    @cached_property
    def behind_name(self) -> re.Pattern[str] | None:
        """`unseen`, compiled."""
        return re.compile(self.unseen) if self.unseen else None

    @property
    def conditional(self) -> bool:
        """Whether the rule examines more than the words of the line itself."""
        return bool(
            self.first
            or self.before
            or self.after
            or self.beside
            or self.repeats
            or self.again
            or self.links
            or self.unseen
        )


_KEYS = tuple(f.name for f in fields(Rule) if f.name != "family")
_REQUIRED = ("id", "kind", "scope", "pattern", "why", "example")
_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "whole": bool, "repeats": bool, "again": bool, "outside_main": bool,
    "first": int, "links": (float, int),
    "counter_examples": list, "forms": list, "proposals": list, "needs": list, "least": int,
    "before": dict, "after": dict, "beside": dict,
}  # fmt: skip


_PATTERNS: Final = ("pattern", "unless", "lone", "unseen")


def load_rules(folder: Path, *, checked: bool = False) -> tuple[Rule, ...]:
    """Load the rules of every `*.toml` in `folder`, in file order, then in the order of the file.

    Args:
        folder: their folder.
        checked: the patterns are known to be safe, as those of the package, which tests check.

    Raises:
        DataFileError: a file, named with its key, breaks the format, repeats an id or has a pattern
            that is not a regular expression or could run away.
    """
    pieces = _pieces(folder / PIECES)
    rules: dict[str, Rule] = {}
    for path in sorted(folder.glob("*.toml")):
        for rule in () if path.name == PIECES else _rules_of(path, pieces, checked=checked):
            if rule.id in rules:
                raise DataFileError(f"{path}: rule {rule.id!r}: this id is already taken")
            rules[rule.id] = rule
    return tuple(rules.values())


def _pieces(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    table = _parsed(path).get("pieces", {})
    known: dict[str, str] = {}
    for name, pattern in table.items():
        known[name] = _with_pieces(pattern, known, f"{path}: piece {name!r}")
    return known


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return parsed(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataFileError(f"{path}: {error}") from error


def _rules_of(path: Path, pieces: Mapping[str, str], *, checked: bool) -> Iterator[Rule]:
    table = _parsed(path)
    _refuse_unknown(table, ("family", "about", "rules"), str(path))
    if not isinstance(table.get("family"), str) or not isinstance(table.get("rules"), list):
        raise DataFileError(f'{path}: needs family = "…" and at least one [[rules]]')
    for number, row in enumerate(table["rules"], 1):
        where = f"{path}: rule {row.get('id', number)!r}"
        rule = _rule(row, table["family"], pieces, where)
        if not checked:
            _check_patterns(rule, where)
        yield rule


def _rule(row: Mapping[str, Any], family: str, pieces: Mapping[str, str], where: str) -> Rule:
    _refuse_unknown(row, _KEYS, where)
    for key in _REQUIRED:
        if key not in row:
            raise DataFileError(f"{where}: lacks {key!r}")
    for key, value in row.items():
        if not isinstance(value, _TYPES.get(key, str)):
            raise DataFileError(f"{where}: {key!r} has a value of the wrong type: {value!r}")
    _one_of(row["kind"], KINDS, f"{where}: kind")
    _one_of(row["scope"], SCOPES, f"{where}: scope")
    _one_of(row.get("action", "drop"), ("drop", "keep", "replace", "flag"), f"{where}: action")
    values = {**row, "family": family}
    for key in _PATTERNS:
        values[key] = _with_pieces(row.get(key, ""), pieces, f"{where}: {key}")
    for key in ("before", "after", "beside"):
        values[key] = _near(row.get(key), f"{where}: {key}")
    for key in ("counter_examples", "forms", "proposals", "needs"):
        values[key] = tuple(row.get(key, ()))
    return Rule(**values)


def _near(row: Mapping[str, Any] | None, where: str) -> Near | None:
    if row is None:
        return None
    _refuse_unknown(row, ("what", "least", "most"), where)
    least = row.get("least", 1)
    return Near(tuple(row["what"]), least, row.get("most", least))


def _check_patterns(rule: Rule, where: str) -> None:
    for key in _PATTERNS:
        pattern = getattr(rule, key)
        try:
            nested = nested_quantifier(pattern)
        except re.error as error:
            raise DataFileError(f"{where}: {key}: not a regular expression: {error}") from error
        if nested:
            raise DataFileError(f"{where}: {key}: nested quantifiers can run away: {pattern!r}")


def _with_pieces(pattern: str, pieces: Mapping[str, str], where: str) -> str:
    def fill(call: re.Match[str]) -> str:
        name = call.group(1)
        if name not in pieces:
            raise DataFileError(f"{where}: unknown piece {name!r}{_hint(name, pieces)}")
        return f"(?:{pieces[name]})"

    return _PIECE.sub(fill, pattern)


def _refuse_unknown(table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            raise DataFileError(f"{where}: unknown key {key!r}{_hint(key, keys)}")


def _one_of(value: object, allowed: tuple[str, ...], where: str) -> None:
    if value not in allowed:
        raise DataFileError(f"{where}: unknown value {value!r}{_hint(str(value), allowed)}")


def _hint(word: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    close = get_close_matches(word, list(known), n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""
