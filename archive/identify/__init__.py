"""Which report is this: kind, place, year, session, speaker, structure."""

from __future__ import annotations

from archive.known import Knowledge
from archive.model import IDENTITY_FIELDS, Capture, Cleaning, Identity, Page, Part


def identify(page: Page, cleaning: Cleaning, capture: Capture, knowledge: Knowledge) -> Identity:
    """The identity of a text: every field of `IDENTITY_FIELDS` but completeness, or None (stub)."""
    return dict.fromkeys(IDENTITY_FIELDS)


def parts(page: Page, cleaning: Cleaning, knowledge: Knowledge) -> tuple[Part, ...]:
    """The part of each span of `cleaning`, in order; ignored where a span is dropped (stub)."""
    return tuple("body" for _ in cleaning.spans)
