"""How fast `backfill files` is, and how much memory it takes.

    python bench/bench_backfill_files.py [--files 1000] [--jobs 1,2,4] [--megabytes 0]

Imports a folder of made-up pages (reports as the practice web writes them) with each number of
jobs: seconds in all, files a second while they came in (without start and collation), CPU of all
processes, the memory of the largest. `--megabytes N` reads a JSONL, a CSV and a ZIP of N megabytes
beside ones of a tenth and a hundredth of that with --dry-run, and imports the smallest: memory
must not grow with the file.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from html import escape
from itertools import count
from pathlib import Path

import baogao_practice as practice

KIB = 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--jobs", default="1,2,4")
    parser.add_argument("--megabytes", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        folder = home / "pages"
        folder.mkdir()
        for number, words in zip(range(options.files), reports(), strict=False):
            (folder / f"{number}.html").write_text(as_page(words), encoding="utf-8")
        print(f"{options.files} files              s  files/s  CPU s  MB of the largest process")
        for jobs in options.jobs.split(","):
            told(f"--jobs {jobs}", options.files, home, str(folder), "--jobs", jobs)
        for write in (jsonl, table, package):
            for share in (100, 10, 1) if options.megabytes else ():
                size = options.megabytes // share
                path, members = write(home, size * KIB * KIB)
                told(f"{size} MB {path.suffix} dry", members, home, str(path), "--dry-run")
                if share == 100:
                    told(f"{size} MB {path.suffix}", members, home, str(path))
                path.unlink()


def told(name: str, number: int, home: Path, *arguments: str) -> None:
    """Import, and print a line."""
    db = home / "x.db"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    command = [sys.executable, "-m", "archive", "backfill", "files", str(db), *arguments, "-q"]
    quiet = subprocess.DEVNULL
    running = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    _, _, own = os.wait4(running.pid, 0)
    took = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    largest = own.ru_maxrss / KIB
    rate = number / (importing(db) or took)
    print(f"{name:20} {took:7.1f}  {rate:7.1f}  {cpu:5.1f}  {largest:6.0f}", flush=True)
    for path in home.glob("x.db*"):
        path.unlink()


def importing(db: Path) -> float:
    """Seconds from the first capture to the last; 0 where there is none."""
    if not db.exists():
        return 0
    with closing(sqlite3.connect(db)) as reader:
        days = "(julianday(max(recorded_at)) - julianday(min(recorded_at)))"
        (found,) = reader.execute(f"SELECT {days} * 86400 FROM captures").fetchone()
    return float(found)


def reports() -> Iterator[list[str]]:
    """Made-up reports of the practice web, again and again, each with a line of its own."""
    for number in count():
        code = ("130123", "130283", "130481", "130600")[number % 4]
        yield [*practice.write_report(code, 2018 + number // 4 % 8).texts, f"第{number}份。"]


def as_page(words: list[str]) -> str:
    """A page with a menu around a report."""
    prose = "".join(f"<p>{escape(line)}</p>" for line in words)
    menu = "<ul>" + "<li><a href='/'>首页</a></li>" * 9 + "</ul>"
    return f"<html><title>{words[0]}</title><body>{menu}<div id='zoom'>{prose}</div></body></html>"


def large(size: int, write: Callable[[int, str], object]) -> int:
    """Write records of half a megabyte, so that few of them are many bytes; how many."""
    words = "\n".join(next(reports())) * 25
    for number in count(1):
        write(number, f"{words}第{number}份。")
        size -= len(words.encode())
        if size <= 0:
            return number
    raise AssertionError


def jsonl(home: Path, size: int) -> tuple[Path, int]:
    """A file of records."""
    path = home / "large.jsonl"
    with path.open("w", encoding="utf-8") as file:
        found = large(
            size,
            lambda n, words: file.write(
                json.dumps({"n": n, "text": words}, ensure_ascii=False) + "\n"
            ),
        )
    return path, found


def table(home: Path, size: int) -> tuple[Path, int]:
    """A CSV."""
    path = home / "large.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["n", "text"])
        return path, large(size, lambda n, words: writer.writerow([n, words]))


def package(home: Path, size: int) -> tuple[Path, int]:
    """A ZIP, its members stored as they are."""
    path = home / "large.zip"
    with zipfile.ZipFile(path, "w") as file:
        return path, large(size, lambda n, words: file.writestr(f"{n}.txt", words))


if __name__ == "__main__":
    main()
