"""`baogao serve`: loopback only, read-only, clear refusals, a quiet end."""

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from http.client import HTTPConnection

import httpx
import pytest
import uvicorn
from hostile import readers

from archive.browse import serving
from archive.commands.serve import application
from archive.model import Capture, sha256
from archive.store import Archive
from archive.store.copies import backup, public_backup


@pytest.fixture
def refused(tmp_path):
    """Run `serve` where it must refuse; give its sentence."""

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "archive", "serve", *map(str, arguments)],
            capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
        return done.stderr

    return run


def test_a_missing_file(refused):
    assert "no such database" in refused("none.db")


def test_a_database_that_is_not_ours(refused, tmp_path):
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    assert "was not made by baogao" in refused("other.db")


def test_no_database_at_all(refused, tmp_path):
    (tmp_path / "text.db").write_text("这不是数据库" * 100)
    assert "is not a SQLite database" in refused("text.db")


def test_a_port_in_use(refused, database):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"port {port} cannot be used" in refused(database, "--port", port)


def test_serves_on_loopback_until_ctrl_c_and_writes_nothing(database):
    before = database.read_bytes()
    with subprocess.Popen(
        [sys.executable, "-m", "archive", "serve", str(database), "--port", "0"],
        stderr=subprocess.PIPE, text=True,
    ) as server:  # fmt: skip
        told = server.stderr.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", told).group()
        with urllib.request.urlopen(address, timeout=30) as response:  # noqa: S310  (loopback)
            assert "政府工作报告档案" in response.read().decode()
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0
        assert "Traceback" not in server.stderr.read()
    assert database.read_bytes() == before


@pytest.mark.parametrize(
    "name", ["http://x.example", "x.example:80", "x.example/", "*", "", "x y", "../x", "\x1b[0m"]
)
def test_a_name_that_is_no_host(refused, database, name):
    assert "name a host without scheme, port or path" in refused(database, "--allow-host", name)


def test_strangers_run_no_sql(refused, database):
    assert "--public does not allow SQL" in refused(database, "--public", "--sql")


def test_strangers_are_not_shown_what_a_public_copy_leaves_out(refused, database, tmp_path):
    for private in (database, tmp_path / "backup.db"):
        if private != database:
            backup(database, private)
        assert "is not a public copy" in refused(private, "--public")
    copy = tmp_path / "public.db"
    public_backup(database, copy)
    with Archive.open(copy, read_only=True) as archive:
        assert archive.is_public_copy
    with Archive.open(copy) as archive, archive.run("crawl") as run:
        run.capture(Capture("http://x.test/", payload=b"x", request_headers=(("X", "y"),)))
    assert "is not a public copy" in refused(copy, "--public"), "something was written to it since"


@pytest.fixture
def impatient(tmp_path, monkeypatch):
    """A server in a thread that hangs up after half a second; its port."""
    database = readers.make(tmp_path / "demo.db", lines=10, megabytes=16)
    monkeypatch.setattr(serving, "SLOW_S", 0.5)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        config = uvicorn.Config(
            application(str(database)), log_level="error", http=serving.ImpatientProtocol
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(10)


def hung_up(port, *pieces):
    """Seconds until the server hangs up on who sends some pieces of a request, slowly."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as asking:
        began = time.monotonic()
        with suppress(ConnectionError):
            for piece in pieces:
                asking.sendall(piece)
                time.sleep(0.2)
            assert asking.recv(1) == b""
        return time.monotonic() - began


def test_a_client_that_sends_no_request_is_disconnected(impatient):
    assert 0.4 < hung_up(impatient) < 5
    assert 0.4 < hung_up(impatient, b"GET / HT") < 5
    drip = [b"GET / HTTP/1.1\r\n", *[b"X: y\r\n"] * 50]
    assert 0.4 < hung_up(impatient, *drip) < 5, "its time counts from its beginning"


def test_a_client_that_sends_its_request_is_not_disconnected(impatient):
    connection = HTTPConnection("127.0.0.1", impatient, timeout=10)
    for _ in range(4):
        connection.request("GET", "/-/static/app.css")
        assert connection.getresponse().read()
        time.sleep(0.3)  # longer than half a second in all
    connection.close()


def test_a_client_that_does_not_read_is_disconnected(impatient):
    payload = sha256(readers.large(16))
    asks = f"GET /payload/{payload}.bin HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(("127.0.0.1", impatient), timeout=10) as asking:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        asking.sendall(asks.encode())
        time.sleep(2)
        taken = 0
        with suppress(ConnectionError):
            while piece := asking.recv(1 << 20):
                taken += len(piece)
    assert 0 < taken < 16 << 20


async def test_a_public_snapshot_takes_no_sql_of_strangers(database):
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(application(str(database), public=True)),
        base_url="http://127.0.0.1",
    )
    async with client:
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/demo/find.json?words=营商环境&_shape=array")).status_code == 200
        assert (await client.get("/demo?sql=select+1")).status_code == 403
