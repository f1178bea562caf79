"""Compares the archive with WARC files: durable writing, random reading, size, verify.

    python bench/bench_store.py [--pages 600] [--rounds 3]

All stores get the same pages, in interleaved rounds; ratios are medians over the rounds, with
1.00 = warcio writing gzip records with an fsync for each. Pages are made up: one template for
each of twelve sites, and text drawn from jieba's dictionary by frequency, so that they pack about
as real ones do. The size of re-captures is that of 60 pages captured five more times with only
their view counter changed.
"""

from __future__ import annotations

import argparse
import io
import itertools
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.model import Capture, sha256
from archive.store import Archive
from archive.store.compaction import compact

SITES = 12
READS = 200
READ_ROUNDS = 5
CSS = ("margin", "padding", "color", "width", "height", "font-size", "background-color", "border")
HEADERS = (("Content-Type", "text/html; charset=utf-8"), ("Server", "nginx"))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    pages = make_pages(options.pages)
    raw = sum(map(len, pages))
    print(f"{len(pages)} pages, mean {raw // len(pages):,} bytes, {SITES} templates")
    with tempfile.TemporaryDirectory() as name:
        speeds(pages, Path(name), options.rounds)
        sizes(pages, Path(name))
        recaptures(pages[:60], Path(name))


# ---- made-up pages


def make_pages(count: int) -> list[bytes]:
    """Pages of `SITES` templates, each with text of its own."""
    chance = random.Random(11)
    words, counts = vocabulary()
    templates = [template(chance, words) for _ in range(SITES)]
    cumulated = list(itertools.accumulate(counts))
    return [
        templates[number % SITES].replace("@TEXT@", text(chance, words, cumulated)).encode()
        for number in range(count)
    ]


def vocabulary() -> tuple[list[str], list[int]]:
    """The words of jieba's dictionary with their frequencies."""
    path = Path(find_spec("jieba").submodule_search_locations[0]) / "dict.txt"
    rows = [line.split(" ") for line in path.read_text(encoding="utf-8").splitlines()]
    common = [(row[0], int(row[1])) for row in rows if int(row[1]) > 50]
    return [word for word, _ in common], [count for _, count in common]


def template(chance: random.Random, words: list[str]) -> str:
    """The chrome of a site: styles, scripts and navigation around the place of the text."""
    names = ["".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=7)) for _ in range(80)]
    rules = "".join(
        f".{chance.choice(names)} .{chance.choice(names)}{{{chance.choice(CSS)}:"
        f"{chance.randrange(99)}px;{chance.choice(CSS)}:#{chance.randrange(4096):03x}}}\n"
        for _ in range(230)
    )
    code = "".join(
        f"function {chance.choice(names)}({chance.choice(names)}){{return document.getElementById("
        f'"{chance.choice(names)}").{chance.choice(names)}({chance.randrange(999)});}}\n'
        for _ in range(90)
    )
    items = "".join(
        f'<li class="{chance.choice(names)}"><a href="/{chance.choice(names)}/{number}/index.html"'
        f' title="{(word := chance.choice(words))}" target="_blank">{word}</a></li>\n'
        for number in range(60)
    )
    return (
        f"<!DOCTYPE html><html><head><style>{rules}</style><script>{code}</script></head>\n"
        f"<body><ul>{items}</ul>\n<div class=content>@TEXT@</div>\n<footer>{items}</footer></body>"
    )


def text(chance: random.Random, words: list[str], cumulated: list[int]) -> str:
    """A report of about 8,000 characters."""
    lines = ("".join(chance.choices(words, cum_weights=cumulated, k=60)) for _ in range(90))
    return "".join(f"<p>\u3000\u3000{line}。</p>\n" for line in lines)


# ---- speeds


def speeds(pages: list[bytes], folder: Path, rounds: int) -> None:
    """Durable writing and random reading, interleaved."""
    writers: dict[str, Callable[[list[bytes], Path], None]] = {
        "WARC, fsync per record": write_warc,
        "archive, one transaction a capture": write_archive,
        "archive, batches of 100": write_batches,
    }
    written: dict[str, list[float]] = {name: [] for name in writers}
    read: dict[str, list[float]] = {"WARC, warcio": [], "archive": [], "archive, compacted": []}
    for number in range(rounds):
        for name, write in writers.items():
            path = folder / f"{number}-{name.replace(' ', '-')}"
            written[name].append(len(pages) / timed(write, pages, path))
        warc = folder / f"{number}-WARC,-fsync-per-record"
        db = folder / f"{number}-archive,-batches-of-100"
        compact(db, folder / f"{number}-small")
        for _ in range(READ_ROUNDS):
            read["WARC, warcio"].append(READS / read_warc(warc, pages))
            read["archive"].append(READS / read_archive(db, pages))
            read["archive, compacted"].append(
                READS / read_archive(folder / f"{number}-small", pages)
            )
    for what, found in (("durable writes a second", written), ("random reads a second", read)):
        first = statistics.median(next(iter(found.values())))
        print(f"\n{what}")
        for name, values in found.items():
            middle = statistics.median(values)
            print(f"  {name:36} {middle:9.0f}   {middle / first:5.2f}")


def timed(action: Callable[[list[bytes], Path], None], pages: list[bytes], path: Path) -> float:
    """Seconds that `action` takes."""
    before = time.perf_counter()
    action(pages, path)
    return time.perf_counter() - before


