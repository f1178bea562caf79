"""A made-up archive of many works, written through the store and kept for later runs.

3,300 places × 40 years, one cell in six empty; one or several copies of a report, on the site of
its government and on mirrors; some copies hijacked, some reports of other kinds, drafts, without a
year or of a functional area; texts without a report; captures that failed, and revisits. A text has
some 500 characters of the practice web's sentences, so that the file is made in minutes.

Grouping is given: `collate` would find the same copies, but takes half an hour for them.
"""

from __future__ import annotations

import random
import re
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import baogao_practice as practice
from archive.collate.names import AREA_MARK
from archive.collate.works import Witness, Work
from archive.known import shipped
from archive.known.divisions import with_those_above
from archive.known.kinds import REPORT
from archive.model import Capture, Decoding, Derivation, Flag, SiteFacts, Span, Value, sha256
from archive.store import Archive, schema
from archive.store.collation import grouped_by
from archive.store.indexing import Changed, refresh
from archive.store.run import Run
from archive.store.similarity import INDEXED_BY
from archive.store.works import MADE_BY, write_work

WORKS = 100_000
YEARS = range(1986, 2026)
FILLED = 0.83
A_BATCH = 400
BRAND = "演示博彩"
RULESET = sha256(b"the rules of this bench")
DAY = "2026-01-02T03:04:05.678Z"
FAILURES = ("timeout", "blocked", "http", "dns", "gone")


@dataclass
class Due:
    """What is to be written next: works with the texts of their copies."""

    works: list[Work] = field(default_factory=list)
    loose: list[int] = field(default_factory=list)


def archive_of(works: int = WORKS) -> Path:
    """Return the archive of so many works; it is made once for each version of schema and maker."""
    made_by = "".join(step.digest for step in schema.steps()) + Path(__file__).read_text("utf-8")
    digest = sha256(f"{works} {MADE_BY} {made_by}".encode())[:12]
    folder = Path(tempfile.gettempdir()) / "baogao-bench"
    kept = folder / f"works-{works}-{digest}.db"
    if not kept.exists():
        folder.mkdir(exist_ok=True)
        unfinished = folder / f"unfinished-{digest}"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
        make(unfinished / "made.db", works)
        (unfinished / "made.db").rename(kept)
        shutil.rmtree(unfinished)
    return kept


def make(path: Path, works: int) -> None:
    """Make the archive at `path`."""
    started, draw = time.perf_counter(), random.Random(7)
    with Archive.open(path, create=True) as archive:
        archive.connection.execute("PRAGMA synchronous = OFF")
        reports = list(_cells(draw, works))
        for first in range(0, len(reports), A_BATCH):
            # a run a month of crawling, as people have them
            with archive.run("crawl") as run:
                _batch(archive, run, draw, reports[first : first + A_BATCH], first)
        _close(archive)
        archive.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        archive.connection.execute("PRAGMA journal_mode = DELETE")
    print(f"made {works:,} works in {time.perf_counter() - started:.0f} s: {path}")


