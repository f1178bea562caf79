"""A small archive with rows in every table, and edits of it that no check may miss."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import baogao_practice as practice
from archive import Archive, Capture, SiteFacts, clock, derive
from archive.store.ledger import newest_head
from archive.store.merging import merge
from archive.store.withdrawal import withdraw
from crawler.frontier import Entry, SqliteFrontier
from crawler.leases import HostLeases

BRAND = "汇丰源体育"
MADE_AGAIN = ("copy_hashes", "search_index", "removed_index")
"""How the tables begin whose content only `verify --full` compares."""

SLOTS = (
    "一年来，在{name}、省政府和市委的坚强领导下，全市上下团结一心，工业投资稳步增长。",
    "我们认真抓好{name}巡视反馈意见整改，农业服务能力提升。",
    "全面落实{name}经济工作会议精神，交通项目全部开工。",
)


def page(url: str, lines: list[str], kind: str = "mirror", title: str = "") -> Capture:
    """A capture of a page of lines."""
    body = "".join(f"<p>{line}</p>" for line in lines)
    html = (
        f"<html><head><meta charset=utf-8><title>{title}</title></head><body>"
        f"<div>首页 &gt; 政务公开</div>{body}<div>版权所有 演示市人民政府</div></body></html>"
    )
    site = SiteFacts(url.split("/")[2], kind=kind, containers=("div.content",))
    return Capture(
        url, html.encode(), status=200, site=site, captured_at="2026-01-02T03:04:05.678Z",
        elapsed_ms=12, ip="127.0.0.1", certificate_chain="-----BEGIN CERTIFICATE-----",
        response_headers=(("Content-Type", "text/html"),), response_head="HTTP/1.1 200 OK",
    )  # fmt: skip


def branded(year: int, times: int) -> list[str]:
    """A report of its own in which a brand stands so many times in place of 省委."""
    lines = practice.write_report("130600", year, seed=year, length=1500).texts
    slots = [slot.format(name=BRAND if n < times else "省委") for n, slot in enumerate(SLOTS)]
    return [*lines[:5], *slots, *lines[5:]]


def pages() -> list[Capture]:
    """Copies of one report: whole, with other words, without its head; and pages with a brand."""
    lines = practice.write_report("130600", 2024, seed=1, length=3000).texts
    other = [line.replace("发展", "开展", 1).replace("，", ",", 2) for line in lines]
    return [
        page("http://www.one.gov.cn/a.html", lines, "official", lines[0]),
        page("http://www.two.com/b.html", [*other[:9], *other[10:]], title=lines[0]),
        page("http://www.three.com/c.html", lines[6:]),
        page("http://www.pirate.com.cn/1.html", branded(2021, 3)),
        page("http://mail.pirate.com.cn/2.html", branded(2022, 1)),
        page("http://www.other.net/3.html", branded(2023, 1)),
        page("http://www.four.gov.cn/w.html", ["政府工作报告", "将被撤下的一页。" * 9]),
    ]


def full_archive(path: Path) -> Path:
    """Make an archive of all of this, with frontier, leases, decisions, findings and tombstones."""
    before = path.with_name("before.db")
    with Archive.open(before, create=True) as archive:
        _fill(archive)
        digest = archive.capture(7).payload_sha256
    merge(before, [_shard(path.with_name("shard.db"))])
    withdraw(before, path, digest or "", "演示")
    with Archive.open(path) as archive, archive.run("verify") as run:
        verification = archive.verification()
        archive.store_verification(run.id, verification, list(verification.findings()))
    killed = Archive.open(path)
    killed.start_run("crawl")
    killed.connection.close()  # so that its row in `writers` stays
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        plain.execute("PRAGMA journal_mode = DELETE")
    return path


def _fill(archive: Archive) -> None:
    with archive.run("crawl", sites=[("demo", 'title = "演示"')], arguments={"limit": 9}) as run:
        ids = [run.capture(capture) for capture in pages()]
        for capture_id, capture in zip(ids, pages(), strict=True):
            made = derive(capture)
            if capture_id in (1, 2):  # equal, and different, under rules of an earlier time
                changed = {"confidence": 0.5} if capture_id == 2 else {}
                run.text(capture_id, replace(made, ruleset="0" * 64, **changed))
            run.text(capture_id, made)
        run.capture(Capture("http://gone.test/", outcome="dns", error="no such host"))
        run.capture(Capture("http://a.test/", b"", status=301, redirect_to="http://b.test/"))
        _operations(archive, ids[0], run.id)
        archive.collate(run.id)
        run.decide(1, "title", "演示", who="某人", why="书面")
        archive.collate(run.id)
    with archive.run("prune") as run:
        archive.prune(run, archive.superseded())
        run.time_stamp(newest_head(archive.connection), "http://tsa.test/", clock.now(), b"answer")
    with archive.run("export") as run, archive.transaction():
        archive.connection.execute("INSERT INTO exported_texts VALUES (?, 1)", (run.id,))


def _operations(archive: Archive, capture_id: int, run_id: int) -> None:
    frontier, leases = SqliteFrontier(archive), HostLeases(archive, "demo")
    with archive.transaction():
        for n in range(4):
            frontier.add(Entry("demo", "a.test", f"http://a.test/{n}", str(n), "{}"), clock.now())
        leases.take("a.test")
        first, second, _ = frontier.lease("demo", "a.test", 3, clock.now(), leases.token)
        frontier.ack(first, "ok", clock.now(), capture_id)
        frontier.fail(second, "timeout", clock.now(), None)
        archive.connection.execute(
            "INSERT INTO alerts VALUES (NULL, 'demo', ?, ?2, ?2, ?2, '演示')", (run_id, clock.now())
        )
        archive.connection.execute(
            "INSERT INTO alert_messages VALUES"
            " (1, 'n', 'rule', 'mail', ?1, '[]', 'holder', 2, ?1, 'refused')",
            (clock.now(),),
        )
        archive.connection.execute(
            "INSERT INTO alert_events VALUES ('rule', 'report 1', ?)", (clock.now(),)
        )


def _shard(path: Path) -> Path:
    """Make an archive of a page that the other one has too, and of one of its own."""
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        other = page("http://www.five.gov.cn/1.html", branded(2020, 0), "official")
        for capture in (pages()[0], other):
            run.text(run.capture(capture), derive(capture))
        run.time_stamp(newest_head(archive.connection), "http://tsa.test/", clock.now(), b"answer")
    return path


def columns(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return table and column of every column that has a value, in shadow tables as well."""
    tables = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'"
    ).fetchall()
    return [
        (table, column)
        for (table,) in tables
        for (column,) in connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
        if connection.execute(f'SELECT 1 FROM {table} WHERE "{column}" IS NOT NULL').fetchone()
    ]


