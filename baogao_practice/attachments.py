"""Attachments made by hand: minimal PDF, DOCX, OFD, ZIP, and files with a wrong type.

The PDF has a ToUnicode map and no font program, so that its words can be read back; the OLE
file has the magic bytes of an old .doc and nothing that can be read.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from html import escape
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_EPOCH = (2024, 2, 1, 9, 0, 0)
Placed = tuple[Any, ...]
"""Left, bottom, size, words, and the sine and cosine of their angle if they are turned."""
OLE_MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_PIXEL = (
    b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray "
    b"/BitsPerComponent 8 /Length 1 >>\nstream\n\xff\nendstream"
)
_LINES_A_PAGE = 40
_CHARS_A_LINE = 38


def wrapped(text: str, width: int = _CHARS_A_LINE) -> list[str]:
    """Return `text` cut into visual lines of `width` characters."""
    return [text[at : at + width] for at in range(0, len(text), width)] or [""]


def pdf(paragraphs: Sequence[str]) -> bytes:
    """Return a PDF of the paragraphs, indented by two, with each line in position on A4 pages."""
    lines = [
        line
        for n, text in enumerate(paragraphs)
        for line in wrapped(text if n == 0 else f"　　{text}")
    ]
    glyphs = {char: n for n, char in enumerate(dict.fromkeys("".join(lines)), 1)}
    pages = [lines[at : at + _LINES_A_PAGE] for at in range(0, len(lines), _LINES_A_PAGE)]
    return _pdf_pages([_content(page, glyphs) for page in pages], glyphs)


def _pdf_pages(pages: Sequence[bytes], glyphs: dict[str, int]) -> bytes:
    """Return a PDF of pages with these contents; if not `named`, its font has no character map."""
    kids = " ".join(f"{7 + 2 * n} 0 R" for n in range(len(pages)))
    named = "/ToUnicode 5 0 R " if glyphs else ""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        (
            "<< /Type /Font /Subtype /Type0 /BaseFont /SimSun /Encoding /Identity-H "
            f"/DescendantFonts [4 0 R] {named}>>"
        ).encode(),
        (
            b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /SimSun /DW 1000 /CIDSystemInfo "
            b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor "
            b"<< /Type /FontDescriptor /FontName /SimSun /Flags 4 /Ascent 880 /Descent -120 "
            b"/CapHeight 700 /ItalicAngle 0 /StemV 80 /FontBBox [0 -120 1000 880] >> >>"
        ),
        _stream(_to_unicode(glyphs)),
        _PIXEL,
    ]
    for number, page in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {8 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> /XObject << /I1 6 0 R >> >> >>".encode()
        )
        objects.append(_stream(page))
    return _pdf_file(objects)


def placed(
    pages: Sequence[Sequence[Placed]], *, named: bool = True, pictures: Sequence[int] = ()
) -> bytes:
    """Return a PDF with words at given positions, on A4 pages of 595 by 842 points.

    Args:
        pages: for each page the left edge, the height from below, the size, the words and, where
            they are not level, the sine and cosine of their angle.
        named: whether the glyphs have a map to characters.
        pictures: the numbers of the pages (from 0) that are covered by a picture.
    """
    words = "".join(each[3] for page in pages for each in page)
    glyphs = {char: n for n, char in enumerate(dict.fromkeys(words), 1)}
    contents = []
    for number, page in enumerate(pages):
        shown = ["q 595 0 0 842 0 0 cm /I1 Do Q"] if number in pictures else []
        for left, bottom, size, line, *turned in page:
            sine, cosine = turned or (0, 1)
            codes = "".join(f"{glyphs[char]:04X}" for char in line)
            matrix = f"{cosine} {sine} {-sine} {cosine} {left} {bottom}"
            shown.append(f"BT /F1 {size} Tf {matrix} Tm <{codes}> Tj ET")
        contents.append("\n".join(shown).encode())
    return _pdf_pages(contents, glyphs if named else {})


def _content(lines: Sequence[str], glyphs: dict[str, int]) -> bytes:
    shown = ["BT /F1 12 Tf 18 TL 70 780 Td"]
    for line in lines:
        codes = "".join(f"{glyphs[char]:04X}" for char in line)
        shown.append(f"<{codes}> Tj T*")
    return ("\n".join([*shown, "ET"])).encode()


def _to_unicode(glyphs: dict[str, int]) -> bytes:
    pairs = [
        f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>" for char, code in glyphs.items()
    ]
    blocks = [
        f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar"
        for at in range(0, len(pairs), 100)
        for block in (pairs[at : at + 100],)
    ]
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap CMapName currentdict /CMap defineresource pop end end"
    ).encode()


def _stream(content: bytes) -> bytes:
    packed = zlib.compress(content)
    head = f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode()
    return head + packed + b"\nendstream"


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    out = BytesIO()
    out.write(b"%PDF-1.5\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n".encode() + content + b"\nendobj\n")
    table = out.tell()
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    out.write("".join(f"{place:010} 00000 n \n" for place in places).encode())
    out.write(f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\n".encode())
    out.write(f"startxref\n{table}\n%%EOF\n".encode())
    return out.getvalue()


def archive(members: Sequence[tuple[str, bytes]]) -> bytes:
    """Return a ZIP file; its times are fixed, so that the bytes are always the same."""
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        for name, content in members:
            info = ZipInfo(name, _EPOCH)
            info.compress_type = ZIP_DEFLATED
            packed.writestr(info, content)
    return out.getvalue()


def docx(paragraphs: Sequence[str], table: Sequence[Sequence[str]] = ()) -> bytes:
    """Return a Word file with the paragraphs, and a table after them."""
    body = "".join(f"<w:p><w:r><w:t>{escape(text)}</w:t></w:r></w:p>" for text in paragraphs)
    if table:
        rows = "".join(
            "<w:tr>"
            + "".join(
                f"<w:tc><w:p><w:r><w:t>{escape(cell)}</w:t></w:r></w:p></w:tc>" for cell in row
            )
            + "</w:tr>"
            for row in table
        )
        body += f"<w:tbl><w:tblPr/><w:tblGrid/>{rows}</w:tbl>"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return archive(
        [
            (
                "[Content_Types].xml",
                _xml(
                    f'<Types xmlns="{package}/content-types">'
                    '<Default Extension="rels" ContentType='
                    '"application/vnd.openxmlformats-package.relationships+xml"/>'
                    '<Default Extension="xml" ContentType="application/xml"/>'
                    f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
                ),
            ),
            (
                "_rels/.rels",
                _xml(
                    f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
                    f'Type="{office}/officeDocument" Target="word/document.xml"/></Relationships>'
                ),
            ),
            (
                "word/document.xml",
                _xml(f'<w:document xmlns:w="{word}"><w:body>{body}</w:body></w:document>'),
            ),
        ]
    )


def ofd(paragraphs: Sequence[str]) -> bytes:
    """Return an OFD file (GB/T 33190): a text object for each visual line, 40 lines on a page."""
    lines = [
        line
        for n, text in enumerate(paragraphs)
        for line in wrapped(text if n == 0 else f"　　{text}")
    ]
    pages = [lines[at : at + _LINES_A_PAGE] for at in range(0, len(lines), _LINES_A_PAGE)]
    space = 'xmlns:ofd="http://www.ofdspec.org/2016"'
    listed = "".join(
        f'<ofd:Page ID="{n + 1}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages))
    )
    members = [
        (
            "OFD.xml",
            _xml(
                f'<ofd:OFD {space} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo/>'
                "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
            ),
        ),
        (
            "Doc_0/Document.xml",
            _xml(
                f"<ofd:Document {space}><ofd:CommonData><ofd:MaxUnitID>9999</ofd:MaxUnitID>"
                "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
                f"</ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
            ),
        ),
    ]
    for number, page in enumerate(pages):
        objects = "".join(
            f'<ofd:TextObject ID="{100 + 50 * number + row}" Font="1" Size="4" '
            f'Boundary="20 {20 + 6 * row} 170 6"><ofd:TextCode X="0" Y="4">{escape(line)}'
            "</ofd:TextCode></ofd:TextObject>"
            for row, line in enumerate(page)
        )
        content = (
            f'<ofd:Page {space}><ofd:Content><ofd:Layer ID="{number + 50}">{objects}'
            "</ofd:Layer></ofd:Content></ofd:Page>"
        )
        members.append((f"Doc_0/Pages/Page_{number}/Content.xml", _xml(content)))
    return archive(members)


def ole(paragraphs: Sequence[str]) -> bytes:
    """Return the magic bytes of an old .doc or .wps, followed by unstructured UTF-16 words."""
    return OLE_MAGIC + bytes(504) + "\r".join(paragraphs).encode("utf-16-le")


def _xml(content: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{content}'.encode()
