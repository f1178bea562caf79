"""Serves the practice web on 127.0.0.1; the Host header selects the site.

One port serves http and https, distinguished by the first byte of a connection. The name in a TLS
client hello selects the certificate.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections import Counter
from contextlib import ExitStack, suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from baogao_practice.page import Answer, Request
from baogao_practice.web import hosts, site_of

_NOT_FOUND = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>404</title></head>"
    "<body><h1>404</h1><p>您访问的页面不存在</p></body></html>"
).encode()
_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
MAX_BODY = 1 << 20
_TLS_GREETING = b"\x16"
_MOST_HELLO = 1 << 14
_SERVER_NAME = re.compile(rb"\x00\x00.{4}\x00.{2}([\w-]+(?:\.[\w-]+)*\.test)", re.DOTALL)
"""The extension `server_name` of a TLS client hello (RFC 6066, 3)."""

_NO_TLS_HERE = b"\x15\x03\x01\x00\x02\x02\x28"
"""The alert `handshake_failure`."""


class Server:
    """A threading HTTP server on 127.0.0.1 with one virtual host for each site.

    Use it as a context manager; `port` is its port, `hosts` are the names it serves.
    """

    def __init__(self, port: int = 0, *, slow: float = 30.0) -> None:
        """Bind to `port` (0: any free one); late and dripping answers take `slow` seconds."""
        self._http = _Http(("127.0.0.1", port), slow)
        self._thread = Thread(target=self._http.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._http.server_address[1])

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names of the virtual hosts."""
        return hosts()

    @property
    def asked(self) -> Counter[tuple[str, str]]:
        """The number of requests for each (host, path)."""
        return self._http.asked

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.over.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(5)

    def wait(self) -> None:
        """Serve until interrupted."""
        self._thread.join()


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], slow: float) -> None:
        super().__init__(address, _Handler)
        self.slow = slow
        self.over = Event()
        self.asked: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, under TLS if it begins with a client hello; close it on failure."""
        request.settimeout(_Handler.timeout)
        with ExitStack() as closing:
            try:
                hello = request.recv(_MOST_HELLO, socket.MSG_PEEK)
                if hello[:1] == _TLS_GREETING:
                    request = closing.enter_context(_greeted(request, hello))
            except OSError:
                return
            with suppress(ConnectionError):  # the client hung up
                super().finish_request(request, client_address)

    def note(self, host: str, path: str) -> int:
        """Count a request; returns the number of earlier ones."""
        with self._lock:
            self.asked[host, path] += 1
            return self.asked[host, path] - 1


class _Handler(BaseHTTPRequestHandler):
    server: _Http
    server_version = "practice"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_GET(self) -> None:
        self._serve()

    do_HEAD = do_POST = do_GET  # noqa: N815  (the names that http.server asks for)

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        host = self.headers.get("Host", "").partition(":")[0].lower()
        request = Request(
            host=host,
            path=parts.path,
            query=parts.query,
            method=self.command,
            headers=dict(self.headers.items()),
            body=self._body(),
            scheme="https" if isinstance(self.request, ssl.SSLSocket) else "http",
            count=self.server.note(host, parts.path),
        )
        self._send(_answer(request))

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        return self.rfile.read(min(int(length), MAX_BODY)) if length.isdigit() else b""

    def _send(self, answer: Answer) -> None:
        if answer.manner == "late":
            self.server.over.wait(self.server.slow)
        if answer.manner in {"reset", "nonsense"}:
            self.wfile.write(b"" if answer.manner == "reset" else b"\x00\x01 no HTTP here\r\n\r\n")
            self.close_connection = True
            return
        length = len(answer.body) // 2 if answer.manner == "short" else len(answer.body)
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self._send_body(answer)

    def _send_body(self, answer: Answer) -> None:
        """Send the body in its manner; clients may hang up before the end."""
        self.close_connection = answer.manner != "whole"
        half = len(answer.body) // 2
        with suppress(ConnectionError):
            if answer.manner == "drip":
                self._drip(answer.body)
            else:
                self.wfile.write(answer.body[:half] if answer.manner == "cut" else answer.body)

    def _drip(self, body: bytes) -> None:
        for at in range(0, len(body), 16):
            self.wfile.write(body[at : at + 16])
            if self.server.over.wait(self.server.slow / 20):
                return

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (its name there)
        """Log nothing: the client has its own log."""


def _greeted(connection: socket.socket, hello: bytes) -> ssl.SSLSocket:
    """Return the connection under TLS, with protocol and certificate of the host in `hello`.

    Raises:
        OSError: the handshake fails.
    """
    from baogao_practice.certificates import context_for  # noqa: PLC0415  (needs more than the library)

    named = _SERVER_NAME.search(hello)
    context = context_for(named[1].decode().lower() if named else "")
    if context is None:
        connection.sendall(_NO_TLS_HERE)
        raise ConnectionAbortedError
    return context.wrap_socket(connection, server_side=True)


def _answer(request: Request) -> Answer:
    site = site_of(request.host)
    if site is None:
        return Answer(f"no such host: {request.host}\n".encode(), 421, _TEXT)
    page = site.page(request.path, request.query)
    if page is None and request.path == "/robots.txt":
        return Answer(site.robots.encode(), 200, _TEXT)
    return Answer(_NOT_FOUND, 404) if page is None else page.answer(request)
