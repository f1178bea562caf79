"""`baogao backfill warc`: our own WARC comes back as it was; damage is never taken silently."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from commands import Started
from killing import count, holdings, run_until
from store.warc_made import http, packed, record, response

TEXT = "武安市2023年政府工作报告\n各位代表:\n" + "过去一年,我们修了三座桥。\n" * 9


@pytest.fixture
def exported(baogao, tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.txt").write_text(TEXT + f"第{number}段。\n", encoding="utf-8")
    assert baogao("backfill", "files", "a.db", "0.txt", "1.txt", "2.txt").returncode == 0
    assert baogao("export", "a.db", "out", "--format", "warc").returncode == 0
    return tmp_path / "out" / "captures-00001.warc.gz"


def facts(path):
    db = sqlite3.connect(path)
    texts = db.execute("select payload_sha256, derivation_sha256 from texts order by 1").fetchall()
    return texts, db.execute("select sha256 from payloads order by 1").fetchall()


def test_the_round_trip_gives_the_same_payloads_and_texts(baogao, exported, tmp_path):
    shown = baogao("backfill", "warc", "b.db", exported)
    assert shown.returncode == 0, shown.stderr.decode()
    assert facts(tmp_path / "b.db") == facts(tmp_path / "a.db")
    assert len(facts(tmp_path / "b.db")[1]) == 3


def test_twice_does_nothing_twice(baogao, exported, tmp_path):
    for _ in range(2):
        assert baogao("backfill", "warc", "b.db", exported).returncode == 0
    db = sqlite3.connect(tmp_path / "b.db")
    assert db.execute("select count(*) from captures").fetchone() == (3,)


@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_damage_is_reported_and_what_came_before_is_kept(baogao, exported, tmp_path, damage):
    data = bytearray(exported.read_bytes())
    if damage == "cut":
        data = data[: len(data) * 2 // 3]
    else:
        data[len(data) * 2 // 3] ^= 0x10
    (tmp_path / "damaged.warc.gz").write_bytes(data)
    shown = baogao("backfill", "warc", "b.db", "damaged.warc.gz")
    assert shown.returncode == 1, shown.stderr.decode()
    assert b"damaged.warc.gz" in shown.stderr
    assert b"Traceback" not in shown.stderr
    db = sqlite3.connect(tmp_path / "b.db")
    (kept,) = db.execute("select count(*) from payloads").fetchone()
    assert 0 < kept < 3
    rows = db.execute("select error from captures where outcome = 'damaged'").fetchall()
    assert rows
    assert all(error.startswith("at byte ") for (error,) in rows)


def test_what_is_no_warc(baogao, tmp_path):
    (tmp_path / "x.warc.gz").write_text("no warc")
    assert baogao("backfill", "warc", "b.db", "x.warc.gz").returncode in {1, 2}
    assert baogao("backfill", "warc", "c.db", "absent.warc.gz").returncode == 2
    assert not (tmp_path / "c.db").exists()


# ---- a crawl of another tool


def made(tmp_path, pages=120):
    """Pages, pictures and styles, a refusal, a repeated page; the last one is cut off."""
    home = "http://www.demo.test"
    records = [
        response(f"{home}/report/{number}.html", (TEXT + f"第{number}段。\n").encode())
        for number in range(pages)
    ]
    for number, kind in enumerate(("image/png", "text/css", "text/javascript")):
        whole = http(b"\x89PNG" * 9, f"Content-Type: {kind}")
        records.insert(7, record("response", f"http://static.test/{number}", whole))
    refused = http(b"no", "Content-Type: text/html", line="HTTP/1.1 403 Forbidden")
    records.append(record("response", f"{home}/secret", refused))
    records.append(record("resource", "urn:pageinfo:x", b"{}", "Content-Type: application/json"))
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(packed(*records))
    return path


def rows(path, select):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(select).fetchall()


def test_a_dry_run_counts_and_writes_nothing(baogao, tmp_path):
    path = made(tmp_path, 9)
    shown = baogao("backfill", "warc", "x.db", path, "--dry-run", "--json")
    assert shown.returncode == 0, shown.stderr.decode()
    assert [file.name for file in tmp_path.iterdir()] == ["crawl.warc.gz"]
    told = json.loads(shown.stdout)
    assert (told["captures"], told["already_there"]) == (13, 0)
    assert told["statuses"] == {"200": 12, "403": 1}
    assert told["types"] == {
        "text/html": 10, "text/javascript": 1, "text/css": 1, "image/png": 1,
    }  # fmt: skip
    assert told["hosts"] == {"www.demo.test": 10, "static.test": 3}
    assert told["outcomes"] == {"ok": 12, "http": 1}
    assert told["digests"]["match"] == 9
    assert told["digests"]["none claimed"] == 4
    assert told["passed_over"] == {"records about the crawl itself (urn:)": 1}
    (file,) = told["files"]
    assert file["records"] == {"response": 13, "resource": 1}
    assert (file["whole"], file["damages"]) == (None, [])
    words = baogao("backfill", "warc", "x.db", path, "--dry-run").stderr.decode()
    assert "13 new captures" in words
    assert "Nothing was written." in words


def test_a_dry_run_beside_an_archive_says_what_is_there_already(baogao, tmp_path):
    path = made(tmp_path, 9)
    assert baogao("backfill", "warc", "x.db", path, "--no-derive", "--limit", "5").returncode == 3
    before = holdings(tmp_path / "x.db")
    told = json.loads(baogao("backfill", "warc", "x.db", path, "--dry-run", "--json").stdout)
    assert (told["captures"], told["already_there"]) == (8, 5)
    assert holdings(tmp_path / "x.db") == before


def test_filters_leave_out_what_is_not_wanted_and_say_so(baogao, tmp_path):
    path = made(tmp_path, 9)
    shown = baogao("backfill", "warc", "x.db", path, "--type", "HTML", "--match", r"/report/[0-4]",
                   "--no-derive", "--json")  # fmt: skip
    assert shown.returncode == 0, shown.stderr.decode()
    told = json.loads(shown.stdout)
    assert told["captures"] == [{"outcome": "ok", "captures": 5}]
    assert told["passed_over"]["records left out as asked"] == 8
    wrong = baogao("backfill", "warc", "x.db", path, "--match", "(")
    assert wrong.returncode == 2
    assert b"is not a regular expression" in wrong.stderr


def test_a_limit_takes_the_next_ones_each_time(baogao, tmp_path):
    path = made(tmp_path, 60)
    for expected, code in ((25, 3), (50, 3), (64, 0), (64, 0)):
        shown = baogao("backfill", "warc", "x.db", path, "--limit", "25", "--no-derive")
        assert shown.returncode == code, shown.stderr.decode()
        assert count(tmp_path / "x.db") == expected
    assert b"64 already there, passed over" in shown.stderr
    assert baogao("backfill", "warc", "y.db", path, "--limit", "64", "--no-derive").returncode == 0


def test_texts_may_be_made_later(baogao, tmp_path):
    path = made(tmp_path, 3)
    shown = baogao("backfill", "warc", "x.db", path, "--no-derive")
    assert b"Next: baogao rederive x.db" in shown.stderr
    assert rows(tmp_path / "x.db", "SELECT count(*) FROM texts") == [(0,)]
    assert baogao("rederive", "x.db", "-q").returncode == 0
    assert baogao("backfill", "warc", "y.db", path, "-q").returncode == 0
    assert holdings(tmp_path / "x.db") == holdings(tmp_path / "y.db")
    assert holdings(tmp_path / "x.db")["texts"]


@pytest.mark.parametrize("at", [1, 50, 101])
def test_an_import_that_was_killed_comes_to_the_same_archive(baogao, tmp_path, at):
    path = made(tmp_path)
    assert baogao("backfill", "warc", "right.db", path, "--no-derive").returncode == 0
    db = tmp_path / "x.db"
    running = Started(["backfill", "warc", "x.db", path, "-q", "--no-derive"], tmp_path)
    run_until(running, lambda: count(db) >= at)
    assert baogao("backfill", "warc", "x.db", path, "--no-derive").returncode == 0
    assert holdings(db) == holdings(tmp_path / "right.db")
    assert baogao("verify", "x.db").returncode == 0


def test_one_bad_file_among_good_ones_is_reported_before_anything_is_done(baogao, tmp_path):
    path = made(tmp_path, 3)
    (tmp_path / "x.warc").write_text("no warc")
    shown = baogao("backfill", "warc", "x.db", path, "x.warc")
    assert shown.returncode == 2
    assert b"x.warc: is not a WARC file" in shown.stderr
    assert not (tmp_path / "x.db").exists()


def test_bytes_that_do_not_match_their_digest_end_with_1(baogao, tmp_path):
    path = tmp_path / "crawl.warc"
    path.write_bytes(response("http://a.test/", b"body").replace(b"\r\n\r\nbody", b"\r\n\r\nBODY"))
    shown = baogao("backfill", "warc", "x.db", path, "--json")
    assert shown.returncode == 1
    assert json.loads(shown.stdout)["digests"]["differs"] == 1
    assert b"do not match the digest" in shown.stderr
    assert rows(tmp_path / "x.db", "SELECT payload_bytes FROM payloads") == [(4,)]


def test_a_terminal_sees_how_far_it_is(tmp_path):
    path = made(tmp_path, 40)
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "archive", "backfill", "warc", "x.db", path, "--no-derive"]
    done = subprocess.run(command, cwd=tmp_path, stderr=theirs, check=False, timeout=60)
    os.close(theirs)
    shown = b""
    with closing(os.fdopen(ours, "rb", buffering=0)) as terminal:
        try:
            while piece := terminal.read(4096):
                shown += piece
        except OSError:  # Linux says so at the end
            pass
    assert done.returncode == 0
    assert b"crawl.warc.gz" in shown
    assert b"MB/s" in shown
    assert b"100%" in shown
