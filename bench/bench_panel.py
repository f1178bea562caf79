"""How long a panel takes beside `str.count` over the same bodies, read from the same archive.

    python bench/bench_panel.py [--reports 1000] [--archive DB] [--memory [DB]]

The archive is made of `../shared/corpus` (of the practice web's reports where it is absent) by
`bench_full_archive.py`, or is the given one. The other side is what somebody would write for it:
plain `sqlite3` and `zlib`, the bodies of fit reports and nothing else, `str.count` for each word.
Every round runs each way once, in turns; medians of CPU seconds are compared. `first time` counts
with an empty cache, `second time` with that of the first.

`--memory` runs `baogao panel` by county and year over an archive of many works, by default the one
that `many_works.py` makes and keeps, and prints the most memory it took.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from bench_full_archive import fill
from many_works import WORKS, archive_of
from measuring import row

from archive.catalogue.words import Counting, TermGroups
from archive.export.choice import Choice
from archive.export.take import take_panel
from archive.store.collection import opened
from archive.store.token_cache import TokenCache

ROUNDS = 5
KEPT = Path()
"""Stands for the archive that `many_works.py` makes and keeps."""
WORDS = [
    "高质量发展", "绿色", "低碳", "经济", "环境", "改革", "开放", "创新", "科技", "农业", "农村",
    "工业", "服务业", "投资", "消费", "出口", "招商引资", "营商环境", "就业", "教育", "医疗",
    "住房", "养老", "社会保障", "脱贫攻坚", "乡村振兴", "新型城镇化", "城市", "交通", "高速公路",
    "铁路", "生态文明", "污染防治", "碳达峰", "数字经济", "人工智能", "大数据", "民营企业",
    "国有企业", "财政收入", "税收", "债务", "风险", "安全生产", "法治", "政府", "发展", "PM2.5",
    "5G", "GDP",
]  # fmt: skip
BODIES = """
SELECT sources_json, passages_json FROM editions JOIN works ON works.id = editions.work_id
WHERE works.kind = '政府工作报告' AND works.stage = 'final' AND works.unfit = ''
  AND works.report_year NOT NULL
"""
TEXT = """
SELECT passages_json, packed, bytes FROM texts
JOIN partitions ON partitions.text_id = texts.id
JOIN packed_texts ON packed_texts.sha256 = texts.visible_sha256 WHERE texts.id = ?
"""


def bodies(db: Path) -> Iterator[str]:
    """The bodies of fit reports, without any provenance."""
    connection = sqlite3.connect(db)
    for sources_json, passages_json in connection.execute(BODIES):
        sources = json.loads(sources_json)
        texts: dict[int, tuple[list[list[int]], str]] = {}
        lines: list[str] = []
        for seq, number, *changed in json.loads(passages_json):
            text_id, _, part, *_ = sources[number]
            if part != "body":
                continue
            if changed and changed[0] is not None:
                lines.append(changed[0])
                continue
            if text_id not in texts:
                rows, stored, size = connection.execute(TEXT, (text_id,)).fetchone()
                visible = stored if len(stored) == size else zlib.decompress(stored)
                texts[text_id] = json.loads(rows), visible.decode()
            rows, visible = texts[text_id]
            _, start, length, *own = rows[seq]
            lines.append(own[0] if own else visible[start : start + length])
        yield "\n".join(lines)
    connection.close()


def str_count(db: Path) -> int:
    """Count by hand; the number of reports."""
    return len([[body.count(word) for word in WORDS] for body in bodies(db)])


def by_panel(db: Path, folder: Path, cache: Path | None, *, by_jieba: bool) -> int:
    """Write a panel; the number of reports counted."""
    groups = TermGroups({word: (word,) for word in WORDS})
    with opened(db) as archive:
        if cache is None:
            counting = Counting(groups, by_jieba=by_jieba)
            return int(take_panel(archive, counting, Choice(), folder / "p.csv")[0]["counted"])
        with TokenCache(cache) as remembered:
            counting = Counting(groups, by_jieba=by_jieba, remembered=remembered)
            return int(take_panel(archive, counting, Choice(), folder / "p.csv")[0]["counted"])


def timed(work: Callable[[], int]) -> tuple[float, int]:
    """CPU seconds, and what the work returns."""
    start = time.process_time()
    done = work()
    return time.process_time() - start, done


def compare(db: Path, folder: Path) -> None:
    """Print the table."""
    cache = folder / "tokens.db"

    def first() -> int:
        cache.unlink(missing_ok=True)
        return by_panel(db, folder, cache, by_jieba=True)

    ways: dict[str, Callable[[], int]] = {
        "str.count": lambda: str_count(db),
        "panel, exact": lambda: by_panel(db, folder, None, by_jieba=False),
        "panel with jieba, first time": first,
        "panel with jieba, second time": lambda: by_panel(db, folder, cache, by_jieba=True),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    counted: dict[str, int] = {}
    for _ in range(ROUNDS):
        for name, work in ways.items():
            took, counted[name] = timed(work)
            seconds[name].append(took)
    base = statistics.median(seconds["str.count"])
    print(f"{db.stat().st_size / 1e6:.0f} MB, {len(WORDS)} words, {ROUNDS} rounds")
    for name, taken in seconds.items():
        median = statistics.median(taken)
        each = 1000 * median / counted[name]
        row(name, median / base)
        print(f"{name:30} {counted[name]:6} reports {each:8.2f} ms each {median / base:6.2f} x")


def memory(db: Path, folder: Path) -> None:
    """Print the memory and time of a panel by county and year."""
    words = folder / "words.txt"
    words.write_text("\n".join(WORDS), encoding="utf-8")
    command = ["panel", db, words, "-o", folder / "p.csv", "--level", "county"]
    for jieba in ("--no-jieba", "--jieba"):
        started = time.perf_counter()
        arguments = [*command, "--years", "1986-2025", jieba, "-q"]
        with subprocess.Popen(
            [sys.executable, "-m", "archive", *map(str, arguments)],
            stdout=subprocess.PIPE, env={**os.environ, "BAOGAO_CACHE": str(folder)},
        ) as run:  # fmt: skip
            assert run.stdout is not None
            taken = json.loads(run.stdout.read())
            _, _, used = os.wait4(run.pid, 0)
            run.returncode = 0
        row(f"panel {jieba}, memory", used.ru_maxrss / 1024)
        print(
            f"{jieba:10} {taken['rows']:,} rows, {taken['counted']:,} counted,"
            f" {time.perf_counter() - started:.0f} s, {used.ru_maxrss / 1024:.0f} MB"
        )


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--reports", type=int, default=1000)
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--memory", nargs="?", type=Path, const=KEPT)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.memory:
            memory(archive_of(WORKS) if asked.memory is KEPT else asked.memory, folder)
            return
        if not asked.archive:
            asked.archive = folder / "panel.db"
            fill(asked.archive, asked.reports)
        compare(asked.archive, folder)


main()
