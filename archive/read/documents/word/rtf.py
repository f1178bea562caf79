"""Turns RTF into lines.

Uses its own tokenizer: striprtf 0.0.35 omits notes and text boxes, and includes deleted and hidden
words.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from archive.read.documents.found import (
    NOTE,
    DocumentLine,
    ReadDocument,
    Unreadable,
    has_words,
    lines_of,
)
from archive.read.documents.word.numbering import Level, label
from archive.read.documents.word.walking import flags_of, row

HOW: Final = "rtf"
_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\(.)|([{}])|[\r\n\x00]+"
    rb"|([^\\{}\r\n\x00]+)",
    re.DOTALL,
)
_CODE_PAGES: Final = {134: "gb18030", 136: "big5hkscs", 128: "cp932", 129: "cp949", 204: "cp1251"}
_BY_NUMBER: Final = {936: "gb18030", 54936: "gb18030", 950: "big5hkscs", 932: "cp932", 949: "cp949",
                     65001: "utf-8"}  # fmt: skip
_LATIN: Final = "cp1252"
_SKIPPED: Final = frozenset({
    "fonttbl", "colortbl", "stylesheet", "info", "fldinst", "pict", "objdata", "sp", "shprslt",
    "nonshppict", "listtable", "listoverridetable", "pn", "upr", "private", "generator", "rsidtbl",
    "ftnsep", "ftnsepc", "ftncn", "aftnsep", "aftnsepc", "aftncn", "objclass", "objname",
    "bkmkstart", "bkmkend", "atnid", "atnauthor", "atnref", "atndate", "atnicn",
    "ffname", "revtbl", "xmlnstbl", "themedata", "colorschememapping", "datastore",
    "latentstyles", "filetbl",
})  # fmt: skip
_ENTERED: Final = frozenset({"shpinst", "shptxt", "ud", "shpgrp", "background", "do", "dptxbxtext",
                             "footnote", "annotation", "fldrslt", "result", "listtext", "pntext",
                             "field", "shp", "object"})  # fmt: skip
_LABEL: Final = "label"
_STORIES: Final = {
    "listtext": _LABEL, "pntext": _LABEL, "footnote": NOTE, "annotation": "comment",
    "shptxt": "box", "dptxbxtext": "box",
    "header": "header", "headerl": "header", "headerr": "header", "headerf": "header",
    "footer": "footer", "footerl": "footer", "footerr": "footer", "footerf": "footer",
}  # fmt: skip
_ASIDES: Final = frozenset({"header", "footer"})
_WORDS: Final = {
    "tab": "\t", "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”", "bullet": "•", "emspace": "\u2003", "enspace": "\u2002", "line": "\n",
    "page": "\n", "column": "\n", "zwnj": "", "zwj": "",
}  # fmt: skip
_ENDS: Final = frozenset({"par", "sect"})
_SYMBOLS: Final = {b"~": "\u00a0", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\n": "\x1e",
                   b"\r": "\x1e"}  # fmt: skip
_AFTER_MARK: Final = re.compile(r"^(\[\d+\])[ \t]*")
_PARAGRAPH: Final = "\x1e"
_CELL: Final = "\x1f"


@dataclass(frozen=True, slots=True)
class _State:
    """State that a group inherits and that is restored at its end."""

    story: str = "p"
    skipped: bool = False
    deleted: bool = False
    hidden: bool = False
    font: int = 0
    fallback: int = 1


@dataclass(slots=True)
class _Story:
    """The words of one part of the text: the body, a note, a box. Its table rows are lines."""

    kind: str
    words: list[str] = field(default_factory=list)
    row: list[str] = field(default_factory=list)
    lines: list[DocumentLine] = field(default_factory=list)
    in_table: bool = False

    def end(self) -> None:
        """End a paragraph; inside a table it belongs to a cell."""
        if self.in_table:
            self.words.append(_PARAGRAPH)
        else:
            self.lines += lines_of("".join(self.words), self.kind, aside=self.kind in _ASIDES)
            self.words = []

    def end_cell(self) -> None:
        self.row.append("".join(self.words))
        self.words = []

    def end_row(self) -> None:
        cells = [[DocumentLine(w, "td") for w in cell.split(_PARAGRAPH)] for cell in self.row]
        self.lines += row(cells)
        self.row, self.in_table = [], False


def read_rtf(payload: bytes) -> ReadDocument:
    """Read the paragraphs and table rows, then the notes, then running heads.

    Raises:
        Unreadable: it contains no text.
    """
    reader = _RtfReader()
    reader.read(payload)
    lines = tuple(reader.all_lines())
    if not has_words(lines):
        raise Unreadable("the RTF holds no text")
    return ReadDocument(lines, "rtf", HOW, tuple(flags_of(reader.unshown, reader.counts)))


class _RtfReader:
    def __init__(self) -> None:
        self.unshown: dict[str, list[str]] = {}
        self.counts: Counter[str] = Counter()
        self._state = _State()
        self._outer: list[tuple[_State, _Story]] = []
        self._body = _Story("p")
        self._story = self._body
        self._apart: list[_Story] = []
        self._bytes = bytearray()
        self._units: list[int] = []
        self._fonts: dict[int, int] = {}
        self._in_fonts = False
        self._page = 0
        self._pass = 0
        self._starred = self._fresh = False
        self._notes = 0
        self._mark = ""

    def all_lines(self) -> Iterator[DocumentLine]:
        """Return the body, then the lines of notes, boxes and heads outside it."""
        self._flush()
        if self._story.row:
            self._story.end_row()
        self._story.in_table = False
        if self._story.words:
            self._story.end()
        yield from self._body.lines
        for story in sorted(self._apart, key=lambda each: each.kind != NOTE):
            if story.kind == "comment":
                self.counts["comments"] += 1
                continue
            for line in story.lines:
                if line.words.strip():
                    yield replace(line, words=_AFTER_MARK.sub(r"\1 ", line.words.lstrip()))

    def read(self, payload: bytes) -> None:
        place = 0
        while place < len(payload):
            match = _TOKEN.match(payload, place)
            if match is None:
                place += 1
                continue
            place = match.end()
            word, number, code, symbol, brace, text = match.groups()
            if word is not None:
                place += self._control(word.decode("ascii"), number)
            elif code is not None:
                self._raw(bytes.fromhex(code.decode("ascii")))
            elif symbol is not None:
                self._symbol(symbol)
            elif brace is not None:
                self._brace(brace)
            elif text is not None:
                self._fresh = False
                self._raw(text)

    def _brace(self, brace: bytes) -> None:
        self._flush()
        if brace == b"{":
            self._outer.append((self._state, self._story))
            self._fresh, self._starred = True, False
        elif self._outer:
            state, story = self._outer.pop()
            if story is not self._story:
                self._leave(story)
            self._state = state
            self._in_fonts = self._in_fonts and state.skipped
            self._fresh = False

    def _leave(self, outer: _Story) -> None:
        """End a note or box; a box follows the paragraph that anchors it."""
        inner, self._story = self._story, outer
        if inner.row:
            inner.end_row()
        inner.in_table = False
        if inner.words:
            inner.end()
        if inner.kind == _LABEL:
            words = "".join(line.words for line in inner.lines).strip()
            self._story.words.append(label(Level(text=words, format="none"), [], {}))
        elif inner.kind == "box":
            self._apart_or_here(inner)
        else:
            self._apart.append(inner)

    def _apart_or_here(self, box: _Story) -> None:
        if self._story.in_table or self._story.words:
            self._story.words += [f"{_PARAGRAPH}{line.words}" for line in box.lines]
        else:
            self._story.lines += box.lines

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self._starred = True
            return
        self._fresh = False
        shown = _SYMBOLS.get(symbol, "")
        if shown == _PARAGRAPH:
            self._flush()
            self._story.end()
        elif shown:
            self._say(shown)

    def _control(self, word: str, digits: bytes | None) -> int:
        """Process a control word. Returns the number of binary bytes that follow."""
        number = int(digits) if digits else None
        if self._fresh and self._destination(word):
            self._fresh = False
            return 0
        if word == "bin":
            return max(number or 0, 0)
        handler = _CONTROLS.get(word)
        if handler is not None:
            self._fresh = False
            handler(self, number)
        elif word in _WORDS:
            self._say(_WORDS[word])
        elif word in _ENDS:
            self._flush()
            if not self._state.skipped:
                self._story.end()
        return 0

    def _destination(self, word: str) -> bool:
        """Whether the first control word of a group names the destination of its words."""
        if word == "fonttbl":
            self._in_fonts = True
        if word in _SKIPPED:
            self._state = replace(self._state, skipped=True)
        elif word == "ud":
            self._state = replace(self._state, skipped=self._outer_skipped())
        elif word in _STORIES and not self._state.skipped:
            self._story = _Story(_STORIES[word])
            self._state = replace(self._state, story=_STORIES[word], hidden=False)
        elif self._starred and word not in _ENTERED:
            self._state = replace(self._state, skipped=True)
        else:
            return False
        return True

    def _outer_skipped(self) -> bool:
        """Whether the group around `upr` is skipped for its own reasons."""
        return len(self._outer) > 1 and self._outer[-2][0].skipped

    def mark_note(self, _: int | None = None) -> None:
        """Insert the number of a note: the next one in the text, its own in a note."""
        self._flush()
        if self._story.kind == NOTE:
            self._say(f"[{self._notes}] ")
        else:
            self._notes += 1
            self._say(f"[{self._notes}]")

    def set_font(self, number: int | None) -> None:
        self._flush()
        self._state = replace(self._state, font=number or 0)

    def set_charset(self, number: int | None) -> None:
        if self._in_fonts:
            self._fonts[self._state.font] = number or 0

    def set_page(self, number: int | None) -> None:
        self._page = number or 0

    def set_fallback(self, number: int | None) -> None:
        self._state = replace(self._state, fallback=1 if number is None else max(number, 0))

    def set_deleted(self, number: int | None) -> None:
        self._flush()
        self._state = replace(self._state, deleted=number != 0)

    def set_hidden(self, number: int | None) -> None:
        self._flush()
        self._state = replace(self._state, hidden=number != 0)

    def plain(self, _: int | None) -> None:
        self._flush()
        self._state = replace(self._state, deleted=False, hidden=False, font=0)

    def unicode(self, number: int | None) -> None:
        """Add a UTF-16 unit and skip its fallback characters."""
        self._flush_bytes()
        self._units.append((number or 0) % 65536)
        self._pass = self._state.fallback

    def enter_table(self, _: int | None) -> None:
        if not self._state.skipped:
            self._flush()
            if not self._story.in_table and self._story.words:
                self._story.end()
            self._story.in_table = True

    def end_cell(self, _: int | None) -> None:
        if not self._state.skipped:
            self._flush()
            self._story.in_table = True
            self._story.end_cell()

    def end_row(self, _: int | None) -> None:
        if not self._state.skipped:
            self._flush()
            self._story.end_row()

    def leave_table(self, _: int | None) -> None:
        self._flush()
        if not self._story.row:
            self._story.in_table = False

    def _raw(self, text: bytes) -> None:
        if self._pass:
            taken = min(self._pass, len(text))
            self._pass -= taken
            text = text[taken:]
        if text:
            self._flush_units()
            self._bytes += text

    def _say(self, words: str) -> None:
        self._flush()
        self._put(words)

    def _flush(self) -> None:
        self._flush_units()
        self._flush_bytes()
        self._pass = 0

    def _flush_units(self) -> None:
        if self._units:
            packed = b"".join(unit.to_bytes(2, "little") for unit in self._units)
            self._units = []
            self._put(packed.decode("utf-16-le", "replace"))

    def _flush_bytes(self) -> None:
        if self._bytes:
            packed = bytes(self._bytes)
            self._bytes.clear()
            self._put(self._decoded(packed))

    def _decoded(self, packed: bytes) -> str:
        charset = self._fonts.get(self._state.font, 0)
        name = _CODE_PAGES.get(charset) or _BY_NUMBER.get(self._page, _LATIN)
        if name == _LATIN or packed.isascii():
            return packed.decode(_LATIN, "replace")
        return packed.decode(name, "replace")

    def _put(self, words: str) -> None:
        if self._state.skipped:
            return
        if self._state.deleted or self._state.hidden:
            kind = "deleted_text" if self._state.deleted else "hidden_text"
            self.unshown.setdefault(kind, []).append(words)
            return
        self._story.words.append(words)


_CONTROLS: Final[Mapping[str, Callable[[_RtfReader, int | None], None]]] = {
    "f": _RtfReader.set_font,
    "fcharset": _RtfReader.set_charset,
    "ansicpg": _RtfReader.set_page,
    "uc": _RtfReader.set_fallback,
    "u": _RtfReader.unicode,
    "deleted": _RtfReader.set_deleted,
    "v": _RtfReader.set_hidden,
    "plain": _RtfReader.plain,
    "chftn": _RtfReader.mark_note,
    "intbl": _RtfReader.enter_table,
    "trowd": _RtfReader.enter_table,
    "cell": _RtfReader.end_cell,
    "nestcell": _RtfReader.end_cell,
    "row": _RtfReader.end_row,
    "nestrow": _RtfReader.end_row,
    "pard": _RtfReader.leave_table,
}
