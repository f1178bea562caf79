"""A person's decisions: kept for ever, applied to works, never written into a text."""

from __future__ import annotations

import json
import shutil
import sqlite3

import pytest
from commands import forked

TEXT = "各位代表:\n现在,我代表市人民政府,向大会报告工作,请予审议。\n" + (
    "过去一年,在必赢体育、省政府和市委的坚强领导下,我们修了三座桥,铺了十公里路。\n" * 2
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive of one text that names neither place nor year."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "x.txt").write_text(TEXT, encoding="utf-8")
    assert forked(["backfill", "files", "x.db", "x.txt"], folder).returncode == 0
    return folder / "x.db"


@pytest.fixture
def db(made, tmp_path):
    """A copy of it that may be changed."""
    return shutil.copyfile(made, tmp_path / "x.db")


def works(baogao):
    shown = baogao("works", "x.db").stdout.decode()
    return [json.loads(line)["work"] for line in shown.splitlines()]


def decide(baogao, *arguments):
    return baogao("decide", "x.db", "1", *arguments, "--who", "tester", "--why", "read in print")


def test_a_decided_place_and_year_make_a_work(baogao, db):
    assert "130481-2023" not in works(baogao)
    assert decide(baogao, "place_code", "130481").returncode == 0
    assert decide(baogao, "report_year", "2023").returncode == 0
    assert works(baogao) == ["130481-2023"]


def test_the_newest_decision_holds_and_all_are_kept(baogao, db):
    decide(baogao, "place_code", "130481")
    for year in ("2022", "2023"):
        decide(baogao, "report_year", year)
    assert works(baogao) == ["130481-2023"]
    shown = baogao("decide", "x.db", "1").stdout.decode().splitlines()
    found = [json.loads(line) for line in shown]
    assert [d["value"] for d in found if d["field"] == "identity:report_year"] == [2022, 2023]
    assert {d["who"] for d in found} == {"tester"}


def test_decisions_outlive_a_new_derivation(baogao, db):
    decide(baogao, "place_code", "130481")
    decide(baogao, "report_year", "2023")
    assert baogao("rederive", "x.db").returncode == 0
    assert works(baogao) == ["130481-2023"]


def test_a_decision_changes_no_derivation(baogao, db):
    query = "select derivation_sha256 from texts"
    before = sqlite3.connect(db).execute(query).fetchall()
    decide(baogao, "report_year", "2023")
    decide(baogao, "--words", "必赢体育", "--nth", "2", "--reading", "省委")
    assert sqlite3.connect(db).execute(query).fetchall() == before
    assert baogao("verify", "x.db").returncode == 0


def test_decisions_cannot_be_altered(baogao, db):
    decide(baogao, "report_year", "2023")
    with pytest.raises(sqlite3.IntegrityError):
        sqlite3.connect(db).execute("update decisions set value_json = '1999'")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["report_yaer", "2023"], "report_year"),
        (["report_year", "soon"], "not a number"),
        (["report_year"], "say what"),
        (["place_code", "999999"], "no division"),
        (["--words", "必赢体育", "--nth", "9", "--reading", "省委"], "flagged"),
        (["--words", "没有的词", "--reading", "省委"], "flagged 0 times"),
        (["--words", "必赢体育"], "--reading"),
    ],
)
def test_what_cannot_be_decided_is_one_sentence(baogao, db, arguments, complaint):
    shown = decide(baogao, *arguments)
    assert shown.returncode == 2
    assert complaint in shown.stderr.decode()
    assert b"Traceback" not in shown.stderr


def test_a_decision_needs_a_reason(baogao, db):
    shown = baogao("decide", "x.db", "1", "report_year", "2023", "--who", "tester")
    assert shown.returncode == 2
    assert b"--why" in shown.stderr


def test_no_such_text(baogao, db):
    shown = baogao("decide", "x.db", "99", "report_year", "2023", "--why", "x", "--who", "tester")
    assert shown.returncode == 2
    assert b"no text 99" in shown.stderr
