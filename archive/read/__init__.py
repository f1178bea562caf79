"""Payload → the whole visible text, its lines, and its main part."""

from __future__ import annotations

import re

from archive.known import Knowledge
from archive.model import Block, Capture, Decoding, Page


def read(capture: Capture, knowledge: Knowledge) -> Page:
    """Make the visible text of `capture` (stub: text files only)."""
    visible = (capture.payload or b"").decode("utf-8", "replace")
    blocks = []
    start = 0
    for match in re.finditer(r"\r\n|\n|\r|\Z", visible):
        blocks.append(Block(start, match.start()))
        start = match.end()
    return Page(visible, tuple(blocks), Decoding("utf-8", "stub"), "text")
