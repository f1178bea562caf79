"""Tables as people keep them: titles above headers, texts in pieces, packed line ends."""

from __future__ import annotations

import gzip
import io
import json

import openpyxl
import pandas as pd
import pytest

from archive.intake import Columns, PassedOver, Table, all_pieces, captures_of
from archive.intake.kinds import kind_of
from archive.known import shipped
from archive.read import read

HALF = "过去一年，我们修了三座桥，铺了十公里路，栽了一千棵树，粮食总产量达到三十万吨。" * 6
TEXT = f"武安市2023年政府工作报告\n各位代表：\n{HALF}"
OTHER = "Last year we built three bridges and ten kilometres of roads, and planted trees." * 9


def table(path, rows, sheet=None):
    if path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(path)
    else:
        lines = [",".join(f'"{cell}"' if cell != "" else "" for cell in row) for row in rows]
        path.write_bytes("\r\n".join(lines).encode("gb18030"))
    return path


def texts(path, **columns):
    return [c.payload.decode() for c in captures_of(path, Columns(**columns)) if c.payload]


def pieces(path, kind):
    return [p for p, _ in all_pieces([path], Columns()) if isinstance(p, kind)]


@pytest.mark.parametrize("name", ["x.csv", "x.xlsx"])
def test_a_title_and_a_unit_above_the_header(tmp_path, name):
    rows = [["历年政府工作报告", "", ""], ["", "", "单位：字"], ["年份", "地区", "正文"],
            ["2023", "武安市", TEXT], ["2022", "武安市", TEXT]]  # fmt: skip
    path = table(tmp_path / name, rows)
    first, second = captures_of(path)
    assert first.payload.decode() == TEXT
    assert first.claims == (("年份", "2023"), ("地区", "武安市"))
    assert (first.member, second.member) == ("row 1", "row 2")
    (over,) = pieces(path, PassedOver)
    assert over.reasons["rows above a header"] == 2


def test_a_text_over_several_columns_is_put_together(tmp_path):
    cut = TEXT + "修" * 32_000
    rows = [["标题", "正文1", "正文2"], ["甲", cut, "了桥。"], ["乙", TEXT, ""], ["丙", TEXT, HALF]]
    path = table(tmp_path / "x.xlsx", rows)
    assert texts(path) == [cut + "了桥。", TEXT, f"{TEXT}\n{HALF}"]
    (found,) = pieces(path, Table)
    assert found.text == "正文1 + 正文2"
    assert texts(path, text="正文1") == [cut, TEXT, TEXT]


@pytest.mark.parametrize(
    "names",
    [("全文（上）", "全文（下）"), ("正文", "正文续"), ("text_1", "text_2"), ("报告一", "报告二")],
)
def test_names_of_pieces(tmp_path, names):
    assert texts(table(tmp_path / "x.csv", [["标题", *names], ["甲", TEXT, HALF]])) == [
        f"{TEXT}\n{HALF}"
    ]


def test_another_column_of_texts_is_reported(tmp_path):
    path = table(tmp_path / "x.csv", [["标题", "正文", "解读"], ["甲", TEXT, HALF]])
    assert texts(path) == [TEXT]
    (found,) = pieces(path, Table)
    assert found.more == ("解读",)


def test_a_column_a_year(tmp_path):
    rows = [["地区", "2021年", "2022年"], ["武安市", TEXT, HALF], ["涉县", "", HALF]]
    found = list(captures_of(table(tmp_path / "x.csv", rows)))
    assert [(c.member, c.payload.decode()) for c in found] == [
        ("row 1 2021年", TEXT), ("row 1 2022年", HALF), ("row 2 2022年", HALF),
    ]  # fmt: skip
    assert found[0].claims == (("地区", "武安市"), ("year", "2021年"))


def test_two_languages_and_a_row_a_line(tmp_path):
    lines = [
        *TEXT.split("\n"),
        "各位代表，这是第二部分的话。",
        "二、今年的工作安排",
        "新建学校六所。",
        "谢谢大家！",
    ]
    lines = [line[:150] for line in lines]
    rows = [["年份", "中文", "英文"], *(["2023", line, f"{line}{OTHER}"] for line in lines)]
    rows += [["2022", f"去年{line}", f"{line} {OTHER}"] for line in lines]
    first, second = captures_of(table(tmp_path / "x.xlsx", rows))
    assert first.payload.decode() == "\n".join(lines)
    assert (first.member, second.member) == ("row 1 to 7", "row 8 to 14")
    assert first.claims[0] == ("年份", "2023")
    assert dict(first.claims)["英文"] == "\n".join(f"{line}{OTHER}" for line in lines)


