"""Visible text → spans: what stays, what goes, and by which rule."""

from __future__ import annotations

from archive.known import Knowledge
from archive.model import Cleaning, Page, Span


def clean(page: Page, knowledge: Knowledge) -> Cleaning:
    """Decide the fate of every character of `page` (stub: all stays)."""
    spans = tuple(
        Span(block.start, page.line_stop(i), "keep", "body", "body")
        for i, block in enumerate(page.blocks)
        if page.line_stop(i) > block.start
    )
    return Cleaning(spans)
