"""Lists as SQL parameters: one statement for lists of any length."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TypeVar

Value = TypeVar("Value", int, str)


def listed(values: Iterable[Value]) -> str:
    """Return a JSON list without duplicates, in order, for `json_each(?)`."""
    return json.dumps(sorted(set(values)))
