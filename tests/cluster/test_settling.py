"""What becomes of a job when its process ends: done, repeated at the right time, or failed."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

pytest.importorskip("pgqueuer", reason="baogao[cluster] is not installed")

from pgqueuer import RetryRequested

from archive.unfinished import unfinished
from crawler.cluster import tables, worker
from crawler.cluster.jobs import CRAWL, DERIVE, EXPORT, MERGE, Job
from crawler.cluster.orders import Ended
from crawler.cluster.worker import JobFailedError, Orders, Worker, home_of


class Pool:
    """A pool whose connections are never used."""

    @asynccontextmanager
    async def acquire(self, **_):
        yield None


@pytest.fixture
def settle(tmp_path, monkeypatch):
    """How a crawl is settled that has got no page so many times, and died so many times."""
    said = []
    made = Worker(Orders("postgresql://x/y", tmp_path, 2, said.append), Pool())

    async def settled(ended, *, fruitless=0, crashes=0, stopping=False):
        async def end_crawl(*_):
            return fruitless, crashes

        monkeypatch.setattr(tables, "end_crawl", end_crawl)
        made._stopping = stopping
        await made._settle_crawl(Job(CRAWL, "a"), ended)
        return said[-1]

    settled.worker = made
    return settled


async def test_a_crawl_that_ended_is_done_also_with_findings(settle):
    assert await settle(Ended(0, 12)) == "a: done, 12 pages"
    findings = ("3 articles, at least 5 were expected",)
    assert await settle(Ended(1, 12, said=findings)) == "a: done, 12 pages"


@pytest.mark.parametrize(
    ("ended", "counts", "seconds"),
    [
        (Ended(3, 5, again_s=7200.0), {}, 7200),
        (Ended(3, 5), {}, 1),
        (Ended(3, 0), {"fruitless": 4}, 16),
        (Ended(3, 0), {"fruitless": 40}, 6 * 3600),
        (Ended(3, 0, again_s=9 * 3600.0), {"fruitless": 40}, 9 * 3600),
        (None, {"crashes": 2, "fruitless": 1}, 4),
        (Ended(3, 5, again_s=7200.0), {"stopping": True}, 0),
        (None, {"stopping": True}, 0),
    ],
)
async def test_a_crawl_that_stopped_short_goes_on_when_it_says(settle, ended, counts, seconds):
    with pytest.raises(RetryRequested) as again:
        await settle(ended, **counts)
    assert again.value.delay == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("ended", "counts", "why"),
    [
        (Ended(2, said=("there is no site named 'x'",)), {}, "no site named"),
        (None, {"crashes": 6}, "died 6 times in a row"),
    ],
)
async def test_a_crawl_that_cannot_work_fails(settle, ended, counts, why):
    with pytest.raises(JobFailedError, match=why):
        await settle(ended, **counts)


@pytest.mark.parametrize(
    ("kind", "ended", "attempts", "outcome"),
    [
        (MERGE, Ended(0), 0, None),
        (DERIVE, Ended(1), 0, None),
        (MERGE, Ended(1), 0, JobFailedError),
        (EXPORT, Ended(2), 0, JobFailedError),
        (MERGE, Ended(3), 2, timedelta(seconds=4)),
        (MERGE, None, 0, timedelta(seconds=1)),
        (MERGE, None, 5, JobFailedError),
    ],
)
def test_commands_are_done_repeated_or_failed(settle, kind, ended, attempts, outcome):
    settle.worker._stopping = False
    if outcome is None:
        settle.worker._settle(Job(kind, "a"), ended, attempts)
    elif outcome is JobFailedError:
        with pytest.raises(JobFailedError):
            settle.worker._settle(Job(kind, "a"), ended, attempts)
    else:
        with pytest.raises(RetryRequested) as again:
            settle.worker._settle(Job(kind, "a"), ended, attempts)
        assert again.value.delay == outcome


def test_each_kind_has_its_command(tmp_path):
    shards = [str(tmp_path / "b.db")]
    assert worker._command(Job(DERIVE, "a"), "a.db", [], tmp_path, 3) == (
        "rederive", "a.db", "--jobs", "3", "--quiet",
    )  # fmt: skip
    assert worker._command(Job(MERGE, "a", shards=("b",)), "a.db", shards, tmp_path, 1) == (
        "merge", "a.db", *shards,
    )  # fmt: skip
    assert worker._command(Job(EXPORT, "a", form="warc"), "a.db", [], tmp_path, 1) == (
        "export", "a.db", str(tmp_path / "warc"), "--format", "warc", "--quiet",
    )  # fmt: skip


def test_a_copy_goes_to_an_address_under_the_name_of_its_shard(tmp_path):
    for to in ("s3://bucket/shards", "s3://bucket/shards/"):
        assert worker._command(Job(EXPORT, "a", to=to), "/x/a.db", [], tmp_path, 1) == (
            "backup", "/x/a.db", "s3://bucket/shards/a.db", "--replace", "--quiet",
        )  # fmt: skip


def test_an_export_replaces_an_older_one_when_it_is_complete(tmp_path):
    target = tmp_path / "a.warc"
    for words in ("old", "new"):
        with unfinished(tmp_path / "a.db", folder=True) as beside:
            (beside / "warc").mkdir()
            (beside / "warc" / "file").write_text(words, "ascii")
            worker._put(beside / "warc", target)
        assert (target / "file").read_text("ascii") == words
    assert [path.name for path in tmp_path.iterdir()] == ["a.warc"]


def test_workers_on_one_folder_share_its_identity(tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    assert home_of(one) == home_of(one) != home_of(two)
    assert len(home_of(one)) == 32