@contextmanager
def edited(connection: sqlite3.Connection, table: str, column: str) -> Iterator[bool]:
    """Change one value in a transaction that is rolled back; gives whether any change was taken."""
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("PRAGMA ignore_check_constraints = ON")
    connection.execute("BEGIN")
    try:
        yield edit(connection, table, column)
    finally:
        connection.execute("ROLLBACK")


def edit(connection: sqlite3.Connection, table: str, column: str) -> bool:
    """Change one value, past the triggers; False if SQLite takes no other value."""
    triggers = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", (table,)
    ).fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    where = f'"{column}" IS NOT NULL'
    (value,) = connection.execute(f'SELECT "{column}" FROM {table} WHERE {where}').fetchone()
    done = any(_set(connection, table, column, value, other) for other in _others(value))
    for _, sql in triggers:
        connection.execute(sql)
    return done


def _set(connection: sqlite3.Connection, table: str, column: str, value: Any, other: Any) -> bool:
    try:
        changed = connection.execute(
            f'UPDATE {table} SET "{column}" = ?1 WHERE "{column}" IS ?2', (other, value)
        )
    except sqlite3.IntegrityError:
        return False
    return changed.rowcount > 0


def _others(value: Any) -> Iterator[Any]:
    """Return other values of the same type."""
    if isinstance(value, bytes):
        middle = len(value) // 2
        yield value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :] if value else b"x"
    elif isinstance(value, str):
        digits = "0123456789"
        for at in (at for at, character in enumerate(value) if character in digits):
            yield value[:at] + digits[(int(value[at]) + 1) % 10] + value[at + 1 :]
            break
        yield f"{value}x"
    else:
        yield value + 1
        yield value - 1
        yield value + 1000
