"""The commands as a person meets them: good input, bad input, one sentence, an exit code."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys

import pytest

REPORT = """2023年海宁县政府工作报告
——2023年1月7日在海宁县第十七届人民代表大会第二次会议上
县长 演示甲

各位代表:

  现在,我代表县人民政府向大会报告工作,请予审议。

  一、2022年工作回顾

  过去一年,我们修了三座桥,栽了一千棵树,演示文本到此为止。
"""


def sentence(shown, code):
    """The one sentence of a refused command; never a traceback."""
    words = shown.stderr.decode()
    assert shown.returncode == code, words
    assert "Traceback" not in words
    lines = [line for line in words.splitlines() if line.startswith("Error: ")]
    assert len(lines) == 1, words
    return lines[0]


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report.txt"
    path.write_text(REPORT, encoding="utf-8")
    return path


def test_text_prints_the_clean_text(baogao, report):
    shown = baogao("text", report)
    assert shown.returncode == 0, shown.stderr
    assert "修了三座桥" in shown.stdout.decode()


def test_text_reads_stdin(baogao):
    shown = baogao("text", "-", stdin=REPORT.encode())
    assert "修了三座桥" in shown.stdout.decode()


def test_text_json_is_the_whole_derivation(baogao, report):
    shown = json.loads(baogao("text", report, "--json").stdout)
    assert shown["visible"] == REPORT
    reached = 0
    for span in shown["spans"]:
        assert span["start"] == reached
        reached = span["stop"]
    assert reached == len(REPORT)
    assert shown["identity"]["delivered_on"]["value"] == "2023-01-07"


def test_text_decodes_gbk(baogao, tmp_path):
    (tmp_path / "gbk.txt").write_bytes(REPORT.encode("gb18030"))
    shown = json.loads(baogao("text", "gbk.txt", "--json").stdout)
    assert shown["visible"] == REPORT
    assert shown["decoding"]["encoding"] == "gb18030"


def test_bad_bytes_are_counted_not_lost(baogao, tmp_path):
    (tmp_path / "bad.txt").write_bytes(REPORT.encode() + b"\xff\x00\xfe tail")
    shown = json.loads(baogao("text", "bad.txt", "--json").stdout)
    assert shown["decoding"]["replaced"] > 0
    assert "tail" in shown["visible"]


@pytest.mark.parametrize("name", ["absent.txt", "."])
def test_text_of_what_is_no_file(baogao, name):
    assert name in sentence(baogao("text", name), 2)


def test_text_of_an_empty_file(baogao, tmp_path):
    (tmp_path / "empty.txt").touch()
    assert "empty" in sentence(baogao("text", "empty.txt"), 2)


def test_backfill_show_and_works(baogao, report, tmp_path):
    shown = baogao("backfill", "files", "x.db", report, "--json", "-q")
    assert shown.returncode == 0, shown.stderr
    summary = json.loads(shown.stdout)
    assert summary["captures"] == [{"outcome": "ok", "captures": 1}]
    db = sqlite3.connect(tmp_path / "x.db")
    assert db.execute("select count(*) from broken_partition").fetchone() == (0,)
    assert baogao("works", "x.db").returncode == 0


def test_backfill_twice_does_nothing_twice(baogao, report, tmp_path):
    baogao("backfill", "files", "x.db", report)
    again = baogao("backfill", "files", "x.db", report)
    assert again.returncode == 0
    assert "1 already there" in again.stderr.decode()
    db = sqlite3.connect(tmp_path / "x.db")
    assert db.execute("select count(*) from captures").fetchone() == (1,)


@pytest.mark.parametrize("name", ["absent", "folder"])
def test_backfill_of_nothing_makes_no_database(baogao, tmp_path, name):
    (tmp_path / "folder").mkdir()
    assert name in sentence(baogao("backfill", "files", "x.db", name), 2)
    assert not (tmp_path / "x.db").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.txt", b""),
        ("binary.txt", bytes(range(256)) * 20),
        ("page.html", b"\xd0\xcf\x11\xe0" * 9),
    ],
)
def test_backfill_keeps_what_gives_no_text(baogao, tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    shown = baogao("backfill", "files", "x.db", name)
    assert shown.returncode == 1, shown.stderr
    assert name in shown.stderr.decode()
    db = sqlite3.connect(tmp_path / "x.db")
    assert db.execute("select count(*) from captures").fetchone() == (1,)


@pytest.mark.parametrize("command", [("works",), ("backfill", "files"), ("rederive",), ("demo",)])
def test_a_file_that_is_no_database(baogao, report, tmp_path, command):
    (tmp_path / "x.db").write_text("not a database, but a text that somebody needs", "utf-8")
    paths = [report] if "files" in command else []
    assert "x.db" in sentence(baogao(*command, "x.db", *paths), 2)
    assert (tmp_path / "x.db").read_text("utf-8").startswith("not a database")


def test_a_database_that_is_not_ours(baogao, report, tmp_path):
    with sqlite3.connect(tmp_path / "x.db") as db:
        db.execute("create table mine (x)")
    assert "x.db" in sentence(baogao("backfill", "files", "x.db", report), 2)


def test_a_database_of_a_newer_version(baogao, report, tmp_path):
    baogao("backfill", "files", "x.db", report)
    with sqlite3.connect(tmp_path / "x.db") as db:
        db.execute("pragma user_version = 9999")
    assert "newer" in sentence(baogao("works", "x.db"), 2)


def test_a_place_where_nothing_can_be_written(baogao, report):
    assert "/proc/x.db" in sentence(baogao("backfill", "files", "/proc/x.db", report), 3)


def test_a_missing_database(baogao):
    assert "absent.db" in sentence(baogao("works", "absent.db"), 2)


def test_an_unknown_option(baogao):
    shown = baogao("works", "x.db", "--tabel")
    assert shown.returncode == 2
    assert "--table" in shown.stderr.decode()


def test_help_is_fast_and_imports_nothing_heavy(baogao):
    assert baogao("--help").returncode == 0
    heavy = "import sys, crawler.cli; print([m for m in ('scrapy', 'jieba', 'lxml', 'datasette') "
    shown = baogao_python(heavy + "if m in sys.modules])")
    assert shown == "[]\n"


def baogao_python(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout


def test_findings_are_told_once_for_each_word(baogao, tmp_path):
    sentence = "在必赢体育、省政府和市委的坚强领导下,我们又修了一座桥。\n"
    (tmp_path / "x.txt").write_text(REPORT + sentence * 3, encoding="utf-8")
    told = baogao("text", "x.txt").stderr.decode()
    (line,) = [line for line in told.splitlines() if line.startswith("hijack")]
    assert line.startswith("hijack ×3: 必赢体育 — proposed: 省委 ×3")


def test_a_suspect_text_says_in_full_why_and_what_would_clear_it(baogao, tmp_path):
    (tmp_path / "x.txt").write_text(REPORT + "预料增长百分之八,让农夫得到实惠。\n", "utf-8")
    told = baogao("text", "x.txt").stderr.decode()
    (line,) = [line for line in told.splitlines() if line.startswith("suspect")]
    assert line.startswith("suspect: words that no report uses")
    assert line.endswith("cleared by a copy of the report from another site in its own words")


def test_status_of_sites_never_crawled(baogao):
    shown = baogao("status", "absent.db", "practice-gov", "--max-age", "30")
    assert shown.returncode == 1
    assert json.loads(shown.stdout)["finished_at"] is None
    assert "practice-gov: last crawled never" in shown.stderr.decode()


def test_an_unknown_site_is_answered_with_the_nearest(baogao):
    assert "practice-gov" in sentence(baogao("status", "x.db", "practise-gov"), 2)


def test_a_real_site_needs_a_contact(baogao, tmp_path):
    assert "--contact" in sentence(baogao("crawl", "x.db", "--due"), 2)
    assert not (tmp_path / "x.db").exists()


def test_new_site_of_what_is_no_address(baogao):
    assert "not an http or https URL" in sentence(baogao("new-site", "file:///etc/passwd"), 2)
