"""Crawls that nobody watches: what is due, what is late, what was expected, and who is notified."""

import json
import re
import shlex
import shutil
import sqlite3
import subprocess
import tomllib
from contextlib import closing

import pytest
from click.testing import CliRunner
from datasette.app import Datasette
from lxml import etree

from archive.store import sums
from crawler.cli import main

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = """\
title = "x"
kind = "official"
family = "trs"
hosts = ["www.due.test"]
start = ["http://www.due.test:8642/l/index.html"]
loopback = true
[politeness]
delay_s = 0.01
give_up_after = 99
[expect]
{expect}
"""
PAGES = [f"/l/202301/t20230131_{number}.html" for number in range(4)]
LIST = "".join(f'<a href="{path}">x</a>' for path in PAGES).encode()


@pytest.fixture
def crawled(crawl_apart, serve, tmp_path):
    def run(expect="", answers=()):
        (tmp_path / "due.toml").write_text(SITE.format(expect=expect), "utf-8")
        pages = {("www.due.test", path): (200, {}, b"<p>x</p>") for path in PAGES}
        list_page = {("www.due.test", "/l/index.html"): (200, {}, LIST)}
        server = serve({**pages, **list_page, **dict(answers)})
        settings = {"PRACTICE_PORT": server.server_port, "LOG_LEVEL": "CRITICAL"}
        db = tmp_path / "due.db"
        return crawl_apart(db, ["due"], sites_dirs=[str(tmp_path)], settings=settings)

    return run


def baogao(folder, *words):
    arguments = [*words[:1], str(folder / "due.db"), "due", "--sites-dir", str(folder), *words[1:]]
    return CliRunner().invoke(main, arguments)


def test_a_site_that_was_just_crawled_is_neither_due_nor_late(crawled, tmp_path):
    assert crawled().exit_code == 0
    fresh = baogao(tmp_path, "status", "--max-age", "1")
    assert (fresh.exit_code, fresh.stderr) == (0, "")
    again = baogao(tmp_path, "crawl", "--due")
    assert again.exit_code == 0
    assert "nothing is due" in again.output


def test_a_site_whose_last_crawl_is_old_ends_with_a_sentence_and_exit_code_1(crawled, tmp_path):
    crawled()
    late = baogao(tmp_path, "status", "--max-age", "0")
    assert late.exit_code == 1
    assert late.stderr.startswith("due: last crawled 2")


def test_a_crawl_that_was_not_finished_is_not_counted_as_one(crawled, tmp_path):
    answers = {("www.due.test", "/robots.txt"): (503, {}, b"")}
    assert crawled(answers=answers.items()).exit_code == 3
    late = baogao(tmp_path, "status", "--max-age", "30")
    assert late.exit_code == 1
    assert late.stderr == "due: last crawled never\n"


@pytest.mark.parametrize(
    ("expect", "sentence"),
    [
        ("minimum = 4\nmaximum = 4", None),
        ("minimum = 5", "due: 4 articles, at least 5 were expected"),
        ("maximum = 3", "due: 4 articles, at most 3 were expected"),
    ],
)
def test_outside_what_was_expected_the_crawl_exits_1(crawled, expect, sentence):
    result = crawled(expect)
    assert result.findings == (() if sentence is None else (sentence,))
    assert result.exit_code == (0 if sentence is None else 1)


async def test_the_feed_tells_of_hosts_that_could_not_be_read(crawled, tmp_path):
    """An entry a run and host, with how many addresses and why; none when all went well."""
    failing = {("www.due.test", path): (403, {}, b"no") for path in PAGES[:2]}
    failing["www.due.test", PAGES[3]] = (404, {}, b"never there")
    crawled(answers=failing.items())
    told = await entries(tmp_path / "due.db")
    assert [title for kind, title, _ in told if kind == "failed"] == [
        "Not retrieved: www.due.test ×2 (blocked)"
    ]
    assert all("/run/1" in link for kind, _, link in told if kind == "failed")
    with closing(sqlite3.connect(tmp_path / "due.db")) as rows, rows:
        sums.register(rows)
        rows.execute("UPDATE frontier SET due_at = '2020-01-01T00:00:00.000Z'")
    crawled()
    again = await entries(tmp_path / "due.db")
    assert [title for kind, title, _ in again if kind == "failed"] == [
        title for kind, title, _ in told if kind == "failed"
    ]


