"""Answers of a server that means harm, as bytes on the wire, and what a crawl should note of each.

No expected outcome means: whatever it is, the crawl goes on and no traceback is printed.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator

import brotli

PAGE = "<html><body><p>{}</p></body></html>".format("各位代表,现在报告工作。" * 40).encode()
ANY: frozenset[str] = frozenset()
OK = frozenset({"ok"})
BROKEN = frozenset({"connection", "error", "truncated", "timeout", "too_large", "bad_encoding"})

Wire = bytes | Callable[[], Iterator[bytes]]


def answer(
    body: bytes = PAGE, *headers: str, status: str = "200 OK", length: int | str | None = -1
) -> bytes:
    """A whole answer; `length` is what it says of itself, -1 the truth, None nothing."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", *headers]
    if length is not None:
        lines.append(f"Content-Length: {len(body) if length == -1 else length}")
    head = "\r\n".join([*lines, "Connection: close", "", ""])
    return head.encode("utf-8", "surrogateescape") + body


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """An answer in chunks, as they are given."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(chunks) + end


def chunk(body: bytes) -> bytes:
    return f"{len(body):x}\r\n".encode() + body + b"\r\n"


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def for_ever(piece: bytes, head: bytes = b"") -> Callable[[], Iterator[bytes]]:
    """Bytes without end."""

    def pieces() -> Iterator[bytes]:
        yield head
        while True:
            yield piece

    return pieces


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
GZ = gzip.compress(PAGE)

STATUS_LINES: dict[str, tuple[Wire, frozenset[str]]] = {
    f"status line {number}": (line + b"\r\nContent-Length: 1\r\n\r\nx", ANY)
    for number, line in enumerate(
        (
            b"",
            b"HTTP",
            b"HTTP/",
            b"HTTP/1.1",
            b"HTTP/1.1 ",
            b"HTTP/1.1 abc",
            b"HTTP/1.1 2000 OK",
            b"HTTP/1.1 -1 x",
            b"HTTP/1.1 0 x",
            b"HTTP/1.1 99 x",
            b"HTTP/1.1 600 x",
            b"HTTP/1.1 999 x",
            b"HTTP/9.9 200 OK",
            b"HTTP/0.9 200 OK",
            b"HTTP/2 200",
            b"ICY 200 OK",
            b"http/1.1 200 ok",
            b"HTTP/1.1 200 " + b"x" * 20_000,
            b"HTTP/1.1 200 \xff\xfe\x1b[2J",
            b"HTTP/1.1 200\tOK",
            b"HTTP/1.1 200 OK\x00",
            b"\x00\x01\x02",
            b"SSH-2.0-OpenSSH",
            b"220 ftp ready",
            b"<html><body>no HTTP at all</body></html>",
            b"HTTP/1.1 101 Switching Protocols",
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK",
            b"HTTP/1.1 204 No Content",
            b"HTTP/1.1 205 x",
            b"HTTP/1.1 206 Partial Content",
            b"HTTP/1.1 300 x",
            b"HTTP/1.1 304 x",
            b"HTTP/1.1 305 x",
            b"HTTP/1.1 402 x",
            b"HTTP/1.1 407 x",
            b"HTTP/1.1 421 x",
            b"HTTP/1.1 426 x",
            b"HTTP/1.1 444 x",
            b"HTTP/1.1 499 x",
            b"HTTP/1.1 511 x",
            b"HTTP/1.1 520 x",
            b"HTTP/1.1 530 x",
        )
    )
}

HEADERS: dict[str, tuple[Wire, frozenset[str]]] = {
    f"header {number}": (answer(PAGE, *lines), ANY)
    for number, lines in enumerate(
        (
            ("X",),
            (":",),
            (": x",),
            (" X: y",),
            ("X : y",),
            ("X: \x00",),
            ("X: \x1b]0;pwned\x07",),
            ("X: " + "y" * 17_000,),
            ("X: " + "y" * 100_000,),
            ("X" * 20_000 + ": y",),
            ("Content-Type: ",),
            ("Content-Type: \udcff\udcfe",),
            ("Content-Type: text/html; charset=",),
            ("Content-Type: text/html; charset=utf-7",),
            ("Content-Type: text/html; charset=rot13",),
            ("Content-Type: text/html; charset=../../etc/passwd",),
            ("Content-Type: a/b;" + "c=d;" * 2000,),
            ("Content-Type: text/html; charset=" + "x" * 5000,),
            ("Content-Type: image/png",),
            ("Content-Encoding: \x00",),
            ("Content-Encoding: gzip, gzip",),
            ("Content-Encoding: aes128gcm",),
            ("Content-Encoding: " + "gzip, " * 100 + "gzip",),
            ("Content-Encoding: identity",),
            ("Content-Encoding: none",),
            ("Content-Encoding: utf-8",),
            ("Content-Encoding: deflate",),
            ("Content-Encoding: br",),
            ("Content-Encoding: zstd",),
            ("Content-Encoding: compress",),
            ("Set-Cookie: secret",),
            ("Set-Cookie: " + "a=b; " * 3000,),
            ("Set-Cookie: \x1b[2J=1",),
            ("Retry-After: x",),
            ("Retry-After: -5",),
            ("Retry-After: " + "9" * 5000,),
            ("ETag: " + "x" * 10_000,),
            ("ETag: \x1b[2J",),
            ("Last-Modified: yesterday",),
            ("Last-Modified: " + "9" * 5000,),
            ("Location: /elsewhere",),
            ("Refresh: 0;url=/r/refreshed",),
            ("Link: <x>; rel=next",),
            ("Transfer-Encoding: gzip",),
            ("Transfer-Encoding: chunked, chunked",),
            ("Upgrade: h2c", "Connection: Upgrade"),
            ("Content-Disposition: attachment; filename=../../x",),
            ("Content-Range: bytes 0-9/99999999999",),
            ("Age: -1",),
            ("Date: \x00",),
        )
    )
}

LENGTHS: dict[str, tuple[Wire, frozenset[str]]] = {
    "length negative": (answer(PAGE, length=-2), ANY),
    "length no number": (answer(PAGE, length="ten"), ANY),
    "length hexadecimal": (answer(PAGE, length="0x10"), ANY),
    "length with a sign": (answer(PAGE, length="+10"), ANY),
    "length of gigabytes": (answer(PAGE, length=10**12), frozenset({"too_large"})),
    "length beyond all numbers": (answer(PAGE, length="9" * 400), ANY),
    "length too large by one": (answer(PAGE, length=len(PAGE) + 1), frozenset({"truncated"})),
    "length too small": (answer(PAGE, length=10), ANY),
    "length none": (answer(PAGE, length=None), OK),
    "two lengths, one value": (answer(PAGE, f"Content-Length: {len(PAGE)}"), ANY),
    "two lengths, two values": (answer(PAGE, "Content-Length: 3"), ANY),
    "length and chunks": (answer(chunk(PAGE) + b"0\r\n\r\n", "Transfer-Encoding: chunked"), ANY),
    "length of nothing": (answer(b"", length=0), OK),
    "a body where none may be": (answer(PAGE, status="304 Not Modified"), ANY),
    "a second answer behind": (answer(PAGE) + answer(b"smuggled"), ANY),
}

CHUNKS: dict[str, tuple[Wire, frozenset[str]]] = {
    "chunks": (chunked(chunk(PAGE[:99]), chunk(PAGE[99:])), OK),
    "chunks of one byte": (chunked(*[chunk(PAGE[n : n + 1]) for n in range(len(PAGE))]), OK),
    "chunk size no number": (chunked(b"zz\r\nabc\r\n"), BROKEN),
    "chunk size negative": (chunked(b"-5\r\nabc\r\n"), BROKEN),
    "chunk size of exabytes": (chunked(b"fffffffffffffff\r\nabc\r\n"), BROKEN),
    "chunk size beyond all": (chunked(b"f" * 5000 + b"\r\nabc\r\n"), BROKEN),
    "chunk size padded": (chunked(b"0" * 30_000 + b"5\r\nabcde\r\n"), ANY),
    "chunk too short": (chunked(b"5\r\nab\r\n"), BROKEN),
    "chunk without end": (chunked(chunk(PAGE), end=b""), BROKEN),
    "chunk with long extension": (chunked(b"5;" + b"x" * 100_000 + b"\r\nabcde\r\n"), ANY),
    "trailers": (chunked(chunk(PAGE), end=b"0\r\nX: y\r\nSet-Cookie: a=b\r\n\r\n"), ANY),
    "many trailers": (chunked(chunk(PAGE), end=b"0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n"), ANY),
    "bare newlines": (chunked(b"5\nabcde\n"), ANY),
    "an empty chunk in the middle": (chunked(chunk(b"abc"), b"0\r\n\r\n", chunk(b"smuggled")), ANY),
}

CODED: dict[str, tuple[Wire, frozenset[str]]] = {
    "gzip": (answer(GZ, "Content-Encoding: gzip"), OK),
    "gzip with garbage behind": (answer(GZ + b"<script>x</script>", "Content-Encoding: gzip"), OK),
    "gzip with zeros behind": (answer(GZ + b"\0" * 99, "Content-Encoding: gzip"), OK),
    "gzip of two members": (
        answer(GZ + gzip.compress(b"<p>more</p>"), "Content-Encoding: gzip"),
        OK,
    ),
    "gzip and half a member": (answer(GZ + GZ[:40], "Content-Encoding: gzip"), ANY),
    "gzip without end": (answer(GZ[:-9], "Content-Encoding: gzip"), frozenset({"truncated"})),
    "gzip with a wrong checksum": (
        answer(GZ[:-8] + b"\0\0\0\0" + GZ[-4:], "Content-Encoding: gzip"),
        frozenset({"truncated"}),
    ),
    "gzip with a wrong length": (answer(GZ[:-4] + b"\1\1\1\1", "Content-Encoding: gzip"), ANY),
    "gzip, its head only": (answer(GZ[:10], "Content-Encoding: gzip"), BROKEN),
    "gzip, that is none": (answer(PAGE, "Content-Encoding: gzip"), frozenset({"bad_encoding"})),
    "gzip bomb": (
        answer(gzip.compress(bytes(70_000_000)), "Content-Encoding: gzip"),
        frozenset({"too_large"}),
    ),
    "gzip bomb of many members": (
        answer(gzip.compress(bytes(2_000_000)) * 100, "Content-Encoding: gzip"),
        frozenset({"too_large"}),
    ),
    "gzip in gzip": (answer(gzip.compress(GZ), "Content-Encoding: gzip, gzip"), ANY),
    "bomb in a bomb": (
        answer(gzip.compress(gzip.compress(bytes(70_000_000))), "Content-Encoding: gzip, gzip"),
        frozenset({"too_large"}),
    ),
    "deflate": (answer(zlib.compress(PAGE), "Content-Encoding: deflate"), OK),
    "deflate, raw": (answer(raw_deflate(PAGE), "Content-Encoding: deflate"), OK),
    "deflate with garbage behind": (
        answer(zlib.compress(PAGE) + b"garbage", "Content-Encoding: deflate"),
        ANY,
    ),
    "deflate bomb": (
        answer(zlib.compress(bytes(70_000_000)), "Content-Encoding: deflate"),
        frozenset({"too_large"}),
    ),
    "brotli": (answer(brotli.compress(PAGE), "Content-Encoding: br"), OK),
    "brotli cut": (answer(brotli.compress(PAGE)[:-5], "Content-Encoding: br"), BROKEN),
    "brotli bomb": (
        answer(brotli.compress(bytes(70_000_000), quality=5), "Content-Encoding: br"),
        frozenset({"too_large"}),
    ),
    "brotli, that is none": (answer(b"\xff" * 99, "Content-Encoding: br"), BROKEN),
}

ENDLESS: dict[str, tuple[Wire, frozenset[str]]] = {
    "body for ever": (for_ever(b"x" * 65_536, _HEAD + b"\r\n"), BROKEN),
    "chunks for ever": (
        for_ever(b"400\r\n" + b"x" * 1024 + b"\r\n", _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
        BROKEN,
    ),
    "headers for ever": (for_ever(b"X: y\r\n" * 1000, _HEAD), BROKEN),
    "one header for ever": (for_ever(b"y" * 65_536, _HEAD + b"X: "), BROKEN),
    "a folded header for ever": (for_ever(b" y\r\n" * 1000, _HEAD + b"X: y\r\n"), BROKEN),
    "status line for ever": (for_ever(b"y" * 65_536, b"HTTP/1.1 200 "), BROKEN),
    "continue for ever": (for_ever(b"HTTP/1.1 100 Continue\r\n\r\n" * 100), BROKEN),
    "hints for ever": (for_ever(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 100), BROKEN),
    "trailers for ever": (for_ever(b"X: y\r\n" * 1000, chunked(chunk(PAGE), end=b"0\r\n")), ANY),
    "chunk extension for ever": (for_ever(b"x" * 65_536, chunked(b"5;", end=b"")), BROKEN),
    "newlines for ever": (for_ever(b"\r\n" * 1000), BROKEN),
}

BODIES: dict[str, tuple[Wire, frozenset[str]]] = {
    f"body {number}": (answer(body), ANY)
    for number, body in enumerate(
        (
            b"",
            b"\x00" * 5000,
            bytes(range(256)) * 50,
            b"\xff\xfe" + "报告".encode("utf-16-le") * 99,
            b"\x1b[2J\x1b]0;x\x07" * 500,
            b"<" * 20_000,
            b"<a " * 20_000,
            b"</" * 20_000,
            b"<div>" * 20_000,
            b"<p" + b" a=b" * 20_000 + b">",
            b"<!--" + b"-" * 50_000,
            b"<![CDATA[" * 5000,
            b"&" * 50_000,
            b"&#x10ffff;" * 5000,
            b"&#0;" * 5000,
            b"&lt" * 20_000,
            b"<meta charset=utf-7>" + PAGE,
            b"<meta charset=" + b"x" * 9000 + b">" + PAGE,
            b"<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
            b"<meta http-equiv=refresh content='0;url=/loop'>",
            b"<meta http-equiv=refresh content='0;url=http://[::1'>",
            b"<base href='http://[bad'>" + PAGE,
            b"<base href='javascript:x'><a href=r/1>x</a>",
            b"<a href='http://[::1/r/'>x</a><a href='http://x:99999/r/'>y</a>" * 500,
            b"<a href='/r/" + b"a" * 50_000 + b"'>x</a>",
            b"<a href='/r/\x00\x01'>x</a>",
            b"<!DOCTYPE x [<!ENTITY a 'b'><!ENTITY c '&a;&a;'>]><html>&c;</html>",
            b"<?xml version='1.0'?><!DOCTYPE x SYSTEM 'file:///etc/passwd'><x/>",
            b"%PDF-1.7\n" + b"0 0 obj " * 2000,
            b"PK\x03\x04" + b"\x00" * 2000,
            b"\x1f\x8b" + b"\x00" * 999,
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 5000,
            b"WARC/1.0\r\n" * 999,
            b"<html><frameset>" + b"<frame src=/r/x>" * 3000,
            b"<svg onload=x>" * 3000,
            b"<table>" * 3000 + b"<tr><td>" * 3000,
            b"<select>" + b"<option>x" * 9000,
            PAGE * 400,
        )
    )
}

KINDS = {
    "status lines": STATUS_LINES,
    "headers": HEADERS,
    "lengths": LENGTHS,
    "chunks": CHUNKS,
    "content codings": CODED,
    "answers without end": ENDLESS,
    "bodies": BODIES,
}

ANSWERS: dict[str, tuple[Wire, frozenset[str]]] = {
    name: each for kind in KINDS.values() for name, each in kind.items()
}
