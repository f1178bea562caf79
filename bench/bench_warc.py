"""Import of a large WARC compared with a bare read loop: CPU time, wall time, peak memory.

    python bench/bench_warc.py [--records 100000] [--small 10000] [--rounds 3] [--folder DIR]

The bare loop does what every import has to do: FastWARC reads every record, and zlib packs
every body again, at the level of our store and at zlib's own. Each measurement is a process of
its own; they take turns on the small file for so many rounds, and once on the large one. The
records are made-up Chinese pages of 57,000 bytes, written one at a time; 100,000 of them take
3 GB in DIR (the folder of temporary files), and the archive as much again.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import hashlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from archive.store.payloads import LEVEL

PAGE_BYTES = 57_000
POOL_CHARS = 400_000
SLICE_CHARS = 60
SPARE_BYTES_A_RECORD = 70_000

BARE = """
import sys, zlib
from fastwarc.warc import ArchiveIterator
level, count = int(sys.argv[2]), 0
with open(sys.argv[1], "rb") as file:
    for record in ArchiveIterator(file):
        count += len(zlib.compress(record.reader.read(), level))
"""
"""The loop that every importer contains: read a record, pack its body."""

IMPORT = [sys.executable, "-m", "archive", "backfill", "warc", "--no-derive", "--quiet"]


@dataclass(frozen=True)
class Cost:
    """The cost of a process: seconds of CPU and of the clock, megabytes at its peak."""

    cpu_s: float
    wall_s: float
    peak_mb: float


def main() -> int:
    """Make the files, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        if shutil.disk_usage(folder).free < options.records * SPARE_BYTES_A_RECORD:
            print(f"{folder}: not enough room for {options.records} records", file=sys.stderr)
            return 2
        small = write_warc(folder / "small.warc.gz", options.small)
        large = write_warc(folder / "large.warc.gz", options.records)
        compare(small, folder, options.small, options.rounds)
        compare(large, folder, options.records, 1)
    return 0


# ---- the files


def write_warc(path: Path, count: int) -> Path:
    """A WARC of `count` responses, a gzip member each; memory is one page."""
    with path.open("wb") as file:
        for number, body in enumerate(pages(count)):
            file.write(gzip.compress(record(number, body), 3, mtime=0))
    return path


def pages(count: int) -> Iterator[bytes]:
    """Pages in the furniture of a site; their sentences come from one long made-up text.

    They pack to about 0.4 of their size, as real pages do.
    """
    chance = random.Random(1)
    signs = "发展稳中有进改革开放民生经济工业农业城市乡村项目投资企业创新生态治理安全就业教育医疗"
    signs += "一二三四五六七八九十百千万亿元年月日"
    pool = "".join(chance.choices(signs, k=POOL_CHARS))
    furniture = "<div><a href='/a/{0}.html'>首页</a> <a href='/b/{0}.html'>导航</a></div>"
    for number in range(count):
        parts = [f"<html><title>第{number}号报告</title><body>", furniture.format(number)]
        size = sum(len(part.encode()) for part in parts)
        while size < PAGE_BYTES:
            start = chance.randrange(POOL_CHARS - SLICE_CHARS)
            parts.append(f"<p>{pool[start : start + SLICE_CHARS]}</p>")
            size += SLICE_CHARS * 3 + 7
        yield "".join(parts).encode()[:PAGE_BYTES]


def record(number: int, body: bytes) -> bytes:
    """A response with the digests that crawlers write."""
    block = (
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
        b"Content-Length: %d\r\nServer: nginx\r\nDate: Wed, 01 Jan 2025 00:00:00 GMT\r\n\r\n%b"
        % (len(body), body)
    )
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-{number:012d}>\r\n"
        "WARC-Date: 2025-01-01T00:00:00Z\r\n"
        f"WARC-Target-URI: http://www{number % 50}.example.test/zfgzbg/{number}.html\r\n"
        f"WARC-IP-Address: 192.0.2.1\r\nWARC-Payload-Digest: {sha1(body)}\r\n"
        f"WARC-Block-Digest: {sha1(block)}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def sha1(content: bytes) -> str:
    """A labelled digest in base 32."""
    made = hashlib.sha1(content, usedforsecurity=False).digest()
    return "sha1:" + base64.b32encode(made).decode()


# ---- the measurements


def compare(path: Path, folder: Path, count: int, rounds: int) -> None:
    """Let the loops and the import take turns; print the medians."""
    found: dict[str, list[Cost]] = {}
    for number in range(rounds):
        db = folder / f"{number}.db"
        for name, command in commands(path, db, both=rounds > 1).items():
            found.setdefault(name, []).append(measured(command))
        db.unlink()
    size = path.stat().st_size
    print(f"\n{count} records, {size / 1e6:.0f} MB packed, {rounds} rounds, medians")
    print("                          CPU s  wall s  records/CPU s  records/s  peak MB")
    for name, costs in found.items():
        cpu, wall = (median(getattr(c, each) for c in costs) for each in ("cpu_s", "wall_s"))
        peak = max(cost.peak_mb for cost in costs)
        print(
            f"{name:24} {cpu:7.1f} {wall:7.1f} {count / cpu:14.0f} {count / wall:10.0f} {peak:8.0f}"
        )
    ours = found["import"]
    for name in [name for name in found if name != "import"]:
        pairs = list(zip(found[name], ours, strict=True))
        cpu, wall = (
            median(getattr(a, each) / getattr(b, each) for a, b in pairs)
            for each in ("cpu_s", "wall_s")
        )
        print(f"throughput of the import, {name} = 1: CPU {cpu:.2f}, wall {wall:.2f}")


def commands(path: Path, db: Path, *, both: bool) -> dict[str, list[str]]:
    """Return the measurements to interleave, with `both` levels of zlib or only our store's."""
    levels = (LEVEL, zlib.Z_DEFAULT_COMPRESSION) if both else (LEVEL,)
    loops = {
        f"bare loop, zlib {level}": [sys.executable, "-c", BARE, str(path), str(level)]
        for level in levels
    }
    return loops | {"import": [*IMPORT, str(db), str(path)]}


def measured(command: list[str], stdout: str | None = None) -> Cost:
    """Run a command to its end; its output goes to the file `stdout`, if one is named."""
    before = time.perf_counter()
    with open(stdout, "w") if stdout else nullcontext() as output:  # noqa: PTH123
        process = subprocess.Popen(command, stdout=output)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    wall = time.perf_counter() - before
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


if __name__ == "__main__":
    sys.exit(main())
