"""A server on 127.0.0.1 whose answers a test chooses, for every host name that asks."""

from __future__ import annotations

import io
import json
import socket
import struct
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLSocket
from threading import Thread
from time import monotonic, time

SITE = """\
title = "{title}"
kind = "official"
family = "{family}"
hosts = {hosts}
start = ["http://{start}"]
reports = ['/r/']
loopback = true
[politeness]
delay_s = 0.01
[expect]
minimum = 0
"""


def site_file(*hosts, start=None, path="/", title="x", family="list"):
    """A site file for hosts on this machine; the crawl begins at `path` of `start` or the first."""
    begin = f"{start or hosts[0]}:8642{path}"
    return SITE.format(title=title, family=family, hosts=json.dumps(hosts), start=begin)


PACED = """\
title = "x"
kind = "official"
{family}
hosts = ["{host}"]
start = ["http://{host}:{port}/l/index.html"]
loopback = true
[politeness]
delay_s = {delay_s}
[expect]
minimum = 0
"""


ARTICLES = 'family = "trs"'
LISTS = "family = \"list\"\nreports = ['/r/']\nlists = ['/l/']"


def paced_site_file(host, port, delay_s, family=ARTICLES):
    """A site file for a host at a port, requested every `delay_s`.

    What `/l/index.html` links to are articles, or with `LISTS` further lists, of which no text is
    made.
    """
    return PACED.format(host=host, port=port, delay_s=delay_s, family=family)


ABSENT = 404, {}, b"no such page"


class Server(ThreadingHTTPServer):
    """Answers while it is entered; `asked` has (host, path, headers) of each request, in order,
    `moments` (host, path, when it was read), and `came` (host, path, when the system had it).
    On Linux the system says when, except with TLS; a busy server may read a request much later.

    Args:
        answers: a mapping of (host, path) to answers, or a function of both that gives one. An
            answer is (status, headers, body), or a function of the handler that gives one, or None
            where it has replied itself.
    """

    daemon_threads = True

    def __init__(self, answers):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.asked, self.moments, self.came = answers, [], [], []
        if sys.platform == "linux":
            self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)  # connections inherit it
        self._thread = Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()
        self._thread.join(5)

    @property
    def port(self):
        return self.server_port

    @property
    def paths(self):
        """The paths that were asked for, in order."""
        return [path for _, path, _ in self.asked]

    def handle_error(self, *_):
        """A crawl that is killed hangs up."""


_SO_TIMESTAMPNS = 35


class _Received(io.RawIOBase):
    """What a connection receives; `came` is when the system had the last of it."""

    def __init__(self, connection):
        self._connection, self.came = connection, monotonic()

    def readable(self):
        return True

    def readinto(self, buffer):
        size, stamps, _, _ = self._connection.recvmsg_into([buffer], socket.CMSG_SPACE(16))
        self.came = monotonic()
        for _, kind, stamp in stamps:
            if kind == _SO_TIMESTAMPNS:
                seconds, nanoseconds = struct.unpack("ll", stamp)
                self.came -= time() - seconds - nanoseconds / 1e9
        return size


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10

    def setup(self):
        super().setup()
        self._received = None
        if not isinstance(self.connection, SSLSocket):
            self._received = _Received(self.connection)
            self.rfile = io.BufferedReader(self._received)

    def do_GET(self):
        host = self.headers.get("Host", "").partition(":")[0]
        now = monotonic()
        self.server.moments.append((host, self.path, now))
        came = now if self._received is None else self._received.came
        self.server.came.append((host, self.path, came))
        self.server.asked.append((host, self.path, dict(self.headers.items())))
        answers = self.server.answers
        known = callable(answers)
        answer = answers(host, self.path) if known else answers.get((host, self.path), ABSENT)
        if callable(answer):
            answer = answer(self)
        if answer is not None:
            self.reply(*answer)

    do_POST = do_GET  # noqa: N815  (the name that http.server asks for)

    def reply(self, status, headers, body):
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
