"""More files made to do harm, of other kinds; `bench/bench_hostile.py` tries them.

What each comes to is not said: whatever it is, the files beside it are read, nothing of the machine
comes in, nothing is written beside the archive, and no traceback is printed.
"""

from __future__ import annotations

import gzip
import json
import struct
import zlib

from intake.hostile import LAUGHS, MB, TEXT, XXE, packed

WORD = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BODY = b"<w:document %s><w:body>%s</w:body></w:document>"
PARAGRAPH = b"<w:p><w:r><w:t>%s</w:t></w:r></w:p>"
RELATION = (
    b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="rId1" Type="http://x/%s" Target="%s" TargetMode="External"/>'
    b"</Relationships>"
)


def docx(body, **parts):
    return packed({
        "[Content_Types].xml": b"<Types/>", "word/document.xml": BODY % (WORD, body),
        **{name.replace("__", "/"): content for name, content in parts.items()},
    })  # fmt: skip


def reaching_docx():
    chunk = b'<w:altChunk r:id="rId1" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
    target = RELATION % (b"aFChunk", b"file:///etc/passwd")
    return docx(chunk + PARAGRAPH % TEXT.encode(), **{"word___rels__document.xml.rels": target})


def template_docx():
    return docx(
        PARAGRAPH % TEXT.encode(),
        **{"word___rels__settings.xml.rels": RELATION % (b"t", b"http://127.0.0.1:9/x.dotm")},
    )


def tables_in_tables():
    depth = 3000
    return docx(b"<w:tbl><w:tr><w:tc>" * depth + b"</w:tc></w:tr></w:tbl>" * depth)


def rtf_groups():
    return b"{\\rtf1" + b"{" * 200_000 + TEXT.encode("gb18030") + b"}" * 200_000


def pdf(objects, trailer=b"<</Root 1 0 R>>"):
    return b"%PDF-1.7\n" + objects + b"\ntrailer " + trailer + b"\nstartxref\n0\n%%EOF"


PAGES = (
    b"1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj "
    b"2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj "
)


def pdf_predictor():
    stream = zlib.compress(bytes(1000))
    return pdf(
        PAGES + b"3 0 obj <</Type/Page/Parent 2 0 R/Contents 4 0 R>> endobj 4 0 obj <</Length %d"
        b"/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 2147483647/Colors 4>>>>"
        b"stream\n%s\nendstream endobj" % (len(stream), stream)
    )


def pdf_filters():
    chain = b"/ASCIIHexDecode " * 5000
    return pdf(
        PAGES + b"3 0 obj <</Type/Page/Parent 2 0 R/Contents 4 0 R>> endobj "
        b"4 0 obj <</Length 2/Filter[" + chain + b"]>>stream\n00\nendstream endobj"
    )


def pdf_actions():
    return pdf(
        b"1 0 obj <</Type/Catalog/Pages 2 0 R/OpenAction<</S/Launch/F(/bin/sh)>>"
        b"/AA<</O<</S/JavaScript/JS(app.launchURL('http://127.0.0.1:9/'))>>>>>> endobj "
        b"2 0 obj <</Type/Pages/Kids[]/Count 0>> endobj"
    )


def pdf_xref_loop():
    return (
        b"%PDF-1.5\nxref\n0 1\n0000000000 65535 f \ntrailer <</Size 1/Root 1 0 R/Prev 9>>\n"
        b"startxref\n9\n%%EOF"
    )


def png(width, height):
    def chunk(kind, content):
        size = struct.pack(">I", len(content))
        return size + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def tiff_loop():
    return (
        b"II*\x00\x08\x00\x00\x00\x01\x00\x00\x01\x03\x00\x01\x00\x00\x00\x01\0\0\0\x08\x00\x00\x00"
    )


def mht_of_rubbish():
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
    part = (
        b"--x\r\nContent-Type: text/html; charset=%s\r\nContent-Transfer-Encoding: %s\r\n\r\n"
        b"====\xff\r\n"
    )
    kinds = [(b"utf-7", b"base64"), (b"rot13", b"x-uuencode"), (b"x" * 9000, b"8bit"), (b"", b"")]
    return head + b"".join(part % kind for kind in kinds) + b"--x--"


def mht_header():
    return b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\nX: " + b"y" * (
        3 * MB
    )


