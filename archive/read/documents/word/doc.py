"""Turns old Word and WPS files (OLE) into lines: all stories of the binary format, in place."""

from __future__ import annotations

import io
import struct
import subprocess
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from typing import Final

from archive.model import Flag
from archive.read import antiword
from archive.read.documents.found import (
    DAMAGE,
    NOTE,
    DocumentLine,
    ReadDocument,
    Unreadable,
    document_flag,
    has_words,
    lines_of,
)
from archive.read.documents.word.binary import WORD_97, Binary, Encrypted, Lists, Range
from archive.read.documents.word.walking import flags_of, row

HOW: Final = "ms-doc"

_OTHERS: Final = {
    "Workbook": "an old Excel workbook (.xls): save it as .xlsx",
    "Book": "an old Excel workbook (.xls): save it as .xlsx",
    "PowerPoint Document": "an old PowerPoint file (.ppt): save it as PDF",
    "EncryptedPackage": "encrypted: it needs a password",
    "CONTENTS": "a Microsoft Works document: save it as DOCX",
}
"""Streams that identify other OLE files, and what they are."""

_PARAGRAPH, _CELL, _FIELD, _FIELD_RESULT, _FIELD_END = "\r", "\x07", "\x13", "\x14", "\x15"
_NOTE_MARK: Final = "\x02"
_SHOWN: Final = {"\x0b": "\n", "\x0c": "\n", "\x0e": "\n", "\x1e": "-", "\x1f": "", "\x09": "\t"}


def read_ole(payload: bytes) -> ReadDocument:
    """Read the paragraphs and table rows, then text boxes, notes and running heads.

    Raises:
        Unreadable: it is not a Word file, is damaged or encrypted, or olefile is not installed.
    """
    if not find_spec("olefile"):
        raise Unreadable("reading DOC and WPS needs olefile: pip install 'baogao[documents]'")
    import olefile  # noqa: PLC0415  (an extra)

    try:
        with olefile.OleFileIO(io.BytesIO(payload)) as file:
            streams = {
                name: file.openstream(name).read()
                for name in ("WordDocument", "0Table", "1Table")
                if file.exists(name)
            }
            others = [words for name, words in _OTHERS.items() if file.exists(name)]
    except (*DAMAGE, IndexError, struct.error) as error:
        raise Unreadable(f"the document is damaged: {error}") from error
    return _read(payload, streams, others)


def _read(payload: bytes, streams: dict[str, bytes], others: Sequence[str]) -> ReadDocument:
    main = streams.get("WordDocument")
    if main is None:
        raise Unreadable(f"the OLE file is {next(iter(others), 'no Word document')}")
    if len(main) > 3 and struct.unpack_from("<H", main, 2)[0] < WORD_97:  # noqa: PLR2004
        return _by_antiword(payload)
    try:
        document = Binary(main, (streams.get("0Table", b""), streams.get("1Table", b"")))
    except Encrypted:
        raise Unreadable("the document is encrypted: it needs a password") from None
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise Unreadable(f"the document is damaged: {error}") from error
    reader = _DocReader(document)
    lines = tuple(reader.lines())
    if not has_words(lines):
        raise Unreadable("the document holds no text")
    return ReadDocument(lines, "doc", HOW, tuple(reader.flags()))


