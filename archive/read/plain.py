"""Turns a text file into lines: the text stays as decoded, character for character."""

from __future__ import annotations

import re
from typing import Final

from archive.model import Block

_LINE_END: Final = re.compile(r"\r\n|\n|\r|\Z")


def lines(text: str) -> tuple[Block, ...]:
    r"""Return one block for each line, including blank lines; `\n`, `\r\n` and `\r` end a line.

    A line end at the very end of `text` does not begin another line.
    """
    blocks: list[Block] = []
    start = 0
    for end in _LINE_END.finditer(text):
        if start == len(text) and blocks:
            break
        blocks.append(Block(start, end.start()))
        start = end.end()
    return tuple(blocks)
