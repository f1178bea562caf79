"""Turns WordprocessingML into lines: every word that Word shows, in document order.

Elements are identified by local names, so that one walker reads Word 2003 XML, DOCX and strict
DOCX. Unknown elements are traversed, because their content is text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from archive.model import Flag
from archive.read.documents.found import (
    NOTE,
    DocumentLine,
    attribute,
    document_flag,
    lines_of,
    local,
)
from archive.read.documents.word.numbering import Numbering, child, is_on

MANY_CELL_LINES: Final = 3
LONG_CELL_LINE: Final = 60
"""A table row with a longer cell is layout: each line of its cells becomes a line."""
LARGE_PICTURE: Final = 2_500_000
"""Width and height in EMU (7 cm) from which a picture may contain a page of words."""

_SKIPPED: Final = frozenset({
    "instrText", "delInstrText", "fldData", "sectPr", "tblPr", "tblGrid", "trPr", "tcPr", "rPr",
    "sdtPr", "sdtEndPr", "rubyPr", "footnotePr", "endnotePr", "docPr", "cNvPr", "numPicBullet",
    "footnoteRef", "endnoteRef", "annotationRef", "separator", "continuationSeparator", "binData",
    "smartTagPr", "customXmlPr", "fldSimplePr", "posOffset", "extent", "listPr", "ffData",
})  # fmt: skip
_DELETED: Final = frozenset({"del", "moveFrom"})
"""Moved text is deleted in one place and present in another; it is not counted as lost."""
_MARKS: Final = {
    "tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": "",
}  # fmt: skip
_TEXTS: Final = frozenset({"t", "delText"})


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its mark, and the element with its paragraphs."""

    mark: str
    body: etree._Element


