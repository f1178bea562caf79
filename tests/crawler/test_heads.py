"""The head of an answer is kept byte for byte, however the server writes it."""

from __future__ import annotations

import socket
from contextlib import closing
from threading import Thread
from urllib.parse import urlsplit

import pytest

from archive.store import Archive
from crawler.site_file import PRACTICE_PORT

SITE = """\
title = "x"
kind = "official"
family = "list"
hosts = ["raw.test"]
start = [{start}]
reports = ['.']
loopback = true
[politeness]
delay_s = 0.01
[expect]
minimum = 0
"""

ODD = (
    b"HTTP/1.1 200 Fine  by me\r\n"
    b"server:nginx\r\n"
    b"SERVER:  twice\t\r\n"
    b"x-folded: one\r\n  two\r\n"
    b"X-Latin: caf\xe9 \xb1\xa8\xb8\xe6\r\n"
    b"no colon here\r\n"
    b"X-Baogao-Head: Zm9yZ2Vk\r\n"
    b"Content-TYPE: text/html\r\n"
    b"content-length: 5\r\n"
    b"\r\n"
)
BARE = b"HTTP/1.0 200\nContent-Type: text/plain\nConnection: close\n\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n"
EMPTY = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nX-Why: gone\r\n\r\n"
COOKIE = (
    b"HTTP/1.1 200 OK\r\nSet-Cookie:  sid=secret; Path=/\r\nset-cookie: a=b;\r\n c=hidden\r\n"
    b"Content-Length: 2\r\n\r\n"
)
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"
ANSWERS = {
    b"/robots.txt": EMPTY,
    b"/odd": ODD + b"hello",
    b"/bare": BARE + b"hello",
    b"/chunked": CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
    b"/empty": EMPTY,
    b"/cookie": COOKIE + b"hi",
    b"/early": EARLY + CHUNKED + b"5\r\nhello\r\n0\r\n\r\n",
}


@pytest.fixture
def raw():
    """The port of a server that answers with these bytes and nothing of its own."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        Thread(target=answer_all, args=(listener,), daemon=True).start()
        yield listener.getsockname()[1]


def answer_all(listener):
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        Thread(target=answer_one, args=(connection,), daemon=True).start()


def answer_one(connection):
    with closing(connection):
        while asked := connection.recv(65536):
            reply = ANSWERS[asked.split(b" ")[1]]
            for start in range(0, len(reply), 7):  # heads come in pieces
                connection.sendall(reply[start : start + 7])
            if reply.startswith(BARE):
                return


@pytest.fixture
def heads(crawl_apart, raw, tmp_path):
    paths = [path.decode() for path in ANSWERS if path != b"/robots.txt"]
    start = ", ".join(f'"http://raw.test:{PRACTICE_PORT}{path}"' for path in paths)
    (tmp_path / "raw.toml").write_text(SITE.format(start=start), encoding="utf-8")
    db = tmp_path / "raw.db"
    crawl_apart(db, ["raw"], sites_dirs=[tmp_path], settings={"PRACTICE_PORT": raw})
    with Archive.open(db, read_only=True) as archive:
        assert list(archive.verification().findings()) == []
        found = [capture for _, capture in archive.captures()]
    return {urlsplit(capture.url).path: capture for capture in found}


def test_heads_are_kept_byte_for_byte(heads):
    for path, head in {
        "/odd": ODD, "/bare": BARE, "/chunked": CHUNKED, "/empty": EMPTY, "/early": CHUNKED,
        "/robots.txt": EMPTY,
    }.items():  # fmt: skip
        assert heads[path].response_head.encode("latin-1") == head, path
        assert heads[path].certificate_chain is None


def test_the_parsed_headers_stand_beside_them(heads):
    parsed = [name for name, _ in heads["/odd"].response_headers]
    assert heads["/odd"].header("X-Folded") == "one  two"
    assert not [name for name in parsed if "baogao" in name.lower()]


def test_values_of_cookies_are_kept_in_neither(heads):
    head = heads["/cookie"].response_head
    assert head == (
        "HTTP/1.1 200 OK\r\nSet-Cookie: sid=\r\nset-cookie: a=\r\n redacted\r\n"
        "Content-Length: 2\r\n\r\n"
    )
    assert "hidden" not in repr(heads["/cookie"])
    assert "secret" not in repr(heads["/cookie"])
