"""The review queue: what is asked, in which order, and how it is answered."""

from __future__ import annotations

import json
import os
import pty
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from browse.made_up import MIRROR, REPORT, answer, derivation, group, hijacked
from commands import forked

from archive.catalogue.review import review
from archive.store import Archive

REPORT_OF = "各位代表:\n现在,我代表市人民政府,向大会报告工作,请予审议。\n{}\n" + (
    "过去一年,在省政府和市委的坚强领导下,我们修了三座桥,铺了十公里路。\n" * 2
)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive of a report that names itself, and of one that names neither place nor year."""
    folder = tmp_path_factory.mktemp("review")
    (folder / "武安市2022年政府工作报告.txt").write_text(
        "武安市2022年政府工作报告\n——2022年1月8日在武安市第九届人民代表大会第二次会议上\n"
        + REPORT_OF.format("武安市今年要办十件实事。"),
        encoding="utf-8",
    )
    (folder / "x.txt").write_text(REPORT_OF.format("今年要办八件实事。"), encoding="utf-8")
    assert forked(["backfill", "files", "x.db", "."], folder).returncode == 0
    return folder / "x.db"


@pytest.fixture
def db(made, tmp_path, monkeypatch):
    """A copy of it that may be changed."""
    monkeypatch.setenv("USER", "tester")
    return shutil.copyfile(made, tmp_path / "x.db")


def queue(baogao):
    shown = baogao("review", "x.db").stdout.decode()
    return [json.loads(line) for line in shown.splitlines()]


def works(baogao):
    shown = baogao("works", "x.db").stdout.decode()
    return [json.loads(line)["work"] for line in shown.splitlines()]


def asked(baogao):
    return [(each["text_id"], each["asks"]) for each in queue(baogao)]


def loose(baogao):
    """The number of the text that belongs to no report."""
    (text_id,) = {text_id for text_id, _ in asked(baogao)}
    return text_id


def test_only_what_is_not_known_is_asked(baogao, db):
    assert works(baogao) == ["130481-2022"]
    assert [what for _, what in asked(baogao)] == ["place_code", "report_year"]
    assert {(each["cells"], each["reports"]) for each in queue(baogao)} == {(1, 1)}


def test_answers_from_a_pipe_are_stored_and_leave_the_queue(baogao, db):
    text_id = loose(baogao)
    done = baogao("decide", "x.db", stdin=b"o 130481\no 2023\n")
    assert done.returncode == 0, done.stderr.decode()
    assert works(baogao) == ["130481-2022", "130481-2023"]
    assert asked(baogao) == []
    (first, *_) = [json.loads(line) for line in baogao("decisions", "x.db").stdout.splitlines()]
    assert (first["text_id"], first["who"], first["state"]) == (text_id, "tester", "applies")


def test_the_last_answer_is_taken_back_with_a_key(baogao, db):
    before = asked(baogao)
    done = baogao("decide", "x.db", stdin=b"o 130481\no 2023\nu\nu\nq\n")
    assert done.returncode == 0, done.stderr.decode()
    assert works(baogao) == ["130481-2022"]
    assert asked(baogao) == before
    states = [json.loads(line)["state"] for line in baogao("decisions", "x.db").stdout.splitlines()]
    assert "applies" not in states
    assert states.count("undone") == 4
    assert states.count("undoing") == 2


def test_no_report_settles_all_questions_of_a_text(baogao, db):
    assert baogao("decide", "x.db", stdin=b"n\n").returncode == 0
    assert asked(baogao) == []
    assert works(baogao) == ["130481-2022"]


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [(b"9\nq\n", "none of the keys"), (b"o\nq\n", "nothing was typed"), (b"o xyz\n", "xyz")],
)
def test_an_impossible_answer_is_refused_and_asked_again(baogao, db, keys, complaint):
    done = baogao("decide", "x.db", stdin=keys)
    assert done.returncode == 0
    assert complaint in done.stderr.decode()
    assert baogao("decisions", "x.db").stdout == b""


def test_quitting_at_once_writes_nothing(baogao, db):
    before = runs(db)
    assert baogao("decide", "x.db", stdin=b"q\n").returncode == 0
    assert runs(db) == before


def runs(db):
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute("select count(*) from runs").fetchone()


def test_keys_of_a_terminal_need_no_return(baogao, db):
    ours, theirs = pty.openpty()
    os.write(ours, b"snq")
    command = [sys.executable, "-m", "archive", "decide", str(db)]
    done = subprocess.run(command, stdin=theirs, capture_output=True, timeout=60, check=False)
    os.close(ours)
    os.close(theirs)
    assert done.returncode == 0, done.stderr.decode()
    shown = baogao("decisions", "x.db").stdout.decode().splitlines()
    assert [json.loads(line)["field"] for line in shown] == ["identity:kind"]


def test_decisions_outlive_a_new_derivation_and_their_undoing_too(baogao, db):
    text_id = str(loose(baogao))
    why = ("--why", "read in print")
    assert baogao("decide", "x.db", text_id, "--report", "武安2023", *why).returncode == 0
    assert baogao("rederive", "x.db").returncode == 0
    assert works(baogao) == ["130481-2022", "130481-2023"]
    assert baogao("decide", "x.db", "--undo", "1", *why).returncode == 0
    assert works(baogao) == ["130481-2022"]
    assert baogao("rederive", "x.db").returncode == 0
    assert works(baogao) == ["130481-2022"]
    assert baogao("verify", "x.db", "--full").returncode == 0


def test_what_was_decided_together_is_undone_together(baogao, db):
    text_id = str(loose(baogao))
    assert baogao("decide", "x.db", text_id, "place_code", "武安", "--why", "x").returncode == 0
    undone = baogao("decide", "x.db", "--undo", "3", "--why", "wrong")
    assert undone.stderr.decode().split() == ["undone:", "1,", "2,", "3"]
    again = baogao("decide", "x.db", "--undo", "2", "--why", "wrong")
    assert again.returncode == 2
    assert b"undone already" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--undo", "99"), "no decision 99"),
        (("1", "--report", "朝阳2023"), "may be"),
        (("1", "--report", "没有的地方2023"), "name a place and a year"),
        (("1", "kind", "诗"), "there is no 诗"),
        (("report_year",), "not a valid integer"),
        (("--report", "武安2023"), "needs TEXT"),
        (("1", "report_year", "2023", "--words", "x"), "one thing at a time"),
    ],
)
def test_what_cannot_be_decided_is_one_sentence(baogao, db, arguments, complaint):
    done = baogao("decide", "x.db", *arguments, "--why", "x")
    assert done.returncode == 2
    assert complaint in done.stderr.decode()
    assert b"Traceback" not in done.stderr
    assert baogao("decisions", "x.db").stdout == b""


def test_decisions_are_taken_into_another_archive_once(baogao, db, made, tmp_path):
    baogao("decide", "x.db", str(loose(baogao)), "--report", "武安2023", "--why", "in print")
    assert baogao("decisions", "x.db", "--export", "d.jsonl").returncode == 0
    decided = works(baogao)
    shutil.copyfile(made, db)
    taken = baogao("decisions", "x.db", "--import", "d.jsonl")
    assert taken.returncode == 0, taken.stderr.decode()
    assert works(baogao) == decided
    again = baogao("decisions", "x.db", "--import", "d.jsonl")
    assert again.stderr.decode().startswith("0 taken, 5 already there")


def test_an_older_decision_of_a_file_does_not_replace_a_newer_one(baogao, db):
    text_id = str(loose(baogao))
    baogao("decide", "x.db", text_id, "report_year", "2023", "--why", "old")
    baogao("decisions", "x.db", "--export", "d.jsonl")
    baogao("decide", "x.db", "--undo", "1", "--why", "wrong")
    baogao("decide", "x.db", text_id, "report_year", "2024", "--why", "new")
    line = json.loads((db.parent / "d.jsonl").read_text())
    (db.parent / "d.jsonl").write_text(
        json.dumps(line | {"decided_at": "2026-01-02T03:04:05.678Z"})
    )
    assert baogao("decisions", "x.db", "--import", "d.jsonl").returncode == 0
    found = [json.loads(row) for row in baogao("decisions", "x.db").stdout.splitlines()]
    assert [row["value"] for row in found if row["state"] == "applies"] == [2024]


def test_a_decision_on_bytes_that_are_not_here_is_reported(baogao, db):
    line = decision(payload_sha256="0" * 64)
    (db.parent / "d.jsonl").write_text(json.dumps(line))
    done = baogao("decisions", "x.db", "--import", "d.jsonl")
    assert done.returncode == 1
    assert b"d.jsonl:1: no text was made of these bytes" in done.stderr


def decision(**changed):
    return {
        "payload_sha256": "0" * 64, "field": "report_year", "value": 2023, "who": "Li",
        "why": "in print", "decided_at": "2026-01-02T03:04:05.678Z", **changed,
    }  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[1]",
        "[" * 100_000,
        json.dumps(decision(field="report_yaer")),
        json.dumps(decision(payload_sha256="../x")),
        json.dumps(decision(who="")),
        json.dumps(decision(decided_at="yesterday")),
        json.dumps(decision(field="reading", value="x")),
        json.dumps(decision(field="reading", value={"words": "x", "nth": 0, "reading": "y"})),
        json.dumps(decision(value=[1])),
        '{"who": "Li"}',
    ],
)
def test_a_line_that_is_no_decision_stops_the_import_before_it_begins(baogao, db, line):
    (db.parent / "d.jsonl").write_text(f"{json.dumps(decision())}\n{line}\n")
    done = baogao("decisions", "x.db", "--import", "d.jsonl")
    assert done.returncode == 2
    assert b"d.jsonl:2: no decision" in done.stderr
    assert b"Traceback" not in done.stderr
    assert baogao("decisions", "x.db").stdout == b""


@pytest.fixture
def hijacked_archive(tmp_path):
    """A report with injected words in its only copy: two places with the same proposals."""
    path = tmp_path / "h.db"
    lines = (*hijacked(REPORT), ("演示博彩再开工。", "body"))
    page = answer("http://www.hijacked.test/report.html", lines, MIRROR)
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        made = derivation(
            page, lines, flagged="演示博彩", proposals=("全部", "全面"), verdict="hijacked"
        )
        second = made.visible.rindex("演示博彩")
        again = type(made.flags[0])("hijack", second, second + 4, "演示博彩", "", ("全部", "全面"))
        flags = (*made.flags, again)
        run.text(run.capture(page), type(made)(**{**fields_of(made), "flags": flags}))
        group(archive, {"990100-2024": (1,)})
    return path


def fields_of(made):
    return {name: getattr(made, name) for name in made.__dataclass_fields__}


def test_injected_words_that_no_copy_replaces_are_asked_once_with_their_places(hijacked_archive):
    with Archive.open(hijacked_archive) as archive:
        first, *_ = review(archive.connection)
        assert (first.asks, first.words, first.places) == ("words", "演示博彩", (1, 2))
        assert [choice.value for choice in first.choices] == ["全部", "全面", "演示博彩"]
        assert (first.cells, first.reports, first.works) == (1, 1, ("990100-2024",))
        with archive.run("decide") as run:
            run.decide_reading(1, "演示博彩", (1,), "全部", who="Li", why="in print")
        group(archive, {"990100-2024": (1,)})
        first, *_ = review(archive.connection)
        assert first.places == (2,)
        with archive.run("decide") as run:
            run.decide_reading(1, "演示博彩", (2,), "全部", who="Li", why="in print")
        group(archive, {"990100-2024": (1,)})
        assert "words" not in [each.asks for each in review(archive.connection)]
