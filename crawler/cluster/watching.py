"""What an operator sees of the queue: jobs, shards, workers, numbers, and what needs attention."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from archive import Sample
from archive.clock import stamp
from archive.errors import UsageError
from archive.process import machine_of
from crawler.cluster import tables
from crawler.cluster.jobs import CRAWL, KINDS
from crawler.cluster.queueing import described

STATES: Final = {"queued": "waiting", "picked": "running", "failed": "failed"}
"""PgQueuer's words for the states of a job, and ours."""

SILENT_S: Final = 90.0
"""Seconds after which a worker that says nothing counts as gone."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The queue at one moment."""

    jobs: Sequence[dict[str, Any]]
    shards: Sequence[dict[str, Any]]
    workers: Sequence[dict[str, Any]]
    ended: Sequence[tuple[str, str, int]]
    hosts: int
    draining: bool

    @classmethod
    async def now(cls, connection: tables.Connection) -> Seen:
        """Look at the queue."""
        return cls(
            await tables.jobs(connection), await tables.shards(connection),
            await tables.workers(connection), await tables.ended_jobs(connection),
            await tables.held_hosts(connection), await tables.is_draining(connection),
        )  # fmt: skip

    @property
    def states(self) -> Counter[str]:
        """The number of jobs in each state."""
        return Counter(_state(job) for job in self.jobs)

    @property
    def living(self) -> int:
        """The number of workers that were heard of lately."""
        return sum(worker["silent_s"] < SILENT_S for worker in self.workers)

    def _away(self) -> dict[str, str]:
        """Return the shards beside which no worker lives, with their machines."""
        alive = {each["home"] for each in self.workers if each["silent_s"] < SILENT_S}
        return {
            shard["name"]: machine_of(shard["place"])
            for shard in self.shards
            if shard["home"] not in alive
        }

    def job_rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each job, for people."""
        away = self._away()
        for job in self.jobs:
            waits, absent = _state(job) == "waiting", _absent(job, away)
            said = f"waits for a worker on {absent}" if absent else job["said"]
            yield {
                "job": job["id"], "kind": job["entrypoint"], "what": _shown(job),
                "state": _state(job), "attempts": job["attempts"],
                "since": stamp(job["created"] if waits else job["updated"]),
                "not_before": stamp(job["execute_after"]) if waits and job["attempts"] else None,
                "worker": machine_of(job["place"]) if job["place"] else None, "said": said,
            }  # fmt: skip

    def shard_rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each shard."""
        for shard in self.shards:
            yield {
                "shard": shard["name"], "pages": shard["pages"], "exit_code": shard["exit_code"],
                "ended": stamp(shard["ended_at"]) if shard["ended_at"] else None,
                "machine": machine_of(shard["place"]), "path": shard["path"],
                "said": shard["said"] or None,
            }  # fmt: skip

    def worker_rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each worker that has not ended in order."""
        for worker in self.workers:
            yield {
                "worker": worker["id"], "machine": machine_of(worker["place"]),
                "folder": worker["folder"], "since": stamp(worker["started_at"]),
                "silent_s": round(worker["silent_s"], 1),
            }  # fmt: skip

    def faults(self) -> Iterator[str]:
        """Yield a sentence for each thing that needs somebody."""
        states = self.states
        if states["failed"]:
            yield f"{states['failed']} jobs failed; see why above, then: baogao queue --retry"
        if self.jobs and not self.living:
            yield "jobs wait, and no worker lives; start one with: baogao work"
        away = self._away() if self.living else {}
        if missed := sorted({name for job in self.jobs if (name := _absent(job, away))}):
            yield f"jobs wait for a worker beside their shards, on {', '.join(missed)}"
        if self.draining:
            yield "the queue is being drained: no job begins until baogao queue --resume"

    def samples(self) -> Iterator[Sample]:
        """Yield the numbers for monitoring."""
        purpose = "Jobs in the queue."
        found = Counter((job["entrypoint"], _state(job)) for job in self.jobs)
        for kind in KINDS:
            for state in STATES.values():
                labels = {"kind": kind, "state": state}
                yield Sample("baogao_queue_jobs", purpose, found[kind, state], labels)
        purpose = "Jobs that have left the queue, or failed."
        for kind, status, count in self.ended:
            labels = {"kind": kind, "status": status}
            yield Sample("baogao_queue_ended_total", purpose, count, labels, "counter")
        yield Sample("baogao_queue_workers", "Workers heard of lately.", self.living)
        yield Sample("baogao_queue_hosts", "Hosts held by a crawl.", self.hosts)
        pages = sum(shard["pages"] for shard in self.shards)
        yield Sample("baogao_queue_pages_total", "Pages of all crawls.", pages, kind="counter")
        yield Sample("baogao_queue_draining", "Whether no job may begin.", self.draining)
        yield Sample("baogao_queue_oldest_s", "Age of the oldest job.", self._oldest_s())

    def _oldest_s(self) -> float:
        now = datetime.now(UTC)
        return max(((now - job["created"]).total_seconds() for job in self.jobs), default=0.0)


def _state(job: dict[str, Any]) -> str:
    status = str(job["status"])
    return STATES.get(status, status)


def _absent(job: dict[str, Any], away: Mapping[str, str]) -> str | None:
    """Return the machine for whose worker a job waits.

    A crawl does not wait: if no worker lives beside its shard, it begins elsewhere.
    """
    if _state(job) != "waiting" or job["entrypoint"] == CRAWL:
        return None
    try:
        found = described(job)
    except UsageError:
        return None
    return next((away[name] for name in found.shards or (found.shard,) if name in away), None)


def _shown(job: dict[str, Any]) -> str:
    try:
        return described(job).shown
    except UsageError:
        return "?"
