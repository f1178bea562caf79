"""Shared by several benches: figures for the table, shares with their intervals, texts as pages."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

from archive.model import Block, Decoding, Page

ROWS = "BAOGAO_BENCH_ROWS"
"""The environment variable that names the file for `performance_table.py`."""


def row(name: str, value: float) -> None:
    """Hand a figure to the table of `performance_table.py`, if one is being made."""
    if ROWS in os.environ:
        with Path(os.environ[ROWS]).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "value": value}, ensure_ascii=False) + "\n")


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
