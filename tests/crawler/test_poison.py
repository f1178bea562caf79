"""Pages that hang or kill the process that reads them cost their own text, and nothing else."""

import sqlite3
import sys
from functools import partial
from urllib.parse import urlsplit

import pytest

import crawler.recorder
from archive import Archive, StorageError
from archive.derivation import ruleset_digest
from archive.known import shipped
from crawler.derive_workers import DeriveWorkers
from crawler.run import crawl

SITE = """\
title = "x"
kind = "official"
family = "trs"
hosts = ["www.poison.test"]
start = ["http://www.poison.test:8642/l/index.html"]
loopback = true
[politeness]
delay_s = 0.01
"""
WORKER = """
import os
import archive
from archive.workers import Limits, serve
def derive(capture):
    if b"dies" in capture.payload:
        os._exit(9)
    if b"eats" in capture.payload:
        bytearray(1 << 45)
    while b"hangs" in capture.payload:
        pass
    return archive.derive(capture)
serve(derive, Limits(cpu_s=3))
"""
KINDS = ("dies", "hangs", "eats")
PAGES = [f"/l/202301/t20230131_{number}.html" for number in range(9)]


def _crawl(db, folder, port, worker=WORKER):
    """Crawl with workers that such pages hurt, as a fault of a library would."""
    command = [sys.executable, "-c", worker]
    crawler.recorder.DeriveWorkers = partial(DeriveWorkers, deadline_s=3, command=command)
    settings = {"PRACTICE_PORT": port, "DERIVE_WORKERS": 1, "LOG_LEVEL": "CRITICAL"}
    result = crawl(db, ["poison"], sites_dirs=[folder], settings=settings)
    return result.texts, result.exit_code, result.findings


def test_each_costs_its_own_text_only_until_rederive(apart, baogao, serve, tmp_path):
    poison = dict(zip(PAGES[1::3], KINDS, strict=True))
    pages = {
        ("www.poison.test", path): (200, {}, f"<p>page {path} {poison.get(path, '')}</p>".encode())
        for path in PAGES
    }
    links = "".join(f'<a href="{path}">x</a>' for path in PAGES)
    server = serve({**pages, ("www.poison.test", "/l/index.html"): (200, {}, links.encode())})
    (tmp_path / "poison.toml").write_text(SITE, "utf-8")
    db = tmp_path / "p.db"
    texts, exit_code, findings = apart(_crawl, db, str(tmp_path), server.server_port)
    assert texts == {"poison": 6}
    assert exit_code == 1
    assert len(findings) == 3
    rows = sqlite3.connect(db)
    outcomes = dict(rows.execute("SELECT url, outcome FROM frontier"))
    captured = rows.execute("SELECT count(*) FROM captures WHERE outcome = 'ok'").fetchone()
    states = rows.execute("SELECT DISTINCT state FROM frontier").fetchall()
    rows.close()
    told = {kind: outcomes[f"http://www.poison.test:8642{path}"] for path, kind in poison.items()}
    assert told == {"dies": "derive_crash", "hangs": "derive_timeout", "eats": "derive_crash"}
    assert captured == (10,), "every page is archived, whatever came of it"
    assert states == [("done",)]
    assert baogao("rederive", db, "--jobs", 1, "--quiet").returncode == 0
    with Archive.open(db, read_only=True) as archive:
        texts = archive.connection.execute("SELECT url FROM text_captures").fetchall()
        assert list(archive.captures_to_derive(ruleset_digest(shipped()))) == []
    assert sorted(urlsplit(url).path for (url,) in texts) == PAGES


def test_a_machine_on_which_no_worker_starts_stops_the_crawl(apart, serve, tmp_path):
    """It is no fault of the pages: none is given up, and the next crawl makes every text."""
    pages = {("www.poison.test", path): (200, {}, f"<p>{path}</p>".encode()) for path in PAGES}
    links = "".join(f'<a href="{path}">x</a>' for path in PAGES)
    server = serve({**pages, ("www.poison.test", "/l/index.html"): (200, {}, links.encode())})
    (tmp_path / "poison.toml").write_text(SITE, "utf-8")
    db = tmp_path / "p.db"
    with pytest.raises(StorageError):
        apart(_crawl, db, str(tmp_path), server.server_port, "raise SystemExit(7)")
    texts, exit_code, findings = apart(_crawl, db, str(tmp_path), server.server_port)
    assert (texts, exit_code, findings) == ({"poison": 9}, 0, ())
