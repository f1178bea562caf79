"""Where the fields of an identity contradict each other: shown as flags, never settled here."""

from __future__ import annotations

from archive.known import Knowledge
from archive.model import Capture, Flag, Identity, Page


def contradictions(
    page: Page, identity: Identity, capture: Capture, knowledge: Knowledge
) -> tuple[Flag, ...]:
    """One flag for each pair of fields that cannot both be right (to be filled)."""
    del page, identity, capture, knowledge
    return ()