def test_rows_that_are_texts_of_their_own_are_not_put_together(tmp_path):
    rows = [["地区", "内容"], *([f"{n}县", "各位代表：我们修了桥。"] for n in range(8))]
    assert len(texts(table(tmp_path / "x.csv", rows))) == 8


def test_no_header_but_a_column_of_years(tmp_path):
    rows = [
        ["2022", "http://www.example.gov.cn/1", TEXT],
        ["2023", "http://www.example.gov.cn/2", HALF],
    ]
    path = table(tmp_path / "x.csv", rows)
    assert texts(path) == [TEXT, HALF]
    (found,) = pieces(path, Table)
    assert found.claims == {"year": "column 1", "url": "column 2"}


def test_markup_in_cells_is_read_as_markup(tmp_path):
    html = "".join(f"<p>&nbsp;&nbsp;{line}<br/></p>" for line in TEXT.split("\n"))
    (capture,) = captures_of(table(tmp_path / "x.csv", [["标题", "正文"], ["甲", html]]))
    assert capture.header("Content-Type") == "text/html; charset=utf-8"
    page = read(capture, shipped())
    assert [page.words(block).strip("\xa0 ") for block in page.blocks] == TEXT.split("\n")
    lines = TEXT + "\n一个孤单的<br>留在文里"
    (capture,) = captures_of(table(tmp_path / "y.csv", [["标题", "正文"], ["甲", lines]]))
    assert capture.header("Content-Type").startswith("text/plain")


@pytest.mark.parametrize("written", ["\\n", "\\r\\n"])
def test_line_ends_that_are_written_out(tmp_path, written):
    path = table(tmp_path / "x.csv", [["标题", "正文"], ["甲", TEXT.replace("\n", written)]])
    (capture,) = captures_of(path)
    assert capture.payload.decode() == TEXT
    assert capture.claims[-1] == ("line ends", "were written as \\n")
    kept = TEXT + "\n目录在 C:\\new\\report"
    assert texts(table(tmp_path / "y.csv", [["标题", "正文"], ["甲", kept]])) == [kept]


def test_control_characters_of_a_workbook(tmp_path):
    written = TEXT.replace("\n", "_x000D_\n") + "_x0009_尾_xD800_"
    path = table(tmp_path / "x.xlsx", [["标题", "正文"], ["甲", written]])
    assert texts(path) == [TEXT.replace("\n", "\r\n") + "\t尾_xD800_"]


RECORD = {"标题": "武安市2023年政府工作报告", "正文": TEXT, "年份": 2023}


@pytest.mark.parametrize(
    "content",
    [
        [RECORD], RECORD, {"code": 0, "data": {"total": 1, "list": [RECORD]}},
        {key: [value] for key, value in RECORD.items()}, [RECORD | {"正文": TEXT.split("\n")}],
    ],
)  # fmt: skip
def test_json_in_its_shapes(tmp_path, content):
    path = tmp_path / "x.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), "utf-8")
    (capture,) = captures_of(path)
    assert capture.payload.decode() == TEXT
    assert ("年份", "2023") in capture.claims


def test_json_lines_under_another_name_and_json_that_is_none(tmp_path):
    path = tmp_path / "x.json"
    path.write_text("\n".join([json.dumps(RECORD)] * 2), "utf-8")
    assert texts(path) == [TEXT, TEXT]
    path.write_text('{"a": 1}', "utf-8")
    (capture,) = captures_of(path)
    assert "no list of records" in capture.error
    text = tmp_path / "x.txt"
    text.write_text("{注：这是正文}\n" + TEXT, "utf-8")
    assert texts(text) == ["{注：这是正文}\n" + TEXT]