def write_warc(pages: list[bytes], path: Path) -> None:
    """One response record a page, on the disk before the next; offsets kept for reading."""
    with path.open("wb") as file, Path(f"{path}.offsets").open("w") as offsets:
        writer = WARCWriter(file, gzip=True)
        for number, page in enumerate(pages):
            offsets.write(f"{file.tell()}\n")
            http = StatusAndHeaders("200 OK", list(HEADERS), protocol="HTTP/1.1")
            writer.write_record(
                writer.create_warc_record(
                    url_of(number), "response", io.BytesIO(page), len(page), http_headers=http
                )
            )
            file.flush()
            os.fsync(file.fileno())


def write_archive(pages: list[bytes], path: Path) -> None:
    """One capture a transaction, `synchronous=FULL`."""
    with Archive.open(path, create=True) as archive, archive.run("bench") as run:
        for number, page in enumerate(pages):
            run.capture(capture_of(number, page))


def write_batches(pages: list[bytes], path: Path) -> None:
    """A hundred captures a transaction."""
    with Archive.open(path, create=True) as archive, archive.run("bench") as run:
        for start in range(0, len(pages), 100):
            some = pages[start : start + 100]
            captures = [capture_of(number, page) for number, page in enumerate(some, start)]
            run.pack(captures)
            with run.batch():
                for capture in captures:
                    run.capture(capture)


def read_warc(path: Path, pages: list[bytes]) -> float:
    """Seconds for `READS` records at random offsets, compared with what was written."""
    offsets = [int(line) for line in Path(f"{path}.offsets").read_text().split()]
    chance = random.Random(5)
    before = time.perf_counter()
    with path.open("rb") as file:
        for _ in range(READS):
            number = chance.randrange(len(offsets))
            file.seek(offsets[number])
            record = next(iter(ArchiveIterator(file)))
            assert record.content_stream().read() == pages[number]
    return time.perf_counter() - before


def read_archive(path: Path, pages: list[bytes]) -> float:
    """Seconds for `READS` payloads by digest, compared with what was written."""
    digests = [sha256(page) for page in pages]
    chance = random.Random(5)
    with Archive.open(path, read_only=True) as archive:
        before = time.perf_counter()
        for _ in range(READS):
            number = chance.randrange(len(pages))
            assert archive.payload(digests[number]) == pages[number]
        return time.perf_counter() - before


def url_of(number: int) -> str:
    """The address of a made-up page."""
    return f"http://site{number % SITES}.test/report/{number}.html"


def capture_of(number: int, page: bytes) -> Capture:
    """The capture of a made-up page."""
    return Capture(url=url_of(number), payload=page, status=200, response_headers=HEADERS)


# ---- sizes


def sizes(pages: list[bytes], folder: Path) -> None:
    """Bytes of whole files for each byte of payload."""
    db = folder / "sizes.db"
    write_batches(pages, db)
    small = folder / "small.db"
    compact(db, small)
    raw = sum(map(len, pages))
    warc = next(folder.glob("0-WARC*record"))
    print("\nsize of the file, of raw payload bytes")
    for name, path in (("WARC gzip (warcio)", warc), ("archive, zlib", db), ("compacted", small)):
        print(f"  {name:36} {path.stat().st_size / raw:9.3f}")
    print(f"  {'compacted, payloads alone':36} {stored(small) / raw:9.3f}")


def stored(path: Path, codec: str = "%") -> int:
    """Bytes of stored payloads and dictionaries."""
    with Archive.open(path, read_only=True) as archive:
        ask = archive.connection.execute
        (payloads,) = ask(
            "SELECT total(length(stored)) FROM payloads WHERE codec LIKE ?", (codec,)
        ).fetchone()
        (words,) = ask("SELECT total(length(stored)) FROM dictionaries").fetchone()
    return int(payloads + (words if codec == "%" else 0))


def recaptures(pages: list[bytes], folder: Path) -> None:
    """Pages captured again five times, each time with another view counter."""
    db, small = folder / "again.db", folder / "again-small.db"
    with Archive.open(db, create=True) as archive, archive.run("bench") as run, run.batch():
        for counter in range(6):
            for number, page in enumerate(pages):
                body = page.replace(b"<footer>", b"<footer>%d" % (1000 + counter * 37))
                run.capture(capture_of(number, body))
    compact(db, small)
    raw = sum(map(len, pages)) * 5
    with Archive.open(small, read_only=True) as archive:
        page_bytes = re_capture_rows(archive)
    print("\nre-captures that differ in a counter, of their raw bytes")
    print(f"  {'payloads (differences)':36} {stored(small, 'zstd-reference') / raw:9.4f}")
    print(f"  {'with their rows, ledger and headers':36} {page_bytes / raw:9.4f}")


def re_capture_rows(archive: Archive) -> int:
    """Bytes of all that five more captures of a page add: payload, capture, ledger rows."""
    ask = archive.connection.execute
    total = 0
    for table, where in (
        ("payloads", "codec = 'zstd-reference'"),
        ("captures", "id > 60"),
    ):
        columns = [row[1] for row in ask(f"PRAGMA table_info({table})")]
        sizes_ = " + ".join(f"coalesce(length(CAST({name} AS BLOB)), 1)" for name in columns)
        (found,) = ask(f"SELECT total({sizes_}) FROM {table} WHERE {where}").fetchone()
        total += int(found)
    (entry,) = ask("SELECT max(length(entry_json)) FROM ledger").fetchone()
    return total + int(entry) * 5 // 6


if __name__ == "__main__":
    main()
