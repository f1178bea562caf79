"""Detects text decoded in the wrong encoding and saved that way: 鏀垮簻, æ”¿åºœ, Õþ¸®.

Encoding the line again as it was decoded, and decoding the bytes correctly, restores the text. The
line is left unchanged; the restored text is proposed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from archive.clean.edits import Edit, SelectedText, edit
from archive.clean.lines import VisibleLine
from archive.known import Rule
from archive.known.commonness import PLAUSIBLE, commonness

_READ_AS: Final = (
    ("latin-1", "utf-8"), ("cp1252", "utf-8"), ("gb18030", "utf-8"), ("latin-1", "gb18030"),
    ("cp1252", "gb18030"), ("big5", "gb18030"), ("gb18030", "big5"),
)  # fmt: skip
"""The encoding used for decoding, and the original one."""
_WIDE: Final = re.compile(r"[^\x00-\x7f]")
_LEAST: Final = 4
"""Non-ASCII characters that a line needs for a decision."""
_RIGHT: Final = 0.25
_BETTER: Final = 0.15
"""Share of common characters that the restored text must have, and by how much more than the
line."""
_MOST_LOST: Final = 0.2
"""Share of the restored text that may be lost: an invalid byte became a question mark."""
_GAP: Final = "\ufffd"
_LOST_BYTES: Final = "baogao-lost-bytes"


def mojibake(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Return each line that becomes Chinese when its bytes are decoded differently."""
    for line in document.kept:
        if right := _right(line):
            yield replace(edit(rule, line.start, line.stop), proposals=(right,))


def _right(line: VisibleLine) -> str | None:
    share = commonness(line.words)
    if share >= PLAUSIBLE or len(_WIDE.findall(line.words)) < _LEAST:
        return None
    readings = [text for pair in _READ_AS if (text := _reading(line.words, *pair)) is not None]
    best = max(readings, key=commonness, default="")
    return best if commonness(best) >= max(share + _BETTER, _RIGHT) else None


def _reading(words: str, read: str, written: str) -> str | None:
    """Restore `words`, if they were decoded with the encoding `read`."""
    try:
        text = words.encode(read, _LOST_BYTES).decode(written, "replace")
    except UnicodeEncodeError:
        return None
    return text if text.count(_GAP) <= len(text) * _MOST_LOST else None


def _lost_bytes(error: UnicodeError) -> tuple[bytes, int]:
    """Return the byte of a character that the encoding lacks: an undefined one, or a lost one."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    if character == _GAP:
        return b"\xff", error.start + 1
    if error.encoding == "charmap" and character <= "\xff":
        return character.encode("latin-1"), error.start + 1
    raise error


codecs.register_error(_LOST_BYTES, _lost_bytes)