@dataclass(slots=True)
class WordWalk:
    """The context of a walk through a document, and what is found beside the lines.

    `note` returns the note that a reference (`footnoteReference` …) names, and its mark. `chunk`
    returns the lines of a document embedded as text (`altChunk`).
    """

    numbering: Numbering
    note: Callable[[etree._Element], Note | None] = lambda _: None
    chunk: Callable[[str], Iterable[DocumentLine]] = lambda _: ()
    notes: list[Note] = field(default_factory=list)
    unshown: dict[str, list[str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    pictures: list[str] = field(default_factory=list)

    def lines(self, container: etree._Element, tag: str = "p") -> Iterator[DocumentLine]:
        """Yield the lines of an element with paragraphs and tables."""
        yield from _Blocks(self, tag).of(container)

    def note_lines(self) -> Iterator[DocumentLine]:
        """Yield the notes referenced so far, each with its mark in front."""
        for note in self.notes:  # a note may refer to another one
            lines = [line for line in self.lines(note.body, NOTE) if line.words.strip()]
            for number, line in enumerate(lines):
                mark = f"{note.mark} " if note.mark and not number else ""
                yield DocumentLine(f"{mark}{line.words.strip()}", NOTE)

    def flags(self) -> Iterator[Flag]:
        """Yield flags, with counts, for content that is not part of the text."""
        return flags_of(self.unshown, self.counts)


def flags_of(unshown: Mapping[str, Sequence[str]], counts: Mapping[str, int]) -> Iterator[Flag]:
    """Yield flags by kind for omitted words and for content that is not read."""
    for kind, pieces in unshown.items():
        chars = sum(len("".join(piece.split())) for piece in pieces)
        if chars:
            why = _UNSHOWN[kind].format(chars=chars, pieces=len(pieces))
            yield document_flag(kind, why, " … ".join(pieces))
    for kind, count in sorted(counts.items()):
        if count:
            yield document_flag(kind, _COUNTED[kind].format(count=count))


_UNSHOWN: Final = {
    "deleted_text": "{chars} characters in {pieces} tracked deletions are no part of the text",
    "hidden_text": "{chars} characters in {pieces} pieces are marked as hidden, and left out",
}
_COUNTED: Final = {
    "pictures_unread": "{count} large pictures are not read; words in them are missing",
    "comments": "{count} comments in the margin are no part of the text",
    "embedded_unread": "{count} embedded objects are not read (charts, diagrams, other documents)",
}


class _Blocks:
    """Walks paragraphs and tables. A paragraph whose mark was deleted continues in the next one."""

    def __init__(self, story: WordWalk, tag: str) -> None:
        self._story = story
        self._tag = tag
        self._carried = ""

    def of(self, container: etree._Element) -> Iterator[DocumentLine]:
        yield from self._of(container)
        if self._carried:
            yield from lines_of(self._carried, self._tag)

    def _of(self, container: etree._Element) -> Iterator[DocumentLine]:
        for each in container:
            name = local(each)
            if name == "p":
                yield from self._paragraph(each)
            elif name == "tbl":
                yield from self._table(each)
            elif name == "altChunk":
                yield from self._story.chunk(attribute(each, "id") or "")
            elif name == "AlternateContent":
                yield from self._of(chosen(each))
            elif name in _DELETED:
                _Runs(self._story).deleted(each)
            elif name in {"r", "t", "oMathPara", "oMath"}:  # a run outside of any paragraph
                yield from self._loose(each)
            elif name and name not in _SKIPPED:
                yield from self._of(each)

    def _paragraph(self, paragraph: etree._Element) -> Iterator[DocumentLine]:
        runs = _Runs(self._story)
        words = runs.of(paragraph)
        label = self._story.numbering.label(paragraph)
        words = f"{label if words.strip() else ''}{words}"
        if _mark_deleted(paragraph):
            self._carried += words
        else:
            yield from lines_of(f"{self._carried}{words}", self._tag)
            self._carried = ""
        yield from runs.boxes

    def _loose(self, run: etree._Element) -> Iterator[DocumentLine]:
        runs = _Runs(self._story)
        yield from lines_of(runs.inside(run), self._tag)
        yield from runs.boxes

    def _table(self, table: etree._Element) -> Iterator[DocumentLine]:
        for each in _within(table, "tr"):
            if is_on(child(child(each, "trPr"), "del")):
                _Runs(self._story).deleted(each)
                continue
            cells = (_Blocks(self._story, "td").of(cell) for cell in _within(each, "tc"))
            yield from row(list(map(list, cells)))


def row(cells: Sequence[Sequence[DocumentLine]]) -> Iterator[DocumentLine]:
    """Yield a data row as one line with tabs between cells, and a layout row as several lines."""
    filled = [[line for line in cell if line.words.strip()] for cell in cells]
    data = all(
        len(cell) <= MANY_CELL_LINES and all(len(line.words) <= LONG_CELL_LINE for line in cell)
        for cell in filled
    )
    if len(filled) > 1 and (data or all(len(cell) <= 1 for cell in filled)):
        words = "\t".join(" ".join(line.words.strip() for line in cell) for cell in filled)
        yield DocumentLine(words.rstrip(), "tr")
    else:
        for cell in filled:
            yield from cell


class _Runs:
    """Walks the content of one paragraph; `boxes` are the lines of its text boxes."""

    def __init__(self, story: WordWalk) -> None:
        self._story = story
        self.boxes: list[DocumentLine] = []

    def of(self, paragraph: etree._Element) -> str:
        """Return the words of a paragraph."""
        return "".join(map(self.inside, (c for c in paragraph if local(c) != "pPr")))

    def inside(self, element: etree._Element) -> str:
        """Return the words of an element inside a paragraph."""
        name = local(element)
        if name in _TEXTS:
            return element.text or ""
        if name in _MARKS:
            return _MARKS[name]
        if name in _DELETED or attribute(element, "type") == "Word.Deletion":
            return self.deleted(element)
        if name == "r" and is_on(child(child(element, "rPr"), "vanish")):
            return self._unshown("hidden_text", element)
        return self._special(name, element)

    def _special(self, name: str, element: etree._Element) -> str:
        handler = _HANDLERS.get(name)
        if handler is not None:
            return handler(self, element)
        if name in {"inline", "anchor"} and _is_large(element):
            self._story.counts["pictures_unread"] += 1
        if name in {"chart", "relIds", "OLEObject"}:
            self._story.counts["embedded_unread"] += 1
        return "" if name in _SKIPPED or not name else self._all(element)

    def alternative(self, element: etree._Element) -> str:
        return self._all(chosen(element))

    def box(self, element: etree._Element) -> str:
        self.boxes += self._story.lines(element, "box")
        return ""

    def drawn(self, element: etree._Element) -> str:
        """Return a paragraph of a drawing."""
        self.boxes += lines_of(self._all(element), "box")
        return ""

    def picture(self, element: etree._Element) -> str:
        name = attribute(element, "embed") or attribute(element, "id") or ""
        self._story.pictures.append(name)
        return ""

    def symbol(self, element: etree._Element) -> str:
        """Return a character by its number in a font; symbol fonts use private-use numbers."""
        try:
            return chr(int(attribute(element, "char") or "", 16))
        except (ValueError, OverflowError):
            return "\ufffd"

    def deleted(self, element: etree._Element) -> str:
        """Record deleted words, which are not part of the text."""
        return "" if local(element) == "moveFrom" else self._unshown("deleted_text", element)

    def _unshown(self, kind: str, element: etree._Element) -> str:
        texts = (each.text or "" for each in element.iter() if local(each) in _TEXTS)
        if words := "".join(texts):
            self._story.unshown.setdefault(kind, []).append(words)
        return ""

    def _all(self, element: etree._Element) -> str:
        return "".join(map(self.inside, element))

    def note(self, element: etree._Element) -> str:
        note = self._story.note(element)
        if note is None:
            return ""
        self._story.notes.append(note)
        return "" if attribute(element, "customMarkFollows") in {"1", "true", "on"} else note.mark

    def ruby(self, element: etree._Element) -> str:
        base, above = (child(element, name) for name in ("rubyBase", "rt"))
        words = self._all(base) if base is not None else ""
        reading = self._all(above) if above is not None else ""
        return f"{words}（{reading}）" if reading.strip() else words


_HANDLERS: Final[Mapping[str, Callable[[_Runs, etree._Element], str]]] = {
    "AlternateContent": _Runs.alternative,
    "txbxContent": _Runs.box,
    "footnoteReference": _Runs.note,
    "endnoteReference": _Runs.note,
    "footnote": _Runs.note,
    "endnote": _Runs.note,
    "ruby": _Runs.ruby,
    "sym": _Runs.symbol,
    "p": _Runs.drawn,
    "blip": _Runs.picture,
    "imagedata": _Runs.picture,
}


def chosen(element: etree._Element) -> etree._Element:
    """Return the alternative to read: the first with words, otherwise the first."""
    forms = [each for each in element if local(each) in {"Choice", "Fallback"}]
    holding = (f for f in forms if any(local(e) in _TEXTS and e.text for e in f.iter()))
    return next(holding, forms[0] if forms else element)


def _within(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the rows of a table or cells of a row, including those in content controls."""
    for each in element:
        if local(each) == name:
            yield each
        elif local(each) not in {"tbl", "tr", "tc", *_SKIPPED, *_DELETED} and local(each):
            yield from _within(each, name)


def _mark_deleted(paragraph: etree._Element) -> bool:
    properties = child(child(paragraph, "pPr"), "rPr")
    if properties is None:
        return False
    return any(
        local(each) in _DELETED or attribute(each, "type") == "Word.Deletion" for each in properties
    )


def _is_large(element: etree._Element) -> bool:
    extent = child(element, "extent")
    if extent is None or not any(local(each) == "blip" for each in element.iter()):
        return False
    try:
        sizes = [int(extent.get(name) or 0) for name in ("cx", "cy")]
    except ValueError:
        return False
    return min(sizes) >= LARGE_PICTURE
