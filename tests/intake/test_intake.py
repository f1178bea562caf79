"""Files people have → captures: tables, packages, and whatever is wrong with them."""

from __future__ import annotations

import io
import json
import os
import sqlite3
import zipfile
from pathlib import Path
from random import Random

import openpyxl
import pytest
from intake import hostile

from archive import Capture, open_package
from archive.errors import UsageError
from archive.intake import Columns, PassedOver, all_pieces, captures_of, gather, opening
from archive.intake import packages as packages_module
from archive.intake import source as source_module
from archive.intake.member import whole_file
from archive.model import sha256

TEXT = "2023年海宁县政府工作报告\n各位代表:\n" + "过去一年,我们修了三座桥。" * 30


def only(path, text_column=None):
    (capture,) = captures_of(path, Columns(text_column))
    return capture


def write_csv(path, rows, encoding="utf-8-sig"):
    path.write_bytes("\r\n".join(rows).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_row_is_a_capture_with_its_other_cells(tmp_path, encoding):
    path = write_csv(tmp_path / "x.csv", ["省,年份,正文", f'浙江省,2023,"{TEXT}"'], encoding)
    capture = only(path)
    assert capture.payload.decode() == TEXT
    assert capture.claims == (("省", "浙江省"), ("年份", "2023"))
    assert capture.member == "row 1"
    assert capture.container_sha256 == sha256(path.read_bytes())
    assert capture.url == path.as_uri() + "!/row%201"


def test_the_text_column_is_told_by_its_cells(tmp_path):
    path = write_csv(tmp_path / "x.csv", ["a,b", f'x,"{TEXT}"'])
    assert only(path).payload.decode() == TEXT


def test_the_text_column_can_be_named(tmp_path):
    path = write_csv(tmp_path / "x.csv", ["a,text", f'"{TEXT}",short'])
    assert only(path, "a").payload.decode() == TEXT
    assert only(path, "b").outcome == "unreadable"
    assert '"b"' in only(path, "b").error


def test_a_cell_larger_than_pythons_limit(tmp_path):
    path = write_csv(tmp_path / "x.csv", ["a,text", f'x,"{"长" * 200_000}"'])
    assert len(only(path).payload.decode()) == 200_000


def test_an_empty_cell_is_a_row_with_a_reason(tmp_path):
    path = write_csv(tmp_path / "x.csv", ["省,text", f'甲省,"{TEXT}"', "乙省,"])
    _, empty = captures_of(path)
    assert (empty.outcome, empty.claims) == ("no_text", (("省", "乙省"),))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("x.csv", b""),
        ("x.csv", b"a,b\n1,2\n"),
        ("x.csv", b"a,b\n"),
        ("x.xlsx", b"no workbook"),
        ("x.zip", b"no zip"),
        ("x.zip", b""),
        ("x.mht", b"nothing"),
        ("x.jsonl", b"{}\n"),
    ],
)
def test_what_is_no_container_is_a_failed_capture(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    capture = only(tmp_path / name)
    assert capture.outcome == "unreadable"
    assert capture.payload is None
    assert name in capture.error


def test_excel(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["年份", "全文"])
    book.active.append([2023, TEXT])
    book.save(tmp_path / "x.xlsx")
    capture = only(tmp_path / "x.xlsx")
    assert capture.payload.decode() == TEXT
    assert capture.claims == (("年份", "2023"),)


def test_json_lines_with_a_broken_line(tmp_path):
    lines = [json.dumps({"title": "某县报告", "content": TEXT}, ensure_ascii=False), "{", "[1]"]
    (tmp_path / "x.jsonl").write_text("\n".join(lines), encoding="utf-8")
    good, broken, none = captures_of(tmp_path / "x.jsonl")
    assert good.payload.decode() == TEXT
    assert good.claims == (("title", "某县报告"),)
    assert (broken.outcome, broken.member) == ("unreadable", "line 2")
    assert none.error == "not an object"


def packed(path, members, **options):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return path


def test_zip_members_are_captures(tmp_path):
    path = packed(tmp_path / "x.zip", {"a/2023_海宁县.txt": TEXT, "../../evil.txt": "x"})
    inside, evil = captures_of(path)
    assert inside.filename == "2023_海宁县.txt"
    assert inside.payload.decode() == TEXT
    assert evil.member == "../../evil.txt"
    assert [each.name for each in tmp_path.iterdir()] == ["x.zip"]


def test_zip_names_in_gbk():
    info = zipfile.ZipInfo()
    info.filename, info.flag_bits = "海宁县.txt".encode("gb18030").decode("cp437"), 0
    assert packages_module._name(info) == "海宁县.txt"


def test_a_bomb_is_refused_member_by_member(tmp_path, monkeypatch):
    monkeypatch.setattr(packages_module, "MAX_FILE_BYTES", 1000)
    path = packed(tmp_path / "x.zip", {"bomb.txt": b"\0" * 100_000, "good.txt": b"good"})
    bomb, good = captures_of(path)
    assert (bomb.outcome, bomb.payload) == ("too_large", None)
    assert good.payload == b"good"


def test_a_package_that_unpacks_to_too_much_is_cut_off(tmp_path, monkeypatch):
    monkeypatch.setattr(source_module, "MAX_UNPACKED_BYTES", 1500)
    path = packed(tmp_path / "x.zip", {"a.txt": b"a" * 1000, "b.txt": b"b" * 1000})
    assert [capture.outcome for capture in captures_of(path)] == ["ok", "too_large"]


def test_a_damaged_member_is_reported(tmp_path):
    path = packed(tmp_path / "x.zip", {"a.txt": os.urandom(500)})
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)
    assert only(path).outcome == "unreadable"


