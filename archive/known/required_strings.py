"""Derives from its parse tree what a pattern requires, so that most texts need no search.

Both results are safe: the pattern cannot match what they rule out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from archive.known.linear import parsed

_REPEATS: Final = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_WIDTHLESS: Final = ("ASSERT", "ASSERT_NOT", "AT")
_WIDEST: Final = 256
"""Characters of the largest range that is listed; a larger one counts as any character."""
_MOST_CHOICES: Final = 6
_DIGITS: Final = "0123456789"
_SPACES: Final = " \t\n\r\f\v\x1c\x1d\x1e\x1f\x85\xa0"
_CATEGORIES: Final = {"CATEGORY_DIGIT": _DIGITS, "CATEGORY_SPACE": _SPACES}


class _AnyCharacterError(Exception):
    """The pattern may begin with too many characters to list."""


def beginnings(pattern: str) -> frozenset[str] | None:
    """Return the possible first characters of a match of `pattern`, or None for any.

    Digits and white space beyond Latin-1 are left out if all of either are allowed.
    """
    tree = parsed(pattern)
    if tree.state.flags & re.IGNORECASE:
        return None
    try:
        found, may_be_empty = _begin(tree)
    except _AnyCharacterError:
        return None
    return None if may_be_empty else found


def needed(pattern: str) -> frozenset[str]:
    """Return strings of which every match of `pattern` contains one; empty if there are none.

    A string required only by a lookaround may be next to the match.
    """
    tree = parsed(pattern)
    return frozenset() if tree.state.flags & re.IGNORECASE else _needed(tree)


def _begin(tree: Any) -> tuple[frozenset[str], bool]:
    """Return the first characters of a sequence, and whether it may match nothing."""
    found: frozenset[str] = frozenset()
    for code, value in tree:
        more, may_be_empty = _begin_of(str(code), value)
        found |= more
        if not may_be_empty:
            return found, False
    return found, True


def _begin_of(code: str, value: Any) -> tuple[frozenset[str], bool]:
    if code in _WIDTHLESS:
        return frozenset(), True
    if code == "LITERAL":
        return frozenset(chr(value)), False
    if code == "IN":
        return frozenset(_members(value)), False
    if code == "BRANCH":
        branches = [_begin(branch) for branch in value[1]]
        return frozenset().union(*(first for first, _ in branches)), any(e for _, e in branches)
    if code in _REPEATS:
        first, may_be_empty = _begin(value[2])
        return first, may_be_empty or not value[0]
    return _begin(_inside(code, value))


def _inside(code: str, value: Any) -> Any:
    """Return the sequence in a group without flags of its own."""
    if code == "ATOMIC_GROUP":
        return value
    if code == "SUBPATTERN" and not value[1] & re.IGNORECASE:
        return value[-1]
    raise _AnyCharacterError


def _members(items: Any) -> Iterator[str]:
    for code, value in items:
        if str(code) == "LITERAL":
            yield chr(value)
        elif str(code) == "RANGE" and value[1] - value[0] < _WIDEST:
            yield from map(chr, range(value[0], value[1] + 1))
        elif str(value) in _CATEGORIES:
            yield from _CATEGORIES[str(value)]
        else:
            raise _AnyCharacterError


def _needed(tree: Any) -> frozenset[str]:
    """Return the best choice of strings that the items of a sequence offer."""
    return max(_offers(tree), key=_selective, default=frozenset())


def _selective(choice: frozenset[str]) -> tuple[int, int]:
    return min(map(len, choice), default=0), -len(choice)


def _offers(tree: Any) -> Iterator[frozenset[str]]:
    run = ""
    for code, value in tree:
        if str(code) == "LITERAL":
            run += chr(value)
            continue
        if run:
            yield frozenset({run})
            run = ""
        yield _needed_of(str(code), value)
    if run:
        yield frozenset({run})


def _needed_of(code: str, value: Any) -> frozenset[str]:
    if code == "IN":
        choices = [chr(one) for kind, one in value if str(kind) == "LITERAL"]
        return frozenset(choices if len(choices) == len(value) <= _MOST_CHOICES else ())
    if code == "BRANCH":
        branches = [_needed(branch) for branch in value[1]]
        return frozenset().union(*branches) if all(branches) else frozenset()
    if code == "ASSERT":
        return _needed(value[1])
    if code in _REPEATS:
        return _needed(value[2]) if value[0] else frozenset()
    try:
        return _needed(_inside(code, value))
    except _AnyCharacterError:
        return frozenset()