def ofd_ways_out():
    home = (
        b'<OFD xmlns="http://www.ofdspec.org/2016"><DocBody><DocRoot>%s</DocRoot></DocBody></OFD>'
    )
    return packed({"OFD.xml": home % b"../../../../../../etc/passwd"})


def gzip_in_gzip():
    inside = TEXT.encode()
    for _ in range(60):
        inside = gzip.compress(inside)
    return inside


def encrypted_zip():
    whole = bytearray(packed({"a.txt": TEXT}))
    for sign, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = whole.index(sign) + offset
        whole[at] |= 1
    return bytes(whole)


def same_names():
    whole = packed({"a.txt": TEXT, "b.txt": TEXT + "b"})
    return whole.replace(b"b.txt", b"a.txt")


def formulas():
    cells = ("=cmd|' /C calc'!A0", "@SUM(1)", "+1", '=HYPERLINK("http://127.0.0.1:9/";"x")')
    return (
        "year,full_text\n"
        + "".join(f'2023,"{c.replace(chr(34), chr(34) * 2)}{TEXT}"\n' for c in cells)
    ).encode()


def numbers():
    row = {"title": "报告", "content": TEXT}
    lines = [json.dumps({**row, "year": 2023})]
    lines += [
        f'{{"content": "{word}", "year": {number}}}'
        for word, number in (
            ("a", "1" * 5000),
            ("b", "1e999999999"),
            ("c", "-0"),
            ("d", "NaN"),
            ("e", "[" * 99),
        )
    ]
    return "\n".join([*lines, '{"content": "\\ud800\\u0000", "content": "x"}', "{" * 5000]).encode()


def footer_of_gigabytes():
    return b"PAR1" + b"\x00" * 100 + struct.pack("<I", 0x7FFFFFFF) + b"PAR1"


def stata():
    return (
        b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>\xff\xff</K><N>"
        + b"\xff" * 8
        + b"</N>"
    )


FURTHER = {
    "reaching.docx": reaching_docx,
    "template.docx": template_docx,
    "tables_in_tables.docx": tables_in_tables,
    "entities.docx": lambda: packed(
        {"word/document.xml": LAUGHS + b"<w:document>&i;</w:document>"}
    ),
    "no_document.docx": lambda: packed({"word/other.xml": b"<x/>"}),
    "groups.rtf": rtf_groups,
    "bin.rtf": lambda: b"{\\rtf1\\bin2147483647 x" + b"\\u-99999999 ?" * 999 + b"}",
    "object.rtf": lambda: b"{\\rtf1{\\object\\objdata " + b"41" * MB + b"}}",
    "noise.doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 99,
    "predictor.pdf": pdf_predictor,
    "filters.pdf": pdf_filters,
    "actions.pdf": pdf_actions,
    "xref_loop.pdf": pdf_xref_loop,
    "half.pdf": lambda: pdf(PAGES)[:90],
    "brackets.pdf": lambda: pdf(b"1 0 obj " + b"[" * 500_000),
    "large.png": lambda: png(65_535, 65_535),
    "empty.png": lambda: png(0, 0),
    "loop.tiff": tiff_loop,
    "rubbish.mht": mht_of_rubbish,
    "header.mht": mht_header,
    "ways_out.ofd": ofd_ways_out,
    "xxe2.ofd": lambda: packed({"OFD.xml": XXE + b"<OFD>&e;</OFD>"}),
    "in_itself.gz": gzip_in_gzip,
    "bomb.txt.gz": lambda: gzip.compress(bytes(300 * MB), 9),
    "half.txt.gz": lambda: gzip.compress(TEXT.encode())[:50],
    "encrypted.zip": encrypted_zip,
    "same_names.zip": same_names,
    "formulas.csv": formulas,
    "numbers.jsonl": numbers,
    "footer.parquet": footer_of_gigabytes,
    "header.dta": stata,
    "noise.7z": lambda: b"7z\xbc\xaf\x27\x1c\x00\x04" + b"\xff" * 200,
    "utf7.html": lambda: b"<meta charset=utf-7>+ADw-script+AD4-" + TEXT.encode(),
    "odd.txt": lambda: b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1],
    "zeros.txt": lambda: bytes(MB),
}
