"""PDF: columns, running heads, notes, pages without text, by where the characters stand."""

from __future__ import annotations

from math import cos, sin

import pytest

from archive import Capture, derive
from archive.known import shipped
from archive.read import read
from archive.read.documents import pdf
from archive.read.documents.layout import Glyph, GlyphPage, lay_out
from archive.read.documents.plausible import why_no_text
from baogao_practice.attachments import placed, wrapped

TITLE = "武安市2023年政府工作报告"
LONG = [
    "过去一年，我们修了三座桥，铺了十公里路，栽了一千棵树，粮食总产量达到三十万吨，城镇新增就业八千六百人。",
    "今年的主要预期目标是：全市生产总值增长百分之六左右，居民人均可支配收入增长百分之五点八，新建学校六所。",
    "各位代表，新的征程已经开始，让我们更加紧密地团结起来，为全面建设现代化的新武安而努力奋斗，谢谢大家！",
]  # fmt: skip
SPEECH = [TITLE, "各位代表：", *LONG, *reversed(LONG)]


def page_of(payload):
    return read(Capture.from_bytes(payload, filename="x.pdf"), shipped())


def lines_of(page, tag=None):
    return [
        page.words(block).strip() for block in page.blocks
        if block.main and (tag is None or block.tag == tag)
    ]  # fmt: skip


def flags_of(page):
    return {flag.kind: flag for flag in page.flags}


def rows_of(paragraphs, width):
    return [row for words in paragraphs for row in wrapped(f"　　{words}", width)]


def column(rows, left, top=780, size=12, leading=20):
    return [(left, top - leading * n, size, words) for n, words in enumerate(rows)]


def pages_of(rows, each=30, foot="— {} —", head=None):
    made = []
    for number, at in enumerate(range(0, len(rows), each), 1):
        page = column(rows[at : at + each], 80)
        page.append((280, 40, 9, foot.format(number)))
        if head is not None:
            page.append((240, 810, 9, head))
        made.append(page)
    return made


def test_paragraphs_go_on_across_rows_and_pages():
    rows = rows_of(SPEECH * 3, 20)
    page = page_of(placed(pages_of(rows, each=14, head="人大会议文件之二")))
    assert lines_of(page) == SPEECH * 3
    assert page.flags == ()
    aside = [page.words(block) for block in page.blocks if not block.main]
    assert "人大会议文件之二" in aside
    assert "— 1 —" in aside
    derivation = derive(Capture.from_bytes(placed(pages_of(rows, each=14)), filename="x.pdf"))
    assert [p.text for p in derivation.passages] == SPEECH
    assert {span.rule for span in derivation.spans if span.start > 2 * len("".join(SPEECH))} >= {
        "repeated"
    }


def test_two_columns_are_read_one_after_the_other():
    rows = rows_of(SPEECH[1:], 18)
    half = len(rows) // 2
    pages = [[(200, 800, 16, TITLE), *column(rows[:half], 60, 760), *column(rows[half:], 320, 760)]]
    page = page_of(placed(pages))
    assert lines_of(page) == SPEECH
    assert page.flags == ()


def test_a_last_page_with_a_short_second_column():
    rows = rows_of(SPEECH[1:] * 2, 18)
    first = [*column(rows[:20], 60), *column(rows[20:40], 320)]
    rest = rows[40:]
    second = [*column(rest[:-2], 60), *column(rest[-2:], 320)]
    assert lines_of(page_of(placed([first, second]))) == SPEECH[1:] * 2


def test_rows_of_tables_stay_rows():
    cells = [
        ("指标名称", "上年完成"),
        ("生产总值", "增长5%"),
        ("粮食产量", "30万吨"),
        ("造林", "3万亩"),
    ]
    page = [(80 + 240 * n, 700 - 20 * row, 12, words)
            for row, both in enumerate(cells) for n, words in enumerate(both)]  # fmt: skip
    assert lines_of(page_of(placed([page]))) == ["\t".join(both) for both in cells]


def test_notes_at_the_foot_of_a_page_stand_behind_the_text():
    rows = rows_of([LONG[0].replace("十公里路", "十公里①路"), *LONG[1:]], 20)
    first = [*column(rows[:5], 80), (80, 110, 9, "①公里：长度单位，等于一千米，用来量路。")]
    second = [*column(rows[5:], 80), (80, 110, 9, "②学校：读书的地方。")]
    page = page_of(placed([first, second]))
    assert lines_of(page) == [
        LONG[0].replace("十公里路", "十公里①路"), *LONG[1:],
        "①公里：长度单位，等于一千米，用来量路。", "②学校：读书的地方。",
    ]  # fmt: skip
    assert lines_of(page, "note") == lines_of(page)[3:]


