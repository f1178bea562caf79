"""Numbers of an archive for monitoring, in the text format of Prometheus (version 0.0.4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Final

from archive.store.room import file_bytes
from archive.store.rows import rows, value

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Sample:
    """One number: its name, what it is, its labels, and whether it only grows."""

    name: str
    purpose: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    kind: str = "gauge"


_COUNTS: Final = (
    ("baogao_reports", "Reports in the archive.", "SELECT count(*) FROM works"),
    ("baogao_copies", "Copies of reports.", "SELECT count(*) FROM witnesses"),
    (
        "baogao_hijacked_copies", "Copies with injected words.",
        "SELECT coalesce(sum(hijacked_copies), 0) FROM works",
    ),
    ("baogao_runs_without_end", "Runs without an end.", "SELECT count(*) FROM unfinished_runs"),
    (
        "baogao_alerts_unsent", "Messages of alerts that no server has taken.",
        "SELECT count(*) FROM alert_messages WHERE sent_at IS NULL",
    ),
)  # fmt: skip

_CAPTURES: Final = "SELECT outcome, count(*) FROM captures GROUP BY outcome ORDER BY outcome"
_PENDING: Final = """
SELECT site, count(*) FROM frontier WHERE state = 'pending' GROUP BY site ORDER BY site
"""
_GOOD: Final = """
SELECT site_facts.name, max(captures.recorded_at)
FROM captures JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE captures.origin = 'live' AND captures.outcome IN ('ok', 'unchanged')
GROUP BY site_facts.name ORDER BY site_facts.name
"""
_ENDED: Final = """
SELECT runs.kind, max(run_ends.ended_at) FROM runs JOIN run_ends ON run_ends.run_id = runs.id
WHERE run_ends.reason = 'finished' GROUP BY runs.kind ORDER BY runs.kind
"""
_VERIFIED: Final = """
SELECT sum(failed) FROM fixity_checks WHERE run_id = (SELECT max(run_id) FROM fixity_checks)
"""


def samples(connection: sqlite3.Connection) -> Iterator[Sample]:
    """Yield the numbers of an archive; those of one name follow each other."""
    for name, purpose, select in _COUNTS:
        yield Sample(name, purpose, value(connection, select))
    for outcome, count in rows(connection, _CAPTURES):
        labels = {"outcome": outcome}
        yield Sample("baogao_captures_total", "Attempts to get a page.", count, labels, "counter")
    for site, count in rows(connection, _PENDING):
        yield Sample("baogao_pending_urls", "URLs left for a crawl.", count, {"site": site})
    for site, at in rows(connection, _GOOD):
        purpose = "When a site last gave a good answer."
        yield _moment("site_last_good", purpose, at, {"site": site})
    for kind, at in rows(connection, _ENDED):
        purpose = "When a run of a kind last finished."
        yield _moment("run_last_finished", purpose, at, {"kind": kind})
    failed = value(connection, _VERIFIED)
    if failed is not None:
        yield Sample("baogao_verify_findings", "Findings of the last verification.", failed)
    yield Sample("baogao_file_bytes", "Size of the file.", file_bytes(connection))


def exposition(found: Iterable[Sample]) -> str:
    """Return numbers in Prometheus' text format."""
    lines = []
    for name, same in groupby(found, key=lambda sample: sample.name):
        for number, sample in enumerate(same):
            if not number:
                lines += [f"# HELP {name} {sample.purpose}", f"# TYPE {name} {sample.kind}"]
            lines.append(f"{name}{_labels(sample.labels)} {sample.value:.17g}")
    return "".join(f"{line}\n" for line in lines)


def _labels(labels: Mapping[str, str]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(words)}"' for name, words in labels.items()) + "}"


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _moment(name: str, purpose: str, at: str, labels: Mapping[str, str]) -> Sample:
    seconds = datetime.fromisoformat(at).timestamp()
    return Sample(f"baogao_{name}_timestamp_seconds", purpose, seconds, labels)
