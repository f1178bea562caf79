"""Quotation marks that a copy straightened: restored by proof, or by alternation."""

from __future__ import annotations

from typing import Final

STRAIGHT: Final = '"'
CURLY: Final = "“”"


def alternated(paragraph: str) -> str | None:
    """Return the paragraph with alternating “ and ”, or None if that would be a guess.

    It would be if the number of quotes is odd, or if curly ones are mixed with straight ones.
    """
    count = paragraph.count(STRAIGHT)
    if not count or count % 2 or any(mark in paragraph for mark in CURLY):
        return None
    pieces = paragraph.split(STRAIGHT)
    marks = [CURLY[index % 2] for index in range(count)] + [""]
    return "".join(piece + mark for piece, mark in zip(pieces, marks, strict=True))
