"""Fifty readers of `baogao serve` while a crawl and a collation write: errors, and p95 by idle.

    python bench/bench_load.py [--seconds 20] [--rounds 3]

Rounds are interleaved: fifty readers with nobody writing, then the same fifty while one process
captures and derives without end and another collates. Prints the p95 of each, and ends with 1
when a reader saw an error.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from threading import Event, Thread
from time import monotonic

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from hostile.readers import get, make, serving  # noqa: E402  (the paths must be set first)

READERS = 50
PAUSE_S = 1.0
PAGES = (
    "/", "/r/990100/2021", "/text/1", "/capture/1", "/find?q=%E9%92%A2", "/trend?q=%E9%92%A2",
    "/api/works", "/ledger", "/h/works",
)  # fmt: skip
WRITER = """
import sys
from archive import Capture, derive
from archive.store import Archive
with Archive.open(sys.argv[1]) as archive, archive.run("crawl") as run:
    number = 0
    while True:
        number += 1
        lines = "".join(f"<p>{number} 营商环境持续优化，新建{n}个公园。</p>" for n in range(99))
        capture = Capture(f"http://w.test/{number}", lines.encode(), status=200)
        run.text(run.capture(capture), derive(capture))
        if sys.argv[2] == "collate" and number % 20 == 0:
            archive.collate(run.id)
"""


@contextmanager
def writing(db: Path) -> Iterator[None]:
    """A process that captures, and one that collates as well, until the end."""
    command = [sys.executable, "-c", WRITER, str(db)]
    both = [
        subprocess.Popen([*command, kind], stderr=subprocess.DEVNULL) for kind in ("", "collate")
    ]
    try:
        yield
    finally:
        for one in both:
            one.kill()
            one.wait()


def read(port: int, seconds: float) -> tuple[list[float], list[str]]:
    """Let fifty readers read, each with a pause between pages; their waits and their errors."""
    waits: list[float] = []
    errors: list[str] = []
    over = Event()

    def one(number: int) -> None:
        draw = random.Random(number)
        over.wait(draw.random() * PAUSE_S)
        while not over.is_set():
            began = monotonic()
            try:
                status, _ = get(port, draw.choice(PAGES))
                if status != 200:
                    errors.append(str(status))
            except (OSError, HTTPException) as error:
                errors.append(repr(error))
            waits.append(monotonic() - began)
            over.wait(PAUSE_S)

    threads = [Thread(target=one, args=(number,), daemon=True) for number in range(READERS)]
    for thread in threads:
        thread.start()
    over.wait(seconds)
    over.set()
    for thread in threads:
        thread.join(60)
    return waits, errors


def p95(waits: list[float]) -> float:
    """The wait that 95 of 100 readers do not exceed."""
    return statistics.quantiles(waits, n=20)[-1]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ratios, wrong = [], []
    with tempfile.TemporaryDirectory() as name:
        db = make(Path(name) / "h.db", lines=500, megabytes=1)
        with serving(db) as (_, port):
            for path in PAGES:
                with suppress(OSError):
                    get(port, path)
            for _ in range(options.rounds):
                idle, errors = read(port, options.seconds)
                wrong += errors
                with writing(db):
                    busy, errors = read(port, options.seconds)
                wrong += errors
                ratios.append(p95(busy) / p95(idle))
                print(
                    f"idle: p95 {p95(idle):.3f} s of {len(idle)}; while two write: p95"
                    f" {p95(busy):.3f} s of {len(busy)}; {ratios[-1]:.2f} times", flush=True,
                )  # fmt: skip
    print(f"median {statistics.median(ratios):.2f} times idle; {len(wrong)} errors", *wrong[:5])
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
