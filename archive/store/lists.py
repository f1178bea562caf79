"""Lists as values of a statement: one statement for all of them, however many there are."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeVar

Value = TypeVar("Value", int, str)


def listed(values: Iterable[Value]) -> str:
    """A JSON list, each value once and in order, for `json_each(?)`."""
    return json.dumps(sorted(set(values)))
