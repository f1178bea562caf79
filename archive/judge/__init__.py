"""Judges a text: hijack evidence, verdicts, completeness."""

from __future__ import annotations

from archive.judge.completeness import completeness
from archive.judge.confirmed_brands import found_elsewhere
from archive.judge.contradictions import contradictions
from archive.judge.hijack import evidence, flags_of
from archive.judge.officialness import officialness
from archive.judge.verdicts import suspicions, verdicts
from archive.known import Knowledge
from archive.model import Capture, Cleaning, Identity, Judgement, Page

__all__ = ["found_elsewhere", "judge"]


def judge(
    page: Page,
    cleaning: Cleaning,
    identity: Identity,
    capture: Capture,
    knowledge: Knowledge,
) -> Judgement:
    """Judge a text: its flags, both verdicts, its completeness, and whose copy it is."""
    hijacks = flags_of(page, evidence(page, cleaning, knowledge), identity, knowledge)
    flags = (*hijacks, *suspicions(cleaning))
    verdict, page_verdict = verdicts(flags, cleaning)
    against = contradictions(page, identity, capture, knowledge)
    whole = completeness(page, cleaning, identity)
    whose = officialness(page, identity, capture, knowledge, page_verdict=page_verdict)
    return Judgement(verdict, page_verdict, (*flags, *against), whole, whose)
