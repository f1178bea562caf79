"""Addresses that lead to this machine, its network or its files, and a crawl that is sent there."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from html import escape
from pathlib import Path
from threading import Thread

from hostile.answers import Wire, answer
from hostile.network import Crawled, crawl

HOSTS = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.2",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "0",
    "0.0.0.0",  # noqa: S104  (an address that is tried)
    "127.0.0.1.",
    "localhost",
    "localhost.",
    "LOCALHOST",
    "x.localhost",
    "%6c%6fcalhost",
    "１２７.0.0.1",
    "127。0。0。1",
    "ⓛocalhost",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2002:7f00:1::]",
    "[::1%25lo]",
    "[2001:0:0:0:0:0:80ff:fffe]",
    "[fe80::1]",
    "[fc00::1]",
    "[fec0::1]",
    "[ff02::1]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "224.0.0.1",
    "192.88.99.1",
    "192.0.2.1",
)
"""Names and numbers, in every notation that some program understands, of what is not the web."""

WHOLE = (
    "//127.0.0.1:{port}/secret",
    "///127.0.0.1:{port}/secret",
    "\\\\127.0.0.1:{port}\\secret",
    "/\\127.0.0.1:{port}/secret",
    "http:/127.0.0.1:{port}/secret",
    "http:\\\\127.0.0.1:{port}/secret",
    "http://www.hostile.test@127.0.0.1:{port}/secret",
    "http://user:pw@127.0.0.1:{port}/secret",
    "http://127.0.0.1:{port}#@www.hostile.test/",
    "http://127.0.0.1:{port}?www.hostile.test/",
    "http://www.hostile.test:{port}/secret",
    "http://127.0.0.1:{port}\\@www.hostile.test/",
    "http://127.0.0.1%09:{port}/secret",
    "http://127.0.0.1%00.hostile.test:{port}/secret",
    "http://127.0.0.1:{port}%0d%0aX: y/secret",
    "ht\ttp://127.0.0.1:{port}/secret",
    "https://127.0.0.1:{port}/secret",
    "file:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "ftp://127.0.0.1:{port}/secret",
    "gopher://127.0.0.1:{port}/_secret",
    "data:text/html,secret",
    "javascript:location='http://127.0.0.1:{port}/secret'",
    "s3://bucket/secret",
    "about:blank",
    "ws://127.0.0.1:{port}/secret",
    "http://[::1",
    "http://127.0.0.1:99999/secret",
    "http://127.0.0.1:-1/secret",
    "http://:{port}/secret",
    "http://",
    "dict://127.0.0.1:{port}/x",
    "jar:http://127.0.0.1:{port}/secret!/",
    "view-source:http://127.0.0.1:{port}/secret",
    "http://ⅼocalhost:{port}/secret",
    "http://127.0.0.1:{port}/" + "a" * 9000,
)
"""Addresses that are read differently by different programs, and schemes that are not the web."""

TARGETS = (*(f"http://{host}:{{port}}/secret" for host in HOSTS), *WHOLE)

WAYS = ("Location", "Refresh", "refresh", "script", "link", "base")
"""How a page leads there."""


@contextmanager
def canary() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine on all of its own addresses, and who has knocked there."""
    knocked: list[str] = []
    listeners = _listeners()
    for listener in listeners:
        Thread(target=_note, args=(listener, knocked), daemon=True).start()
    try:
        yield listeners[0].getsockname()[1], knocked
    finally:
        for listener in listeners:
            listener.close()


def _listeners() -> list[socket.socket]:
    first = socket.create_server(("127.0.0.1", 0))
    port = first.getsockname()[1]
    made = [first]
    for host in ("127.0.0.2", "127.255.255.254"):
        with suppress(OSError):
            made.append(socket.create_server((host, port)))
    with suppress(OSError):
        made.append(socket.create_server(("::1", port), family=socket.AF_INET6))
    return made


def _note(listener: socket.socket, knocked: list[str]) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.settimeout(2)
                knocked.append(connection.recv(300).decode("latin-1"))
                connection.sendall(answer(b"secret"))


def leading(target: str, way: str) -> Wire:
    """An answer that leads to `target`."""
    shown = escape(target)
    if way == "Location":
        return answer(b"", f"Location: {target}", status="302 Found")
    if way == "Refresh":
        return answer(b"<p>x</p>", f"Refresh: 0;url={target}")
    pages = {
        "refresh": f'<meta http-equiv="refresh" content="0;url={shown}">',
        "script": f"<script>window.location.href='{target}';</script>",
        "link": f'<p>x</p><a href="{shown}/r/1">x</a><a href="{shown}/a.pdf">附件</a>',
        "base": f'<base href="{shown}"><a href="/r/based">x</a><a href="a.pdf">附件</a>',
    }
    return answer(pages[way].encode("utf-8", "surrogatepass"))


def crawl_of(
    folder: Path, targets: Sequence[str], ways: Sequence[str] = WAYS
) -> tuple[Crawled, list[str], int]:
    """Crawl pages that lead to each target by redirect and in one more way; who knocked; pages."""
    with canary() as (port, knocked):
        pages = {
            f"{way} {target}": leading(target.replace("{port}", str(port)), way)
            for number, target in enumerate(targets)
            for way in (ways if len(ways) == 1 else (ways[number % len(ways)], ways[0]))
        }
        return crawl(folder, pages), knocked, len(pages)
