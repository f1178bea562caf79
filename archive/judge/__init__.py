"""What speaks for and against a text: hijack evidence, verdicts, completeness."""

from __future__ import annotations

from archive.known import Knowledge
from archive.model import Capture, Cleaning, Identity, Judgement, Page


def judge(
    page: Page, cleaning: Cleaning, identity: Identity, capture: Capture, knowledge: Knowledge
) -> Judgement:
    """Weigh a text (stub)."""
    return Judgement()
