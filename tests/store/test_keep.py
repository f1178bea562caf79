"""`backup --keep`, what a killed backup left, and `disk`."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest
from store.made_up import answer, derivation_of

from archive import SiteFacts
from archive.store import Archive


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "reports.db"
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        for number, site in ((1, "anhui"), (2, "anhui"), (3, "hubei"), (4, None)):
            facts = SiteFacts(site, site, "official") if site else None
            capture = answer(number, site=facts)
            run.text(run.capture(capture), derivation_of(capture))
    return path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_the_newest_copies_are_kept_and_nothing_else_is_deleted(baogao, db, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    others = ["reports-2026.db", "reports-public-20200101T000000000Z.db", "notes.txt",
              "other-20200101T000000000Z.db"]  # fmt: skip
    for name in others:
        (folder / name).write_bytes(b"mine")
    old = [f"reports-2020010{n}T000000000Z.db" for n in range(1, 6)]
    for name in (*old, f"{old[0]}-wal"):
        (folder / name).write_bytes(b"old")
    shown = baogao("backup", "reports.db", "--folder", "backups", "--keep", "3")
    assert shown.returncode == 0, shown.stderr.decode()
    left = [name for name in names(folder) if name not in others]
    assert left[:2] == old[-2:]
    assert len(left) == 3
    assert set(others) <= set(names(folder))
    with Archive.open(folder / left[-1], read_only=True) as copy:
        assert len(list(copy.captures())) == 4


def test_a_failed_backup_deletes_nothing(baogao, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    old = [f"reports-2020010{n}T000000000Z.db" for n in range(1, 4)]
    for name in old:
        (folder / name).write_bytes(b"old")
    (tmp_path / "reports.db").write_bytes(b"damaged, and more than sixteen bytes long")
    assert baogao("backup", "reports.db", "--folder", "backups", "--keep", "1").returncode == 2
    assert names(folder) == old


def test_the_folder_may_be_said_once(baogao, db, tmp_path):
    refused = baogao("backup", "reports.db")
    assert refused.returncode == 2
    assert "backups in baogao.toml" in refused.stderr.decode()
    (tmp_path / "baogao.toml").write_text('backups = "kept"\n', encoding="utf-8")
    for _ in range(3):
        assert baogao("backup", "reports.db", "--keep", "2", "-q").returncode == 0
    assert len(names(tmp_path / "kept")) == 2
    assert "--keep is for --folder" in baogao(
        "backup", "reports.db", "new.db", "--keep", "2"
    ).stderr.decode()  # fmt: skip


HOLD = """
import sys, time
from pathlib import Path
from archive.store import copies
copies._to_disk = lambda path: (print("made", flush=True), time.sleep(60))
copies.backup(Path("reports.db"), Path("backups/reports-20200101T000000000Z.db"))
"""


def test_what_a_killed_backup_left_is_removed_by_the_next(baogao, db, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=tmp_path, stdout=subprocess.PIPE
    ) as killed:
        assert killed.stdout.readline() == b"made\n"
        killed.kill()
    (left,) = names(folder)
    assert left.endswith(".baogao-unfinished")
    assert baogao("backup", "reports.db", "--folder", "backups", "--keep", "1").returncode == 0
    (made,) = names(folder)
    assert made.startswith("reports-2")
    assert left != made


def test_the_shares_of_sites_and_years_add_up_to_the_file(baogao, db):
    shown = baogao("disk", "reports.db")
    assert shown.returncode == 0, shown.stderr.decode()
    found = [json.loads(line) for line in shown.stdout.splitlines()]
    assert [(one["site"], one["payloads"]) for one in found] == [
        ("", 1), ("anhui", 2), ("hubei", 1),
    ]  # fmt: skip
    assert {one["year"] for one in found} == {time.strftime("%Y", time.gmtime())}
    assert sum(one["bytes"] for one in found) == db.stat().st_size
    assert "MB a year" in shown.stderr.decode()


def test_an_empty_archive_needs_no_room(baogao, tmp_path):
    Archive.open(tmp_path / "x.db", create=True).close()
    shown = baogao("disk", "x.db")
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, b"", b"")
