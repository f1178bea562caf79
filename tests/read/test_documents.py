"""Attachments: every character and table, in reading order; damaged and hostile ones refused."""

from __future__ import annotations

import io
import zipfile

import pytest

from archive import Capture, derive
from archive.known import shipped
from archive.read import read
from archive.read.documents import Unreadable, read_document, word
from archive.read.documents import found as found_module
from baogao_practice import attachments

PARAGRAPHS = [
    "武安市2023年政府工作报告",
    "各位代表:",
    "过去一年,我们修了三座桥,“铺了”十公里路,栽了一千棵树,粮食总产量达到三十万吨。" * 3,
    "二、2023年工作安排",
]
TABLE = [["指标", "目标"], ["生产总值", "增长6%"], ["粮食", "30万吨"]]


def page_of(payload, filename="x.bin"):
    return read(Capture.from_bytes(payload, filename=filename), shipped())


def squeezed(words):
    return "".join(words.split())


def test_docx_paragraphs_and_tables_in_order():
    page = page_of(attachments.docx(PARAGRAPHS, TABLE))
    assert page.medium == "docx"
    lines = page.visible.split("\n")
    assert [line for line in lines if line in PARAGRAPHS] == PARAGRAPHS
    assert [line for line in lines if "\t" in line] == ["\t".join(row) for row in TABLE]


def test_ofd_lines_in_order():
    page = page_of(attachments.ofd(PARAGRAPHS))
    assert page.medium == "ofd"
    assert squeezed(page.visible) == squeezed("".join(PARAGRAPHS))


def test_pdf_lines_in_order():
    page = page_of(attachments.pdf(PARAGRAPHS))
    assert page.medium == "pdf"
    assert squeezed(page.visible) == squeezed("".join(PARAGRAPHS))
    assert page.flags == ()


def test_a_derivation_of_a_pdf_keeps_the_law():
    derivation = derive(Capture.from_bytes(attachments.pdf(PARAGRAPHS), filename="x.pdf"))
    assert derivation.medium == "pdf"
    assert "修了三座桥" in squeezed(derivation.text)


def packed(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return buffer.getvalue()


XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "' + b"ha" * 50 + b'">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 50) for i in range(8)
) + b"]>"  # fmt: skip
OFD = {"OFD.xml": b"<OFD><DocBody><DocRoot>D/D.xml</DocRoot></DocBody></OFD>"}


@pytest.mark.parametrize(
    "payload",
    [
        b"%PDF-1.4 nothing more",
        attachments.pdf(PARAGRAPHS)[:900],
        attachments.docx(PARAGRAPHS)[:300],
        packed({"word/document.xml": b"<not-word"}),
        packed({"word/document.xml": XXE + b"<w>&e;</w>"}),
        packed({"OFD.xml": b"<OFD/>"}),
        packed({"OFD.xml": XXE + b"<OFD><DocRoot>&e;</DocRoot></OFD>"}),
        packed({**OFD, "D/D.xml": LAUGHS + b"<D><Page BaseLoc='&i;'/></D>"}),
        packed({**OFD, "D/D.xml": b"<D><Page BaseLoc='../../../etc/passwd'/></D>"}),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"PK\x03\x04" + b"\xff" * 100,
    ],
)
def test_damaged_and_hostile_documents_say_why(payload):
    page = page_of(payload)
    assert "root:" not in page.visible
    assert page.visible == ""
    (flag,) = page.flags
    assert flag.kind == "unreadable_medium"
    assert page.confidence == 0


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(found_module, "MAX_PACKAGE_BYTES", 10_000)
    bomb = packed({"word/document.xml": b"\0" * 100_000})
    with pytest.raises(Unreadable, match="unpack to 100000 bytes"):
        read_document(bomb, "zip")


def test_a_plain_zip_is_a_container_not_a_text():
    assert read_document(packed({"a.txt": b"x"}), "zip") is None
    assert page_of(packed({"a.txt": b"x"})).medium == "zip"


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(word.doc, "find_spec", lambda _: None)
    (flag,) = page_of(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600).flags
    assert "pip install 'baogao[documents]'" in flag.evidence
