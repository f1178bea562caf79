"""A scan of Common Crawl as jobs: each part into a shard, one requesting at a time."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("pgqueuer", reason="baogao[cluster] is not installed")
pytest.importorskip("duckdb", reason="the columnar index needs duckdb (extra columnar)")

from click.testing import CliRunner
from web_archives import FakeCommonCrawl, body_of, layout

from crawler.cli import main
from crawler.cluster.jobs import SCAN, Job
from crawler.commands.cluster import _scans

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from equal_archives import differing

ROOT = Path(__file__).parents[2]
DELAY_S = 0.3


@pytest.fixture
def run(dsn, tmp_path):
    """Run a command in the folder of the test."""
    environment = {**os.environ, "BAOGAO_DSN": dsn, "PYTHONPATH": str(ROOT)}

    def command(*words):
        done = subprocess.run(
            [sys.executable, "-m", "crawler", *map(str, words)], cwd=tmp_path, env=environment,
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return command


def pages(number):
    """Reports and other pages of one WARC file."""
    return {
        f"http://www.known.test/{number}/{n}.html": (
            "20240301120000", body_of(f"{number} {n}") if n else f"<p>第{number}页</p>".encode()
        )
        for n in range(3)
    }  # fmt: skip


def test_jobs_scan_one_at_a_time_and_their_shards_merge_to_one_scan(run, tmp_path):
    with FakeCommonCrawl({f"CC-{n}": pages(n) for n in range(8)}) as fake:
        layout(fake, tmp_path / "cc-index")
        scan = ["--index", "cc-index", "--host", ".known.test", "--data", fake.data]
        run("backfill", "commoncrawl", "whole.db", *scan, "--per-minute", 6000)
        fake.server.asked.clear()
        fake.server.moments.clear()
        said = run(
            "enqueue", "commoncrawl", "cc", *scan, "--parts", 3, "--per-minute", 60 / DELAY_S
        )
        assert said.count("enqueued") == 3
        run("work", "--shards", "shards", "--jobs", 3, "--heartbeat-timeout", 3, "--until-empty")
    assert sorted(path for path, _ in fake.ranges) == sorted(fake.files)
    moments = sorted(moment for _, _, moment in fake.server.moments)
    assert min(two - one for one, two in pairwise(moments)) >= 0.9 * DELAY_S
    shards = [f"shards/cc-{number}-of-3.db" for number in (1, 2, 3)]
    run("merge", "all.db", *shards)
    assert differing(tmp_path / "whole.db", tmp_path / "all.db") == {}


def test_a_scan_job_is_read_as_it_was_written():
    job = Job(SCAN, "cc-1-of-2", scan={"index": ["/i"], "part": [1, 2]})
    assert Job.read(SCAN, job.written()) == job
    assert job.requests_hosts


def test_jobs_name_files_as_every_worker_finds_them(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    url = "http://x.test/cc-index-table.paths.gz"
    said = {"indexes": ("index", url), "data": "http://x.test/", "hosts": (".gov.cn",)}
    one, two = _scans(("cc",), said, 2)
    assert one.scan["index"] == [str(tmp_path / "index"), url]
    assert (one.shard, two.shard, two.scan["part"]) == ("cc-1-of-2", "cc-2-of-2", [2, 2])
    assert Job.read(SCAN, two.written()).key == "scan_commoncrawl:cc-2-of-2"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--index", "x"], "needs one name"), (["a", "b", "--index", "x"], "needs one name"),
        (["a"], "needs one name"), (["a/b", "--index", "x"], "is a path"),
        (["a", "--index", "x", "--host", "?"], "invalid host"),
    ],
)  # fmt: skip
def test_scans_that_cannot_work_are_not_enqueued(dsn, words, told):
    made = CliRunner().invoke(main, ["enqueue", dsn, "commoncrawl", *words])
    assert made.exit_code == 2
    assert told in made.output
