"""Values with the words they were read from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archive.identify.squeezed import Squeezed
from archive.model import Candidate, Method, Page, Value


def seen(
    page: Page,
    value: Any,
    start: int,
    stop: int,
    *,
    method: Method = "read",
    confidence: float = 0.99,
    candidates: Sequence[Candidate] = (),
) -> Value:
    """A value with its words in the visible text."""
    raw = page.visible[start:stop]
    return Value(value, raw, "visible", method, confidence, start, stop, tuple(candidates))


def seen_squeezed(
    page: Page, value: Any, view: Squeezed, start: int, stop: int, *, confidence: float = 0.99
) -> Value:
    """A value with its words at `start` to `stop` of a squeezed view."""
    return seen(page, value, view.start(start), view.stop(stop), confidence=confidence)