def test_words_aslant_and_repeated_words_are_watermarks():
    rows = rows_of(SPEECH, 20)
    pages = [
        [*column(rows[at : at + 8], 80), (150, 300, 40, "内部资料", sin(0.7), cos(0.7)),
         (200, 500, 30, "草稿")]
        for at in range(0, len(rows), 8)
    ]  # fmt: skip
    assert len(pages) > 2
    page = page_of(placed(pages))
    assert lines_of(page) == SPEECH
    assert {"内部资料", "草稿"} <= {page.words(block) for block in page.blocks if not block.main}


def test_a_turned_page_is_read():
    rows = rows_of(SPEECH, 20)
    page = [(60 + 20 * n, 80, 12, words, 1, 0) for n, words in enumerate(rows)]
    assert lines_of(page_of(placed([page]))) == SPEECH


def test_vertical_text_is_read_and_told():
    rows = rows_of(LONG, 24)
    page = [
        (500 - 24 * n, 780 - 14 * at, 14, char)
        for n, row in enumerate(rows) for at, char in enumerate(row) if char != "　"
    ]  # fmt: skip
    page = page_of(placed([page]))
    assert lines_of(page) == LONG
    assert flags_of(page)["vertical_text"].evidence.startswith("1 pages")


def test_glyph_numbers_are_no_text():
    page = page_of(placed([column(rows_of(SPEECH, 20), 80)], named=False))
    assert page.visible == ""
    assert "glyphs without characters" in page.flags[0].evidence


def test_pages_that_are_pictures_are_counted():
    rows = rows_of(SPEECH, 20)
    page = page_of(placed([column(rows, 80), [(280, 40, 9, "— 2 —")], []], pictures=[1, 2]))
    assert lines_of(page) == SPEECH
    assert flags_of(page)["pages_unread"].evidence == (
        "2 of 3 pages not read: 2 (pictures), 3 (pictures)"
    )
    page = page_of(placed([[], []], pictures=[0, 1]))
    assert page.visible == ""
    assert "its pages are pictures" in page.flags[0].evidence


def test_a_picture_under_the_text_is_a_background():
    page = page_of(placed([column(rows_of(SPEECH, 20), 80)], pictures=[0]))
    assert lines_of(page) == SPEECH
    assert page.flags == ()


def test_a_single_glyph_that_pdfium_does_not_give_is_read_all_the_same():
    page = [*column(["　　" + LONG[0][:-1]], 40, size=8), (40, 700, 12, "。"), (40, 660, 12, "甲")]
    page = page_of(placed([page]))
    assert "".join(lines_of(page)) == LONG[0] + "甲"
    assert "pdfminer.six" in page.decoding.how


def test_how_it_was_read_does_not_depend_on_the_machine():
    payload = placed(pages_of(rows_of(SPEECH, 20)))
    assert page_of(payload).decoding.how.startswith("pypdfium2 5.")


def test_damaged_files_say_so(monkeypatch):
    payload = placed(pages_of(rows_of(SPEECH, 20)))
    assert "cannot be opened" in page_of(payload[:500]).flags[0].evidence
    monkeypatch.setattr(pdf, "find_spec", lambda _: None)
    assert "pip install 'baogao[documents]'" in page_of(payload).flags[0].evidence


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (LONG[0], ""),
        ("短", ""),
        ("!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`", "glyph numbers"),
        ("\x80\x90¡¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊË", "glyph numbers"),
        ("閿燂拷鐨勬槸鍦ㄤ笉浜嗘湁鍜屼汉杩欎腑澶т负" * 3, "characters that make no sense"),
        ("Thereportontheworkofthegovernmentwasdeliveredtothecongress.", ""),
        ("2019 45.2 36.7 2020 48.1 39.9 2021 50.3 41.2 2022 55.5 44.0".replace(" ", ""), ""),
    ],
)  # fmt: skip
def test_what_is_no_text(words, why):
    assert why_no_text(words) == why


def test_a_ligature_is_two_characters_and_a_bold_one_is_one():
    bold = [Glyph(char, 10 * n + shift, 0, 10 * n + 10 + shift, 10)
            for shift in (0, 0.3) for n, char in enumerate("加粗的字")]  # fmt: skip
    one = [Glyph("――", 41, 0, 61, 10)]
    (line,) = lay_out([GlyphPage(500, 800, [*bold, *one])]).lines
    assert line.words == "加粗的字――"


def test_prose_side_by_side_that_is_no_column_is_reported():
    rows = [f"这一格里的话有长有短第{n}" + "长" * n for n in range(6)]
    page = [*column(rows, 40), *column(rows, 330)]
    assert "reading_order" in flags_of(page_of(placed([page])))


def test_no_glyphs_no_lines():
    assert lay_out([GlyphPage(500, 800, [])]).lines == ()
