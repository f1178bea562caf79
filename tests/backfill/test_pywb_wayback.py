"""There and back: an archive as WARC, served by pywb, comes in again by `backfill wayback`."""

from __future__ import annotations

import json
from contextlib import closing
from sqlite3 import connect

import pytest
from commands import Started
from killing import count, run_until
from pywb_server import needs_pywb, serving

from archive.model import Capture
from archive.store import Archive
from archive.store.warc.writing import export_warc

pytestmark = needs_pywb

HOME = "http://www.example.test/report/"
TIMES = ("2019-03-04T05:06:07.000Z", "2020-03-04T05:06:07.000Z", "2021-03-04T05:06:07.000Z")


def page(number, version=0):
    lines = "".join(f"<p>第{number}号报告第{n}段，发展稳中有进。</p>" for n in range(30))
    return f"<html><body><h1>政府工作报告 {version}</h1>{lines}</body></html>".encode()


@pytest.fixture
def origin(tmp_path):
    """Three pages at two or three times, one of them unchanged, one with a Chinese address."""
    with Archive.open(tmp_path / "origin.db", create=True) as archive, archive.run("crawl") as run:
        for number, name in enumerate(("1.html", "报告.html?年=2", "3.html")):
            for time, version in zip(TIMES, (0, 0, 1), strict=True):
                run.capture(
                    Capture(
                        url=HOME + name, payload=page(number, version), status=200,
                        captured_at=time, content_encoding="gzip" if number == 2 else None,
                        response_headers=(("Content-Type", "text/html; charset=utf-8"),
                                          ("Content-Encoding", "gzip"))[: 1 + number // 2],
                    )
                )  # fmt: skip
        run.capture(
            Capture(url=HOME + "gone.html", payload=b"gone", status=404, outcome="http",
                    captured_at=TIMES[0])
        )  # fmt: skip
        folder = tmp_path / "warc"
        folder.mkdir()
        export_warc(archive, folder)
    return folder / "captures-00001.warc.gz"


@pytest.fixture
def pywb(origin, tmp_path):
    with serving(tmp_path / "pywb", [origin]) as address:
        yield address


def arguments(pywb):
    return [
        "backfill", "wayback", "back.db", f"{HOME}*", "--cdx", f"{pywb}/cdx",
        "--per-minute", "6000",
    ]  # fmt: skip


def rows(path, origin):
    """Address, time and payload of each good page, those equal to the one before left out."""
    with closing(connect(path)) as db:
        found = db.execute(
            "SELECT url, substr(captured_at, 1, 19) AS at, payload_sha256, claims_json"
            " FROM captures JOIN pages ON pages.id = page_id"
            " WHERE origin = ? AND status = 200 ORDER BY url, at",
            (origin,),
        ).fetchall()
    last, kept = None, []
    for url, at, digest, _ in found:
        if (url, digest) != last:
            kept.append((url, at, digest))
        last = (url, digest)
    return kept, [dict(json.loads(row[3])) for row in found]


def test_the_same_payloads_come_back(baogao, pywb, tmp_path):
    done = baogao(*arguments(pywb))
    assert done.returncode == 0, done.stderr.decode()
    right, _ = rows(tmp_path / "origin.db", "live")
    found, claims = rows(tmp_path / "back.db", "wayback")
    assert found == right
    assert len(found) == 6
    assert {claim["digest_check"] for claim in claims} == {"match"}
    again = baogao(*arguments(pywb))
    assert again.returncode == 0
    assert rows(tmp_path / "back.db", "wayback")[0] == right


def test_killed_and_gone_on_with_it_is_the_same(baogao, pywb, tmp_path):
    running = Started([*arguments(pywb), "--quiet"], tmp_path)
    run_until(running, lambda: count(tmp_path / "back.db") >= 4)
    done = baogao(*arguments(pywb))
    assert done.returncode == 0, done.stderr.decode()
    found, claims = rows(tmp_path / "back.db", "wayback")
    assert found == rows(tmp_path / "origin.db", "live")[0]
    assert len(claims) == len(found)


def test_a_warc_that_pywb_serves_and_one_that_is_imported_agree(baogao, pywb, origin, tmp_path):
    assert baogao(*arguments(pywb)).returncode == 0
    assert baogao("backfill", "warc", "warc.db", origin, "--no-derive").returncode == 0
    served, _ = rows(tmp_path / "back.db", "wayback")
    imported, _ = rows(tmp_path / "warc.db", "warc")
    assert served == imported
