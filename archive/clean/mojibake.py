"""Text that was read in the wrong encoding and saved so: 鏀垮簻, æ”¿åºœ, Õþ¸®.

Writing such a line in the encoding in which it was read and reading the bytes as what they were
gives the text back. The line is left as it is; what it must have read is proposed.
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
"""The encoding in which the bytes were read, and the one in which they were written."""
_WIDE: Final = re.compile(r"[^\x00-\x7f]")
_LEAST: Final = 4
"""Characters beyond ASCII that a line must have to be judged."""
_RIGHT: Final = 0.25
_BETTER: Final = 0.15
"""Share of common characters that the reading must have, and how much more than the line has."""
_MOST_LOST: Final = 0.2
"""Share of the reading that may be lost: a byte that was no character became a question mark."""
_GAP: Final = "\ufffd"
_LOST_BYTES: Final = "baogao-lost-bytes"


def mojibake(rule: Rule, document: SelectedText) -> Iterator[Edit]:
    """Each line that reads as Chinese when its bytes are read in another encoding."""
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
    """`words` as they were written, if they were read in the encoding `read`."""
    try:
        text = words.encode(read, _LOST_BYTES).decode(written, "replace")
    except UnicodeEncodeError:
        return None
    return text if text.count(_GAP) <= len(text) * _MOST_LOST else None


def _lost_bytes(error: UnicodeError) -> tuple[bytes, int]:
    """The byte of a character that the encoding lacks: one that it leaves out, or one lost."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    if character == _GAP:
        return b"\xff", error.start + 1
    if error.encoding == "charmap" and character <= "\xff":
        return character.encode("latin-1"), error.start + 1
    raise error


codecs.register_error(_LOST_BYTES, _lost_bytes)
