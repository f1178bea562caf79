"""Shared by several benches: figures for the table, shares with their intervals, texts as pages."""

from __future__ import annotations

import json
import os
from pathlib import Path

from archive.export.error_rates import wilson
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
    low, high = wilson(hits, of)
    return f"{hits / of:.4f} [{low:.4f}, {high:.4f}] ({hits}/{of})"


def page_of(text: str) -> Page:
    """A text file as reading makes it."""
    blocks, start = [], 0
    for line in text.split("\n"):
        blocks.append(Block(start, start + len(line)))
        start += len(line) + 1
    return Page(text, tuple(blocks), Decoding("utf-8", "bench"), "text")
