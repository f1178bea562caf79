"""Is a regular expression safe on a hostile line? A lint for patterns that can run away."""

from __future__ import annotations

import re
from typing import Any

# the parser of the standard library has no public name; a test pins what we use of it
_PARSER: Any = re._parser  # type: ignore[attr-defined]  # noqa: SLF001
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT")
_LOOKAROUNDS = ("ASSERT", "ASSERT_NOT")
_MANY = 4  # a repeat of up to four multiplies the work by a small constant only


def parsed(pattern: str) -> Any:
    """The parse tree of `pattern`: a sequence of operations with their values.

    Raises:
        re.error: `pattern` is not a regular expression.
    """
    return _PARSER.parse(pattern)


def nested_quantifier(pattern: str) -> bool:
    """Does a repeat of `pattern` hold another whose length varies, as in `(a+)+`?

    Possessive repeats and atomic groups never give back what they took, so they are no risk.

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
    """Say what compiling would say: patterns are compiled long after they are loaded."""
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
