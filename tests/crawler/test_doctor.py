"""`baogao doctor`: what it finds, what it proposes, and that it asks a host once."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest
from loopback import site_file

from archive import doctor
from archive.configuration import load
from crawler.doctoring import check_sites
from crawler.site_files import load_sites

NAMES = ("allows", "denies", "absent", "broken")


def checked(shown):
    return {line["name"]: line for line in map(json.loads, shown.stdout.splitlines())}


def test_a_sound_machine_passes(baogao, tmp_path):
    (tmp_path / "x.txt").write_text("2023年海宁县政府工作报告\n", encoding="utf-8")
    baogao("backfill", "files", "x.db", "x.txt")
    shown = baogao("doctor", "x.db", "--json")
    assert shown.returncode == 0, shown.stdout.decode()
    found = checked(shown)
    assert {"python", "sqlite", "archive", "clock", "site files"} <= set(found)
    assert found["contact"]["result"] == found["robots.txt"]["result"] == "note"
    assert "baogao.toml" in found["contact"]["remedy"]
    assert "ok      python: 3." in baogao("doctor").stdout.decode()


def test_what_is_wrong_is_told_with_its_remedy(baogao, tmp_path):
    (tmp_path / "x.db").write_bytes(b"no archive")
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.toml").write_text("title = 3", encoding="utf-8")
    (tmp_path / "baogao.toml").write_text('sites_dirs = ["sites", "none"]\n', encoding="utf-8")
    shown = baogao("doctor", "x.db")
    assert shown.returncode == 1
    lines = [line for line in shown.stdout.decode().splitlines() if line.startswith("failed")]
    assert any("none: cannot be read → make the folder" in line for line in lines), lines
    assert any(line.endswith("→ baogao verify x.db") for line in lines), lines
    assert any("a.toml: title: must be a text" in line for line in lines), lines


def test_an_unknown_site_is_a_usage_error(baogao):
    shown = baogao("doctor", "--site", "anhiu")
    assert shown.returncode == 2
    assert "did you mean 'anhui'" in shown.stderr.decode()


def test_old_software_a_full_disk_and_a_wrong_clock_fail(tmp_path):
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    now = datetime.now(UTC)
    failed = [
        doctor.python((3, 10, 1)),
        doctor.sqlite((3, 34, 0)),
        doctor.room("archive", tmp_path, 1 << 60),
        doctor.clock_after(later),
        doctor.clock_beside("a.test", now - timedelta(hours=2), now),
        doctor.writable("backups", tmp_path / "none"),
    ]
    assert {check.result for check in failed} == {"failed"}
    assert all(check.remedy for check in failed)
    assert doctor.clock_beside("a.test", now - timedelta(seconds=9), now).result == "ok"


def test_an_archive_that_everybody_may_change_fails(tmp_path):
    db = tmp_path / "x.db"
    sqlite3.connect(db).close()
    db.touch()
    db.chmod(0o666)
    found = {check.name: check for check in doctor.checks(load(None, {}), db)}
    assert found["file of the archive"].remedy == f"chmod o-w {db}"


@pytest.fixture
def sites(tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.toml").write_text(
            site_file(f"{name}.test", path="/list.html"), encoding="utf-8"
        )
    return load_sites([tmp_path]).chosen(NAMES)


def of_sites(sites, settings):
    return list(check_sites(sites, settings))


def test_each_site_is_asked_once_for_its_robots_txt(apart, serve, sites, tmp_path):
    denies = b"User-agent: *\nDisallow: /list\n"
    date = {"Date": "Mon, 01 Jan 2001 00:00:00 GMT"}
    server = serve({
        ("allows.test", "/robots.txt"): (200, date, b"User-agent: *\nDisallow: /x\n"),
        ("denies.test", "/robots.txt"): (200, date, denies),
        ("broken.test", "/robots.txt"): (503, date, b""),
        ("absent.test", "/robots.txt"): (404, date, b""),
    })  # fmt: skip
    settings = {
        "PRACTICE_PORT": server.port, "SITES_DIRS": [str(tmp_path)], "LOG_LEVEL": "CRITICAL",
        "DERIVE_WORKERS": 0,
    }  # fmt: skip
    found = {check.name: check for check in apart(of_sites, sites, settings)}
    results = {name: found[f"robots.txt of {name}"].result for name in NAMES}
    assert results == {"allows": "ok", "denies": "failed", "absent": "ok", "broken": "failed"}
    assert "disallows" in found["robots.txt of denies"].found
    assert "503" in found["robots.txt of broken"].found
    assert sorted(server.paths) == ["/robots.txt"] * len(NAMES)
    assert found["clock"].result == "failed"
    assert "after that of http://" in found["clock"].found
