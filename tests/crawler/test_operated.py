"""What an operator relies on: which sites a bare command means, the log file, the exit codes."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from commands import forked

from crawler import run_log
from crawler.site_files import load_sites

SITE = """\
title = "x"
kind = "official"
family = "trs"
hosts = ["www.own.test"]
start = ["http://www.own.test:{port}/l/index.html"]
loopback = true
[politeness]
delay_s = {delay}
"""
PATHS = [f"/l/202301/t20230131_{number}.html" for number in range(4)]
LIST = "".join(f'<a href="{path}">x</a>' for path in PATHS).encode()


@pytest.fixture
def web(serve):
    pages = {("www.own.test", path): (200, {}, b"<p>x</p>") for path in PATHS}
    return serve({**pages, ("www.own.test", "/l/index.html"): (200, {}, LIST)})


@pytest.fixture
def folder(web, tmp_path):
    (tmp_path / "sites").mkdir()
    write_site(tmp_path, web.port)
    return tmp_path


def write_site(home, port, delay=0.01, name="own"):
    (home / "sites" / f"{name}.toml").write_text(SITE.format(port=port, delay=delay), "utf-8")


def baogao(folder, *words, code=0):
    done = forked(words, folder)
    assert done.returncode == code, done.stderr
    return SimpleNamespace(stdout=done.stdout.decode(), stderr=done.stderr.decode())


def test_without_names_only_the_sites_of_the_given_folder_are_meant(folder):
    found = load_sites([folder / "sites"])
    assert [site.name for site in found.chosen(())] == ["own"]
    assert found.chosen(["practice-gov"])
    assert len(load_sites().chosen(())) > 10


def test_a_folder_without_an_active_site_is_no_reason_to_ask_all_others(tmp_path):
    assert load_sites([tmp_path]).chosen(()) == []


def test_a_crawl_without_names_its_log_and_the_status_after_it(folder):
    done = baogao(
        folder, "crawl", "x.db", "--sites-dir", "sites", "--log-file", "crawl.log", "--log-json"
    )
    assert "own" not in done.stderr
    rows = [json.loads(line) for line in (folder / "crawl.log").read_text().splitlines()]
    (progress,) = [row for row in rows if row.get("event") == "progress"]
    assert (progress["host"], progress["captures"]) == ("www.own.test", 6)
    assert rows[-1]["event"] == "end"
    assert rows[-1]["exit_code"] == 0
    shown = baogao(folder, "status", "x.db", "--sites-dir", "sites").stdout
    assert [json.loads(line)["site"] for line in shown.splitlines()] == ["own"]
    assert baogao(folder, "status", "x.db").stdout == ""
    assert len(baogao(folder, "status", "x.db", "--all").stdout.splitlines()) > 10


def test_a_log_that_cannot_be_written_stops_it_before_it_asks(folder, web):
    asked = len(web.asked)
    done = baogao(
        folder, "crawl", "x.db", "--sites-dir", "sites", "--log-file", "none/x.log", code=3
    )
    assert "none/x.log" in done.stderr
    assert "Traceback" not in done.stderr
    assert len(web.asked) == asked
    assert "--log-file" in baogao(folder, "crawl", "x.db", "--log-json", code=2).stderr


def test_a_stopped_crawl_ends_with_3_and_goes_on(folder, web):
    write_site(folder, web.port, delay=5)
    command = [sys.executable, "-m", "crawler", "crawl", "x.db", "--sites-dir", "sites"]
    process = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not web.asked and time.monotonic() < until:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    _, words = process.communicate(timeout=60)
    assert process.returncode == 3, words
    assert "was stopped" in words
    write_site(folder, web.port)
    baogao(folder, "crawl", "x.db", "--sites-dir", "sites")
    assert set(PATHS) <= set(web.paths)


def test_scrapy_obeys_the_settings_of_the_folder(folder, web):
    (folder / "baogao.toml").write_text(
        'contact = "me@example.org"\nsites_dirs = ["sites"]\n[limits]\nrequests = 2\n', "utf-8"
    )
    command = [sys.executable, "-m", "scrapy", "crawl", "own", "-a", "db=x.db"]
    environment = {**os.environ, "SCRAPY_SETTINGS_MODULE": "crawler.settings"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    agents = {headers["User-Agent"] for _, _, headers in web.asked}
    assert agents
    assert all("me@example.org" in agent for agent in agents)
    assert 0 < len([path for path in web.paths if path != "/robots.txt"]) < 1 + len(PATHS)
    (folder / "baogao.toml").write_text("kontact = 1\n", "utf-8")
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=100,
        check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "baogao.toml" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_log_is_rotated_and_a_message_stays_on_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr(run_log, "LARGEST", 2000)
    path = tmp_path / "crawl.log"
    with run_log.log_file(path):
        for number in range(200):
            logging.getLogger("crawler.x").info("%d\n\x1b[31mred", number)
        logging.getLogger("someone.else").info("not ours")
    assert len(list(tmp_path.iterdir())) == 1 + run_log.KEPT
    words = path.read_text()
    assert "\x1b" not in words
    assert "not ours" not in words
    assert all(line[:2] == "20" for line in words.splitlines())
