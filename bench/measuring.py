"""Shared by several benches: shares with their intervals, and texts as pages."""

from __future__ import annotations

import math

from archive.model import Block, Decoding, Page


def interval(hits: int, of: int) -> str:
    """`hits` of `of` as a share with its 95 % Wilson interval."""
    if not of:
        return "–"
    z, p = 1.96, hits / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return f"{p:.4f} [{middle - half:.4f}, {middle + half:.4f}] ({hits}/{of})"


def page_of(text: str) -> Page:
    """A text file as reading makes it."""
    blocks, start = [], 0
    for line in text.split("\n"):
        blocks.append(Block(start, start + len(line)))
        start += len(line) + 1
    return Page(text, tuple(blocks), Decoding("utf-8", "bench"), "text")