class _DocReader:
    def __init__(self, document: Binary) -> None:
        self._document = document
        self._unshown: dict[str, list[str]] = {}
        self._numbers_lost = False
        self._lists: Lists | None = None
        try:
            self._lists = document.lists()
        except (struct.error, IndexError, ValueError):
            self._numbers_lost = True
        self._out = _ranges(document.deleted, document.hidden)
        references, self._notes = document.notes()
        self._marks = {at: number for number, at in enumerate(references, 1)}

    def lines(self) -> Iterator[DocumentLine]:
        """Yield all lines; the tag identifies stories beside the text."""
        document = self._document
        yield from self._story(document.stories["text"], "p")
        yield from self._filled(document.stories["boxes"], "box")
        for number, where in enumerate(self._notes, 1):
            mark = f"[{number}] "
            for line in self._filled(where, NOTE):
                yield DocumentLine(mark + line.words.strip(), NOTE)
                mark = ""
        seen: set[str] = set()
        for line in self._filled(document.stories["headers"], "header"):
            if line.words not in seen:
                seen.add(line.words)
                yield DocumentLine(line.words, "header", aside=True)

    def flags(self) -> Iterator[Flag]:
        """Yield flags, with counts, for what is not part of the text and what could not be read."""
        start, stop = self._document.stories["comments"]
        comments = self._document.units[start:stop].count("\x05")
        yield from flags_of(self._unshown, {"comments": comments})
        if self._numbers_lost:
            yield document_flag(
                "numbers_lost", "automatic numbers could not be read; labels are missing"
            )

    def _filled(self, where: Range, tag: str) -> Iterator[DocumentLine]:
        return (line for line in self._story(where, tag) if line.words.strip())

    def _story(self, where: Range, tag: str) -> Iterator[DocumentLine]:
        """Yield the lines of a range; cells are collected until the mark of their row."""
        start, stop = where
        cells: list[list[DocumentLine]] = []
        waiting: list[DocumentLine] = []
        first = start
        for at in range(start, stop):
            mark = self._document.units[at]
            if mark not in {_PARAGRAPH, _CELL} and at + 1 < stop:
                continue
            end = at if mark in {_PARAGRAPH, _CELL} else at + 1
            paragraph = self._document.paragraph(at)
            words = self._words(first, end)
            if words.strip() and self._lists is not None:
                words = self._lists.label(paragraph) + words
            first = at + 1
            made = list(lines_of(words, tag))
            if mark == _CELL and paragraph.row_end:
                yield from row(cells)
                cells = []
            elif mark == _CELL:
                cells.append([*waiting, *made])
                waiting = []
            elif paragraph.in_table:
                waiting += made
            else:
                yield from made
        yield from (line for cell in cells for line in cell)
        yield from waiting

    def _words(self, start: int, stop: int) -> str:
        """Return the words shown between two units, including note marks."""
        shown: list[str] = []
        depth = code = 0
        for at in range(start, stop):
            unit = self._document.units[at]
            if unit == _FIELD:
                depth += 1
                code = code or depth
            elif unit == _FIELD_RESULT:
                code = 0 if code == depth else code
            elif unit == _FIELD_END:
                code = 0 if code == depth else code
                depth = max(depth - 1, 0)
            elif not code and not self._left_out(at, unit):
                shown.append(self._shown(at, unit))
        joined = "".join(shown).encode("utf-16-le", "surrogatepass")
        return joined.decode("utf-16-le", "replace")

    def _shown(self, at: int, unit: str) -> str:
        if at in self._document.symbols:
            return self._document.symbols[at]
        if unit == _NOTE_MARK:
            return f"[{self._marks[at]}]" if at in self._marks else ""
        if unit in _SHOWN:
            return _SHOWN[unit]
        return unit if unit >= " " else ""

    def _left_out(self, at: int, unit: str) -> bool:
        kind = self._out.get(at)
        if kind is None:
            return False
        pieces = self._unshown.setdefault(kind, [])
        if pieces and self._out.get(at - 1) == kind:
            pieces[-1] += unit
        else:
            pieces.append(unit)
        return True


def _ranges(deleted: Sequence[Range], hidden: Sequence[Range]) -> dict[int, str]:
    found: dict[int, str] = {}
    for kind, ranges in (("hidden_text", hidden), ("deleted_text", deleted)):
        for start, stop in ranges:
            found.update(dict.fromkeys(range(start, stop), kind))
    return found


def _by_antiword(payload: bytes) -> ReadDocument:
    """Read Word 6 and 95, which have no Unicode, with the program antiword."""
    try:
        shown = antiword.words_of(payload)
    except FileNotFoundError as error:
        raise Unreadable(
            "the document is of Word 6 or 95: reading it needs the program antiword"
        ) from error
    except (subprocess.SubprocessError, OSError) as error:
        raise Unreadable("the document is no Word file that antiword reads") from error
    lines = tuple(lines_of(shown))
    if not has_words(lines):
        raise Unreadable("the document holds no text")
    return ReadDocument(lines, "doc", f"antiword {antiword.version()}")
