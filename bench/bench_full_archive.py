"""The size and cost of a full archive: bytes and CPU for each page, with texts, works and index.

    python bench/bench_full_archive.py [--pages 5000] [--compare DIRECTORY]

The pages are the reports of `../shared/corpus` (the practice web's where it is absent) in the
furniture of a government's site; after the first round each is a copy with three commas changed, on
another site. CPU is that of this process: deriving, storing, collating with indexing, each beside
readability-lxml on the same bytes. Then a comment in a rule file is changed, then a rule for 1 % of
the texts have, and what `rederive` adds to the file is measured; last the compacted copy.
`--compare` names the checkout of another version, with `make dev` done; its archive is made of the
same pages.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

from crawl_pages import in_furniture
from real_texts import CORPUS, real_texts

import baogao_practice as practice
from archive import Archive, Capture, derive
from archive.known import Knowledge, shipped

BATCH = 20
SITES = 7
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n|<!--.*?-->|\*\*|^#+ *", re.DOTALL | re.MULTILINE)


def reports() -> Iterator[list[str]]:
    """The lines of each report, its title first."""
    if not CORPUS.is_dir():
        for seed in range(1000):
            yield practice.write_report("130600", 2024, seed=seed, length=9000).texts
        return
    for text in real_texts():
        try:
            words = text.payload.decode("utf-8-sig")
        except UnicodeDecodeError:
            words = text.payload.decode("gb18030", "replace")
        yield [line.strip() for line in _FRONT_MATTER.sub("", words).splitlines() if line.strip()]


def pages(count: int) -> Iterator[Capture]:
    """Captures of `count` pages."""
    known = list(reports())
    for number in range(count):
        lines = list(known[number % len(known)])
        copy, dice = number // len(known), Random(number)
        for _ in range(3 if copy else 0):
            at = dice.randrange(len(lines))
            lines[at] = lines[at].replace("，", "、", 1)
        lines.append(f"演示第{number}号。")
        body = "\n".join(f"<p>　　{html.escape(line)}</p>" for line in lines[1:])
        payload = in_furniture(html.escape(lines[0]), body, number)
        url = f"http://www.site{copy * SITES + number % SITES}.gov.cn/art/{number}.html"
        headers = {"content-type": "text/html; charset=utf-8"}
        yield Capture.from_bytes(payload, url=url, headers=headers)


def fill(db: Path, count: int) -> dict[str, float]:
    """Make the archive; CPU milliseconds a page for each kind of work, and bytes a page."""
    took = dict.fromkeys(("derive", "store", "collate and index"), 0.0)
    raw = 0
    captures = pages(count)
    with Archive.open(db, create=True) as archive, archive.run("backfill") as run:
        while batch := list(islice(captures, BATCH)):
            raw += sum(len(capture.payload or b"") for capture in batch)
            started = time.process_time()
            made = [(capture, derive(capture)) for capture in batch]
            derived = time.process_time()
            with run.batch():
                for capture, derivation in made:
                    run.text(run.capture(capture), derivation)
            took["derive"] += derived - started
            took["store"] += time.process_time() - derived
        started = time.process_time()
        archive.collate(run.id)
        took["collate and index"] = time.process_time() - started
    per_page = {name: 1000 * seconds / count for name, seconds in took.items()}
    return {**per_page, "raw bytes": raw / count, "file bytes": size_of(db) / count}


def size_of(db: Path) -> int:
    """Bytes in use: pages of the file that are not free."""
    connection = sqlite3.connect(db)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    used = connection.execute(
        "SELECT (page_count - freelist_count) * page_size"
        " FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
    ).fetchone()[0]
    connection.close()
    return int(used)


def readability(count: int) -> float:
    """CPU milliseconds a page of readability-lxml."""
    from readability import Document  # noqa: PLC0415

    captures = [(capture.payload or b"").decode() for capture in pages(min(count, 200))]
    started = time.process_time()
    for page in captures:
        Document(page).summary()
    return 1000 * (time.process_time() - started) / len(captures)


def tables(db: Path) -> list[tuple[str, int]]:
    """The largest tables and indexes, in bytes."""
    connection = sqlite3.connect(db)
    rows = connection.execute(
        "SELECT name, sum(pgsize) AS size FROM dbstat GROUP BY name ORDER BY size DESC LIMIT 12"
    ).fetchall()
    connection.close()
    return rows


def rederived(db: Path, folder: Path, name: str, change: str) -> tuple[int, int]:
    """Bytes that deriving again with a changed rule file adds, and the texts made otherwise."""
    copy, knowledge = folder / f"{name}.db", folder / name
    shutil.copyfile(db, copy)
    shutil.copytree(shipped().folder, knowledge)
    rules = knowledge / "rules" / "footer.toml"
    rules.write_text(rules.read_text(encoding="utf-8") + change, encoding="utf-8")
    before = size_of(copy)
    known = Knowledge(knowledge)
    with Archive.open(copy) as archive:
        (texts,) = archive.connection.execute("SELECT max(id) FROM texts").fetchone()
        from archive.derivation import ruleset_digest  # noqa: PLC0415

        with archive.run("rederive", knowledge=known) as run:
            waiting = archive.captures_to_derive(ruleset_digest(known))
            while batch := list(islice(waiting, BATCH)):
                with run.batch():
                    for capture_id, capture in batch:
                        run.text(capture_id, derive(capture, known))
            archive.collate(run.id, knowledge=known)
        (after,) = archive.connection.execute("SELECT max(id) FROM texts").fetchone()
    return size_of(copy) - before, after - texts


COMMENT = "\n# a remark that changes nothing\n"
RULE = """
[[rules]]
id = "footer-bench"
kind = "footer"
scope = "line"
pattern = '演示第\\d*00号。'
why = "a rule of the bench"
example = "演示第100号。"
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--compare", type=Path)
    parser.add_argument("--only-fill", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only_fill:
        print(json.dumps(fill(options.only_fill, options.pages)))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        db = folder / "full.db"
        found = fill(db, options.pages)
        report(found, readability(options.pages))
        for table, size in tables(db):
            print(f"    {table:30} {size / options.pages:9,.0f} bytes a page")
        if options.compare:
            before = elsewhere(options.compare, folder / "before.db", options.pages)
            print("\nbefore")
            report(before, readability(options.pages))
        for what, change in (("comment", COMMENT), ("rule", RULE)):
            added, texts = rederived(db, folder, what, change)
            share = added / size_of(db)
            print(f"rederive after a changed {what}: {texts} texts, file +{share:.2%}")
        from archive.store.compaction import compact  # noqa: PLC0415

        compact(db, folder / "small.db")
        small = size_of(folder / "small.db") / options.pages
        print(f"compacted: {small:,.0f} bytes a page, {small / found['raw bytes']:.2f} of raw")


def report(found: dict[str, float], peer: float) -> None:
    """Print what a page takes."""
    print(f"readability-lxml {peer:6.2f} ms a page")
    for name in ("derive", "store", "collate and index"):
        print(f"{name:18} {found[name]:6.2f} ms a page  {found[name] / peer:5.2f}")
    share = found["file bytes"] / found["raw bytes"]
    print(f"file {found['file bytes']:,.0f} of {found['raw bytes']:,.0f} raw bytes: {share:.2f}")


def elsewhere(checkout: Path, db: Path, count: int) -> dict[str, float]:
    """The same by the code of another checkout."""
    python = checkout / ".venv" / "bin" / "python"
    command = [str(python), __file__, "--only-fill", str(db), "--pages", str(count)]
    environment = {"PYTHONPATH": f"{checkout}:{Path(__file__).parent}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, check=True, capture_output=True, env=environment)
    return dict(json.loads(done.stdout))


if __name__ == "__main__":
    main()
