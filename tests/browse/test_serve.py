"""`baogao serve`: loopback only, read-only, clear refusals, a quiet end."""

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request

import httpx
import pytest

from archive.commands.serve import application


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
    assert "is no SQLite database" in refused("text.db")


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


async def test_a_public_snapshot_takes_no_sql_of_strangers(database):
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(application(str(database), public=True)),
        base_url="http://127.0.0.1",
    )
    async with client:
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/demo/find.json?words=营商环境&_shape=array")).status_code == 200
        assert (await client.get("/demo?sql=select+1")).status_code == 403