def test_mhtml_gives_the_page_and_its_address(tmp_path):
    (tmp_path / "x.mht").write_bytes(
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/html; charset=utf-8\r\n"
        b"Content-Location: http://www.example.gov.cn/a.html\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>=E6=8A=A5=E5=91=8A</p>\r\n"
        b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n"
    )
    capture = only(tmp_path / "x.mht")
    assert "报告" in capture.payload.decode()
    assert capture.claims == (("url", "http://www.example.gov.cn/a.html"),)


def test_a_folder_is_walked_without_following_links(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "in/a.txt").write_text("a")
    (tmp_path / "in/b.exe").write_text("b")
    (tmp_path / "in/link.txt").symlink_to(tmp_path / "secret.txt")
    assert [path.name for path in gather([str(tmp_path / "in")])] == ["a.txt"]


@pytest.mark.parametrize("companion", ["报告_files", "报告.files", "报告_file"])
def test_the_parts_of_a_saved_page_are_no_pages(tmp_path, companion):
    (tmp_path / "报告.html").write_text("<p>x</p>")
    for folder in (companion, "own_files", ".git"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "frame.html").write_text("<p>y</p>")
    found = gather([str(tmp_path)])
    assert [path.parent.name for path in found] == [tmp_path.name, "own_files"]
    assert found.passed_over == {"folders: parts of a saved page": 1, "folders: hidden": 1}


