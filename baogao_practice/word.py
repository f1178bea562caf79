"""Word files made by hand, with the features of Word besides plain paragraphs.

Tracked changes, notes, text boxes, content controls, automatic numbers; DOCX, the XML of Word
2003, RTF, MHTML, and a binary DOC.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

from baogao_practice.attachments import archive

_MAIN: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_SPACES: Final = (
    f'xmlns:w="{_MAIN}" xmlns:r="{_OFFICE}" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)
_BY: Final = 'w:author="a" w:date="2024-02-01T09:00:00Z"'


@dataclass(slots=True)
class WordFile:
    """A DOCX built piece by piece; `shown` are the words that Word would show.

    `levels` are the formats and texts of the levels of its one list, such as
    `("chineseCounting", "%1、")`; `numbering` and `styles` are the insides of those parts where
    they are to be others.
    """

    levels: Sequence[tuple[str, str]] = (("chineseCounting", "%1、"), ("decimal", "(%2)"))
    body: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    header: str = ""
    comments: int = 0
    numbering: str = ""
    styles: str = ""
    parts: list[tuple[str, bytes]] = field(default_factory=list)
    relations: list[tuple[str, str, str]] = field(default_factory=list)

    def paragraph(self, *pieces: str, properties: str = "") -> None:
        """A paragraph of pieces made by the functions of this module."""
        inside = f"<w:pPr>{properties}</w:pPr>" if properties else ""
        self.body.append(f"<w:p>{inside}{''.join(pieces)}</w:p>")

    def item(self, label: str, words: str, level: int = 0) -> None:
        """A paragraph of the list; `label` is what Word shows in front of it."""
        numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
        self.paragraph(run(words), properties=numbered)
        self.shown.append(f"{label}{words}")

    def plain(self, words: str) -> None:
        """A plain paragraph."""
        self.paragraph(run(words))
        self.shown.append(words)

    def note(self, words: str) -> str:
        """A reference to a new footnote with these words."""
        self.notes.append(words)
        return f'<w:r><w:footnoteReference w:id="{len(self.notes) + 1}"/></w:r>'

    def packed(self) -> bytes:
        """The file."""
        relations = [("rN", "numbering", "numbering.xml"), ("rS", "styles", "styles.xml")]
        parts = [
            ("word/numbering.xml", self._numbering()),
            ("word/styles.xml", _part("styles", self.styles)),
        ]
        if self.notes:
            relations.append(("rF", "footnotes", "footnotes.xml"))
            parts.append(("word/footnotes.xml", self._footnotes()))
        if self.header:
            relations.append(("rH", "header", "header1.xml"))
            parts.append(("word/header1.xml", _part("hdr", _p(run(self.header)))))
        if self.comments:
            relations.append(("rC", "comments", "comments.xml"))
            each = "".join(f'<w:comment w:id="{n}">{_p(run("某"))}</w:comment>'
                           for n in range(self.comments))  # fmt: skip
            parts.append(("word/comments.xml", _part("comments", each)))
        relations += self.relations
        parts += self.parts
        refers = '<w:headerReference w:type="default" r:id="rH"/>' if self.header else ""
        body = f"<w:body>{''.join(self.body)}<w:sectPr>{refers}</w:sectPr></w:body>"
        return archive([
            ("[Content_Types].xml", _content_types(parts)),
            ("_rels/.rels", _relations([("r1", "officeDocument", "word/document.xml")])),
            ("word/document.xml", _part("document", body)),
            ("word/_rels/document.xml.rels", _relations(relations)),
            *parts,
        ])  # fmt: skip

    def _numbering(self) -> bytes:
        levels = "".join(
            f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
            f'<w:suff w:val="nothing"/><w:lvlText w:val="{text}"/></w:lvl>'
            for n, (form, text) in enumerate(self.levels)
        )
        lists = (
            f'<w:abstractNum w:abstractNumId="0">{levels}</w:abstractNum>'
            '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        )
        return _part("numbering", self.numbering or lists)

    def _footnotes(self) -> bytes:
        separators = "".join(
            f'<w:footnote w:type="{kind}" w:id="{n}">{_p(f"<w:r><w:{kind}/></w:r>")}</w:footnote>'
            for n, kind in enumerate(("separator", "continuationSeparator"))
        )
        notes = "".join(
            f'<w:footnote w:id="{n}">{_p("<w:r><w:footnoteRef/></w:r>" + run(words))}</w:footnote>'
            for n, words in enumerate(self.notes, 2)
        )
        return _part("footnotes", separators + notes)


def run(words: str, properties: str = "") -> str:
    """A run of words."""
    inside = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{inside}<w:t xml:space="preserve">{escape(words)}</w:t></w:r>'


def inserted(words: str) -> str:
    """Return words that a tracked change inserted."""
    return f'<w:ins w:id="91" {_BY}>{run(words)}</w:ins>'


def deleted(words: str) -> str:
    """Return words that a tracked change deleted."""
    return (
        f'<w:del w:id="92" {_BY}><w:r><w:delText xml:space="preserve">{escape(words)}</w:delText>'
        "</w:r></w:del>"
    )


def moved(words: str) -> tuple[str, str]:
    """Return moved words: the place they left, and the place they were moved to."""
    left = f'<w:moveFrom w:id="93" {_BY}>{run(words)}</w:moveFrom>'
    return left, f'<w:moveTo w:id="94" {_BY}>{run(words)}</w:moveTo>'


def control(words: str) -> str:
    """Words in a content control inside a paragraph."""
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{run(words)}</w:sdtContent></w:sdt>"


def linked(words: str) -> str:
    """Words in a simple field."""
    return f'<w:fldSimple w:instr=" REF x ">{run(words)}</w:fldSimple>'


def field_of(code: str, words: str) -> str:
    """A field with its code and its result."""
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f"<w:r><w:instrText>{escape(code)}</w:instrText></w:r>"
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run(words)}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def ruby(base: str, reading: str) -> str:
    """A word with its reading above."""
    return (
        f"<w:r><w:ruby><w:rubyPr/><w:rt>{run(reading)}</w:rt>"
        f"<w:rubyBase>{run(base)}</w:rubyBase></w:ruby></w:r>"
    )


def box(*paragraphs: str) -> str:
    """A text box, in both forms that Word writes for old and new programs."""
    inside = f"<w:txbxContent>{''.join(_p(run(words)) for words in paragraphs)}</w:txbxContent>"
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor>'
        f"<a:graphic><a:graphicData><wps:wsp><wps:txbx>{inside}</wps:txbx></wps:wsp>"
        "</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f"<v:shape><v:textbox>{inside}</v:textbox></v:shape></w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>"
    )


def table(rows: Sequence[Sequence[str]]) -> str:
    """A table."""
    made = "".join(
        f"<w:tr>{''.join(f'<w:tc>{_p(run(cell))}</w:tc>' for cell in row)}</w:tr>" for row in rows
    )
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{made}</w:tbl>"


def word_2003(paragraphs: Sequence[str]) -> bytes:
    """The XML of Word 2003, with one sentence deleted and the list label written out."""
    space = "http://schemas.microsoft.com/office/word/2003/"
    body = "".join(f"<w:p><w:r><w:t>{escape(words)}</w:t></w:r></w:p>" for words in paragraphs)
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<?mso-application progid="Word.Document"?>\n'
        f'<w:wordDocument xmlns:w="{space}wordml" xmlns:wx="{space}auxHint" '
        'xmlns:aml="http://schemas.microsoft.com/aml/2001/core">'
        f'<w:body><wx:sect>{body}<w:p><w:pPr><w:listPr><w:ilvl w:val="0"/><wx:t wx:val="三、"/>'
        "</w:listPr></w:pPr><w:r><w:t>列表里的一项</w:t></w:r>"
        '<aml:annotation w:type="Word.Deletion"><aml:content><w:r><w:delText>删去的话</w:delText>'
        "</w:r></aml:content></aml:annotation></w:p></wx:sect></w:body></w:wordDocument>"
    ).encode()


def rtf(paragraphs: Sequence[str], note: str = "", removed: str = "") -> bytes:
    """RTF in GBK, as Word writes it for Chinese; the first paragraph has a note behind it."""
    reference = (
        rf"{{\super\chftn}}{{\footnote \pard {{\super\chftn}} {_gbk(note)}}}" if note else ""
    )
    gone = rf"{{\deleted {_gbk(removed)}}}" if removed else ""
    lines = [rf"\pard {_gbk(words)}" for words in paragraphs]
    lines[0] += reference + gone
    head = r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 \'cb\'ce\'cc\'e5;}}"
    inside = "\\par\n".join(lines)
    return f"{head}{{\\header {_gbk('页眉')}}}\n\\f0 {inside}\\par}}".encode("ascii")


def mhtml(html: str) -> bytes:
    """A page saved as MHTML, quoted-printable, in GBK, as Word does it."""
    from quopri import encodestring  # noqa: PLC0415  (no demo needs it)

    content = encodestring(html.encode("gb18030")).replace(b"\n", b"\r\n")
    return (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="----=_Part"\r\n\r\n'
        b"------=_Part\r\nContent-Location: file:///C:/a.htm\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n"
        b'Content-Type: text/html; charset="gb2312"\r\n\r\n' + content + b"\r\n------=_Part--\r\n"
    )


def _gbk(words: str) -> str:
    """Words as RTF writes bytes of GBK; a character beyond it as UTF-16 units."""
    return "".join(map(_escaped, words))


def _escaped(char: str) -> str:
    try:
        packed = char.encode("gbk")
    except UnicodeEncodeError:
        packed = char.encode("utf-16-le")
        units = struct.unpack(f"<{len(packed) // 2}h", packed)
        return "".join(f"\\u{unit}?" for unit in units)
    if packed.isascii() and char not in "\\{}":
        return char
    return "".join(f"\\'{byte:02x}" for byte in packed)


def _p(inside: str) -> str:
    return f"<w:p>{inside}</w:p>"


def _part(name: str, inside: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f"{head}<w:{name} {_SPACES}>{inside}</w:{name}>".encode()


def _relations(relations: Sequence[tuple[str, str, str]]) -> bytes:
    each = "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, kind, target in relations
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{each}</Relationships>'.encode()


def _content_types(parts: Sequence[tuple[str, bytes]]) -> bytes:
    names = {"header1": "header"}
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{_TYPE}.{names.get(own, own)}+xml"/>'
        for name, _ in parts
        if name.endswith(".xml")
        for own in (name.rpartition("/")[2].removesuffix(".xml"),)
    )
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{_TYPE}.document.main+xml"/>'
        f"{overrides}</Types>"
    ).encode()
