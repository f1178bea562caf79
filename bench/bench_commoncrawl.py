"""A scan of a made Common Crawl, of 100,000 records by default, on this machine.

    python bench/bench_commoncrawl.py [--records N] [--kills N] [--per-minute N] [--folder FOLDER]
        [--path REGEX]

Makes the layout (kept in FOLDER), plans, scans, and prints requests, bytes, records a second, CPU a
record and peak memory. Then scans again into a second archive with a SIGKILL at random moments, and
compares the two. Ends with 1 if they differ or if a report is missing.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from equal_archives import differing
from made_commoncrawl import RangeServer, make

ROOT = Path(__file__).parents[1]


def main() -> int:
    """Make, scan, kill, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--per-minute", type=float, default=600_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--path", help="scan only URLs with this: few, which lie far apart")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        counts = _made(folder, given.records)
        print(f"{counts.total()} records: {dict(counts)}", flush=True)
        with RangeServer(folder) as server:
            return _scans(folder, server, given, counts)


def _made(folder: Path, records: int) -> Counter[str]:
    known = folder / "counts.json"
    if not known.exists():
        known.write_text(json.dumps(make(folder, records)))
    return Counter(json.loads(known.read_text()))


def _scans(folder: Path, server: RangeServer, given: Any, counts: Counter[str]) -> int:
    whole, killed = folder / "whole.db", folder / "killed.db"
    for db in (whole, killed):
        for old in folder.glob(f"{db.name}*"):
            old.unlink()
    print("plan:", _run(folder, server, given, whole, "--plan", "--json")[0].strip())
    answer, seconds, cpu, memory = _run(folder, server, given, whole, "--json")
    found = json.loads(answer)["found"][0]
    print(found)
    parts = list(server.parts())
    print(
        f"{len(parts)} requests, {server.sent / 1e6:.0f} MB, {seconds:.0f} s, "
        f"{found['taken'] / seconds:.0f} records/s, {1e3 * cpu / found['taken']:.2f} ms CPU each, "
        f"peak {memory / 1024:.0f} MB, archive {whole.stat().st_size / 1e6:.0f} MB",
        flush=True,
    )
    server.asked.clear()
    _run(folder, server, given, whole, "--json")
    print(f"again: {len(list(server.parts()))} requests", flush=True)
    wrong = not given.path and found.get("stored: have the words") != counts["report"]
    if given.kills:
        server.asked.clear()
        _kill(folder, server, given, killed, len(parts))
        twice = len(list(server.parts())) - len(parts)
        left = differing(whole, killed)
        print(f"{given.kills} kills: {twice} requests repeated; differences: {left or 'none'}")
        wrong |= bool(left)
    return int(wrong)


def _command(folder: Path, server: RangeServer, given: Any, db: Path, *more: str) -> list[str]:
    return [
        sys.executable, "-m", "crawler", "backfill", "commoncrawl", str(db), "--index",
        str(folder / "cc-index"), "--host", ".gov.cn", "--data", server.data, "--per-minute",
        str(given.per_minute), *(("--path", given.path) if given.path else ()), *more,
    ]  # fmt: skip


def _run(
    folder: Path, server: RangeServer, given: Any, db: Path, *more: str
) -> tuple[str, float, float, int]:
    """Run a command; returns its answer, seconds, CPU seconds, and peak memory in kB."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    answers = folder / "answer"
    with answers.open("wb") as file:
        process = subprocess.Popen(
            _command(folder, server, given, db, *more), cwd=ROOT, stdout=file,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(0.2)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return answers.read_text("utf-8"), time.perf_counter() - began, cpu, peak


def _resident(pid: int) -> int:
    try:
        words = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in words.splitlines() if "VmRSS" in line), 0)


def _kill(folder: Path, server: RangeServer, given: Any, db: Path, requests: int) -> None:
    """Scan with kills, each after a random share of the requests, and then to the end."""
    draw = random.Random(1)
    moments = sorted(draw.sample(range(3, max(requests, given.kills + 4)), given.kills))
    for moment in moments:
        process = subprocess.Popen(
            _command(folder, server, given, db), cwd=ROOT, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while process.poll() is None and len(server.asked) < moment:
            time.sleep(0.01)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    _run(folder, server, given, db)


if __name__ == "__main__":
    sys.exit(main())
