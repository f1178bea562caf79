"""Word in all its forms: every word that Word shows, in order; what is left out is counted."""

from __future__ import annotations

import pytest

from archive import Capture, derive
from archive.known import shipped
from archive.read import antiword, media, read
from archive.read.documents import word
from archive.read.documents.numerals import counted, formatted
from archive.read.documents.word import doc as doc_module
from baogao_practice import attachments
from baogao_practice import word as made
from baogao_practice.word import (
    WordFile,
    box,
    control,
    deleted,
    field_of,
    inserted,
    linked,
    moved,
    run,
)
from baogao_practice.word_binary import doc

TITLE = "武安市2023年政府工作报告"
SPEECH = [
    TITLE,
    "各位代表：",
    "现在，我代表市人民政府，向大会报告工作，请予审议。",
    "一、2022年工作回顾",
    "修了三座桥，铺了十公里路，栽了一千棵树，粮食总产量达到三十万吨。",
    "二、2023年工作安排",
    "各位代表！让我们团结起来，为武安更好的明天而努力奋斗！",
]


def page_of(payload, filename="x.doc"):
    return read(Capture.from_bytes(payload, filename=filename), shipped())


def lines_of(page):
    return [page.words(block) for block in page.blocks if block.main]


def flags_of(page):
    return {flag.kind: flag for flag in page.flags}


def test_tracked_changes_are_read_as_word_shows_them():
    file = WordFile()
    left, came = moved("移来的话。")
    file.paragraph(run("各位"), inserted("代表"), deleted("委员们"), run("："), left)
    file.paragraph(run("增长5.8%。"), came)
    page = page_of(file.packed())
    assert lines_of(page) == ["各位代表：", "增长5.8%。移来的话。"]
    (flag,) = page.flags
    assert flag.kind == "deleted_text"
    assert flag.evidence.startswith("3 characters in 1 tracked")


def test_a_paragraph_whose_mark_was_deleted_goes_on_in_the_next():
    file = WordFile()
    file.paragraph(run("前半"), properties="<w:rPr><w:del w:id='1' w:author='a'/></w:rPr>")
    file.paragraph(run("后半"))
    assert lines_of(page_of(file.packed())) == ["前半后半"]


def test_controls_fields_ruby_and_boxes_are_text():
    file = WordFile()
    block = f"<w:sdt><w:sdtContent><w:p>{run('块')}</w:p></w:sdtContent></w:sdt>"
    file.body.append(block)
    file.paragraph(
        control("控件"), linked("域"), field_of("REF y", "结果"), made.ruby("糀", "huā"),
        box("框一", "框二"), run("尾"), "<w:r><w:noBreakHyphen/></w:r>", run("末"),
    )  # fmt: skip
    page = page_of(file.packed())
    assert lines_of(page) == ["块", "控件域结果糀（huā）尾-末", "框一", "框二"]
    assert page.flags == ()


def test_labels_are_those_that_word_shows():
    file = WordFile(levels=[("chineseCounting", "%1、"), ("decimal", "%1.%2 ")])
    for label, words, level in (
        ("一、", "甲", 0), ("一.1 ", "乙", 1), ("一.2 ", "丙", 1), ("二、", "丁", 0),
        ("二.1 ", "戊", 1),
    ):  # fmt: skip
        file.item(label, words, level)
    assert lines_of(page_of(file.packed())) == file.shown


