"""Files made to do harm to whoever opens them: bombs, loops, lies about sizes, ways out.

`FILES` has, for each name, what makes its bytes. Nothing here is larger than some megabytes.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib

TEXT = "武安市2023年政府工作报告\n各位代表：\n" + "过去一年，我们修了三座桥。\n" * 30
KB = 1 << 10
MB = 1 << 20
XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"ha" * 50 + b'">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 50) for i in range(8)
) + b"]>"  # fmt: skip


def packed(members, **options):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return buffer.getvalue()


def zip_bomb():
    """Members that unpack to 66 MB and, all together, to more than a hundred times the file."""
    return packed({f"{n}.txt": bytes(66 * MB) for n in range(2)} | {"good.txt": TEXT})


def many_bombs():
    """Members within bounds that come to far more together."""
    return packed({f"{n}.txt": b"\0" * (30 * MB) for n in range(5)})


def nested_bombs():
    """ZIPs in ZIPs, five deep."""
    inside = packed({"deepest.txt": TEXT})
    for _ in range(5):
        inside = packed({"inner.zip": inside})
    return inside


def overlapping():
    """Two hundred entries of a directory that all name the same bytes."""
    whole = bytearray(packed({"a.txt": b"\0" * (2 * MB)}))
    start = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    entry, tail = bytes(whole[start:end]), bytearray(whole[end:])
    entries = entry * 200
    struct.pack_into("<HHI", tail, 8, 200, 200, len(entries))
    return bytes(whole[:start]) + entries + bytes(tail)


def out_of_the_folder():
    return packed({"../../../../../../tmp/evil.txt": TEXT, "/etc/evil.txt": TEXT,
                   "..\\..\\evil.txt": TEXT})  # fmt: skip


def link_in_zip():
    entry = zipfile.ZipInfo("link.txt")
    entry.create_system, entry.external_attr = 3, 0o120777 << 16
    return packed({entry: "/etc/passwd", "good.txt": TEXT})


def lies_about_sizes():
    """A ZIP64 header that declares 2^62 bytes."""
    whole = bytearray(packed({"a.txt": TEXT}))
    for mark, at in ((b"PK\x01\x02", 20), (b"PK\x03\x04", 18)):
        struct.pack_into("<II", whole, whole.index(mark) + at, 0xFFFFFFFF, 0xFFFFFFFF)
    start = whole.index(b"PK\x01\x02")
    extra = struct.pack("<HHQQ", 1, 16, 1 << 62, 1 << 62)
    struct.pack_into("<H", whole, start + 30, len(extra))
    name_end = start + 46 + len("a.txt")
    end = whole.index(b"PK\x05\x06")
    whole[name_end:name_end] = extra
    (size,) = struct.unpack_from("<I", whole, end + len(extra) + 12)
    struct.pack_into("<I", whole, end + len(extra) + 12, size + len(extra))
    return bytes(whole)


def smaller_than_it_is():
    """A header that declares ten bytes where a megabyte comes."""
    whole = bytearray(packed({"a.txt": b"a" * MB}))
    for mark, at in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        struct.pack_into("<I", whole, whole.index(mark) + at, 10)
    return bytes(whole)


def offset_beyond():
    whole = bytearray(packed({"a.txt": TEXT}))
    struct.pack_into("<I", whole, whole.index(b"PK\x01\x02") + 42, 0xFFFFFFF0)
    return bytes(whole)


SCHEMAS = b"http://schemas.openxmlformats.org"


def types(*parts):
    """What the parts of an Office package are, as (place, kind)."""
    kind = b"application/vnd.openxmlformats-officedocument."
    listed = b"".join(
        b'<Override PartName="/%s" ContentType="%s%s+xml"/>' % (place, kind, name)
        for place, name in parts
    )
    return b'<Types xmlns="%s/package/2006/content-types">%s</Types>' % (SCHEMAS, listed)


def relations(*parts):
    """How the parts of an Office package hang together, as (id, kind, place)."""
    kind = SCHEMAS + b"/officeDocument/2006/relationships/"
    listed = b"".join(
        b'<Relationship Id="%s" Type="%s%s" Target="%s"/>' % (key, kind, name, place)
        for key, name, place in parts
    )
    return b'<Relationships xmlns="%s/package/2006/relationships">%s</Relationships>' % (
        SCHEMAS, listed)  # fmt: skip


def docx(document):
    place = b"word/document.xml"
    return packed({
        "[Content_Types].xml": types((place, b"wordprocessingml.document.main")),
        "_rels/.rels": relations((b"r", b"officeDocument", place)),
        "word/document.xml": document,
    })  # fmt: skip


W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def word(words, before=b""):
    return docx(before + b"<w:document %s><w:body>%s</w:body></w:document>" % (W, words))


def deep_word():
    return word(b"<w:tbl><w:tr><w:tc>" * 3000 + b"</w:tc></w:tr></w:tbl>" * 3000)


def ofd(**parts):
    return packed({"OFD.xml": b"<OFD><DocBody><DocRoot>D/D.xml</DocRoot></DocBody></OFD>", **parts})


def ofd_of_one_page_often():
    """Two thousand pages that are all the same megabyte."""
    page = (
        b"<P>"
        + b'<TextObject Boundary="1 2 3 4"><TextCode>\xe6\x8a\xa5</TextCode></TextObject>' * 4_000
        + b"</P>"
    )
    pages = b"<Page BaseLoc='P.xml'/>" * 2000
    return ofd(**{"D/D.xml": b"<D>" + pages + b"</D>", "D/P.xml": page})


def pdf(*objects, root=1):
    return b"%PDF-1.4\n" + b"\n".join(objects) + b"\ntrailer <</Root %d 0 R>>\n" % root


CATALOG = b"1 0 obj <</Type /Catalog /Pages 2 0 R>> endobj"


def stream(number, content, more=b""):
    return b"%d 0 obj <</Length %d %s>> stream\n%s\nendstream endobj" % (
        number, len(content), more, content)  # fmt: skip


def page_tree_cycle():
    return pdf(CATALOG, b"2 0 obj <</Type /Pages /Kids [2 0 R 3 0 R] /Count 9>> endobj",
               b"3 0 obj <</Type /Pages /Parent 2 0 R /Kids [2 0 R] /Count 9>> endobj")  # fmt: skip


def object_loop():
    return pdf(CATALOG, b"2 0 obj 3 0 R endobj", b"3 0 obj 2 0 R endobj")


def many_pages():
    kids = b"3 0 R " * 100_000
    return pdf(CATALOG, b"2 0 obj <</Type /Pages /Kids [%s] /Count 100000>> endobj" % kids,
               b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>> endobj")  # fmt: skip


def declared_pages():
    return pdf(CATALOG, b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 2147483647>> endobj",
               b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>> endobj")  # fmt: skip


def forms_in_forms():
    """A page that draws a form ten times that draws a form ten times …: 10^9 words."""
    form = b"/Type /XObject /Subtype /Form /BBox [0 0 9 9]"
    forms = [
        stream(n, b"/X Do " * 10, form + b" /Resources <</XObject <</X %d 0 R>>>>" % (n + 1))
        for n in range(5, 14)
    ]
    words = b"BT /F 9 Tf (boom) Tj ET"
    last = stream(14, words, form + b" /Resources <</Font <</F 4 0 R>>>>")
    return pdf(
        CATALOG, b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj",
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 15 0 R"
        b" /Resources <</XObject <</X 5 0 R>>>>>> endobj",
        b"4 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj",
        stream(15, b"/X Do"), *forms, last,
    )  # fmt: skip


def inflating_stream():
    """A page whose words unpack from a megabyte to a gigabyte of operators."""
    operators = zlib.compress(b"(a) Tj " * (100 * MB // 7), 6)
    return pdf(
        CATALOG, b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj",
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R"
        b" /Resources <</Font <</F 4 0 R>>>>>> endobj",
        b"4 0 obj <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>> endobj",
        stream(5, operators, b"/Filter /FlateDecode"),
    )  # fmt: skip


def huge_image():
    return pdf(
        CATALOG, b"2 0 obj <</Type /Pages /Kids [3 0 R] /Count 1>> endobj",
        b"3 0 obj <</Type /Page /Parent 2 0 R /MediaBox [0 0 999999999 999999999] /Contents 5 0 R"
        b" /Resources <</XObject <</X 4 0 R>>>>>> endobj",
        stream(4, b"x", b"/Type /XObject /Subtype /Image /Width 2000000000 /Height 2000000000"
               b" /BitsPerComponent 8 /ColorSpace /DeviceRGB"),
        stream(5, b"/X Do"),
    )  # fmt: skip


def xlsx(sheet, shared=b'<sst xmlns="NS"/>'):
    main = SCHEMAS + b"/spreadsheetml/2006/main"
    rel = SCHEMAS + b"/officeDocument/2006/relationships"
    book, one, strings = b"xl/workbook.xml", b"worksheets/sheet1.xml", b"sharedStrings.xml"
    kinds = (
        (book, b"spreadsheetml.sheet.main"), (b"xl/" + one, b"spreadsheetml.worksheet"),
        (b"xl/" + strings, b"spreadsheetml.sharedStrings"),
    )  # fmt: skip
    sheets = b'<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets>'
    return packed({
        "[Content_Types].xml": types(*kinds),
        "_rels/.rels": relations((b"r", b"officeDocument", book)),
        "xl/workbook.xml": b'<workbook xmlns="%s" xmlns:r="%s">%s</workbook>' % (main, rel, sheets),
        "xl/_rels/workbook.xml.rels": relations(
            (b"r1", b"worksheet", one), (b"r2", b"sharedStrings", strings)
        ),
        "xl/worksheets/sheet1.xml": sheet.replace(b"NS", main),
        "xl/sharedStrings.xml": shared.replace(b"NS", main),
    })  # fmt: skip


def cell(place, words):
    return b'<c r="%s" t="inlineStr"><is><t>%s</t></is></c>' % (place, words)


HEADER = b'<row r="1">' + cell(b"A1", b"text") + b"</row>"
GOOD_ROW = b'<row r="2">' + cell(b"A2", TEXT.encode()) + b"</row>"


def sheet(rows, before=b""):
    return before + b'<worksheet xmlns="NS"><sheetData>' + rows + b"</sheetData></worksheet>"


def far_row():
    return xlsx(sheet(HEADER + GOOD_ROW + b'<row r="4000000000">' + cell(b"A3", b"x") + b"</row>"))


def wide_sheet():
    dimension = b'<worksheet xmlns="NS"><dimension ref="A1:XFD1048576"/><sheetData>'
    return xlsx(sheet(HEADER + GOOD_ROW).replace(b'<worksheet xmlns="NS"><sheetData>', dimension))


def very_many_columns():
    cells = b"".join(b'<c t="inlineStr"><is><t>c</t></is></c>' for _ in range(100_000))
    return xlsx(sheet(b'<row r="1">' + cells + b"</row>" + GOOD_ROW))


def shared_strings_bomb():
    """A workbook whose shared strings are declared to be two gigabytes."""
    whole = bytearray(xlsx(sheet(HEADER + GOOD_ROW)))
    name = whole.rindex(b"xl/sharedStrings.xml")
    struct.pack_into("<I", whole, name - 46 + 24, 2 * 1024 * MB)
    return bytes(whole)


def laughing_sheet():
    return xlsx(
        sheet(HEADER + b'<row r="2"><c r="A2" t="inlineStr"><is><t>&i;</t></is></c></row>', LAUGHS)
    )


def sheet_with_xxe():
    return xlsx(
        sheet(HEADER + b'<row r="2"><c r="A2" t="inlineStr"><is><t>&e;</t></is></c></row>', XXE)
    )


def nested_parts():
    """MHTML: a hundred thousand parts, each in the one before."""
    lines = [b"MIME-Version: 1.0"]
    for n in range(100_000):
        lines += [b'Content-Type: multipart/related; boundary="b%d"' % n, b"", b"--b%d" % n]
    return b"\r\n".join(lines)


def very_many_parts():
    part = b"--b\r\nContent-Type: text/html\r\n\r\n<p>x</p>\r\n"
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
    return head + part * 20_000 + b"--b--\r\n"


def cyclic_doc():
    """An OLE file whose table of sectors leads in a circle."""
    header = bytearray(512)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HHHHH", header, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<IIIIIIIII", header, 40, 0, 1, 1, 0, 4096, 1, 1, 1, 1)
    struct.pack_into("<109I", header, 76, *([0] + [0xFFFFFFFF] * 108))
    fat = struct.pack("<128I", 1, 2, 1, *([1] * 125))
    return bytes(header) + fat + bytes(512) + bytes(512)


def long_line():
    return b"year,text\n2023," + TEXT.replace("\n", " ").encode() + b"\n2024," + b"a" * (40 * MB)


def never_closed():
    return b'year,text\n2023,"' + TEXT.encode() + b'"\n2024,"' + (b"a" * 1023 + b"\n") * (40 * KB)


def with_nul():
    return b"year,text\n20\x0023," + TEXT.replace("\n", " ").encode() + b"\x00\n"


def many_columns():
    return b",".join([b"c"] * 1_000_000) + b"\n" + b",".join([b"x"] * 1_000_000) + b"\n"


def deep_records():
    good = json.dumps({"text": TEXT}, ensure_ascii=False).encode()
    deep = b'{"text": ' + b"[" * 1_000_000 + b"]" * 1_000_000 + b"}"
    figures = b'{"text": ' + b"9" * MB + b"}"
    return b"\n".join([good, deep, figures, b"\x00\xff", b"[]", good.replace(b"2023", b"2022")])


def long_record():
    return b'{"text": "' + b"a" * (40 * MB) + b'"}\n' + json.dumps({"text": TEXT}).encode() + b"\n"


def deep_page():
    return b"<html><body>" + b"<div>" * 300_000 + TEXT.encode()


def one_long_line():
    return "政".encode() * (2 * MB)


FILES = {
    "zip_bomb.zip": zip_bomb,
    "many_bombs.zip": many_bombs,
    "nested_bombs.zip": nested_bombs,
    "overlapping.zip": overlapping,
    "out_of_the_folder.zip": out_of_the_folder,
    "link_in_zip.zip": link_in_zip,
    "lies_about_sizes.zip": lies_about_sizes,
    "smaller_than_it_is.zip": smaller_than_it_is,
    "offset_beyond.zip": offset_beyond,
    "xxe.docx": lambda: word(b"<w:p><w:r><w:t>&e;</w:t></w:r></w:p>", XXE),
    "laughs.docx": lambda: word(b"<w:p><w:r><w:t>&i;</w:t></w:r></w:p>", LAUGHS),
    "deep.docx": deep_word,
    "bomb.docx": lambda: word(b"<w:p/>" * (70 * MB // 6)),
    "xxe.ofd": lambda: ofd(**{"D/D.xml": XXE + b"<D><Page BaseLoc='P'/>&e;</D>", "D/P": b"<P/>"}),
    "laughs.ofd": lambda: ofd(**{"D/D.xml": LAUGHS + b"<D><Page BaseLoc='&i;'/></D>"}),
    "one_page_often.ofd": ofd_of_one_page_often,
    "page_tree_cycle.pdf": page_tree_cycle,
    "object_loop.pdf": object_loop,
    "many_pages.pdf": many_pages,
    "declared_pages.pdf": declared_pages,
    "forms_in_forms.pdf": forms_in_forms,
    "inflating_stream.pdf": inflating_stream,
    "huge_image.pdf": huge_image,
    "far_row.xlsx": far_row,
    "wide_sheet.xlsx": wide_sheet,
    "many_columns.xlsx": very_many_columns,
    "shared_strings_bomb.xlsx": shared_strings_bomb,
    "laughs.xlsx": laughing_sheet,
    "xxe.xlsx": sheet_with_xxe,
    "nested_parts.mht": nested_parts,
    "very_many_parts.mht": very_many_parts,
    "cyclic.doc": cyclic_doc,
    "long_line.csv": long_line,
    "never_closed.csv": never_closed,
    "nul.csv": with_nul,
    "many_columns.csv": many_columns,
    "deep.jsonl": deep_records,
    "long_record.jsonl": long_record,
    "deep_page.html": deep_page,
    "one_long_line.txt": one_long_line,
    "nothing.txt": bytes,
}
