"""Turns DOCX and Word's XML into lines with lxml; python-docx would lose text.

python-docx 1.2 returns only the direct runs of direct paragraphs. It omits tracked insertions,
content controls, fields, text boxes, notes and automatic numbers.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from archive.known import Knowledge
from archive.model import Flag
from archive.read.documents.found import (
    DAMAGE,
    DocumentLine,
    ReadDocument,
    Unreadable,
    attribute,
    document_flag,
    has_words,
    how_to,
    lines_of,
    local,
    parsed,
)
from archive.read.documents.layout import lay_out
from archive.read.documents.numerals import formatted
from archive.read.documents.word.numbering import Numbering, child, children, value
from archive.read.documents.word.walking import Note, WordWalk, flags_of

HOW: Final = "wordprocessingml"
_SEPARATORS: Final = frozenset({"separator", "continuationSeparator", "continuationNotice"})
_KINDS_OF_NOTES: Final = {"footnote": "decimal", "endnote": "lowerRoman"}
_ASIDES: Final = ("header", "footer")

Chunk = Callable[[bytes], Iterable[DocumentLine]]
"""Reads a document embedded as text; its bytes say what it is."""


@dataclass(slots=True)
class Package:
    """The parts of a document by name, and the relations of the main part by kind.

    `damaged` are parts that could not be read.
    """

    main: str
    read: Callable[[str], bytes]
    names: frozenset[str]
    relations: list[tuple[str, str, str]] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    def parts(self, kind: str) -> Iterator[str]:
        """Return the distinct names of the parts that the main part relates to as `kind`."""
        found = (name for _, of, name in self.relations if of == kind)
        yield from dict.fromkeys(name for name in found if name in self.names)

    def part(self, kind: str) -> etree._Element | None:
        """Return the part of this kind, or None if it is missing or damaged."""
        return next((xml for name in self.parts(kind) if (xml := self.xml(name)) is not None), None)

    def xml(self, name: str) -> etree._Element | None:
        """Return a part as XML, or None if it is damaged."""
        try:
            return parsed(self.read(name))
        except (etree.LxmlError, *DAMAGE):
            self.damaged.append(name)
            return None


def read_docx(
    payload: bytes, chunk: Chunk = lambda _: (), knowledge: Knowledge | None = None
) -> ReadDocument:
    """Read paragraphs, table rows, text boxes and notes in document order.

    Args:
        payload: the bytes.
        chunk: reads a document embedded as text.
        knowledge: if set, a document that consists of pictures is read by OCR.

    Raises:
        Unreadable: it is damaged or contains no text.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as file:
            package = _package(file)
            try:
                return _found(package, "docx", chunk)
            except _OnlyPicturesError as only:
                if knowledge is None:
                    raise Unreadable(how_to(str(only))) from only
                return _seen(package, only.names, knowledge)
    except (etree.LxmlError, *DAMAGE) as error:
        raise Unreadable(f"the DOCX is damaged: {error}") from error


def read_wordml(payload: bytes, chunk: Chunk = lambda _: ()) -> ReadDocument:
    """Read an XML file written by Word: Word 2003 XML, or all parts of a DOCX in one file.

    Raises:
        Unreadable: it is damaged or contains no text.
    """
    try:
        root = parsed(payload)
        if local(root) == "package":
            return _found(_flat(root), "wordml", chunk)
        return _read(root, Package("", lambda _: b"", frozenset()), "wordml", chunk)
    except _OnlyPicturesError as only:
        raise Unreadable(str(only)) from only
    except (etree.LxmlError, *DAMAGE) as error:
        raise Unreadable(f"the Word XML is damaged: {error}") from error


def _package(file: zipfile.ZipFile) -> Package:
    by_name = {name.replace("\\", "/").lstrip("/"): name for name in file.namelist()}

    def read(name: str) -> bytes:
        return file.read(by_name[name])

    return _related(read, frozenset(by_name))


def _flat(root: etree._Element) -> Package:
    parts = {}
    for part in root:
        content = next((each for each in part if local(each) == "xmlData"), None)
        if content is not None and len(content):
            name = (attribute(part, "name") or "").lstrip("/")
            parts[name] = etree.tostring(content[0])
    return _related(parts.__getitem__, frozenset(parts))


def _related(read: Callable[[str], bytes], names: frozenset[str]) -> Package:
    package = Package("", read, names)
    tops = [name for _, of, name in _relations(package, "") if of == "officeDocument"]
    package.main = next((n for n in (*tops, "word/document.xml") if n in names), "")
    package.relations = _relations(package, package.main)
    return package


def _relations(package: Package, of: str) -> list[tuple[str, str, str]]:
    """Yield id, kind and name of the parts that a part relates to."""
    folder, own = posixpath.split(of)
    name = posixpath.join(folder, "_rels", f"{own}.rels")
    root = package.xml(name) if name in package.names else None
    found = []
    for each in () if root is None else root:
        target = (each.get("Target") or "").replace("\\", "/")
        where = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
        kind = (each.get("Type") or "").rpartition("/")[2]
        found.append((each.get("Id") or "", kind, posixpath.normpath(where)))
    return found


def _found(package: Package, medium: str, chunk: Chunk) -> ReadDocument:
    if not package.main:
        raise Unreadable("the DOCX has no main part")
    root = parsed(package.read(package.main))
    return _read(root, package, medium, chunk)


