"""What one reader may cost: time, values, rows and memory."""

import re
import sqlite3
import threading
import time

import httpx
import pytest
from hostile import readers

from archive.browse import serving, sql_worker
from archive.browse.limits import (
    STOCK_VALUE,
    Counted,
    TooMuchError,
    Watch,
    large_values,
    limit,
    memory,
)
from archive.commands.serve import application
from archive.model import sha256

LOOP = "with recursive t(x) as (select 1 union all select x + 1 from t) select max(x) from t"
COSTLY = {
    "a large value": "select randomblob(900000000)",
    "a large row": f"select {', '.join(['zeroblob(16000000)'] * 20)}",
    "many large rows": "select zeroblob(10000000) from (select 1 union select 2 union select 3)",
    "a value that grows": "select replace(hex(zeroblob(4000000)), '0', hex(zeroblob(4000000)))",
    "a deep expression": f"select {'(' * 500}1{')' * 500}",
    "a long union": " union all ".join(["select 1"] * 200),
    "many columns": f"select {', '.join(['1'] * 1500)}",
    "a long pattern": f"select 'x' like '{'%a' * 2000}'",
    "a long statement": f"select '{'x' * 200_000}'",
    "another file": "attach database '/etc/passwd' as x",
    "a loop": LOOP,
    "a sort": f"select count(*) from ({LOOP.replace('max(x)', 'x')} order by x desc)",
}


STOPPED = (sqlite3.Error, sqlite3.Warning, MemoryError, TooMuchError)


@pytest.fixture
def connection():
    made = sqlite3.connect(":memory:", check_same_thread=False)
    limit(made)
    yield made
    made.close()


@pytest.mark.parametrize("sql", COSTLY.values(), ids=COSTLY)
def test_a_statement_that_costs_too_much_ends(connection, sql):
    before, began = memory(), time.monotonic()
    with (
        pytest.raises(STOPPED),
        Watch().over(connection, 0.2),
    ):
        connection.execute(sql).fetchall()
    assert time.monotonic() - began < 10
    assert memory() - before < 100 << 20


def test_rows_are_counted_for_each_statement(connection):
    connection.row_factory = Counted(25)
    for _ in range(5):
        rows = connection.execute("select 'ten bytes.' as a union all select 'ten bytes!'")
        assert [row["a"] for row in rows] == ["ten bytes!", "ten bytes."] or list(rows) == []
    with pytest.raises(sqlite3.OperationalError, match="of rows"):
        connection.execute(" union all ".join(["select 'ten bytes.'"] * 3)).fetchall()


def test_our_own_pages_may_read_larger_values(connection):
    sql = f"select length(zeroblob({STOCK_VALUE + 1}))"
    with large_values(connection):
        assert connection.execute(sql).fetchone()[0] == STOCK_VALUE + 1
    with pytest.raises(sqlite3.DataError, match="too big"):
        connection.execute(sql)


def burn():
    n = 0
    while True:
        n += 1


def test_python_that_takes_too_long_is_stopped(connection):
    began = time.monotonic()
    with pytest.raises(TooMuchError), Watch().over(connection, 0.1):
        burn()
    assert time.monotonic() - began < 5


def test_what_ends_in_time_is_never_hit_by_what_was_meant_for_it(connection):
    """The word to stop may come at the very end: then the work stands, and the next one goes on."""
    watch, stopped = Watch(), 0
    for n in range(400):
        try:
            with watch.over(connection, 0.0):
                time.sleep(n % 7 / 100 if n % 40 == 0 else 0)
        except TooMuchError:
            stopped += 1
    assert watch._at_work == []
    time.sleep(0.15)
    sum(range(200_000))  # nothing arrives late


def test_work_that_catches_the_error_gets_another(connection):
    with pytest.raises(TooMuchError), Watch().over(connection, 0.05):
        try:
            burn()
        except TooMuchError:
            burn()


def test_work_that_waits_for_the_processor_has_more_time(connection):
    began = time.monotonic()
    with pytest.raises(TooMuchError), Watch().over(connection, 0.1):
        while True:
            time.sleep(0.01)  # the clock goes, the processor does not
    assert 0.35 < time.monotonic() - began < 5


def test_the_longest_work_is_stopped_when_the_process_grows(connection):
    watch = Watch()
    watch.limit_memory(room=60 << 20)
    other = sqlite3.connect(":memory:", check_same_thread=False)
    ended = []

    def grow():
        held = []
        try:
            with watch.over(other, 60):
                while True:
                    held.append(bytearray(b"x") * (1 << 20))
                    time.sleep(0.001)
        except TooMuchError:
            ended.append(len(held))

    growing = threading.Thread(target=grow)
    growing.start()
    growing.join(30)
    other.close()
    assert 40 < ended[0] < 250, "megabytes"


IN_ONE_FUNCTION = {
    "formatted": "select printf('%.*c', 2000000000, 'x')",
    "searched": "select instr(printf('%.*c', 9000000, 'a'), printf('%.*c', 4000000, 'a') || 'b')",
}


@pytest.fixture
def impatient(monkeypatch):
    """What has seconds has tenths of them."""
    monkeypatch.setitem(serving.SETTINGS, "sql_time_limit_ms", 200)
    monkeypatch.setattr(sql_worker, "DEADLINE_S", 1.0)


async def test_sql_that_was_turned_on_stays_within_them(database, impatient):
    transport = httpx.ASGITransport(application(str(database), sql=True))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        for name, sql in {**COSTLY, **IN_ONE_FUNCTION}.items():
            if len(sql) > 50_000:
                continue  # no address is so long
            began = time.monotonic()
            answer = await client.get("/demo", params={"sql": sql}, timeout=60)
            assert (name, answer.status_code) in ((name, 200), (name, 400), (name, 503))
            assert not re.search(r"Traceback|Internal Server", answer.text), name
            assert time.monotonic() - began < 10, name
        answer = await client.get("/demo.json?sql=select+:a||:b+as+x,7+as+x&a=1&b=2&_shape=arrays")
        assert answer.json()["rows"] == [["12", 7]]
        answer = await client.get("/demo.json?sql=select+nowhere")
        assert (answer.status_code, answer.json()["error"]) == (400, "no such column: nowhere")


async def test_a_page_that_costs_too_much_says_so(database, monkeypatch):
    monkeypatch.setattr("archive.browse.web.TIME_LIMIT_S", 0.1)
    monkeypatch.setattr("archive.browse.comparing.compare", lambda *_: burn())
    transport = httpx.ASGITransport(application(str(database)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        answer = await client.get("/compare?a=1&b=2")
        assert answer.status_code == 503
        assert "已经停止" in answer.text


def test_fifty_hostile_readers_do_not_fill_the_memory(tmp_path):
    db = readers.make(tmp_path / "h.db", lines=500, megabytes=16)
    paths = readers.addresses("h", sha256(readers.large(16)))
    with readers.serving(db) as (server, port):
        seen = readers.assail(server, port, paths, readers=50, seconds=3)
        assert seen.peak_mb < 700
        assert seen.answers["200"]
        assert seen.answers["403"], "SQL"
        assert "500" not in seen.answers
        assert readers.get(port, "/r/990100/2021")[0] == 200
        assert server.poll() is None
