"""A small server on 127.0.0.1 whose answers a test chooses, and a reader of the archive."""

import sqlite3
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

SITE = """\
title = "示范县人民政府"
kind = "official"
family = "list"
hosts = ["www.known.test"]
start = ["http://www.known.test:{port}/"]
loopback = true
place_code = "210381"
[politeness]
delay_s = 0.01
"""


class Asked(BaseHTTPRequestHandler):
    """Answers with `server.answer(host, path)`: (status, headers, body)."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        host = self.headers.get("Host", "").partition(":")[0]
        self.server.asked.append((host, self.path))
        status, headers, body = self.server.answer(host, self.path)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def serve():
    """Start a server that answers by a function; `asked` has what was asked for, in order."""
    running = []

    def start(answer):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Asked)
        server.daemon_threads = True
        server.handle_error = lambda *_: None  # a crawl that is killed hangs up
        server.answer, server.asked = answer, []
        server.port = server.server_port
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join(5)


@pytest.fixture
def query(tmp_path):
    """Rows of the archive that a command made."""

    def rows(sql, name="a.db"):
        connection = sqlite3.connect(tmp_path / name)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    return rows


@pytest.fixture
def known_site(tmp_path):
    """Write the site file of www.known.test in a folder; gives the folder."""

    def write(port):
        folder = tmp_path / "sites"
        folder.mkdir(exist_ok=True)
        (folder / "known.toml").write_text(SITE.format(port=port), "utf-8")
        return folder

    return write
