"""Progress of long operations: a function that yields things and may draw a bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from archive.progress_line import Work

T = TypeVar("T")

Progress = Callable[[Iterable[T], str, int | Work | None], Iterable[T]]
"""Called with things, a label, and their number or a measure of the work (None if unknown)."""


def plainly(things: Iterable[T], label: str, length: int | Work | None) -> Iterable[T]:  # noqa: ARG001
    """Show no progress."""
    return things
