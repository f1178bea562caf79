"""`baogao backfill files`: dry run, limit, columns, order, kills; a second run adds nothing."""

from __future__ import annotations

import csv
import json
import os
import pty
import re
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from contextlib import closing, suppress
from pathlib import Path

import openpyxl
import pytest
from commands import Started
from killing import count, holdings, run_until

PROSE = "过去一年，我们修了三座桥，铺了十公里路。\n" * 9


def text(number):
    return f"武安市{2000 + number}年政府工作报告\n各位代表：\n{PROSE}第{number}段，到此为止。\n"


@pytest.fixture
def folder(tmp_path):
    """Pages, a table, records, a workbook and a package: 42 captures, two of them without text."""
    home = tmp_path / "files"
    (home / "sub").mkdir(parents=True)
    for number in range(5):
        page = "".join(f"<p>{line}</p>" for line in text(number).splitlines())
        (home / "sub" / f"{2000 + number}_武安市.html").write_text(page, encoding="utf-8")
    with (home / "b.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["届次年", "正文", "来源", "编号"])
        writer.writerows([[2000 + n, text(n), f"http://a.test/{n}", n] for n in range(5, 20)])
        writer.writerow([2000, "", "", ""])
    with (home / "a.jsonl").open("w", encoding="utf-8") as file:
        for number in range(5):
            file.write(json.dumps({"title": "报告", "content": text(20 + number)}) + "\n")
        file.write("{\n")
    with zipfile.ZipFile(home / "c.zip", "w") as package:
        for number in range(15):
            package.writestr(f"x/{number}.txt", text(30 + number))
        package.writestr("x/logo.png", b"x")
    return home


def rows(db, select, *values):
    with closing(sqlite3.connect(db)) as reader:
        return reader.execute(select, values).fetchall()


def test_a_dry_run_counts_and_writes_nothing(baogao, folder, tmp_path):
    shown = baogao("backfill", "files", "x.db", "files", "--dry-run", "--json")
    assert shown.returncode == 1, shown.stderr.decode()
    planned = json.loads(shown.stdout)
    assert planned["files"] == 8
    counts = {(row["kind"], row["outcome"]): row for row in planned["captures"]}
    assert {key: row["captures"] for key, row in counts.items()} == {
        (".html", "ok"): 5, ("row of .csv", "ok"): 15, ("row of .csv", "no_text"): 1,
        ("line of .jsonl", "ok"): 5, ("line of .jsonl", "unreadable"): 1, (".txt", "ok"): 15,
    }  # fmt: skip
    assert (counts[".html", "ok"]["place"], counts[".html", "ok"]["year"]) == (5, 5)
    assert planned["passed_over"] == {".png": 1}
    assert {table["table"]: table["text"] for table in planned["tables"]} == {
        "a.jsonl": "content", "b.csv": "正文",
    }  # fmt: skip
    assert not (tmp_path / "x.db").exists()


def test_a_dry_run_over_an_archive_tells_what_is_there(baogao, folder, tmp_path):
    assert baogao("backfill", "files", "x.db", "files/c.zip").returncode == 0
    before = holdings(tmp_path / "x.db")
    shown = baogao("backfill", "files", "x.db", "files", "--dry-run")
    (line,) = [line for line in shown.stdout.decode().splitlines() if line.startswith(".txt")]
    assert line.split() == [".txt", "ok", "15", line.split()[3], "15", "0", "0"]
    assert holdings(tmp_path / "x.db") == before


def test_a_second_run_adds_nothing(baogao, folder, tmp_path):
    assert baogao("backfill", "files", "x.db", "files").returncode == 1
    before = holdings(tmp_path / "x.db")
    shown = baogao("backfill", "files", "x.db", "files", "--json")
    assert shown.returncode == 1
    summary = json.loads(shown.stdout)
    assert (summary["already_there"], summary["without_text"], summary["captures"]) == (42, 2, [])
    assert b"42 already there, passed over, 2 of them without text" in shown.stderr
    assert holdings(tmp_path / "x.db") == before


def test_limit_takes_some_and_says_that_some_are_left(baogao, folder, tmp_path):
    seen = []
    for _ in range(3):
        shown = baogao("backfill", "files", "x.db", "files", "--limit", "20", "-q")
        seen.append((shown.returncode, count(tmp_path / "x.db")))
    assert seen == [(3, 20), (3, 40), (1, 42)]


def test_rows_stand_in_the_order_of_the_files_however_many_work(baogao, folder, tmp_path):
    order = "SELECT url FROM captures JOIN pages ON pages.id = page_id ORDER BY captures.id"
    for db, jobs in (("x.db", "1"), ("y.db", "3")):
        assert baogao("backfill", "files", db, "files", "--jobs", jobs).returncode == 1
    one, other = (rows(tmp_path / db, order) for db in ("x.db", "y.db"))
    assert one == other
    names = [url.partition("/files/")[2].partition("!")[0] for (url,) in one]
    assert list(dict.fromkeys(names))[:3] == ["a.jsonl", "b.csv", "c.zip"]
    assert names[-5:] == [f"sub/{2000 + n}_%E6%AD%A6%E5%AE%89%E5%B8%82.html" for n in range(5)]


def test_killed_and_run_again_it_comes_to_the_same_archive(baogao, folder, tmp_path):
    db = tmp_path / "x.db"
    for table, least in (("runs", 1), ("captures", 1), ("captures", 40)):
        running = Started(["backfill", "files", "x.db", folder], tmp_path)
        assert run_until(running, lambda: count(db, table) >= least) is None  # noqa: B023
    assert baogao("backfill", "files", "x.db", folder).returncode == 1
    assert baogao("backfill", "files", "y.db", folder).returncode == 1
    assert holdings(db) == holdings(tmp_path / "y.db")


def test_a_stop_from_the_keyboard_is_quick_and_goes_on_later(baogao, folder, tmp_path):
    for number in range(80):  # so that it is still at work when the signal comes
        (folder / f"z{number}.txt").write_text(text(number), encoding="utf-8")
    command = [sys.executable, "-m", "archive", "backfill", "files", "x.db", str(folder)]
    running = subprocess.Popen(
        command, cwd=tmp_path, stderr=subprocess.PIPE,
        # a shell that starts the tests in the background makes its children ignore this signal
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    while count(tmp_path / "x.db") < 20:
        assert running.poll() is None
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    told = running.communicate(timeout=20)[1]
    assert running.returncode == 3, told.decode()
    assert b"Run again to go on" in told
    assert rows(tmp_path / "x.db", "SELECT reason FROM run_ends") == [("interrupted",)]
    assert baogao("backfill", "files", "x.db", folder).returncode == 1
    assert count(tmp_path / "x.db") == 122


@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
def test_progress_is_shown_on_a_terminal_only(folder, tmp_path, quiet):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "archive", "backfill", "files", "x.db", str(folder), *quiet]
    running = subprocess.Popen(command, cwd=tmp_path, stderr=theirs)
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # the end of a terminal is an error
        while piece := os.read(ours, 65536):
            shown += piece
    os.close(ours)
    assert running.wait(60) == 1
    assert (re.search(rb"captures  [0-9]+  [0-9.]+/s  [0-9]+%", shown) is None) == bool(quiet)


def test_columns_are_shown_and_can_be_named(baogao, folder, tmp_path):
    options = ("--year-column", "届次年", "--url-column", "来源", "--text-column", "正文")
    shown = baogao("backfill", "files", "x.db", "files/b.csv", *options)
    assert "b.csv: texts in 正文; year in 届次年, url in 来源; also 编号" in shown.stderr.decode()
    ((claims,),) = rows(
        tmp_path / "x.db", "SELECT claims_json FROM captures WHERE member = 'row 1'"
    )
    assert json.loads(claims) == [
        ["year", "2005"], ["届次年", "2005"], ["url", "http://a.test/5"], ["来源", "http://a.test/5"],
        ["编号", "5"],
    ]  # fmt: skip


def test_tables_that_are_alike_are_told_once(baogao, tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.csv").write_text(f'year,text\n2023,"{text(number)}"\n', "utf-8")
    shown = baogao("backfill", "files", "x.db", "0.csv", "1.csv", "2.csv", "--dry-run")
    assert "0.csv and 2 more: texts in text; year in year\n" in shown.stderr.decode()


def test_a_column_that_is_not_there_is_reported(baogao, folder):
    shown = baogao("backfill", "files", "x.db", "files/b.csv", "--place-column", "省")
    assert "b.csv: texts in 正文; also 届次年, 来源, 编号; no column 省" in shown.stderr.decode()
    shown = baogao("backfill", "files", "y.db", "files/b.csv", "--text-column", "省")
    assert shown.returncode == 1
    assert 'b.csv: has no column "省"; it has 届次年, 正文, 来源, 编号' in shown.stderr.decode()


def test_a_cut_cell_is_reported_and_its_text_made(baogao, tmp_path):
    words = text(23).replace("\n", "。")
    (tmp_path / "x.csv").write_text(f"text\n{words + '长' * (32_767 - len(words))}\n", "utf-8")
    shown = baogao("backfill", "files", "x.db", "x.csv")
    assert shown.returncode == 0, shown.stderr.decode()
    assert (
        "x.csv row 1: it has 32767 characters, at which Excel cuts a cell" in shown.stderr.decode()
    )
    assert count(tmp_path / "x.db", "texts") == 1
    assert baogao("backfill", "files", "x.db", "x.csv", "--dry-run").returncode == 0


def test_every_sheet_that_is_a_table_is_read(baogao, tmp_path):
    book = openpyxl.Workbook()
    for number, sheet in enumerate((book.active, book.create_sheet("二"), book.create_sheet("注"))):
        if sheet.title != "注":
            sheet.append(["年份", "全文"])
            sheet.append([2023.0, text(number)])
            sheet.append([])
        else:
            sheet.append(["一些说明"])
    book.save(tmp_path / "x.xlsx")
    shown = baogao("backfill", "files", "x.db", "x.xlsx")
    assert shown.returncode == 0, shown.stderr.decode()
    assert "passed over: 1 sheet 注" in shown.stderr.decode()
    found = rows(tmp_path / "x.db", "SELECT member, claims_json FROM captures ORDER BY id")
    assert found == [("row 1", '[["年份","2023"]]'), ("二 row 1", '[["年份","2023"]]')]


@pytest.mark.parametrize(
    "name", ["2023_鞍山市.txt", "鞍山市_2023.txt", "2023辽宁省鞍山市.txt", "鞍山市2023年.txt"]
)
def test_a_name_is_evidence_of_low_trust(baogao, tmp_path, name):
    (tmp_path / name).write_text("各位代表：\n" + PROSE, encoding="utf-8")
    assert baogao("backfill", "files", "x.db", name).returncode == 0
    select = "SELECT field, value_json, source, confidence FROM identities"
    found = {
        field: (json.loads(value), source, confidence)
        for field, value, source, confidence in rows(tmp_path / "x.db", select)
    }
    assert found["place_code"][:2] == ("210300", "filename")
    assert found["report_year"][:2] == (2023, "filename")
    assert max(found["place_code"][2], found["report_year"][2]) <= 0.7


def test_a_name_never_outweighs_the_text(baogao, tmp_path):
    (tmp_path / "2019_鞍山市.txt").write_text(text(23), encoding="utf-8")
    baogao("backfill", "files", "x.db", "2019_鞍山市.txt")
    assert rows(tmp_path / "x.db", "SELECT name FROM works") == [("130481-2023",)]


def test_names_that_are_no_utf8(baogao, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("2023_鞍山市.txt".encode("gb18030"), b"\xff\xfe.txt"):
        (tmp_path / "in" / os.fsdecode(name)).write_text(text(23), encoding="utf-8")
    shown = baogao("backfill", "files", "x.db", "in")
    assert shown.returncode == 0, shown.stderr.decode()
    found = rows(tmp_path / "x.db", "SELECT filename FROM captures ORDER BY id")
    assert found[0] == ("2023_鞍山市.txt",)
    assert (
        b"%FF%FE.txt" in rows(tmp_path / "x.db", "SELECT url FROM pages ORDER BY id")[1][0].encode()
    )


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that gives an error")
def test_a_file_that_cannot_be_read_is_a_row(baogao, tmp_path):
    (tmp_path / "good.txt").write_text(text(23), encoding="utf-8")
    (tmp_path / "mem.csv").symlink_to("/proc/self/mem")
    shown = baogao("backfill", "files", "x.db", "/proc/self/mem", "mem.csv", "good.txt")
    assert shown.returncode == 1, shown.stderr.decode()
    found = rows(tmp_path / "x.db", "SELECT outcome, error FROM captures ORDER BY id")
    assert found[-1] == ("ok", None)
    assert {outcome for outcome, error in found[:-1] if error} == {"unreadable"}


@pytest.mark.parametrize("name", ["absent", "loop", "n" * 300, "dangling"])
def test_what_is_not_there_is_a_usage_error(baogao, tmp_path, name):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    shown = baogao("backfill", "files", "x.db", name)
    assert (shown.returncode, b"Traceback" in shown.stderr) == (2, False), shown.stderr.decode()
    assert not (tmp_path / "x.db").exists()
