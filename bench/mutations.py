"""Pages damaged at random, the way networks, editors and attackers damage them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

FRAGMENTS = (
    b"<div>", b"</div>", b"<table><tr><td>", b"</table>", b"</tr>", b"<!--", b"-->", b"<script>",
    b"</script>", b"<style>", b"<title>", b"<textarea>", b"<plaintext>", b"<frameset>", b"<pre>",
    b"<svg>", b"<template>", b"<select>", b"<iframe>", b"<noscript>", b"<![CDATA[", b"<?x", b"<!",
    b'<a href="', b"<p", b"</p x='", b'"', b"'", b">", b"<", b"&#0;", b"&#xD800;", b"&#9999999;",
    b"&nosuch;", b"</body></html>", b"<body style='display:none'>", b"\xef\xbb\xbf", b"\xff\xfe",
    b'<!DOCTYPE x [<!ENTITY a "&a;&a;">]>&a;', b"<base href='http://['>", b"<o:p>", b"\xed\xa0\x80",
)  # fmt: skip
OPENERS = (b"<b>", b"<font color=red>", b"<span style='display:none'>", b"<div class=share>", b"<")
LENGTHS = (200, 2_000, 20_000, 400_000)


def mutated(page: bytes, dice: Random) -> bytes:
    """`page`, cut to some length and hit one to forty times."""
    damaged = bytearray(page[: dice.choice(LENGTHS)])
    for _ in range(dice.randrange(1, 40)):
        dice.choice(HITS)(damaged, dice.randrange(len(damaged) + 1), dice)
    return bytes(damaged)


def _noise(page: bytearray, at: int, dice: Random) -> None:
    page[at:at] = dice.randbytes(dice.randrange(1, 9))


def _hole(page: bytearray, at: int, dice: Random) -> None:
    del page[at : at + dice.randrange(1, 400)]


def _fragment(page: bytearray, at: int, dice: Random) -> None:
    page[at:at] = dice.choice(FRAGMENTS)


def _zeros(page: bytearray, at: int, dice: Random) -> None:
    page[at:at] = bytes(dice.randrange(1, 6))


def _echo(page: bytearray, at: int, dice: Random) -> None:
    start = dice.randrange(len(page) + 1)
    page[at:at] = page[start : start + dice.randrange(600)]


def _flip(page: bytearray, at: int, dice: Random) -> None:
    page[at : at + 1] = dice.randbytes(1)


def _nest(page: bytearray, at: int, dice: Random) -> None:
    page[at:at] = dice.choice(OPENERS) * dice.randrange(1, 400)


HITS: tuple[Callable[[bytearray, int, Random], None], ...] = (
    _noise, _hole, _fragment, _fragment, _zeros, _echo, _flip, _nest,
)  # fmt: skip
