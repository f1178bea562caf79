"""Crawls run in a process of their own, because a Twisted reactor runs once."""

from concurrent.futures import ProcessPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing import get_context
from threading import Thread
from time import monotonic

import pytest

from crawler.run import crawl

DEADLINE_S = 120
LOADED = ["crawler.run", "crawler.middlewares", "crawler.pipelines", "archive.derivation"]
"""What each process would import; none of it installs a reactor."""


@pytest.fixture(scope="session")
def apart():
    """Call a function in a fresh process, with its result or its error."""
    context = get_context("forkserver")
    context.set_forkserver_preload(LOADED)

    def run(function, *arguments, **keywords):
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(function, *arguments, **keywords).result(DEADLINE_S)

    return run


@pytest.fixture(scope="session")
def crawl_apart(apart):
    """`crawler.run.crawl` in a fresh process; texts are made there too, unless told otherwise."""

    def run(db, names, *, settings, **keywords):
        return apart(crawl, db, names, settings={"DERIVE_WORKERS": 0} | settings, **keywords)

    return run


class Answers(BaseHTTPRequestHandler):
    """Serves `server.answers[host, path]`: (status, headers, body) or a function of the handler.

    `server.asked` has host, path and headers of every request, `server.moments` when it came.
    """

    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self):
        host = self.headers.get("Host", "").partition(":")[0]
        self.server.moments.append((host, self.path, monotonic()))
        self.server.asked.append((host, self.path, dict(self.headers.items())))
        answer = self.server.answers.get((host, self.path), (404, {}, b"no such page"))
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

    def log_message(self, *args):
        pass


@pytest.fixture(scope="session")
def serve():
    """Start a server of `Answers` on 127.0.0.1; all are stopped at the end."""
    running = []

    def start(answers):
        server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        server.daemon_threads = True
        server.answers, server.asked, server.moments = answers, [], []
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.shutdown()
        server.server_close()
        thread.join(5)