async def entries(db):
    served = Datasette([str(db)])
    await served.invoke_startup()
    root = etree.fromstring((await served.client.get("/feed.atom?lang=en")).content)
    for opened in served.databases.values():
        opened.close()
    return [
        (
            entry.find(f"{ATOM}category").get("term"),
            entry.findtext(f"{ATOM}title"),
            entry.find(f"{ATOM}link").get("href"),
        )
        for entry in root.iter(f"{ATOM}entry")
    ]


# ---- the examples in contrib/

CALL = re.compile(r"(?:^|[ /=])baogao ([a-z][a-z-]+\b[^|;\n]*)", re.MULTILINE)
UNITS = ("alert@", "backup", "crawl", "serve", "verify", "work")


def calls(folder):
    for path in sorted(folder.iterdir()):
        if path.suffix in {".service", ".example", ".yml"}:
            for found in CALL.finditer(path.read_text("utf-8")):
                yield path.name, shlex.split(found[1].rstrip("`"))
        elif path.name == "compose.yaml":
            for found in re.findall(
                r"^    command: (\[.*\])$", path.read_text("utf-8"), re.MULTILINE
            ):
                yield path.name, json.loads(found)


def test_the_examples_call_what_there_is(pytestconfig):
    """Each command line is one that the program understands."""
    named = set()
    for name, (command, *words) in calls(pytestconfig.rootpath / "contrib"):
        arguments = [one.replace("${{ vars.CONTACT }}", "you@example.org") for one in words]
        context = main.commands[command].make_context(command, arguments)
        if command == "crawl":
            assert context.params["only_due"]
            assert context.params["alerts"] or "@" in context.params["contact"]
        named.add((name, command))
    services = {(f"baogao-{unit}.service", unit.strip("@")) for unit in UNITS}
    jobs = {("compose.yaml", each) for each in ("serve", "crawl", "verify", "backup")}
    others = {(each, "crawl") for each in ("crontab.example", "github-workflow.yml")}
    status = {(each, "status") for each in ("crontab.example", "github-workflow.yml")}
    assert named == services | jobs | others | status


def test_units_are_hardened_and_tell_of_failures(pytestconfig):
    contrib = pytestconfig.rootpath / "contrib"
    hardening = {"ProtectSystem=strict", "NoNewPrivileges=true", "CapabilityBoundingSet=",
                 "SystemCallFilter=@system-service", "ReadWritePaths=/srv/baogao"}  # fmt: skip
    for unit in UNITS:
        lines = set((contrib / f"baogao-{unit}.service").read_text("utf-8").splitlines())
        assert hardening <= lines, unit
        assert ("OnFailure=baogao-alert@%n.service" in lines) == (unit != "alert@")


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is absent")
def test_systemd_understands_the_units(pytestconfig, tmp_path):
    for path in (pytestconfig.rootpath / "contrib").glob("baogao-*.*"):
        words = path.read_text("utf-8").replace("/opt/baogao/bin/baogao", "/bin/true")
        (tmp_path / path.name).write_text(words, "utf-8")
    units = sorted(map(str, tmp_path.iterdir()))
    assert len(units) == 9
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", *units],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    ours = [line for line in done.stderr.splitlines() if "baogao-" in line]
    assert ours == []


def test_the_container_is_made_of_what_there_is(pytestconfig):
    root = pytestconfig.rootpath
    words = (root / "contrib" / "Containerfile").read_text("utf-8")
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    (named,) = re.findall(r"'\.\[([a-z,]+)\]'", words)
    assert set(named.split(",")) <= set(project["optional-dependencies"])
    assert (root / "constraints.txt").exists()
    (python,) = set(re.findall(r"FROM python:3\.(\d+)", words))
    assert int(python) >= int(project["requires-python"].rpartition(".")[2])
    assert 'ENTRYPOINT ["baogao"]' in words
    assert re.search(r"^USER \d+$", words, re.MULTILINE), "it does not run as root"


def test_the_timer_catches_up_and_the_service_takes_leftovers_for_no_failure(pytestconfig):
    contrib = pytestconfig.rootpath / "contrib"
    timer = (contrib / "baogao-crawl.timer").read_text("utf-8")
    assert "\nPersistent=true\n" in timer
    assert re.search(r"^OnCalendar=\*-\*-\* \d\d:\d\d$", timer, re.MULTILINE)
    assert "\nSuccessExitStatus=3\n" in (contrib / "baogao-crawl.service").read_text("utf-8")
    workflow = (contrib / "github-workflow.yml").read_text("utf-8")
    lowest = tomllib.loads((pytestconfig.rootpath / "pyproject.toml").read_text("utf-8"))
    python = re.search(r'python-version: "3\.(\d+)"', workflow)[1]
    assert int(python) >= int(lowest["project"]["requires-python"].rpartition(".")[2])
