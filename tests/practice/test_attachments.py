"""Attachments hold the words that they were given."""

import re
import shutil
import subprocess
from io import BytesIO
from zipfile import ZipFile

import pytest

from baogao_practice import attachments

WORDS = (
    "2024年演示县政府工作报告",
    "各位代表：",
    "新建改造农村公路42公里，PM2.5平均浓度下降3.1%。" * 40,
)


def squeezed(text):
    return "".join(text.split())


def test_a_pdf_can_be_read_back(tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is absent")
    path = tmp_path / "a.pdf"
    path.write_bytes(attachments.pdf(WORDS))
    done = subprocess.run(
        ["pdftotext", "-raw", str(path), "-"], capture_output=True, check=True, timeout=30
    )
    assert squeezed(done.stdout.decode()) == squeezed("".join(WORDS))
    assert done.stdout.decode().count("\n") > 10


def test_a_docx_holds_its_paragraphs_and_its_table():
    content = attachments.docx(WORDS, table=(("指标", "数值"), ("GDP", "5%")))
    with ZipFile(BytesIO(content)) as packed:
        document = packed.read("word/document.xml").decode()
    assert [*re.findall(r"<w:t>([^<]*)</w:t>", document)] == [*WORDS, "指标", "数值", "GDP", "5%"]


def test_an_ofd_holds_its_lines():
    with ZipFile(BytesIO(attachments.ofd(WORDS))) as packed:
        pages = "".join(packed.read(name).decode() for name in packed.namelist() if "Page_" in name)
    found = "".join(re.findall(r"<ofd:TextCode[^>]*>([^<]*)<", pages))
    assert squeezed(found) == squeezed("".join(WORDS))


def test_the_same_words_give_the_same_bytes():
    for make in (attachments.pdf, attachments.docx, attachments.ofd, attachments.ole):
        assert make(WORDS) == make(WORDS)


def test_an_ole_file_has_the_magic_bytes_only():
    assert attachments.ole(WORDS).startswith(attachments.OLE_MAGIC)
