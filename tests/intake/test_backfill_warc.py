"""`baogao backfill warc`: our own WARC comes back as it was; damage is never taken silently."""

from __future__ import annotations

import sqlite3

import pytest

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
def test_damage_is_told_and_what_came_before_is_kept(baogao, exported, tmp_path, damage):
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