def _read(root: etree._Element, package: Package, medium: str, chunk: Chunk) -> ReadDocument:
    numbering = Numbering(package.part("numbering"), package.part("styles"))
    notes = _Notes(package, root)
    story = WordWalk(numbering, notes.of, _chunks(package, chunk))
    body = next((each for each in root.iter() if local(each) == "body"), root)
    lines = [*story.lines(body)]
    lines += story.note_lines()
    lines += notes.unreferred(story)
    lines += _asides(package, story)
    if not has_words(lines):
        pictures = [name for each, _, name in package.relations if each in set(story.pictures)]
        if pictures:
            raise _OnlyPicturesError(pictures)
        raise Unreadable("the document holds no text")
    return ReadDocument(tuple(lines), medium, HOW, (*story.flags(), *_lost(package, root)))


class _OnlyPicturesError(Exception):
    """A document without words, and the names of its pictures in text order."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"the document holds no text, but {len(names)} pictures")
        self.names = names


def _seen(package: Package, names: list[str], knowledge: Knowledge) -> ReadDocument:
    """Return the document with the words read from its pictures, each a page."""
    from archive.read.ocr.pages import found_of, frames, sight  # noqa: PLC0415  (needs an extra)

    seen, eye = sight(knowledge)
    shown = (frame for name in names for frame in frames(package.read(name)))
    sheets = [seen.look(eye, frame, number) for number, frame in enumerate(shown, 1)]
    return found_of(lay_out(sheets), seen, how=HOW)


def _chunks(package: Package, chunk: Chunk) -> Callable[[str], Iterable[DocumentLine]]:
    names = {each: name for each, _, name in package.relations}

    def lines(identity: str) -> Iterable[DocumentLine]:
        name = names.get(identity, "")
        if name not in package.names:
            package.damaged.append(name or identity)
            return ()
        return chunk(package.read(name))

    return lines


class _Notes:
    """Footnotes and endnotes, from the package or from the text itself."""

    def __init__(self, package: Package, root: etree._Element) -> None:
        self._bodies = {
            kind: {attribute(each, "id") or "": each for each in part if _is_text(each)}
            for kind in _KINDS_OF_NOTES
            if (part := package.part(f"{kind}s")) is not None
        }
        self._format, self._last = dict(_KINDS_OF_NOTES), dict.fromkeys(_KINDS_OF_NOTES, 0)
        self._referred: set[tuple[str, str]] = set()
        for settings in (package.part("settings"), root):
            self._settle(settings)

    def of(self, reference: etree._Element) -> Note | None:
        """Return the note that an element refers to or contains, with its mark."""
        name = local(reference)
        kind = name.removesuffix("Reference")
        body: etree._Element | None = reference
        if name != kind:
            identity = attribute(reference, "id") or ""
            body = self._bodies.get(kind, {}).get(identity)
            self._referred.add((kind, identity))
        if body is None or not _is_text(body):
            return None
        if attribute(reference, "customMarkFollows") in {"1", "true", "on"}:
            return Note("", body)
        self._last[kind] += 1
        return Note(mark(self._last[kind], self._format[kind]), body)

    def unreferred(self, story: WordWalk) -> Iterator[DocumentLine]:
        """Yield notes that the text does not refer to; they are still text."""
        for kind, bodies in self._bodies.items():
            for identity, body in bodies.items():
                if (kind, identity) not in self._referred:
                    yield from (line for line in story.lines(body, "note") if line.words.strip())

    def _settle(self, part: etree._Element | None) -> None:
        """Set the formats that settings and sections define."""
        for each in () if part is None else part.iter():
            kind = local(each).removesuffix("Pr")
            if kind in _KINDS_OF_NOTES and local(each) != kind:
                if (form := value(child(each, "numFmt"))) is not None:
                    self._format[kind] = form
                start = value(child(each, "numStart"))
                if start is not None and start.isdecimal():
                    self._last[kind] = int(start) - 1


def mark(number: int, form: str) -> str:
    """Return the mark of a note.

    A plain number is bracketed, so that it does not join the figures.
    """
    words = formatted(number, form)
    return (
        words if len(words) == 1 and not words.isascii() and not words.isalpha() else f"[{words}]"
    )


def _is_text(note: etree._Element) -> bool:
    return attribute(note, "type") not in _SEPARATORS


def _asides(package: Package, story: WordWalk) -> Iterator[DocumentLine]:
    """Yield running heads and feet, without duplicates: kept beside the text."""
    seen: set[str] = set()
    for kind in _ASIDES:
        for name in package.parts(kind):
            part = package.xml(name)
            for line in () if part is None else story.lines(part, kind):
                if line.words.strip() and line.words not in seen:
                    seen.add(line.words)
                    yield from lines_of(line.words, kind, aside=True)


def _lost(package: Package, root: etree._Element) -> Iterator[Flag]:
    if package.damaged:
        names = ", ".join(sorted(set(package.damaged)))
        yield document_flag("reader_loss", f"{len(set(package.damaged))} damaged parts: {names}")
    part = package.part("comments")
    comments = list(children(part, "comment")) if part is not None else []
    inline = [e for e in root.iter() if attribute(e, "type") == "Word.Comment"]
    yield from flags_of({}, {"comments": len(comments) + len(inline)})