def test_parquet(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame([RECORD, RECORD | {"正文": HALF}]).to_parquet(path)
    assert texts(path) == [TEXT, HALF]


@pytest.mark.parametrize("version", [118, 114])
def test_stata(tmp_path, version):
    path = tmp_path / "x.dta"
    if version == 118:
        frame = pd.DataFrame({"title": ["甲"], "text": [TEXT], "year": [2023]})
        frame.to_stata(path, version=version, write_index=False, convert_strl=["text"])
    else:
        words = HALF[:100].encode("gb18030").decode("latin-1")
        frame = pd.DataFrame({"title": ["x"], "text": [words], "year": [2023]})
        frame.to_stata(path, version=version, write_index=False)
    (capture,) = captures_of(path, Columns("text"))
    assert capture.payload.decode() == (TEXT if version == 118 else HALF[:100])
    assert ("year", "2023") in capture.claims


def test_packages_are_told_by_their_bytes(tmp_path):
    packed = gzip.compress(TEXT.encode())
    (tmp_path / "a.txt.gz").write_bytes(packed)
    (tmp_path / "b.bin").write_bytes(packed)
    assert texts(tmp_path / "a.txt.gz") == [TEXT]
    assert texts(tmp_path / "b.bin") == [TEXT]
    table(tmp_path / "c.xlsx", [["标题", "正文"], ["甲", TEXT]]).rename(tmp_path / "c.doc")
    assert texts(tmp_path / "c.doc") == [TEXT]
    (tmp_path / "d.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(40))
    (capture,) = captures_of(tmp_path / "d.rar")
    assert "is a RAR archive: unpack it, or repack it as ZIP" in capture.error
    (tmp_path / "e.gz").write_bytes(packed[:30])
    (capture,) = captures_of(tmp_path / "e.gz")
    assert "is damaged" in capture.error


def test_7z(tmp_path, monkeypatch):
    py7zr = pytest.importorskip("py7zr", reason="the extra `sevenzip` is not installed")
    with py7zr.SevenZipFile(tmp_path / "x.7z", "w") as package:
        package.writestr(TEXT.encode(), "甲/2023_武安市.txt")
        package.writestr(b"x", "甲/style.css")
    (capture,) = captures_of(tmp_path / "x.7z")
    assert (capture.payload.decode(), capture.filename) == (TEXT, "2023_武安市.txt")
    (over,) = pieces(tmp_path / "x.7z", PassedOver)
    assert over.reasons == {".css": 1}
    (tmp_path / "y.7z").write_bytes((tmp_path / "x.7z").read_bytes()[:60])
    (capture,) = captures_of(tmp_path / "y.7z")
    assert "is damaged" in capture.error
    packages = __import__("archive.intake.packages", fromlist=["find_spec"])
    monkeypatch.setattr(packages, "find_spec", lambda _: None)
    (capture,) = captures_of(tmp_path / "x.7z")
    assert "pip install 'baogao[sevenzip]'" in capture.error


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.txt", TEXT.encode(), None), ("a.csv", b"a,b", "csv"), ("a.xls", b"<table>", None),
        ("a.xls", b"a\tb", "csv"), ("a.txt", b'[{"a": 1}]', "json"), ("a.csv", b"", "csv"),
        ("a.pdf", b"%PDF-1.4", None), ("a.docx", b"{\\rtf1", None), ("a.zip", b"no zip", "zip"),
        ("a.txt", b"[1] a note: x", None), ("x", b"7z\xbc\xaf'\x1c" + bytes(30), "7z"),
    ],
)  # fmt: skip
def test_what_a_file_is(name, content, kind):
    assert kind_of(name, io.BytesIO(content)) == kind


def test_text_reads_what_an_import_reads(baogao, tmp_path):
    table(tmp_path / "x.csv", [["标题", "正文"], ["甲", TEXT], ["乙", ""]])
    done = baogao("text", "x.csv")
    assert done.stdout.decode().strip() == TEXT
    assert "x.csv row 1:" in done.stderr.decode()
    assert 'the cell "正文" is empty' in done.stderr.decode()
    assert done.returncode == 1
    two = table(tmp_path / "y.csv", [["标题", "正文"], ["甲", TEXT], ["乙", HALF]])
    lines = baogao("text", two.name, "--json").stdout.decode().splitlines()
    assert [json.loads(line)["text"].strip() for line in lines] == [TEXT, HALF]
