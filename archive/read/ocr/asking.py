"""Whether the pictures of a capture are to be read, as recorded in its context."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from archive.known.attachments import attachments
from archive.model import Capture, Derivation

ASKED: Final = ("ocr", "yes")
"""The claim that requests OCR: reading remains a function of bytes, context and knowledge."""

_WITHOUT_WORDS: Final = frozenset({"unreadable_medium", "pages_unread"})


def asked(capture: Capture) -> bool:
    """Whether the pictures of this capture are to be read."""
    return ASKED in capture.claims


def with_ocr(capture: Capture) -> Capture:
    """Return the same capture with a request to read its pictures."""
    return capture if asked(capture) else replace(capture, claims=(*capture.claims, ASKED))


def needs_it(derivation: Derivation) -> bool:
    """Whether a picture, or pages of a PDF, gave no words."""
    kind = attachments().get(derivation.medium)
    return (
        kind is not None
        and kind.pictures
        and any(flag.kind in _WITHOUT_WORDS for flag in derivation.flags)
    )