def test_what_is_passed_over_is_counted(tmp_path):
    for name in ("a.txt", "b.png", "c.png", "README", "~$d.docx", "._e.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "f.txt").symlink_to("a.txt")
    (tmp_path / "loop").symlink_to(".")
    found = gather([str(tmp_path)])
    assert [path.name for path in found] == ["a.txt"]
    assert found.passed_over == {".png": 2, "no ending": 1, "hidden": 2, "links": 2}


def test_folders_are_walked_in_order_of_name_files_first(tmp_path):
    for name in ("b/1.txt", "a/2.txt", "a/z/3.txt", "c.txt", "a/0.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    names = [str(path.relative_to(tmp_path)) for path in gather([str(tmp_path)])]
    assert names == ["c.txt", "a/0.txt", "a/2.txt", "a/z/3.txt", "b/1.txt"]


def test_a_saved_page_tells_its_address(tmp_path):
    page = b"<!-- saved from url=(0031)http://www.example.gov.cn/a.html -->\n<html><p>x</p>"
    (tmp_path / "x.html").write_bytes(page)
    packed(tmp_path / "x.zip", {"a.html": page})
    for capture in (only(tmp_path / "x.html"), only(tmp_path / "x.zip")):
        assert capture.claims == (("url", "http://www.example.gov.cn/a.html"),)


def test_a_files_own_time_is_kept(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    packed(tmp_path / "x.zip", {"a.txt": "x"})
    for path in (tmp_path / "x.txt", tmp_path / "x.zip"):
        os.utime(path, (0, 981173106))
        assert only(path).header("Last-Modified") == "Sat, 03 Feb 2001 04:05:06 GMT"


def test_containers_in_containers_are_opened(tmp_path):
    rows = f'年份,正文\n2023,"{TEXT}"\n'.encode()
    inner = packed(tmp_path / "inner.zip", {"t/rows.csv": rows, "broken.xlsx": b"no workbook"})
    outer = packed(tmp_path / "outer.zip", {"a/inner.zip": inner.read_bytes()})
    row, broken = captures_of(outer)
    assert row.payload.decode() == TEXT
    assert (row.member, row.filename) == ("a/inner.zip!/t/rows.csv!/row 1", "rows.csv")
    assert row.container_sha256 == sha256(outer.read_bytes())
    assert (broken.member, broken.outcome) == ("a/inner.zip!/broken.xlsx", "unreadable")


def test_a_package_of_saved_pages(tmp_path):
    members = {
        "a/报告.html": "<p>x</p>",
        "a/报告_files/frame.html": "<p>y</p>",
        "a/报告_files/logo.png": b"z",
        "__MACOSX/a/._报告.html": b"w",
        "b.css": b"v",
        "README": "u",
    }
    path = packed(tmp_path / "x.zip", members)
    assert [capture.member for capture in captures_of(path)] == ["a/报告.html", "README"]
    (over,) = [p for p, _ in all_pieces([path], Columns()) if isinstance(p, PassedOver)]
    assert over.reasons == {"parts of a saved page": 2, "hidden": 1, ".css": 1}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_tables_as_spreadsheets_write_them(tmp_path, delimiter, encoding):
    text = TEXT.replace("\n", " ").replace(",", "、")
    rows = [["省", "正文", "省"], ["浙江省", text, "甲省", "more"]]
    words = "\r\n".join(delimiter.join(row) for row in rows)
    (tmp_path / "x.csv").write_bytes(words.encode(encoding))
    capture = only(tmp_path / "x.csv")
    assert capture.payload.decode() == text
    assert capture.claims == (("省", "浙江省"), ("省", "甲省"), ("", '["more"]'))


def test_a_table_without_a_header_has_numbered_columns(tmp_path):
    path = write_csv(tmp_path / "x.csv", [f'2023,"{TEXT}"', f'2024,"{TEXT}"'])
    captures = list(captures_of(path))
    assert [capture.claims for capture in captures] == [
        (("column 1", "2023"),),
        (("column 1", "2024"),),
    ]


@pytest.mark.parametrize(("chars", "outcome"), [(32_766, "ok"), (32_767, "truncated")])
def test_a_cell_that_excel_has_cut_is_called_so(tmp_path, chars, outcome):
    path = write_csv(tmp_path / "x.csv", ["a,text", f"x,{'长' * chars}"])
    assert (only(path).outcome, len(only(path).payload.decode())) == (outcome, chars)


def test_a_record_after_very_many_broken_ones(tmp_path):
    lines = ["{"] * 2500 + [json.dumps({"content": TEXT})]
    (tmp_path / "x.jsonl").write_text("\n".join(lines), encoding="utf-8")
    captures = list(captures_of(tmp_path / "x.jsonl"))
    assert [capture.member for capture in captures] == [f"line {n + 1}" for n in range(2501)]
    assert captures[-1].payload.decode() == TEXT


def test_a_path_named_twice_is_taken_once(tmp_path):
    (tmp_path / "a.txt").write_text("a")
    assert len(gather([str(tmp_path / "a.txt"), str(tmp_path)])) == 1


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_nothing_to_take_is_a_usage_error(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=name):
        gather([str(tmp_path / name)])


def test_a_file_that_vanishes_is_a_failed_capture(tmp_path):
    capture = whole_file(tmp_path / "gone.txt")
    assert (capture.outcome, capture.payload) == ("unreadable", None)


@pytest.mark.parametrize("name", ["gone.zip", "gone.csv", "gone.xlsx", "gone.mht", "gone.jsonl"])
def test_a_container_that_vanishes_is_a_failed_capture(tmp_path, name):
    assert (only(tmp_path / name).outcome, only(tmp_path / name).payload) == ("unreadable", None)


def test_a_folder_that_cannot_be_listed_is_a_failed_capture(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.txt").write_text("a")
    listed = os.scandir

    def refused(path):
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied")
        return listed(path)

    monkeypatch.setattr(os, "scandir", refused)
    text, folder = gather([str(tmp_path)])
    assert text.name == "a.txt"
    assert only(folder).error == "is a folder that cannot be listed, no file"


def test_backfill_of_a_table_end_to_end(baogao, tmp_path):
    rows = [
        "province,year,full_text",
        f'浙江省,2023,"{TEXT}"',
        f'甲省,2024,"{TEXT}另一年"',
        "乙,2025,",
    ]
    write_csv(tmp_path / "x.csv", rows)
    shown = baogao("backfill", "files", "x.db", "x.csv")
    assert shown.returncode == 1, shown.stderr.decode()
    assert "row 3" in shown.stderr.decode()
    assert "3 already there" not in shown.stderr.decode()
    db = sqlite3.connect(tmp_path / "x.db")
    stored = db.execute("select member, outcome, claims_json from captures order by id").fetchall()
    assert [row[:2] for row in stored] == [("row 1", "ok"), ("row 2", "ok"), ("row 3", "no_text")]
    assert json.loads(stored[0][2]) == [["province", "浙江省"], ["year", "2023"]]
    assert db.execute("select count(*) from broken_partition").fetchone() == (0,)


def test_the_provincial_reports_come_in_as_31_works(baogao, shared, tmp_path):
    folder = shared / "reports" / "provinces-2026"
    shown = baogao("backfill", "files", "x.db", folder)
    assert shown.returncode == 0, shown.stderr.decode()
    db = sqlite3.connect(tmp_path / "x.db")
    years = db.execute("select report_year, level, count(*) from works group by 1, 2").fetchall()
    assert years == [(2026, "province", 31)]


def test_what_comes_out_of_a_captured_zip_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "MAX_CAPTURED_BYTES", 1500)
    payload = packed(tmp_path / "x.zip", {"a.txt": b"a" * 1000, "b.txt": b"b" * 1000}).read_bytes()
    members = open_package(Capture(url="http://www.example.test/x.zip", payload=payload))
    assert [member.outcome for member in members] == ["ok", "too_large"]


def made(name):
    """A good file of each kind, as bytes."""
    rows = f'year,text\n2023,"{TEXT}"\n'
    if name == "x.xlsx":
        book = openpyxl.Workbook()
        book.active.append(["年份", "全文"])
        book.active.append([2023, TEXT])
        book.save(content := io.BytesIO())
        return content.getvalue()
    return {
        "x.csv": rows.encode(),
        "x.jsonl": json.dumps({"text": TEXT}).encode() + b"\n{}\n",
        "x.zip": hostile.packed({"a.txt": TEXT, "b/c.csv": rows}),
        "x.mht": b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/html; charset=utf-8\r\n"
        b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>=E6=8A=A5</p>\r\n--b--\r\n",
    }[name]


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.zip", "x.mht", "x.xlsx"])
def test_damaged_containers_give_captures_and_never_an_error(tmp_path, name):
    good, dice = made(name), Random(7)  # noqa: S311  (no secret)
    for _ in range(60):
        damaged = bytearray(good)
        for _ in range(dice.choice((1, 3, 20))):
            at = dice.randrange(len(damaged))
            damaged[at : at + dice.randrange(2)] = dice.randbytes(dice.randrange(3))
        (tmp_path / name).write_bytes(damaged[: dice.choice((len(damaged), len(damaged) // 2))])
        for capture in captures_of(tmp_path / name):
            assert (capture.outcome == "ok") == (capture.payload is not None)
            assert capture.error or capture.outcome == "ok"


def test_a_captured_zip_is_opened(tmp_path):
    payload = packed(tmp_path / "x.zip", {"a.txt": TEXT}).read_bytes()
    captured = Capture(
        url="http://www.example.test/x.zip", payload=payload, captured_at="2023-01-31T00:00:00.000Z"
    )
    (member,) = open_package(captured)
    assert member.url == "http://www.example.test/x.zip!/a.txt"
    assert member.container_sha256 == captured.payload_sha256
    assert (member.captured_at, member.origin) == (captured.captured_at, "live")
    assert member.payload.decode() == TEXT


@pytest.mark.parametrize("payload", [b"", b"text", b"PK\x03\x04 broken"])
def test_what_is_no_zip_is_not_opened(payload):
    assert list(open_package(Capture(url="http://x.test/", payload=payload))) == []
