"""A full verify of many captures: does it stream, and how fast?

    python bench/bench_store_verify.py [--captures 10000]

Time is set beside reading: every payload through the archive once, and the file's bytes three
times. Memory is the peak of a process of its own, for a tenth of the captures and for all.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from archive.model import Capture
from archive.store import Archive


def main() -> None:
    """Build two archives, verify both, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=10_000)
    parser.add_argument("--look", type=Path, help="verify one archive and print (used inside)")
    options = parser.parse_args()
    if options.look:
        look(options.look)
        return
    with tempfile.TemporaryDirectory() as name:
        for count in (options.captures // 10, options.captures):
            path = Path(name) / f"{count}.db"
            build(path, count)
            print(f"{count} captures, {path.stat().st_size / 1e6:.0f} MB file:", flush=True)
            subprocess.run([sys.executable, __file__, "--look", str(path)], check=True)


def build(path: Path, count: int) -> None:
    """Pages of about 58,000 bytes that pack to about 0.44."""
    from bench_store import make_pages  # noqa: PLC0415  (beside this script)

    some = make_pages(500)
    with Archive.open(path, create=True) as archive, archive.run("bench") as run:
        for start in range(0, count, 100):
            captures = [
                Capture(
                    url=f"http://site{number % 12}.test/{number}",
                    payload=some[number % len(some)] + b"<!-- %d -->" % number,
                    status=200,
                )
                for number in range(start, start + 100)
            ]
            run.pack(captures)
            with run.batch():
                for capture in captures:
                    run.capture(capture)


def look(path: Path) -> None:
    """Time and memory of a verify, in a process that does nothing else before."""
    file_s = timed(lambda: read_bytes(path))
    with Archive.open(path, read_only=True) as archive:
        verify_s = timed(lambda: list(archive.verification().findings()))
        peak = peak_mb()
        digests = [d for (d,) in archive.connection.execute("SELECT sha256 FROM payloads")]
        payloads_s = timed(lambda: [archive.payload(d) and None for d in digests])
    print(f"  verify {verify_s:.2f} s · every payload read once {payloads_s:.2f} s · the file's"
          f" bytes three times {3 * file_s:.2f} s · peak memory {peak:.0f} MB")  # fmt: skip


def peak_mb() -> float:
    """The most memory that this process had, in MB; ru_maxrss would count its parent's too."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lines = status.read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def read_bytes(path: Path) -> None:
    """Read a file in pieces, as it lies in the cache of the system."""
    with path.open("rb", buffering=0) as file:
        while file.read(1 << 20):
            pass


def timed(action: object) -> float:
    """Seconds that `action` takes."""
    before = time.perf_counter()
    action()
    return time.perf_counter() - before


if __name__ == "__main__":
    main()
