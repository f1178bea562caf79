"""Whether a page is the publisher's own, an official copy, a mirror or a hijacked copy."""

from __future__ import annotations

from archive.known import Knowledge
from archive.model import Capture, Identity, Page, Value, Verdict


def officialness(
    page: Page,
    identity: Identity,
    capture: Capture,
    knowledge: Knowledge,
    *,
    page_verdict: Verdict = "clean",
) -> Value | None:
    """`official`, `official copy`, `mirror` or `hijacked copy`, with its evidence (to be filled)."""
    del page, identity, capture, knowledge, page_verdict
    return None
