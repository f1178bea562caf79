"""OFD: pages, templates, composite objects, columns, pictures; what is missing is reported."""

from __future__ import annotations

import io
import zipfile
from html import escape

import pytest

from archive import Capture
from archive.known import shipped
from archive.read import read
from archive.read.documents.ofd import _steps
from archive.read.ocr import pages as pages_module
from archive.read.ocr import with_ocr
from archive.read.ocr.engine import RecognisedLine

SPACE = 'xmlns:ofd="http://www.ofdspec.org/2016"'
TITLE = "武安市2023年政府工作报告"
WORDS = "过去一年我们修了三座桥铺了十公里路栽了一千棵树粮食总产量达到三十万吨"


def text(words, left=20, top=20, more="", code=""):
    return (
        f'<ofd:TextObject ID="1" Font="1" Size="4" Boundary="{left} {top} 170 6" {more}>'
        f'<ofd:TextCode X="0" Y="4" {code}>{escape(words)}</ofd:TextCode></ofd:TextObject>'
    )


def layer(inside, before=""):
    content = f"<ofd:Content><ofd:Layer>{inside}</ofd:Layer></ofd:Content>"
    return f"<ofd:Page {SPACE}>{before}{content}</ofd:Page>"


def packed(pages, *, resources="", template="", more=(), head=""):
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="P{n}.xml"/>' for n in range(len(pages)))
    common = (
        "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        "<ofd:DocumentRes>Res.xml</ofd:DocumentRes>"
        '<ofd:TemplatePage ID="7" BaseLoc="T.xml"/>'
    )
    members = {
        "OFD.xml": f"<ofd:OFD {SPACE}><ofd:DocBody><ofd:DocRoot>/D/D.xml</ofd:DocRoot>"
        "</ofd:DocBody></ofd:OFD>",
        "D/D.xml": f"<ofd:Document {SPACE}><ofd:CommonData>{common}</ofd:CommonData>"
        f"<ofd:Pages>{listed}</ofd:Pages>{head}</ofd:Document>",
        "D/Res.xml": f'<ofd:Res {SPACE} BaseLoc="R">{resources}</ofd:Res>',
        "D/T.xml": layer(template),
    }  # fmt: skip
    for number, page in enumerate(pages):
        uses = '<ofd:Template TemplateID="7"/>' if template else ""
        members[f"D/P{number}.xml"] = layer(page, uses)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in (*members.items(), *more):
            package.writestr(name, content)
    return out.getvalue()


def page_of(payload, *, ocr=False):
    capture = Capture.from_bytes(payload, filename="x.ofd")
    return read(with_ocr(capture) if ocr else capture, shipped())


def lines_of(page):
    return [page.words(block) for block in page.blocks if block.main]


def flags_of(page):
    return {flag.kind: flag.evidence for flag in page.flags}


def test_words_of_a_template_are_read_once():
    pages = [text(f"第{n}页的正文一句话。", top=60) for n in "一二三"]
    page = page_of(packed(pages, template=text(TITLE)))
    assert lines_of(page) == [
        TITLE,
        "第一页的正文一句话。",
        "第二页的正文一句话。",
        "第三页的正文一句话。",
    ]
    assert page.visible.endswith(TITLE)
    assert page.flags == ()


def test_composite_objects_in_composite_objects():
    unit = (
        '<ofd:CompositeGraphicUnit ID="{}"><ofd:Content>{}</ofd:Content></ofd:CompositeGraphicUnit>'
    )
    inner = unit.format(11, text(TITLE, left=5, top=5))
    outer = unit.format(12, '<ofd:CompositeObject Boundary="10 10 0 0" ResourceID="11"/>')
    again = unit.format(13, '<ofd:CompositeObject Boundary="0 0 0 0" ResourceID="13"/>')
    use = '<ofd:CompositeObject Boundary="0 30 0 0" ResourceID="{}"/>'
    below = text("正文的一句话，写在下面。", top=90)
    page = page_of(packed([use.format(12) + below], resources=inner + outer + again))
    assert lines_of(page) == [TITLE, "正文的一句话，写在下面。"]
    page = page_of(packed([use.format(13) + use.format(99) + below], resources=again))
    assert flags_of(page)["reader_loss"].startswith("2 parts are damaged or missing")


def test_steps_of_characters():
    assert _steps("g 3 4.5 2 g 1 1") == [4.5, 4.5, 4.5, 2, 1]
    page = page_of(packed([text("武安市政府", code='DeltaX="4 g 3 4"')]))
    assert lines_of(page) == ["武安市政府"]
    apart = page_of(packed([text("甲乙", code='DeltaX="60"')]))
    assert lines_of(apart) == ["甲\t乙"]


def test_columns_are_read_one_after_the_other():
    rows = [WORDS[at : at + 12] for at in range(0, 36, 12)] * 2
    left = "".join(text(row, 20, 30 + 8 * n) for n, row in enumerate(rows[:3]))
    right = "".join(text(row, 90, 30 + 8 * n) for n, row in enumerate(rows[3:]))
    page = page_of(packed([left + right]))
    assert "".join(lines_of(page)) == "".join(rows)


def test_words_aslant_and_of_annotations_stand_aside():
    slanted = text("内部资料", more='CTM="0.7 0.7 -0.7 0.7 0 0"', top=150)
    listed = '<ofd:Page PageID="0"><ofd:FileLoc>a.xml</ofd:FileLoc></ofd:Page>'
    shown = f"<ofd:Annot><ofd:Appearance>{text('批注的话')}</ofd:Appearance></ofd:Annot>"
    notes = (
        ("D/A.xml", f"<ofd:Annotations {SPACE}>{listed}</ofd:Annotations>"),
        ("D/a.xml", f"<ofd:PageAnnot {SPACE}>{shown}</ofd:PageAnnot>"),
    )
    head = "<ofd:Annotations>A.xml</ofd:Annotations>"
    page = page_of(packed([text(TITLE) + slanted], more=notes, head=head))
    assert lines_of(page) == [TITLE]
    assert {"内部资料", "批注的话"} <= {page.words(block) for block in page.blocks}


def test_pages_that_are_pictures_are_counted_and_read_where_that_is_wanted(monkeypatch):
    image = pytest.importorskip("PIL.Image", reason="the extra `ocr` is not installed")
    shown = io.BytesIO()
    image.new("RGB", (600, 800), "white").save(shown, "PNG")
    media = (
        '<ofd:MultiMedia ID="5" Type="Image"><ofd:MediaFile>i.png</ofd:MediaFile></ofd:MultiMedia>'
    )
    picture = '<ofd:ImageObject ID="9" ResourceID="5" Boundary="10 10 190 270"/>'
    payload = packed(
        [text(TITLE), picture], resources=media, more=[("D/R/i.png", shown.getvalue())]
    )
    page = page_of(payload)
    assert lines_of(page) == [TITLE]
    assert flags_of(page)["pages_unread"] == "1 of 2 pages not read: 2 (pictures)"

    class Eye:
        how = "an eye"

        def look(self, picture):
            return [RecognisedLine("看见的一句话。", 60, 80, 300, 110, 0.99)], picture

    monkeypatch.setattr(pages_module, "engine", lambda _: Eye())
    page = page_of(payload, ocr=True)
    assert page.medium == "ocr"
    assert lines_of(page) == [TITLE, "看见的一句话。"]


def test_a_template_that_is_not_there_is_reported():
    payload = packed([text(TITLE)], template="x")
    broken = payload.replace(b"D/T.xml", b"D/Q.xml")
    assert "D/T.xml" in flags_of(page_of(broken))["reader_loss"]
