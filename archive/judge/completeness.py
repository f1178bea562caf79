"""How much of a report a text holds: complete, a head or a tail missing, or a fragment."""

from __future__ import annotations

from archive.model import Capture, Cleaning, Identity, Page, Value


def completeness(
    page: Page, cleaning: Cleaning, identity: Identity, capture: Capture
) -> Value | None:
    """What is there of the report, as `{"state": …, "ratio": … or None}` (to be filled)."""
    del page, cleaning, identity, capture
    return None
