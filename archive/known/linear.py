"""Checks that a regular expression is safe on hostile input: a lint for rule patterns."""

from __future__ import annotations

import re
from typing import Any

# the standard library's parser has no public name; a test pins what we use of it
_PARSER: Any = re._parser  # type: ignore[attr-defined]  # noqa: SLF001
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
_LOOKAROUNDS = ("ASSERT", "ASSERT_NOT")
_MANY = 4  # a repeat of up to four only multiplies the work by a small constant


def parsed(pattern: str) -> Any:
    """Return the parse tree of `pattern`: a sequence of operations with their values.

    Raises:
        re.error: `pattern` is not a regular expression.
    """
    return _PARSER.parse(pattern)


def nested_quantifier(pattern: str) -> bool:
    """Whether a repeat in `pattern` contains another of variable length, as in `(a+)+`.

    Possessive repeats and atomic groups never backtrack, so they are safe.

    Raises:
        re.error: `pattern` is not a regular expression.
    """
    return _runs_away(parsed(pattern), inside_repeat=False)


def _runs_away(tree: Any, *, inside_repeat: bool) -> bool:
    return any(_node_runs_away(str(code), value, inside_repeat) for code, value in tree)


def _node_runs_away(code: str, value: Any, inside_repeat: bool) -> bool:  # noqa: FBT001
    if code in _REPEATS:
        least, most, body = value
        if inside_repeat and most > 1 and least != most:
            return True
        return _runs_away(body, inside_repeat=inside_repeat or most > _MANY)
    if code in _LOOKAROUNDS and value[0] < 0:
        _refuse_open_width(value[1])
    return any(_runs_away(body, inside_repeat=inside_repeat) for body in _bodies(code, value))


def _refuse_open_width(body: Any) -> None:
    """Raise the error that compiling would raise; patterns are compiled long after loading."""
    least, most = body.getwidth()
    if least != most:
        raise re.error("look-behind requires fixed-width pattern")


def _bodies(code: str, value: Any) -> list[Any]:
    if code == "SUBPATTERN":
        return [value[-1]]
    if code == "BRANCH":
        return list(value[1])
    if code in _LOOKAROUNDS:
        return [value[1]]
    if code == "GROUPREF_EXISTS":
        return [body for body in value[1:] if body is not None]
    return []
