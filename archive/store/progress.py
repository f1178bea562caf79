"""How long work shows how far it is: a function that passes things on, and may draw a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")

Progress = Callable[[Iterable[T], str, int | None], Iterable[T]]
"""Called with things, a label, and how many there are (None when that is not known)."""


def plainly(things: Iterable[T], label: str, length: int | None) -> Iterable[T]:  # noqa: ARG001
    """No progress shown."""
    return things