def _cells(draw: random.Random, works: int) -> Iterator[tuple[str, str, str, int | None]]:
    """Place key, name, level and year of every work, in the order in which a crawl finds them."""
    divisions = shipped().gazetteer.divisions
    places = [
        (division.code, division.name, division.level)
        for division in divisions
        if division.level != "national" and division.until is None
    ]
    counties = [place for place in places if place[2] == "county"]
    for code, name, _ in draw.sample(counties, len(counties) // 40):
        area = f"{name[:2]}新区"
        places.append((f"{code[:4]}00{AREA_MARK}{area}", area, "functional area"))
    cells = [(*place, year) for place in places for year in YEARS if draw.random() < FILLED]
    chosen = draw.sample(cells, min(works, len(cells)))
    yield from ((*cell[:3], None if draw.random() < 0.002 else cell[3]) for cell in chosen)


def _batch(
    archive: Archive,
    run: Run,
    draw: random.Random,
    cells: Sequence[tuple[str, str, str, int | None]],
    first: int,
) -> None:
    due = Due()
    with run.batch():
        for number, cell in enumerate(cells, first):
            _report(run, draw, number, cell, due)
            if draw.random() < 0.1:
                _loose_text(run, draw, number, cell, due)
            if draw.random() < 0.3:
                run.capture(_failure(draw, number, cell[0]))
        (ruleset_id,) = archive.connection.execute(
            "SELECT ruleset_id FROM current_ruleset"
        ).fetchone()
        writer = archive._writer  # noqa: SLF001  (works without grouping)
        made = [write_work(writer, work, run.id, ruleset_id) for work in due.works]
        witnesses = [i for work in due.works for w in work.witnesses for i in w.text_ids]
        archive.connection.executemany(
            "INSERT INTO sketches VALUES (?, 9, 500, NULL, NULL)",
            ((text_id,) for text_id in (*witnesses, *due.loose)),
        )
        texts = {*witnesses, *due.loose}
        refresh(archive.connection, Changed({i for i in made if i is not None}, texts))


def _report(
    run: Run, draw: random.Random, number: int, cell: tuple[str, str, str, int | None], due: Due
) -> None:
    key, name, level, year = cell
    kind = "统计公报" if draw.random() < 0.02 else REPORT
    stage = "draft" if draw.random() < 0.01 else "final"
    lines = _lines(draw, f"{year or ''}{name}{kind}")
    copies = draw.choices((1, 2, 3, 5), (0.75, 0.17, 0.06, 0.02))[0]
    found = [
        (_site(draw, key, copy), f"{number}-{copy}", _copied(draw, lines, copy))
        for copy in range(copies)
    ]
    texts = [_stored(run, _answer(*each), each[2], cell) for each in found]
    if draw.random() < 0.05:  # seen again, unchanged
        run.capture(_answer(*found[0]))
    mark = f"undated-{number:08x}" if year is None else str(year)
    plain = "/".join([f"{key}-{mark}", *[kind] * (kind != REPORT), *[stage] * (stage != "final")])
    code, _, area = key.partition(AREA_MARK)
    facts = {
        "place": name, "level": level, "title": f"{year or ''}{name}{kind}",
        "place_code": None if area else code, "within": code if area else None,
    }  # fmt: skip
    extent = "whole" if draw.random() < 0.9 else "unknown"
    witnesses = tuple(Witness((text,), extent, rank) for rank, text in enumerate(texts, 1))
    due.works.append(Work(plain, plain, key, year, kind, stage, witnesses, facts))


def _loose_text(
    run: Run, draw: random.Random, number: int, cell: tuple[str, str, str, int | None], due: Due
) -> None:
    """A page without a report: a list, or a report of which something is not known."""
    shape = draw.choice(("list", "report"))
    known = cell if draw.random() < 0.3 else (None, None, None, None)
    lines = _lines(draw, "通知公告")
    capture = _answer(_site(draw, cell[0], 0), f"{number}-loose", lines)
    due.loose.append(_stored(run, capture, lines, known, shape))


def _stored(
    run: Run,
    capture: Capture,
    lines: Sequence[str],
    cell: tuple[str | None, str | None, str | None, int | None],
    shape: str = "report",
) -> int:
    visible = "".join(f"{line}\n" for line in lines)
    at = visible.find(BRAND)
    flags = (Flag("hijack", at, at + len(BRAND), BRAND, "a brand", ("省委",)),) if at >= 0 else ()
    verdict = "hijacked" if flags else "clean"
    return run.text(
        run.capture(capture),
        Derivation(
            visible=visible, spans=tuple(_spans(lines)), flags=flags, verdict=verdict,
            identity=_identity(*cell), page_verdict=verdict, method="whole", confidence=1.0,
            decoding=Decoding("utf-8", "bench"), medium="html", shape=shape, ruleset=RULESET,
            payload_sha256=sha256(capture.payload or b""), context=capture.context(),
        ),
    )  # fmt: skip


def _answer(site: SiteFacts, name: str, lines: Sequence[str]) -> Capture:
    page = "".join(f"<p>{line}</p>" for line in lines).encode()
    headers = (
        ("Server", "nginx"), ("Date", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page))),
        ("Last-Modified", "Thu, 01 Jan 2026 01:02:03 GMT"), ("ETag", f'"{sha256(page)[:16]}"'),
    )  # fmt: skip
    head = "HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers)
    return Capture(
        f"http://{_host(site)}/art/{name}.html", page, status=200, site=site, captured_at=DAY,
        elapsed_ms=120, ip="127.0.0.1", response_headers=headers, response_head=head,
        request_headers=(("User-Agent", "baogao bench"), ("Accept", "text/html")),
    )  # fmt: skip


