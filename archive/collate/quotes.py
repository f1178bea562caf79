"""Quotation marks that a copy straightened: given back by proof, or by alternation."""

from __future__ import annotations

from typing import Final

STRAIGHT: Final = '"'
CURLY: Final = "“”"


def alternated(paragraph: str) -> str | None:
    """The paragraph with “ and ” in turn; None where that would be a guess.

    It is one where quotes are odd in number or where curly ones stand beside straight ones.
    """
    count = paragraph.count(STRAIGHT)
    if not count or count % 2 or any(mark in paragraph for mark in CURLY):
        return None
    pieces = paragraph.split(STRAIGHT)
    marks = [CURLY[index % 2] for index in range(count)] + [""]
    return "".join(piece + mark for piece, mark in zip(pieces, marks, strict=True))
