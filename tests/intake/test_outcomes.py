"""`backfill files` says of each file which report it became, or why none, and what to do."""

from __future__ import annotations

import csv
import json

import pytest

PROSE = "过去一年，我们修了三座桥，铺了十公里路。\n" * 9
FILES = {
    "a.txt": f"武安市2005年政府工作报告\n各位代表：\n{PROSE}",
    "news.txt": "市政府召开座谈会讨论政府工作报告\n本报讯 昨天市长主持召开座谈会,听取意见。\n" * 3,
    "loose.txt": "各位代表：\n过去一年，我们种了三千棵树，建了两所学校。请予审议。\n",
    "empty.txt": "",
}


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "files"
    home.mkdir()
    for name, words in FILES.items():
        (home / name).write_text(words, encoding="utf-8")
    with (home / "b.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [
            ["标题", "正文"],
            ["=1+1", PROSE.join(["武安市2006年政府工作报告\n各位代表：\n"] * 2)],
        ]
        csv.writer(file).writerows(rows)
    return home


@pytest.fixture
def imported(baogao, folder):
    return baogao("backfill", "files", "x.db", "files", "--json")


def test_each_file_is_there_once_with_what_it_became(imported):
    made = {row["file"]: row for row in json.loads(imported.stdout)["made"]}
    assert imported.returncode == 1
    assert {name: row["became"] for name, row in made.items()} == {
        "a.txt": "report", "b.csv row 1": "report", "news.txt": "no report",
        "loose.txt": "no report", "empty.txt": "no text",
    }  # fmt: skip
    assert made["a.txt"]["works"] == ["130481-2005"]
    assert (made["loose.txt"]["reason"], made["news.txt"]["reason"]) == ("no_place", "other_kind")
    assert "新闻" in made["news.txt"]["why"]
    assert "no characters" in made["empty.txt"]["why"]


def test_the_command_that_is_given_makes_a_report_of_it(baogao, imported):
    (row,) = [row for row in json.loads(imported.stdout)["made"] if row["next"]]
    words = row["next"].split()
    assert words[:3] == ["baogao", "decide", "x.db"]
    done = baogao(*words[1:4], "--report", "武安2007", "--why", "x", "--who", "Li")
    assert done.returncode == 0, done.stderr.decode()
    assert b'"130481-2007"' in baogao("works", "x.db").stdout


def test_people_read_it_in_a_table(baogao, folder):
    shown = baogao("backfill", "files", "x.db", "files").stderr.decode()
    assert "2 became copies of reports; 2 belong to no report; 1 gave no text" in shown
    loose = next(line for line in shown.splitlines() if line.strip().startswith("loose.txt"))
    assert "no report" in loose
    assert "the place is not known" in loose
    assert "--report PLACE+YEAR" in shown


@pytest.mark.parametrize("name", ["made.csv", "made.jsonl"])
def test_all_of_them_go_into_a_file(baogao, folder, name):
    baogao("backfill", "files", "x.db", "files", "-q", "--report", name)
    words = (folder.parent / name).read_text(encoding="utf-8-sig")
    rows = [*csv.DictReader(words.splitlines())] if name.endswith("csv") else [
        json.loads(line) for line in words.splitlines()
    ]  # fmt: skip
    assert sorted(row["file"] for row in rows) == sorted([*FILES, "b.csv row 1"])


def test_a_folder_that_is_not_there_stops_it_before_it_begins(baogao, folder):
    done = baogao("backfill", "files", "x.db", "files", "--report", "nowhere/made.csv")
    assert done.returncode == 2
    assert not (folder.parent / "x.db").exists()
