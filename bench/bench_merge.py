"""The cost of merging archives, and whether the result equals that of one crawl.

    python bench/bench_merge.py [--pages 2000] [--shards 100] [--rounds 3]

The pages are those of bench_full_archive.py: reports of `../shared/corpus` (or of the
practice web) in the furniture of a government's site. They are stored with their texts in one
archive, and in so many shards. CPU of this process for copying rows, then for collating, beside
readability-lxml on the same pages. Then the sets are compared that have to be equal, also for the
first 1,000 corpus texts as they are, and for a crawl of the practice web.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from bench_full_archive import pages, readability, size_of
from equal_archives import differing
from real_texts import CORPUS, real_texts

import baogao_practice as practice
from archive import Archive, Capture, Derivation, derive
from archive.store.merging import merge

BATCH = 20
CORPUS_TEXTS = 1000


def made(captures: Iterable[Capture]) -> list[tuple[Capture, Derivation]]:
    """Captures with their derivations."""
    return [(capture, derive(capture)) for capture in captures]


def store(db: Path, found: Sequence[tuple[Capture, Derivation]], *, collate: bool = False) -> None:
    """Make an archive of them."""
    with Archive.open(db, create=True) as archive, archive.run("backfill") as run:
        for start in range(0, len(found), BATCH):
            with run.batch():
                for capture, derivation in found[start : start + BATCH]:
                    run.text(run.capture(capture), derivation)
        if collate:
            archive.collate(run.id)


def shards_of(folder: Path, found: Sequence[tuple[Capture, Derivation]], count: int) -> list[Path]:
    """Make so many archives, each of every nth page."""
    folder.mkdir()
    paths = [folder / f"shard-{number:04}.db" for number in range(count)]
    for number, path in enumerate(paths):
        store(path, found[number::count])
    return paths


def measured(target: Path, shards: Sequence[Path]) -> tuple[float, float, float]:
    """CPU seconds of copying rows, of collating, and of merging the same again."""
    started = time.process_time()
    merge(target, shards, collate=False)
    copied = time.process_time()
    merge(target, shards[:1])
    collated = time.process_time()
    again = merge(target, shards)
    assert not again.rows, again.rows
    return copied - started, collated - copied, time.process_time() - collated


def equal(folder: Path, name: str, captures: Iterable[Capture], count: int) -> None:
    """Print how many rows of each set are in only one of both archives."""
    found = made(captures)
    single, target = folder / f"{name}-single.db", folder / f"{name}-merged.db"
    store(single, found, collate=True)
    merge(target, shards_of(folder / name, found, count))
    print(f"{name}: {len(found)} pages, {count} shards; differing: {differing(single, target)}")


CRAWL = """
import sys
from crawler.run import crawl
from crawler.site_files import practice_sites
db, port, nth, count = sys.argv[1], *map(int, sys.argv[2:])
sites = sorted(practice_sites())[nth::count]
crawl(db, sites, settings={"PRACTICE_PORT": port, "LOG_LEVEL": "ERROR"})
"""


def practice_web(folder: Path, count: int) -> None:
    """Crawl the practice web in one go, and by groups of sites, and compare."""
    folder.mkdir()
    single, target = folder / "single.db", folder / "merged.db"
    parts = [(folder / f"shard-{nth}.db", nth, count) for nth in range(count)]
    with practice.Server(port=0) as server:
        for db, nth, of in [(single, 0, 1), *parts]:
            words = [sys.executable, "-c", CRAWL, db, str(server.port), str(nth), str(of)]
            subprocess.run(words, check=True)
    found = merge(target, [db for db, _, _ in parts])
    print(f"practice web: {found.rows['captures']} captures, {count} shards; differing:", end=" ")
    print(differing(single, target))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--shards", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = made(pages(options.pages))
        shards = shards_of(folder / "shards", found, options.shards)
        rounds = []
        for number in range(options.rounds):
            peer = readability(options.pages)
            target = folder / f"merged-{number}.db"
            took = [1000 * s / options.pages for s in measured(target, shards)]
            rounds.append([peer, *took])
            print("  ".join(f"{value:.2f}" for value in rounds[-1]), flush=True)
        peer, *took = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(f"readability-lxml      {peer:6.2f} ms a page")
        for what, each in zip(("copying rows", "collating", "merging again"), took, strict=True):
            print(f"{what:20}  {each:6.2f} ms a page  {each / peer:5.2f}")
        print(f"both                  {sum(took[:2]):6.2f} ms a page  {sum(took[:2]) / peer:5.2f}")
        print(f"file {size_of(target) / options.pages:,.0f} bytes a page")
        store(folder / "single.db", found, collate=True)
        print(f"furnished: differing: {differing(folder / 'single.db', target)}")
        practice_web(folder / "practice", 3)
        if CORPUS.is_dir():
            texts = (text.as_it_is() for text in real_texts()[:CORPUS_TEXTS])
            equal(folder, "corpus", texts, 10)


if __name__ == "__main__":
    main()
