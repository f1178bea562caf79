"""`work`, `enqueue` and `queue`: what they refuse, in one sentence without the password."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pgqueuer", reason="baogao[cluster] is not installed")

from loopback import site_file

from archive.errors import UsageError
from crawler.cluster import dsn as address
from crawler.cluster import tables
from crawler.cluster.jobs import Job
from crawler.cluster.queueing import Queue

SECRET = "Geheimnis123"  # noqa: S105  (it is to be found nowhere)
ELSEWHERE = f"postgresql://me:{SECRET}@127.0.0.1:1/reports"


@pytest.fixture
def queued(dsn, tmp_path, baogao):
    """Two sites of one group and one of another, enqueued."""
    folder = tmp_path / "sites"
    folder.mkdir()
    for name, hosts in {"a": ["x.test"], "b": ["y.test"], "c": ["x.test"]}.items():
        (folder / f"{name}.toml").write_text(site_file(*hosts), "utf-8")
    done = baogao("enqueue", dsn, "crawl", "a", "b", "c", "--sites-dir", folder)
    assert (done.returncode, done.stderr.decode().splitlines()) == (
        0, ["a and 1 more: enqueued", "b: enqueued"],
    )  # fmt: skip
    return dsn


def rows(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_jobs_wait_once_and_are_shown(queued, baogao, tmp_path):
    again = baogao("enqueue", queued, "crawl", "c", "a", "--sites-dir", tmp_path / "sites")
    assert again.stderr.decode() == "a and 1 more: waits or runs already\n"
    shown = rows(baogao("queue", queued))
    assert [(row["kind"], row["what"], row["state"], row["attempts"]) for row in shown] == [
        ("crawl_group", "a and 1 more", "waiting", 0), ("crawl_group", "b", "waiting", 0),
    ]  # fmt: skip
    checked = baogao("queue", queued, "--check")
    assert checked.returncode == 1
    assert "no worker lives" in checked.stderr.decode()
    numbers = baogao("queue", queued, "--metrics").stdout.decode()
    assert 'baogao_queue_jobs{kind="crawl_group",state="waiting"} 2\n' in numbers
    assert "baogao_queue_workers 0\n" in numbers


async def test_failed_jobs_run_again_when_they_are_told_to(queued, baogao):
    async with tables.connected(queued) as connection:
        await connection.execute("UPDATE baogao.pgqueuer SET status = 'failed', attempts = 3")
    checked = baogao("queue", queued, "--check")
    assert checked.returncode == 1
    assert "2 jobs failed" in checked.stderr.decode()
    one = rows(baogao("queue", queued))[0]["job"]
    retried = baogao("queue", queued, "--retry", "--job", one)
    assert f"jobs that run again: {one}\n" in retried.stderr.decode()
    assert [row["state"] for row in rows(retried)] == ["waiting", "failed"]
    assert [row["state"] for row in rows(baogao("queue", queued, "--retry"))] == ["waiting"] * 2


def test_a_queue_that_is_drained_says_so(queued, baogao):
    drained = baogao("queue", queued, "--drain", "--check")
    assert drained.returncode == 1
    assert "no job begins until" in drained.stderr.decode()
    assert "no job begins until" in baogao("queue", queued).stderr.decode()
    assert "no job begins" not in baogao("queue", queued, "--resume").stderr.decode()


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["queue", ELSEWHERE], 3, "PostgreSQL at 127.0.0.1:1/reports does not answer"),
        (["work", ELSEWHERE, "--shards", "s"], 3, "does not answer; try again later"),
        (["enqueue", ELSEWHERE, "crawl", "practice-gov"], 3, "does not answer"),
        (["queue", f"mysql://me:{SECRET}@x/y"], 2, "the DSN cannot be read"),
        (["queue", f"postgresql://me:{SECRET}/x@y/z"], 2, "the DSN cannot be read"),
        (["queue", f"postgresql:///y?password={SECRET}&port=z"], 2, "an invalid part"),
        (["queue"], 2, "name the PostgreSQL database"),
        (["work", ELSEWHERE], 2, "name the folder of shards"),
        (["enqueue", ELSEWHERE], 2, "say what to do"),
        (["enqueue", ELSEWHERE, "craw"], 2, "'craw': say what to do"),
        (["enqueue", ELSEWHERE, "export"], 2, "export needs either --format or --to"),
        (["enqueue", ELSEWHERE, "merge", "x", "--to", "/x"], 2, "both are for export only"),
        (["enqueue", ELSEWHERE, "export", "--to", "x"], 2, "as workers see it"),
        (["enqueue", ELSEWHERE, "derive", "--due"], 2, "--due is for crawl"),
        (["queue", ELSEWHERE, "--job", "1"], 2, "--job is for --retry"),
    ],
)
def test_what_cannot_be_is_refused_without_the_password(baogao, words, code, sentence):
    done = baogao(*words)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b"")
    assert sentence in said
    assert SECRET not in said
    assert said.count("\n") == 1


def test_a_database_of_another_kind_is_refused(empty_dsn, postgres, baogao):
    cases = {
        empty_dsn: "there is no queue in this database",
        postgres.dsn_of("absent"): "there is no such database",
        postgres.dsn_of("postgres", "stranger"): "refuses the user",
    }
    for given, sentence in cases.items():
        done = baogao("queue", given)
        assert (done.returncode, done.stdout) == (2, b"")
        assert sentence in done.stderr.decode()


def test_a_wrong_password_is_told_and_not_shown(empty_dsn, postgres, baogao):
    rules = postgres.folder / "data" / "pg_hba.conf"
    before = rules.read_text("ascii")
    postgres.sql("CREATE ROLE locked LOGIN PASSWORD 'right'")
    try:
        rules.write_text(f"local all locked scram-sha-256\n{before}", "ascii")
        postgres.sql("SELECT pg_reload_conf()")
        done = baogao("queue", empty_dsn.replace("baogao@", f"locked:{SECRET}@"))
        right = baogao("queue", empty_dsn.replace("baogao@", "locked:right@"))
    finally:
        rules.write_text(before, "ascii")
        postgres.sql("SELECT pg_reload_conf()")
    assert done.returncode == 2
    assert "refuses the user: password authentication failed" in done.stderr.decode()
    assert SECRET not in done.stderr.decode()
    assert "there is no queue" in right.stderr.decode()


async def test_tables_of_another_version_are_refused_and_upgraded(dsn, baogao):
    async with tables.connected(dsn) as connection:
        await Queue(connection).enqueue([Job("derive_shard", "a")])
        await connection.execute("ALTER TABLE baogao.pgqueuer DROP COLUMN slot")
        done = baogao("queue", dsn)
        assert done.returncode == 2
        assert "baogao queue --upgrade" in done.stderr.decode()
        assert [row["what"] for row in rows(baogao("queue", dsn, "--upgrade"))] == ["a"]
        await connection.execute("UPDATE baogao.cluster SET version = version + 1")
        newer = baogao("queue", dsn)
        assert (newer.returncode, newer.stdout) == (2, b"")
        assert "made by a newer version" in newer.stderr.decode()


async def test_shards_are_named_and_not_paths(queued, baogao):
    for words, sentence in {
        ("export", "--format", "warc"): "there is no shard yet",
        ("derive",): "there is no shard yet",
        ("merge",): "name the archive into which",
        ("derive", "nix"): "there is no shard 'nix'",
        ("derive", "../a.db"): "is a path",
    }.items():
        done = baogao("enqueue", queued, *words)
        assert (done.returncode, sentence in done.stderr.decode()) == (2, True), words
    async with tables.connected(queued) as connection:
        for name, home in {"a": "one", "b": "two"}.items():
            at = tables.Shelf(home, "machine", "/x")
            await tables.claim_shard(connection, name, at, f"/x/{name}.db", 30)
    assert "several folders" in baogao("enqueue", queued, "merge", "all").stderr.decode()
    one = baogao("enqueue", queued, "merge", "all", "a.db")
    assert one.stderr.decode() == "all: enqueued\n"


def test_the_password_of_a_worker_leaves_its_arguments(monkeypatch):
    started = []
    monkeypatch.setattr(address.os, "execve", lambda *given: started.append(given))
    address.hide_from_ps(ELSEWHERE, ["work", ELSEWHERE, "--shards", "s"])
    ((program, arguments, environment),) = started
    assert program == sys.executable
    assert arguments[-3:] == ["work", "--shards", "s"]
    assert environment["BAOGAO_DSN"] == ELSEWHERE
    address.hide_from_ps("postgresql://me@x/y", ["work", "postgresql://me@x/y"])
    assert len(started) == 1, "nothing to hide"


def test_the_configured_dsn_is_never_shown(baogao, tmp_path):
    (tmp_path / "baogao.toml").write_text(f'dsn = "{ELSEWHERE}"\n', "utf-8")
    shown = baogao("config")
    assert SECRET not in shown.stdout.decode()
    assert "(set, not shown)" in shown.stdout.decode()
    assert "127.0.0.1:1/reports does not answer" in baogao("queue").stderr.decode()


def test_a_dsn_is_shown_without_user_and_options():
    assert address.shown(ELSEWHERE) == "127.0.0.1:1/reports"
    assert address.shown("postgresql:///x?host=/run/pg") == "/run/pg/x"
    with pytest.raises(UsageError):
        address.shown("reports.db")


def test_without_the_extra_the_commands_say_what_to_install(tmp_path):
    script = (
        "import sys; sys.modules['pgqueuer'] = None\n"
        "import importlib.util as found; find = found.find_spec\n"
        "found.find_spec = lambda name, *more: None if name == 'pgqueuer' else find(name, *more)\n"
        "from crawler.cli import main; main()"
    )
    for words in (["queue", "x"], ["work"], ["enqueue", "crawl"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *words], capture_output=True, text=True, cwd=tmp_path,
            env={"PYTHONPATH": str(Path(__file__).parents[2])}, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stderr == "Error: this command needs pgqueuer: pip install 'baogao[cluster]'\n"
