"""One question, one answer: whether all that shows a report says the same of it.

    python bench/bench_one_answer.py DB [DB …] [--words 50]
    python bench/bench_one_answer.py --corpora [../shared] [--words 50]

For every report: the cell of the home page, its own page, the feed, `/api/works`, `/api/r/…`,
`/api/coverage`, `baogao works`, `coverage`, `export` and `panel`. For every gap: the cell of the
home page, the page of the gap, coverage and panel. For every word and year: trend and panel.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx
from lxml import etree, html

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from corpora import SHARED, texts  # noqa: E402  (the paths must be set first)

from archive import Archive, Capture, derive  # noqa: E402
from archive.browse.feed import ATOM, STATES  # noqa: E402
from archive.catalogue.coverage import GAP, Absences, coverage  # noqa: E402
from archive.catalogue.trend import trend  # noqa: E402
from archive.catalogue.words import NA, Counting, TermGroups  # noqa: E402
from archive.collate.names import REPORT  # noqa: E402
from archive.commands.serve import application  # noqa: E402
from archive.export.choice import Choice  # noqa: E402
from archive.export.columns import row  # noqa: E402
from archive.export.panel import UNFIT, panel  # noqa: E402
from archive.known import shipped  # noqa: E402
from archive.store.reports import reports  # noqa: E402

Answers = dict[str, dict[str, Any]]
"""What is asked about (a work, a gap, a word in a year) → who answers → the answer."""

Pairs = AsyncIterator[tuple[str, str | None]]
Rows = AsyncIterator[dict[str, Any]]


@dataclass
class Said:
    """The answers to every question, by who gave them."""

    answers: Answers = field(default_factory=lambda: defaultdict(dict))

    def add(self, question: str, who: str, answer: Any) -> None:
        """Note an answer."""
        self.answers[question][who] = answer

    def differences(self) -> list[str]:
        """Return the questions with several answers, or with a missing one."""
        groups = defaultdict(set)
        for question, told in self.answers.items():
            groups[question.split()[0]].update(told)
        found = []
        for question, told in self.answers.items():
            silent = groups[question.split()[0]] - set(told) - {"feed"}
            if len(set(map(str, told.values()))) > 1 or silent:
                missing = f"; silent: {', '.join(sorted(silent))}" if silent else ""
                found.append(f"{question}: {told}{missing}")
        return found


def asked(database: Path, words: Iterable[str]) -> Said:
    """Ask everybody everything."""
    said = Said()
    with Archive.open(database, read_only=True) as archive:
        _ask_readers(archive, said)
        _ask_words(archive, list(words), said)
        cells = list(coverage(archive.connection))
    asyncio.run(_ask_pages(database, cells, said))
    return said


def _ask_readers(archive: Archive, said: Said) -> None:
    gazetteer = shipped().gazetteer
    for work in archive.works():
        said.add(f"state {work['work']}", "works", work["state"])
    for report in reports(archive.connection):
        said.add(f"state {report.work}", "export", row(report, gazetteer)["state"])
    absences = Absences(archive.connection)
    for cell in coverage(archive.connection):
        if cell.state != GAP:
            said.add(f"state {cell.work}", "coverage", cell.state)
            continue
        gap = f"gap {cell.place_key}/{cell.report_year}"
        said.add(gap, "coverage", cell.reason)
        why = absences.why(cell.place_key, cell.report_year or 0)
        said.add(gap, "absences", why.reason if why else None)


def _ask_words(archive: Archive, words: list[str], said: Said) -> None:
    counting = Counting(TermGroups({word: (word,) for word in words}), by_jieba=False)
    absences = Absences(archive.connection)
    rows = list(
        panel(reports(archive.connection), counting, Choice(), shipped().gazetteer, absences)
    )
    by_work = {each["report_id"]: each for each in rows if each["report_id"]}
    for report in reports(archive.connection):
        if report.work in by_work and report.kind == REPORT:
            reason = by_work[report.work]["reason"]
            said.add(f"counted {report.work}", "panel", reason == "")
            said.add(f"counted {report.work}", "works", report.unfit == "")
            assert reason in ("", *UNFIT.values()), reason
    totals: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for each in rows:
        for word in words:
            count = each[f"{word}_exact"]
            if count != NA:
                totals[word, each["report_year"]].update(hits=count, reports=1, han=each["n_han"])
    for series in trend(archive.connection, words):
        for point in series.points:
            question = f"words {series.term} {point.year}"
            total = totals[series.term, point.year]
            said.add(question, "trend", (point.reports, point.hits, point.han))
            said.add(question, "panel", (total["reports"], total["hits"], total["han"]))


async def _ask_pages(database: Path, cells: list[Any], said: Said) -> None:
    transport = httpx.ASGITransport(application(str(database)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for name, state in [pair async for pair in _home(client, cells)]:
            said.add(name, "home", state)
        for cell in cells:
            if cell.state != GAP:
                address = "/r/" + quote(cell.work.replace("-", "/", 1))
                said.add(f"state {cell.work}", "page", await _state_of_page(client, address))
                answer = (await client.get("/api" + address)).json()
                said.add(f"state {cell.work}", "api", answer["work"]["state"])
        for work in [each async for each in _listed(client, "/api/works", "works")]:
            said.add(f"state {work['name']}", "api list", work["state"])
        for each in [each async for each in _listed(client, "/api/coverage", "coverage")]:
            if each["state"] != GAP:
                said.add(f"state {each['work']}", "api coverage", each["state"])
        feed = etree.fromstring((await client.get("/feed.atom")).content)
        for entry in feed.iter(f"{{{ATOM}}}entry"):
            _feed_entry(entry, said)


def _feed_entry(entry: Any, said: Said) -> None:
    link = entry.find(f"{{{ATOM}}}link")
    address = "" if link is None else unquote(link.get("href", ""))
    found = re.search(r"/r/(\d+(?:~[^/]+)?)/(.+)$", address)
    states = [c.get("term") for c in entry.iter(f"{{{ATOM}}}category") if c.get("scheme") == STATES]
    if found and states:
        said.add(f"state {found[1]}-{found[2]}", "feed", states[0])


async def _home(client: httpx.AsyncClient, cells: list[Any]) -> Pairs:
    opened = {"": None} | dict.fromkeys(
        code for cell in cells for code in (cell.place_key[:2] + "0000", cell.place_key[:4] + "00")
    )
    seen: set[str] = set()
    for code in opened:
        page = html.fromstring((await client.get(f"/?years=all&open={code}")).content)
        for link in page.cssselect("table.matrix td a, .undated a"):
            address = link.get("href")
            if address not in seen:
                seen.add(address)
                yield await _cell(client, link, unquote(address))


async def _cell(client: httpx.AsyncClient, link: Any, address: str) -> tuple[str, str | None]:
    """What a cell of the home page says: of a gap, what the page behind it says."""
    if gap := re.search(r"/gap/([^/]+)/(\d{4})$", address):
        page = (await client.get(link.get("href"))).text
        reason = re.search(r'data-reason="([a-z_]+)"', page)
        return f"gap {gap[1]}/{gap[2]}", reason[1] if reason else None
    work = address.partition("/r/")[2].replace("/", "-", 1)
    return f"state {work}", link.get("data-state") or link.get("class")


async def _state_of_page(client: httpx.AsyncClient, address: str) -> str | None:
    page = html.fromstring((await client.get(address)).content)
    found = page.cssselect("[data-state]")
    return found[0].get("data-state") if found else None


async def _listed(client: httpx.AsyncClient, address: str, name: str) -> Rows:
    following: str | None = address
    while following:
        answer = (await client.get(following)).json()
        for each in answer[name]:
            yield each
        following = answer["next"]


def frequent_words(database: Path, count: int) -> list[str]:
    """Pairs of characters that stand in many reports, spread over common and rare ones."""
    with Archive.open(database, read_only=True) as archive:
        found: Counter[str] = Counter()
        for report in reports(archive.connection):
            words = report.words("body")[:6000]
            found.update({words[n : n + 2] for n in range(0, len(words) - 1, 3)})
    han = [pair for pair, _ in found.most_common() if re.fullmatch("[一-鿿]{2}", pair)]
    step = max(1, len(han) // max(1, count))
    return han[::step][:count]


def corpora(folder: Path, shared: Path) -> Path:
    """One archive of all real texts."""
    path = folder / "corpora.db"
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        for name, words in texts(shared):
            capture = Capture.from_bytes(words.encode(), filename=f"{name.replace('/', ' ')}.txt")
            run.text(run.capture(capture), derive(capture))
        archive.collate(run.id)
    return path


def main() -> int:
    """Print how many questions have one answer, and those that have several."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("databases", nargs="*", type=Path)
    parser.add_argument("--corpora", nargs="?", type=Path, const=SHARED)
    parser.add_argument("--words", type=int, default=50)
    given = parser.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        made = [corpora(Path(folder), given.corpora)] if given.corpora else []
        for database in [*given.databases, *made]:
            wrong += _report(database, given.words)
    return 1 if wrong else 0


def _report(database: Path, words: int) -> int:
    said = asked(database, frequent_words(database, words))
    differences = said.differences()
    kinds = Counter(question.split()[0] for question in said.answers)
    told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
    print(f"{database.name}: {told}; {len(differences)} differ")
    for line in differences[:40]:
        print("  " + line)
    return len(differences)


if __name__ == "__main__":
    sys.exit(main())
