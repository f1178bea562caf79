"""CPU of collating ten new texts, in archives of 1,000, 10,000 and 100,000 texts.

    python bench/bench_collate_incremental.py [--sizes 1000 10000 100000] [--chars 2000]
        [--copies 3]

Texts are put past the stages: made-up reports of made-up places, each in three copies (whole,
without its end, and a middle part that does not say what it is). The archive is collated as a
whole, then in batches of ten: three copies of each of two new reports, and one more copy of four
old ones. `anew` is what looking at everything takes afterwards, where nothing is left to do.
With `--copies 1` every report is there once, and batches are of six.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from past_stages import store_passages, store_visible

from archive.model import canonical_json, sha256
from archive.store import Archive

CHANCE = random.Random(5)
LETTERS = "经济发展建设产业项目农村城市教育医疗环境改革开放创新服务民生就业收入增长投资消费"
STOCK = [
    "".join(CHANCE.choice(LETTERS) for _ in range(CHANCE.randrange(9, 30))) for _ in range(4000)
]
SINCE = 2000
YEARS = 25
BATCHES = 5
PARAGRAPH = 4

Row = tuple[str, dict[str, object], list[str]]
"""An address, what the text says of itself, and its passages."""


def report(number: int, chars: int) -> list[str]:
    """The paragraphs of a report: sentences that others share in part, with figures of its own."""
    chance = random.Random(number)
    lines, length = [], 0
    while length < chars:
        words = (
            f"{chance.choice(STOCK)}{chance.randrange(10**5)}，{chance.choice(STOCK)}。"
            for _ in range(PARAGRAPH)
        )
        lines.append("".join(words))
        length += len(lines[-1])
    return lines


def copies(number: int, chars: int) -> Iterator[Row]:
    """A report, whole, without its end, and in part."""
    lines = report(number, chars)
    place = f"第{number // YEARS}县"
    identity = {
        "kind": "政府工作报告", "place_code": f"{number // YEARS:06}", "place": place,
        "report_year": SINCE + number % YEARS, "title": f"{place}政府工作报告",
    }  # fmt: skip
    yield f"http://a.test/{number}.html", identity, lines
    yield f"http://b.test/x/{number}.html", identity, lines[:-2]
    yield f"http://c.test/y/{number}.html", {}, lines[len(lines) // 3 : 2 * len(lines) // 3]


class Stand:
    """An archive into which texts are put past the stages."""

    def __init__(self, path: Path) -> None:
        self.archive = Archive.open(path, create=True)
        self.connection = self.archive.connection
        self.connection.execute("PRAGMA synchronous = OFF")
        self.run = self.archive.start_run("bench")
        with self.archive.transaction():
            self._insert("rulesets", sha256="0" * 64, libraries_json="{}", created_at="")
            self._insert("current_ruleset", only=1, ruleset_id=1)
        self.count = 0

    def put(self, rows: Iterable[Row]) -> None:
        """Texts with their pages and captures."""
        with self.archive.transaction():
            for url, identity, lines in rows:
                self._put(url, identity, lines)

    def _put(self, url: str, identity: dict[str, object], lines: list[str]) -> None:
        self.count += 1
        digest, clean = f"{self.count:064}", "\n".join(lines)
        page = self._insert("pages", url=url, surt=url, host=url.split("/")[2])
        self._insert(
            "payloads", sha256=digest, payload_bytes=0, codec="raw", stored_crc32=0, stored=b""
        )
        self._insert(
            "captures", run_id=self.run.id, page_id=page, origin="file", outcome="ok", method="GET",
            recorded_at="", payload_sha256=digest, context_sha256=digest, stored_as="decoded",
            claims_json="[]", request_headers_json="[]", response_headers_json="[]",
        )  # fmt: skip
        text = self._insert(
            "texts", payload_sha256=digest, context_sha256=digest, ruleset_id=1, run_id=self.run.id,
            visible_sha256=store_visible(self.connection, lines),
            clean_sha256=sha256(clean.encode()), derivation_sha256=digest,
            visible_chars=0, clean_chars=len(clean), dropped_chars=0, replaced_chars=0,
            medium="html", shape="report", method="", confidence=1.0, verdict="clean",
            page_verdict="clean", encoding="utf-8", encoding_how="", replaced_by_decoding=0,
            created_at="",
        )  # fmt: skip
        self._insert("text_rulesets", ruleset_id=1, text_id=text)
        store_passages(self.connection, text, lines)
        self.connection.executemany(
            "INSERT INTO identities VALUES (?, ?, ?, '', 'visible', 'read', 1.0, NULL, NULL, '[]')",
            ((text, name, canonical_json(value)) for name, value in identity.items()),
        )

    def _insert(self, table: str, **row: object) -> int:
        marks = ", ".join("?" * len(row))
        cursor = self.connection.execute(
            f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", tuple(row.values())
        )
        return int(cursor.lastrowid or 0)

    def collate(self, *, anew: bool = False) -> tuple[float, dict[str, int]]:
        """CPU milliseconds of a collation, and its counts."""
        started = time.process_time()
        counts = self.archive.collate(self.run.id, anew=anew)
        return 1000 * (time.process_time() - started), counts


def main() -> None:
    """Print the cost of the first collation, of ten more texts, and of looking at everything."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    arguments.add_argument("--chars", type=int, default=2_000)
    arguments.add_argument("--copies", type=int, default=3)
    given = arguments.parse_args()
    for size in given.sizes:
        with tempfile.TemporaryDirectory() as folder:
            stand = Stand(Path(folder) / "bench.db")
            measure(stand, size, given.chars, given.copies)
            stand.archive.close()


def measure(stand: Stand, size: int, chars: int, each: int) -> None:
    """One archive of `size` texts."""
    number = 0
    while stand.count < size:
        stand.put(r for n in range(number, number + 100) for r in islice(copies(n, chars), each))
        number += 100
    first, counts = stand.collate()
    costs = []
    for _ in range(BATCHES):
        old = [next(copies(CHANCE.randrange(number), chars)) for _ in range(4)]
        more = [(f"{url}?{stand.count}", identity, lines[1:]) for url, identity, lines in old]
        for new in (number, number + 1):
            more += islice(copies(new, chars), each)
        stand.put(more)
        number += 2
        took, counts = stand.collate()
        costs.append(took)
    assert counts["linked"] == 4 + 2 * each, counts
    assert counts["remade"] == 6, counts
    anew, counts = stand.collate(anew=True)
    assert counts["remade"] == counts["indexed"] == 0, counts
    print(
        f"{stand.count:7} texts: first {first / size:5.2f} ms a text; a batch more"
        f" {statistics.median(costs):6.1f} ms (most {max(costs):.1f});"
        f" anew {anew / stand.count:5.2f} ms a text",
        flush=True,
    )


if __name__ == "__main__":
    main()
