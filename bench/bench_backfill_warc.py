"""`baogao backfill warc` compared with a loop of warcio, readability-lxml and sqlite-utils.

    python bench/bench_backfill_warc.py [--records 5000] [--rounds 3] [--kind furnished]

The loop is what a user would write: it reads the records, takes the main part of each page and
stores address, title, text and HTML, without any provenance. The import makes its texts too, and
collates them. CPU is that of a command with its workers; wall time is that of two workers. Each
measurement is a process of its own, and they take turns.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from statistics import median

from bench_warc import Cost, measured
from crawl_pages import KINDS
from measuring import row
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

LOOP = """
import logging, sys
import sqlite_utils
from lxml import html
from readability import Document
from warcio.archiveiterator import ArchiveIterator
logging.getLogger("readability.readability").setLevel(logging.CRITICAL)
pages = sqlite_utils.Database(sys.argv[1])["pages"]
with open(sys.argv[2], "rb") as file:
    for record in ArchiveIterator(file):
        if record.rec_type == "response":
            source = record.content_stream().read().decode()
            document = Document(source)
            text = html.fromstring(document.summary()).text_content()
            url = record.rec_headers.get_header("WARC-Target-URI")
            row = {"url": url, "title": document.title(), "text": text, "html": source}
            pages.upsert(row, pk="url")
"""


def write_warc(path: Path, kind: str, count: int) -> None:
    """Write `count` pages of a kind as responses, with warcio."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number, page in enumerate(KINDS[kind](count)):
            fields = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", len(page))]
            headers = StatusAndHeaders(
                "200 OK", [(k, str(v)) for k, v in fields], protocol="HTTP/1.1"
            )
            url = f"http://www.bench.test/202301/t20230131_{number}.html"
            writer.write_record(
                writer.create_warc_record(url, "response", BytesIO(page), http_headers=headers)
            )


def main() -> None:
    """Write the file, let both take turns, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kind", choices=list(KINDS), default="furnished")
    chosen = parser.parse_args()
    ours = [sys.executable, "-m", "archive", "backfill", "warc", "-q"]
    found: dict[str, list[Cost]] = {"loop": [], "import": [], "import, two workers": []}
    with tempfile.TemporaryDirectory() as name:
        warc = Path(name) / "pages.warc.gz"
        write_warc(warc, chosen.kind, chosen.records)
        for number in range(chosen.rounds):
            db = f"{name}/{number}"
            commands = {
                "loop": [sys.executable, "-c", LOOP, f"{db}-loop.db", str(warc)],
                "import": [*ours, "--jobs", "1", f"{db}-1.db", str(warc)],
                "import, two workers": [*ours, "--jobs", "2", f"{db}-2.db", str(warc)],
            }
            for label, command in commands.items():
                found[label].append(measured(command, stdout=os.devnull))
    print(f"{chosen.records} {chosen.kind} pages, {chosen.rounds} rounds, medians")
    for label, costs in found.items():
        cpu, wall = median(c.cpu_s for c in costs), median(c.wall_s for c in costs)
        cpus = median(a.cpu_s / b.cpu_s for a, b in zip(found["loop"], costs, strict=True))
        walls = median(a.wall_s / b.wall_s for a, b in zip(found["loop"], costs, strict=True))
        print(f"{label:22} CPU {cpu:7.1f} s ({cpus:.2f} x)   wall {wall:7.1f} s ({walls:.2f} x)")
        if label == "import":
            row("backfill warc, CPU", cpus)
        if label == "import, two workers":
            row("backfill warc, wall time of two workers", walls)


if __name__ == "__main__":
    main()
