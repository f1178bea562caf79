"""CPU of every kind of page in an archive of 100,000 works, at the first ask and later.

    python bench/bench_browse_scale.py [--works 100000] [--only PATH-OR-NAME …]

The archive is made once (`many_works.py`, some ten minutes) and kept in the folder for temporary
files. Each page is asked in a process of its own, as Datasette's in-process client asks, with the
settings of `baogao serve`. `first` is the first page that the process answers, without its start;
`again` is the median of the next ones. CPU is that of the process, with all its threads. What costs
more than the goal is marked.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from urllib.parse import quote

from many_works import BRAND, WORKS, archive_of
from measuring import row

GOAL_MS = 300
ROUNDS = 5
COMMON, FOUR, RARE = "发展", "营商环境", "口袋公园"

_EXAMPLES = {
    "several": "SELECT work_id FROM witnesses GROUP BY work_id HAVING count(*) = 3 LIMIT 1",
    "removed": "SELECT max(id) FROM texts",
    "gap": (
        "SELECT max(place_key) FROM works WHERE place_key LIKE '1301__'"
        " AND place_key NOT IN (SELECT place_key FROM works WHERE report_year = 2012)"
    ),
    "failed": "SELECT max(id) FROM captures WHERE outcome = 'blocked'",
    "page": "SELECT page_id FROM captures GROUP BY page_id HAVING count(*) > 1 LIMIT 1",
    "payload": "SELECT payload_sha256 FROM captures WHERE payload_sha256 NOT NULL LIMIT 1",
    "site": "SELECT name FROM site_facts WHERE kind = 'official' ORDER BY id LIMIT 1",
}


def pages(path: Path) -> dict[str, str]:
    """Return what is asked, by name."""
    with closing(sqlite3.connect(path)) as connection:
        examples = {
            name: connection.execute(select).fetchone()[0] for name, select in _EXAMPLES.items()
        }
        works = connection.execute("SELECT count(*) FROM works").fetchone()[0]
        (name,) = connection.execute(
            "SELECT name FROM works WHERE id = ?", (examples["several"],)
        ).fetchone()
    report, table = quote(name.replace("-", "/", 1)), f"/{path.stem}"
    return {
        "home": "/", "home, all years": "/?years=all",
        "home, a province": "/?open=130000", "home, a city": "/?open=130100&years=all",
        "map": "/map", "map of a province": "/map?open=130000", "dense": "/dense",
        "dense, a province": "/dense?open=130000",
        "works": "/list/works", "works, last": "/list/works?after=99900",
        "gaps": "/list/gaps", "gaps, of a reason": "/list/gaps?reason=failing",
        "unassigned": "/list/unassigned", "works.csv": "/list/works.csv",
        "trend, places": f"/trend?q={quote(FOUR)}&place={quote('石家庄 沈阳 杭州')}",
        "changed": "/changed", "changed.csv": "/changed.csv", "coverage.csv": "/coverage.csv",
        "api/coverage": "/api/coverage", "api/coverage, last": f"/api/coverage?page={works // 200}",
        "api/works": "/api/works", "api/works, last": f"/api/works?page={works // 200}",
        "find, in all reports": f"/find?q={quote(COMMON)}",
        "find, its page 100": f"/find?q={quote(COMMON)}&page=100",
        "find, oldest of a place": f"/find?q={quote(COMMON)}&sort=oldest&place={quote('石家庄')}",
        "find, four characters": f"/find?q={quote(FOUR)}", "find, rare": f"/find?q={quote(RARE)}",
        "find, in texts too": f"/find?q={quote(COMMON)}&scope=all",
        "find, removed": f"/find?q={quote('政务公开')}&scope=removed",
        "find, nothing": "/find?q=zzz", "find, empty": "/find",
        "api/find": f"/api/find?q={quote(COMMON)}",
        "trend, in all reports": f"/trend?q={quote(COMMON)}",
        "trend, four characters": f"/trend?q={quote(FOUR)}",
        "trend, rare": f"/trend?q={quote(RARE)}",
        "trend, of counties": f"/trend?q={quote(COMMON)}&level=county", "trend, empty": "/trend",
        "report": f"/r/{report}", "variants": f"/variants/{report}",
        "compare": f"/compare/{report}",
        "api/r": f"/api/r/{report}", "text": f"/text/{examples['removed']}",
        "trace": f"/trace/{examples['removed']}/2",
        "gap": f"/gap/{examples['gap'] or '130102'}/2012",
        "capture": f"/capture/{examples['failed']}", "page": f"/page/{examples['page']}",
        "payload": f"/payload/{examples['payload']}", "site": f"/site/{examples['site']}",
        "site, a mirror": "/site/mirror-7", "rule": "/rule/nav-links", "run": "/run/7",
        "ledger": "/ledger", "feed": "/feed.atom", "feed, of a word": f"/feed.atom?q={quote(FOUR)}",
        "api": "/api", "database": table,
        **{f"table {name}": f"{table}/{name}" for name in (
            "works", "texts", "captures", "pages", "witnesses", "identities", "flags", "passages",
            "removed", "runs", "failures", "readings", "editions", "links",
        )},
        "table works, searched": f"{table}/works?_search={quote(BRAND[:2])}",
    }  # fmt: skip


def measure(database: Path, path: str) -> dict[str, float]:
    """Ask for a page in this process: milliseconds of CPU, bytes, status."""
    return asyncio.run(_ask(database, path))


async def _ask(database: Path, path: str) -> dict[str, float]:
    from datasette.app import Datasette  # noqa: PLC0415  (its start is not measured)

    from archive.browse.serving import SETTINGS  # noqa: PLC0415

    served = Datasette([str(database)], settings=SETTINGS)
    await served.invoke_startup()
    took = []
    for number in range(ROUNDS + 1):
        # another address each time: an answer is reused for a second
        asked = path if not number else f"{path}{'&' if '?' in path else '?'}_again={number}"
        started = time.process_time()
        answer = await served.client.get(asked)
        took.append(1000 * (time.process_time() - started))
        if sum(took) > 20_000:
            break
    again = median(took[1:] or took)
    return {
        "first": took[0], "again": again, "bytes": len(answer.content), "status": answer.status_code
    }  # fmt: skip


def main() -> None:
    """Make the archive if needed, and ask each page in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--works", type=int, default=WORKS)
    parser.add_argument("--archive", type=Path, help="an archive that is there")
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.ask:
        print(json.dumps(measure(given.archive, given.ask)))
        return
    database = given.archive or archive_of(given.works)
    print(f"{database}: {database.stat().st_size / 1e6:,.0f} MB")
    print(f"{'CPU ms':32} {'first':>7} {'again':>7} {'KB':>8}")
    slow = 0
    for name, path in pages(database).items():
        if not given.only or any(word in (name, path) for word in given.only):
            took = _in_process(database, path)
            slow += took["again"] > GOAL_MS
            _print(name, took)
    row("pages over 300 ms", slow)


def _in_process(database: Path, path: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--archive", str(database), "--ask", path]
    answer: dict[str, float] = json.loads(subprocess.check_output(command))
    return answer


def _print(name: str, took: dict[str, float]) -> None:
    marks = f" status {took['status']:.0f}" if took["status"] != 200 else ""
    marks += " over" if took["again"] > GOAL_MS else ""
    marks += " (first over)" if took["first"] > GOAL_MS >= took["again"] else ""
    size = took["bytes"] / 1000
    print(f"{name:32} {took['first']:7.0f} {took['again']:7.0f} {size:8,.1f}{marks}", flush=True)


if __name__ == "__main__":
    main()