def test_labels_by_style_start_and_restart():
    numbering = (
        '<w:abstractNum w:abstractNumId="4"><w:lvl w:ilvl="0"><w:start w:val="3"/>'
        '<w:numFmt w:val="decimal"/><w:pStyle w:val="h1"/><w:lvlText w:val="第%1条"/></w:lvl>'
        "</w:abstractNum>"
        '<w:num w:numId="5"><w:abstractNumId w:val="4"/></w:num>'
        '<w:num w:numId="6"><w:abstractNumId w:val="4"/>'
        '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    )
    styles = (
        '<w:style w:type="paragraph" w:styleId="h1"><w:pPr><w:numPr><w:numId w:val="5"/></w:numPr>'
        '</w:pPr></w:style><w:style w:type="paragraph" w:styleId="h2"><w:basedOn w:val="h1"/>'
        "</w:style>"
    )
    file = WordFile(numbering=numbering, styles=styles)
    for words, properties in (
        ("甲", '<w:pStyle w:val="h1"/>'), ("乙", '<w:pStyle w:val="h2"/>'),
        ("丙", '<w:numPr><w:numId w:val="6"/></w:numPr>'),
        ("丁", '<w:pStyle w:val="h1"/><w:numPr><w:numId w:val="0"/></w:numPr>'),
    ):  # fmt: skip
        file.paragraph(run(words), properties=properties)
    assert lines_of(page_of(file.packed())) == ["第3条甲", "第4条乙", "第1条丙", "丁"]


def test_notes_stand_behind_the_text_with_their_marks():
    file = WordFile()
    for words in SPEECH[:-1]:
        file.plain(words)
    file.paragraph(
        run("产值增长5.8%"), file.note("按可比价。"), run("，收入增长6%。"), file.note("含基金。")
    )
    file.plain(SPEECH[-1])
    made_of = derive(Capture.from_bytes(file.packed(), filename="x.docx"))
    assert "产值增长5.8%[1]，收入增长6%。[2]" in made_of.text
    assert made_of.text.rstrip().endswith("[1] 按可比价。\n[2] 含基金。")
    assert [p.text for p in made_of.passages if p.part == "appendix"] == [
        "[1] 按可比价。",
        "[2] 含基金。",
    ]
    assert made_of.flags == ()


def test_running_heads_are_kept_aside_and_comments_counted():
    file = WordFile(header="武安市文件", comments=2)
    file.plain(TITLE)
    page = page_of(file.packed())
    assert lines_of(page) == [TITLE]
    assert "武安市文件" in page.visible
    assert flags_of(page)["comments"].evidence.startswith("2 comments")


def test_hidden_words_are_counted():
    file = WordFile()
    file.paragraph(
        run("看得见"), run("看不见", "<w:vanish/>"), run("也看得见", '<w:vanish w:val="0"/>')
    )
    page = page_of(file.packed())
    assert lines_of(page) == ["看得见也看得见"]
    assert flags_of(page)["hidden_text"].evidence.startswith("3 characters")


def test_a_table_of_layout_keeps_its_paragraphs():
    cell = "".join(f"<w:p>{run(words)}</w:p>" for words in SPEECH)
    file = WordFile()
    file.body.append(f"<w:tbl><w:tr><w:tc>{cell}</w:tc></w:tr></w:tbl>")
    file.body.append(made.table([["指标", "目标"], ["总产值", "6%"]]))
    assert lines_of(page_of(file.packed())) == [*SPEECH, "指标\t目标", "总产值\t6%"]


def test_a_document_inside_a_document_is_read():
    file = WordFile(parts=[("word/inner.htm", "<html><p>里面的话</p></html>".encode())],
                    relations=[("rA", "aFChunk", "inner.htm")])  # fmt: skip
    file.plain("外面的话")
    file.body.append('<w:altChunk r:id="rA"/>')
    assert lines_of(page_of(file.packed())) == ["外面的话", "里面的话"]


def test_a_damaged_part_is_reported_and_the_rest_is_read():
    file = WordFile(parts=[("word/footnotes.xml", b"<w:footnotes")],
                    relations=[("rX", "footnotes", "footnotes.xml")])  # fmt: skip
    file.plain(TITLE)
    page = page_of(file.packed())
    assert lines_of(page) == [TITLE]
    assert "word/footnotes.xml" in flags_of(page)["reader_loss"].evidence


def test_large_pictures_are_reported():
    picture = (
        '<w:r><w:drawing><wp:inline><wp:extent cx="5000000" cy="7000000"/><a:graphic>'
        '<a:blip r:embed="rP"/></a:graphic></wp:inline></w:drawing></w:r>'
    )
    file = WordFile()
    file.paragraph(run(TITLE), picture)
    file.paragraph(picture.replace("5000000", "100000"))
    assert flags_of(page_of(file.packed()))["pictures_unread"].evidence.startswith("1 large")


def test_word_2003_xml():
    page = page_of(made.word_2003(SPEECH))
    assert page.medium == "wordml"
    assert lines_of(page) == [*SPEECH, "三、列表里的一项"]
    assert flags_of(page)["deleted_text"].evidence.startswith("4 characters")


def test_flat_docx():
    inside = "".join(f"<w:p>{run(words)}</w:p>" for words in SPEECH)
    package = (
        '<?xml version="1.0"?><?mso-application progid="Word.Document"?><pkg:package '
        'xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"><pkg:part '
        'pkg:name="/word/document.xml"><pkg:xmlData>'
        f"{made._part('document', f'<w:body>{inside}</w:body>').decode().split('?>', 1)[1]}"
        "</pkg:xmlData></pkg:part></pkg:package>"
    )
    assert lines_of(page_of(package.encode())) == SPEECH


def test_rtf_in_gbk_with_note_deletion_and_rare_characters():
    page = page_of(made.rtf([*SPEECH, "𡎚头镇有一座䶮桥{三}"], note="按可比价。", removed="旧话"))
    assert page.medium == "rtf"
    assert lines_of(page) == [f"{TITLE}[1]", *SPEECH[1:], "𡎚头镇有一座䶮桥{三}", "[1] 按可比价。"]
    assert flags_of(page)["deleted_text"].evidence.startswith("2 characters")
    assert "页眉" in page.visible


def test_rtf_tables_labels_boxes_and_fallbacks():
    words = "".join(f"\\u{ord(c)}?" for c in "总值")
    payload = (
        r"{\rtf1\ansi\ansicpg936\uc1{\fonttbl{\f0\fcharset134 x;}}\f0"
        r"{\listtext\pard 1.\tab}" + words + r"\par"
        r"\trowd\cellx1\cellx2\pard\intbl " + words + r"\cell 6\cell\row\pard "
        r"{\shp{\*\shpinst{\sp{\sn x}{\sv y}}{\shptxt " + words + r"\par}}{\shprslt no}}end\par"
        r"{\*\unknown no}{\v no}{\pict 00ff}}"
    ).encode()
    page = page_of(payload)
    assert lines_of(page) == ["1. 总值", "总值\t6", "总值", "end"]


@pytest.mark.parametrize("word_of", [SPEECH[0], "Report ABC"])
def test_binary_doc(word_of):
    paragraphs = [word_of, *SPEECH[1:3], "工作回顾", "𡎚头镇修了桥", "工作安排"]
    payload = doc(paragraphs, items=[3, 5], removed="删去的话", note="按可比价。", header="页眉")
    page = page_of(payload)
    assert page.medium == "doc"
    assert lines_of(page) == [
        *paragraphs[:3], "一、工作回顾", "𡎚头镇修了桥", "二、工作安排[1]", "[1] 按可比价。",
    ]  # fmt: skip
    assert flags_of(page)["deleted_text"].evidence.startswith("4 characters")
    assert page.visible.endswith("页眉")


def test_a_damaged_binary_doc_says_so():
    payload = bytearray(doc(SPEECH))
    at = payload.index("各位代表".encode("utf-16-le"))
    cut = page_of(bytes(payload[:at]))
    assert "damaged" in cut.flags[0].evidence
    for place in range(0, len(payload), 97):  # nothing raises, whatever is damaged
        changed = bytearray(payload)
        changed[place] ^= 0xFF
        page_of(bytes(changed))


def test_other_ole_files_are_named(monkeypatch):
    with pytest.raises(word.docx.Unreadable, match="Excel workbook"):
        doc_module._read(b"", {}, ["an old Excel workbook (.xls): save it as .xlsx"])
    with pytest.raises(word.docx.Unreadable, match="no Word document"):
        doc_module._read(b"", {}, [])
    monkeypatch.setattr(antiword.shutil, "which", lambda _: None)
    with pytest.raises(word.docx.Unreadable, match="antiword"):
        doc_module._read(b"", {"WordDocument": b"\xdc\xa5\x68\x00" + bytes(60)}, [])


def test_mhtml_under_any_name():
    html = f"<html><body>{''.join(f'<p>{words}</p>' for words in SPEECH)}</body></html>"
    page = page_of(made.mhtml(html))
    assert page.medium == "html"
    assert lines_of(page) == SPEECH


def test_mhtml_with_frames_counts_what_is_not_read():
    html = made.mhtml("<html><p>正文一二三四五六</p></html>")
    frame = (
        b"------=_Part\r\nContent-Type: text/html\r\n\r\n<html><p>abc</p></html>\r\n------=_Part--"
    )
    page = page_of(html.replace(b"------=_Part--", frame))
    assert flags_of(page)["parts_unread"].evidence.startswith("3 characters in 1 other")


def test_a_text_that_begins_like_a_mail_is_a_text():
    words = "Note: a text\nMIME-Version: is a header\n各位代表：\n"
    assert media.sniff(words.encode()) is None
    assert media.sniff(b"PAR1 is a word") is None
    assert media.sniff(b"BMW") is None


def test_numbers_as_word_writes_them():
    spelled = {1: "一", 10: "十", 12: "十二", 20: "二十", 105: "一百零五", 1010: "一千零一十",
               10005: "一万零五", 0: "0"}  # fmt: skip
    assert {number: counted(number) for number in spelled} == spelled
    assert formatted(1, "none") == ""
    cases = {
        "upperRoman": "IV", "lowerLetter": "d", "decimalZero": "04", "ideographTraditional": "丁",
        "ideographZodiac": "卯", "decimalEnclosedCircleChinese": "④",
        "chineseLegalSimplified": "肆",
        "decimalFullWidth": "４", "decimalEnclosedParen": "⑷", "noSuchFormat": "4",
    }  # fmt: skip
    assert {name: formatted(4, name) for name in cases} == cases
    assert formatted(28, "upperLetter") == "BB"
    assert formatted(101, "chineseCounting") == "一〇一"


def test_python_docx_files_of_the_practice_web_are_read():
    payload = attachments.docx(SPEECH, [["甲", "乙"]])
    assert lines_of(page_of(payload)) == [*SPEECH, "甲\t乙"]
