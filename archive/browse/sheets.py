"""Splits long texts into sheets, so that pages stay small enough for a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from archive.browse.edited import ShownPassage
from archive.browse.segments import Cut, Paragraph, Segment

SHEET_CHARS: Final = 60_000
"""Six long reports fit; with marks and markup such a page stays below 400 KB."""

CUT_CHARS: Final = 10_000
"""Characters shown of one cut, or of one passage beyond a sheet; the rest is counted."""

Block = ShownPassage | Cut


@dataclass(frozen=True, slots=True)
class Sheet:
    """Some blocks of a text, from passage `first` to passage `last`."""

    first: int
    last: int
    blocks: tuple[Block, ...]


def sheets(blocks: Sequence[Block]) -> list[Sheet]:
    """Split the blocks into sheets of at most `SHEET_CHARS`; a cut goes with what follows it.

    A block longer than a sheet is shortened and says by how much.
    """
    found: list[Sheet] = []
    held: list[Block] = []
    chars = 0
    for block in blocks:
        shown = shortened(block)
        length = _length(shown)
        if held and chars + length > SHEET_CHARS and isinstance(block, ShownPassage):
            found.append(_sheet(held, found))
            held, chars = [], 0
        held.append(shown)
        chars += length
    if held or not found:
        found.append(_sheet(held, found))
    return found


def sheet_of(found: Sequence[Sheet], number: int | None) -> int:
    """Return the index of the sheet with passage `number`, or the first one."""
    if number is None:
        return 0
    return next((at for at, sheet in enumerate(found) if sheet.first <= number <= sheet.last), 0)


def shortened(block: Block) -> Block:
    """Return the block, or its beginning with a note on how much more there is."""
    if isinstance(block, Cut):
        left = len(block.words) - CUT_CHARS
        words = f"{block.words[:CUT_CHARS]}… (+{left:,})" if left > 0 else block.words
        return replace(block, words=words)
    if _length(block) <= SHEET_CHARS:
        return block
    return replace(block, shown=_beginning(block.shown))


def _beginning(paragraph: Paragraph) -> Paragraph:
    pieces: list[Segment] = []
    room = CUT_CHARS
    left = 0
    for piece in paragraph.pieces:
        if room:
            pieces.append(replace(piece, words=piece.words[:room]))
        left += max(0, len(piece.words) - room)
        room = max(0, room - len(piece.words))
    pieces.append(Segment("cut", f"… (+{left:,})", "sheet"))
    return replace(paragraph, pieces=tuple(pieces))


def _sheet(held: Sequence[Block], before: Sequence[Sheet]) -> Sheet:
    numbers = [block.number for block in held if isinstance(block, ShownPassage)]
    start = before[-1].last if before else 0
    return Sheet(start + 1, max(numbers, default=start), tuple(held))


def _length(block: Block) -> int:
    if isinstance(block, Cut):
        return min(len(block.words), CUT_CHARS)
    return sum(len(piece.words) for piece in block.shown.pieces)
