"""Exact search against LIKE: equality, speed and size on made-up reports.

    python bench/bench_browse_search.py [REPORTS]

Reports are drawn from the practice web's phrases (10,000 characters each); 600 queries of 1 to 6
characters are cut from the texts at random. LIKE and the index answer the same queries in turns,
so that both see the same machine. Figures go to docs/browsing.md.
"""

from __future__ import annotations

import random
import re
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import baogao_practice as practice
from archive.store.search import Query, match, tokens

A_PAGE = 20
QUERIES = 600
LIKE_TIMED = 24
CHARS = 10_000
HAN = re.compile(r"[一-鿿]+")


def main(reports: int) -> None:
    """Build, check and time; print one line a figure."""
    draw = random.Random(20240101)
    with tempfile.TemporaryDirectory() as folder:
        connection = sqlite3.connect(Path(folder) / "bench.db")
        connection.execute("CREATE TABLE texts (id INTEGER PRIMARY KEY, words TEXT)")
        for at, words in enumerate(texts(draw, reports)):
            connection.execute("INSERT INTO texts VALUES (?, ?)", (at, words))
        connection.commit()
        text_bytes = connection.execute("SELECT sum(length(CAST(words AS BLOB))) FROM texts")
        print(f"reports                {reports:,}")
        size = int(text_bytes.fetchone()[0])
        print(f"text                   {size / 1e6:,.1f} MB")
        started = time.perf_counter()
        build(connection)
        print(f"build                  {time.perf_counter() - started:,.1f} s")
        index = connection.execute(
            "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'search_index%'"
        ).fetchone()[0]
        print(f"index / text           {index / size:.2f}")
        compare(connection, draw, reports)


def texts(draw: random.Random, reports: int) -> Iterator[str]:
    """Made-up reports: paragraphs of the practice web's works, drawn and cut anew."""
    paragraphs = [
        words for work in practice.matrix(works=40) for words in work.original if len(words) > 30
    ]
    sentences = [s for p in paragraphs for s in re.findall(r"[^。；]+[。；]", p)]
    for _ in range(reports):
        words: list[str] = []
        length = 0
        while length < CHARS:
            paragraph = "".join(draw.choices(sentences, k=4))
            paragraph = re.sub(r"\d+", lambda _: str(draw.randrange(1, 5000)), paragraph)
            words.append(paragraph)
            length += len(paragraph)
        yield "\n".join(words)


def build(connection: sqlite3.Connection) -> None:
    """The index as store/sql/001/search.sql declares it."""
    connection.execute(
        "CREATE VIRTUAL TABLE search_index"
        " USING fts5(tokens, content='', tokenize='ascii', detail=none)"
    )
    connection.executemany(
        "INSERT INTO search_index (rowid, tokens) VALUES (?, ?)",
        ((at, tokens(w)) for at, w in connection.execute("SELECT id, words FROM texts")),
    )
    connection.execute("INSERT INTO search_index (search_index) VALUES ('optimize')")
    connection.commit()


def compare(connection: sqlite3.Connection, draw: random.Random, reports: int) -> None:
    """Equality over all queries (LIKE by Python's own `in`), speed over some of them."""
    wanted: dict[str, set[int]] = {}
    while len(wanted) < QUERIES:
        wanted.setdefault(query(connection, draw, reports), set())
    for at, words in connection.execute("SELECT id, words FROM texts"):
        for q, found in wanted.items():
            if q in words:
                found.add(at)
    right = found_all = found_right = candidates = 0
    for q, expected in wanted.items():
        candidates += len(by_index(connection, q))
        found = checked(connection, q)
        right += found == expected
        found_all += len(found)
        found_right += len(found & expected)
    total = sum(map(len, wanted.values()))
    print(f"queries equal          {right} of {len(wanted)}")
    precision, recall = found_right / max(1, found_all), found_right / max(1, total)
    print(f"precision / recall     {precision:.4f} / {recall:.4f}")
    print(f"precision unchecked    {total / max(1, candidates):.4f}")
    ratios = []
    for q in draw.sample(list(wanted), min(LIKE_TIMED, len(wanted))):
        like = timed(lambda q=q: by_like(connection, q))
        index = median(timed(lambda q=q: page(connection, q)) for _ in range(5))
        ratios.append(like / index)
    print(f"LIKE / page, median    x{median(ratios):,.0f} (least x{min(ratios):,.0f})")


def query(connection: sqlite3.Connection, draw: random.Random, reports: int) -> str:
    """One to six Han characters that stand together in one of the texts."""
    row = connection.execute("SELECT words FROM texts WHERE id = ?", (draw.randrange(reports),))
    run = draw.choice(HAN.findall(row.fetchone()[0]))
    start = draw.randrange(len(run))
    return run[start : start + draw.randint(1, 6)]


def by_index(connection: sqlite3.Connection, words: str) -> set[int]:
    """Ids from the index."""
    rows = connection.execute(
        "SELECT rowid FROM search_index WHERE search_index MATCH ?", (match(words),)
    )
    return {at for (at,) in rows}


def checked(connection: sqlite3.Connection, words: str) -> set[int]:
    """Return the ids from the index; if it alone does not decide, the words are checked."""
    query, found = Query.parse(words), by_index(connection, words)
    return found if query.is_exact else {at for at in found if accepts(connection, query, at)}


def page(connection: sqlite3.Connection, words: str) -> int:
    """Do the work of a page of hits: all candidates are counted, twenty are checked."""
    query, found = Query.parse(words), by_index(connection, words)
    return sum(accepts(connection, query, at) for at in sorted(found)[:A_PAGE])


def accepts(connection: sqlite3.Connection, query: Query, at: int) -> bool:
    """Whether a text contains the words of the query."""
    row = connection.execute("SELECT words FROM texts WHERE id = ?", (at,)).fetchone()
    return query.accepts(row[0])


def by_like(connection: sqlite3.Connection, words: str) -> set[int]:
    """Ids from a scan."""
    rows = connection.execute("SELECT id FROM texts WHERE words LIKE ?", (f"%{words}%",))
    return {at for (at,) in rows}


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2_000)