def _failure(draw: random.Random, number: int, key: str) -> Capture:
    site, outcome = _site(draw, key, 0), draw.choice(FAILURES)
    status = {"http": 502, "gone": 404, "blocked": 412}.get(outcome)
    error = None if status else "no answer in 30 s"
    url = f"http://{_host(site)}/list/{number}.html"
    return Capture(url, outcome=outcome, status=status, error=error, site=site, captured_at=DAY)


def _site(draw: random.Random, key: str, copy: int) -> SiteFacts:
    """The first copy is on the site of the government or of one above it, others on mirrors."""
    if copy:
        number = 0 if draw.random() < 0.4 else draw.randrange(40)  # one is large
        return SiteFacts(f"mirror-{number}", f"演示文库{number}", "mirror")
    around = with_those_above(key.partition(AREA_MARK)[0])
    code = around[min(len(around) - 1, int(key[3]) % 3)]
    return SiteFacts(f"gov-{code}", f"演示门户{code}", "official", code)


def _host(site: SiteFacts) -> str:
    return f"www.{site.name}.test"


def _copied(draw: random.Random, lines: Sequence[str], copy: int) -> list[str]:
    """The lines as a copy has them: sometimes with other marks, sometimes hijacked."""
    changed = list(lines)
    if copy:
        at = draw.randrange(3, len(changed) - 1)
        changed[at] = changed[at].replace("，", "、", 1).replace("发展", "开展", 1)
        if draw.random() < 0.03:
            changed[-2] = changed[-2].replace("亿元", "0亿元")
    if draw.random() < (0.06 if copy else 0.02):
        changed[-2] = changed[-2].replace("省委", BRAND)
    return changed


def _lines(draw: random.Random, title: str) -> list[str]:
    body = ["".join(draw.choices(_sentences(), k=3)) for _ in range(5)]
    led = f"在省委的坚强领导下，完成投资{draw.randrange(10, 900)}亿元。{body.pop()}"
    return ["首页 政务公开", title, "各位代表：", *body, led, "版权所有 演示"]


@lru_cache(maxsize=1)
def _sentences() -> list[str]:
    paragraphs = (p for work in practice.matrix(works=40) for p in work.original)
    return [s for p in paragraphs for s in re.findall(r"[^。；]+[。；]", p)]


def _spans(lines: Sequence[str]) -> Iterator[Span]:
    at = 0
    for place, line in enumerate(lines):
        stop = at + len(line) + 1
        if place in (0, len(lines) - 1):
            yield Span(at, stop, "drop", "nav-links" if place == 0 else "footer-copyright")
        else:
            yield Span(at, stop, "keep", "text", "front" if place == 1 else "body")
        at = stop


def _identity(
    key: str | None, name: str | None, level: str | None, year: int | None
) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {"title": Value("演示", "演示", "title", "read", 1.0)}
    if key is None:
        return found
    code, _, area = key.partition(AREA_MARK)
    state = {"state": "complete", "ratio": 1.0}
    about = {
        "kind": REPORT, "place": name, "level": level, "report_year": year, "completeness": state,
        ("within" if area else "place_code"): code,
    }  # fmt: skip
    found |= {
        name: Value(value, "", "visible", "read", 1.0)
        for name, value in about.items()
        if value is not None
    }
    return found


def _close(archive: Archive) -> None:
    """Note that everything is collated."""
    (ruleset_id,) = archive.connection.execute("SELECT ruleset_id FROM current_ruleset").fetchone()
    with archive.transaction():
        archive.connection.execute(
            "INSERT OR REPLACE INTO collated SELECT 1, ?, ?, max(id), 0, 0 FROM texts",
            (grouped_by(ruleset_id, shipped()), INDEXED_BY),
        )


if __name__ == "__main__":
    print(archive_of())
