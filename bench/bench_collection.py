"""One question asked of 31 archives by province: the folder, DuckDB over Parquet, a single archive.

    python bench/bench_collection.py --works 3100 --rounds 5

The archives are made up (`many_works`), with texts as long as real reports. All answer the same
questions in turn, and the answers are compared. CPU seconds, medians of the rounds.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import many_works
from click.testing import CliRunner

from archive.catalogue.coverage import coverage
from archive.catalogue.finding import find_documents
from archive.catalogue.words import Counting, TermGroups
from archive.cli import cli
from archive.export.choice import Choice
from archive.export.take import take_panel
from archive.store.collection import Collection, opened
from archive.store.search import Query

WORDS = ("发展", "改革", "项目")
SOUGHT = "产业"
SENTENCES = 60
"""Sentences of each of five paragraphs: some 12,000 characters a report."""


def made(folder: Path, works: int) -> tuple[Path, Path]:
    """Make an archive of each province in a folder, and one of all of them; returns both."""
    place, whole = folder / "provinces", folder / "whole.db"
    place.mkdir()
    plain, cells_of = many_works._lines, many_works._cells  # noqa: SLF001
    many_works._lines = lambda draw, title: _long(draw, plain(draw, title))  # noqa: SLF001
    by_province = defaultdict(list)
    for cell in cells_of(random.Random(7), 100_000):
        by_province[cell[0][:2]].append(cell)
    chosen = {code: some[: works // len(by_province)] for code, some in by_province.items()}
    everything = [cell for _, some in sorted(chosen.items()) for cell in some]
    for path, some in [
        *((place / f"{code}.db", some) for code, some in chosen.items()), (whole, everything),
    ]:  # fmt: skip
        many_works._cells = lambda *_, some=some: iter(some)  # noqa: SLF001
        many_works.make(path, works)
    many_works._cells, many_works._lines = cells_of, plain  # noqa: SLF001
    return place, whole


def _long(draw: random.Random, lines: list[str]) -> list[str]:
    sentences = many_works._sentences()  # noqa: SLF001
    body = ["".join(draw.choices(sentences, k=SENTENCES)) for _ in range(5)]
    return [*lines[:-1], *body, lines[-1]]


def exported(place: Path, folder: Path) -> Path:
    """Export every archive to Parquet; returns the folder."""
    target = folder / "parquet"
    done = CliRunner().invoke(cli, ["export", str(place), str(target), "--format", "parquet", "-q"])
    assert done.exit_code == 0, done.output
    return target


def from_archives(path: Path, question: str, folder: Path) -> Any:
    """Answer a question from an archive, or from those of a folder."""
    with opened(path) as collection:
        return _answer(collection, question, folder)


def _answer(collection: Collection, question: str, folder: Path) -> Any:
    if question == "coverage":
        return sum(cell.work is not None for cell in coverage(collection.readable))
    if question == "search":
        return find_documents(
            collection.readable, Query.parse(SOUGHT), reports_only=True, most=50
        ).total
    counting = Counting(TermGroups({word: (word,) for word in WORDS}), by_jieba=False)
    taken, _ = take_panel(collection, counting, Choice(), folder / "panel.csv")
    return taken["counted"]


def from_parquet(files: str, question: str) -> Any:
    """Answer a question from Parquet, with DuckDB."""
    connection = duckdb.connect(
        config={
            "autoinstall_known_extensions": False, "autoload_known_extensions": False, "threads": 2,
        }
    )  # fmt: skip
    source = f"read_parquet('{files}')"
    if question == "coverage":
        return connection.execute(f"SELECT count(*) FROM {source}").fetchone()[0]
    if question == "search":
        words = "concat_ws('\n', front, body, appendix)"
        select = f"SELECT count(*) FROM {source} WHERE contains({words}, ?)"
        return connection.execute(select, [SOUGHT]).fetchone()[0]
    counts = ", ".join(
        f"(length(body) - length(replace(body, '{word}', ''))) / {len(word)}" for word in WORDS
    )
    rows = connection.execute(f"SELECT report_id, {counts} FROM {source}").fetchall()
    return len(rows)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--works", type=int, default=3_100)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place, whole = made(folder, options.works)
        began = time.process_time()
        parquet = exported(place, folder)
        print(f"export to Parquet: {time.process_time() - began:.1f} s of CPU")
        sizes = {
            "archives": sum(file.stat().st_size for file in place.glob("*.db")),
            "Parquet": sum(file.stat().st_size for file in parquet.glob("*.parquet")),
        }
        print({kind: f"{size / 1e6:.1f} MB" for kind, size in sizes.items()})
        measure(place, whole, str(parquet / "*.parquet"), folder, options.rounds)
        with sqlite3.connect(":memory:") as plain:
            print("SQLite attaches at most", plain.getlimit(sqlite3.SQLITE_LIMIT_ATTACHED))


def measure(place: Path, whole: Path, files: str, folder: Path, rounds: int) -> None:
    """Ask each way in turn, and print CPU seconds by question."""
    for question in ("coverage", "search", "panel"):
        took: dict[str, list[tuple[float, float]]] = defaultdict(list)
        answers: dict[str, Any] = {}
        ways: dict[str, Callable[[str], Any]] = {
            "folder": lambda asked: from_archives(place, asked, folder),
            "single archive": lambda asked: from_archives(whole, asked, folder),
            "DuckDB": lambda asked: from_parquet(files, asked),
        }
        for _ in range(rounds):
            for way, answer in ways.items():
                cpu, wall = time.process_time(), time.perf_counter()
                answers[way] = answer(question)
                took[way].append((time.process_time() - cpu, time.perf_counter() - wall))
        print(question, answers)
        for way, some in took.items():
            cpu, wall = (statistics.median(each) for each in zip(*some, strict=True))
            print(f"  {way:15} {cpu:8.3f} s CPU {wall:8.3f} s by the clock")


if __name__ == "__main__":
    main()
