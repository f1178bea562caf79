"""A server in a separate process, so that its time is not counted as the crawl's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any


@contextmanager
def served(serve: Callable[..., None], *arguments: Any) -> Iterator[int]:
    """The port at which `serve(pipe, *arguments)` answers, in a new process, until the end."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs, *arguments), daemon=True)
    server.start()
    try:
        yield ours.recv()
    finally:
        server.kill()


def answer(pipe: Connection, body_of: Callable[[str], bytes], content_type: str) -> None:
    """Tell the port to `pipe`, then answer each path with its body; an empty one is a 404."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            body = body_of(self.path)
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send(server.server_port)
    server.serve_forever()
