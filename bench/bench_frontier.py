"""Does the frontier stay fast and small as it grows? Lease and ack at 1,000 to 1,000,000 rows.

    python bench/bench_frontier.py [ROWS …]

Prints for each size: filling, milliseconds for a lease of 50 rows and for an ack (median and
95th percentile of 200), and the growth of this process' memory while leasing.
"""

from __future__ import annotations

import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from archive import Archive
from crawler.addresses import fingerprint
from crawler.frontier import Entry, SqliteFrontier, clock

BATCH = 5000
ROUNDS = 200


def entry(number: int) -> Entry:
    """A row as a crawl makes them."""
    url = f"http://www.bench.test/zwgk/zfgzbg/202301/t20230131_{number}.html"
    request = f'{{"url":"{url}","method":"GET","callback":"parse_report","cb_kwargs":{{}}}}'
    return Entry("bench", "www.bench.test", url, fingerprint("bench", url), request)


def fill(archive: Archive, frontier: SqliteFrontier, first: int, last: int) -> float:
    """Add rows in transactions of `BATCH`; gives the seconds."""
    started = time.perf_counter()
    for start in range(first, last, BATCH):
        with archive.transaction():
            now = clock()
            for number in range(start, min(start + BATCH, last)):
                frontier.add(entry(number), now)
    return time.perf_counter() - started


def memory_mb() -> float:
    """The largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def shown(values: list[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    ordered = sorted(values)
    return (
        f"{statistics.median(ordered) * 1000:6.2f} / {ordered[len(ordered) * 19 // 20] * 1000:6.2f}"
    )


def main(sizes: list[int]) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        archive = Archive.open(Path(folder) / "f.db", create=True)
        frontier, done = SqliteFrontier(archive), 0
        print(f"{'rows':>9} {'fill s':>7}   lease 50, ms      ack, ms      memory +MB")
        for size in sizes:
            seconds = fill(archive, frontier, done, size)
            done = size
            before, leases, acks = memory_mb(), [], []
            for number in range(ROUNDS):
                with archive.transaction():
                    started = time.perf_counter()
                    rows = frontier.lease("bench", "www.bench.test", 50, clock(), f"me{number}")
                    leases.append(time.perf_counter() - started)
                    started = time.perf_counter()
                    frontier.ack(rows[0], "ok", clock())
                    acks.append(time.perf_counter() - started)
                    for row in rows[1:]:
                        frontier.give_back(row, clock())
            print(
                f"{size:>9} {seconds:7.1f}  {shown(leases)}  {shown(acks)}"
                f"  {memory_mb() - before:8.1f}",
                flush=True,
            )
        archive.close()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1_000, 50_000, 1_000_000])
