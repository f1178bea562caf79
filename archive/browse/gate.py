"""Protects the pages of `baogao serve`: limits who is answered, how many at a time, and how much.

A web page open in a browser may send requests to this machine. It gets nothing: a foreign host name
is refused (a name may point to 127.0.0.1), and so is everything that another site's page loads.
Readers of large answers wait for each other instead of filling the memory.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack
from http import HTTPStatus
from time import monotonic
from typing import Any, Final
from urllib.parse import parse_qsl

from archive.browse.limits import MEGABYTE
from archive.browse.policy import METHODS, Application, Message, refuse_method
from archive.browse.turns import Turns

PATIENCE_S: Final = 20.0
"""How long a request waits for its turn before it is told to retry."""

ANSWER_S: Final = 120.0
"""How long an answer may take to be made and sent."""

LARGE: Final = MEGABYTE // 4
"""Bytes from which an answer counts as large."""

MOST_LARGE: Final = 96 * MEGABYTE
"""The most bytes of all large answers being sent."""

PIECE: Final = 64 * 1024
"""Bytes sent at a time, so that an answer is not copied into a buffer as a whole."""

_NAME: Final = re.compile(r"\[?([0-9A-Za-z_:.-]+?)\]?\.?(?::\d{1,5})?")


class Gate:
    """Wraps `application` and lets in permitted requests, a few at a time.

    Args:
        application: the application that answers them.
        hosts: the host names that are answered; ports are ignored.
        internals: whether pages about the server itself, such as `/-/databases`, are shown.
    """

    def __init__(
        self, application: Application, hosts: Iterable[str], *, internals: bool = True
    ) -> None:
        self._application = application
        self._hosts = frozenset(host.lower() for host in hosts)
        self._internals = internals
        self._turns = Turns()
        self._large = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer, or refuse with one sentence."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        if scope["method"] not in METHODS and self._is_ours(_hosts(scope)):
            await refuse_method(send)
            return
        refusal = self._refusal(scope)
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        async with AsyncExitStack() as turn:
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await turn.enter_async_context(self._turns.turn(scope["path"]))
            except TimeoutError:
                await _refuse(send, HTTPStatus.SERVICE_UNAVAILABLE, _BUSY)
                return
            await self._answer(scope, receive, _Sending(self, send, turn))

    async def _answer(self, scope: Any, receive: Any, sending: _Sending) -> None:
        """Answer when it is this request's turn."""
        try:
            async with asyncio.timeout(ANSWER_S):
                await self._application(scope, receive, sending)
        except TimeoutError:
            await sending.give_up()
        finally:
            await sending.end()
            self._turns.took(scope["path"], sending.made_in_s)

    def _refusal(self, scope: Any) -> tuple[HTTPStatus, str] | None:
        headers = [(name.lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        if not self._is_ours(_hosts(scope)):
            return HTTPStatus.MISDIRECTED_REQUEST, _NOT_OURS
        if "\\" in scope["path"] or scope["path"].startswith("//"):
            return HTTPStatus.NOT_FOUND, _NO_PAGE  # a redirect from there would lead elsewhere
        if _is_of_another_site(dict(headers), asks_sql(scope["query_string"])):
            return HTTPStatus.FORBIDDEN, "Pages of other sites may link here, and not load this.\n"
        if not self._internals and _is_internal(scope["path"]):
            return HTTPStatus.NOT_FOUND, _NO_PAGE
        return None

    def _is_ours(self, named: list[str]) -> bool:
        found = _NAME.fullmatch(named[0]) if len(named) == 1 else None
        return found is not None and found[1].lower() in self._hosts

    def take_large(self, size: int) -> bool:
        """Whether an answer of this size may be sent now; it is counted until `give_large`."""
        if self._large + size > MOST_LARGE:
            return False
        self._large += size
        return True

    def give_large(self, size: int) -> None:
        """Release the count of an answer that was sent or abandoned."""
        self._large -= size


class _Sending:
    """Sends one answer in pieces; its turn ends when it has been made, however slow the reader.

    `made_in_s` is how long it took to be made, from the start of its turn.
    """

    def __init__(self, gate: Gate, send: Any, turn: AsyncExitStack) -> None:
        self._gate = gate
        self._send = send
        self._turn = turn
        self._began = monotonic()
        self.made_in_s = 0.0
        self._size = 0
        self._start: Message | None = None
        self._begun = self._refused = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._refused or message["type"] != "http.response.body":
            return
        if message.pop("apart", False) or not message.get("more_body", False):
            await self._end_turn()
        if self._start is not None and not await self._begin(len(message.get("body", b""))):
            return
        for piece in _pieces(message):
            await self._send(piece)

    async def _begin(self, size: int) -> bool:
        """Send the head of an answer, or a refusal if too much is being sent already."""
        self._begun = True
        if size > LARGE and not self._gate.take_large(size):
            self._refused = True
            await _refuse(self._send, HTTPStatus.SERVICE_UNAVAILABLE, _BUSY)
            return False
        self._size = size if size > LARGE else 0
        start, self._start = self._start, None
        await self._send(start)
        return True

    async def give_up(self) -> None:
        """Refuse if nothing was sent yet.

        Otherwise break the connection, which the reader notices.
        """
        if not self._begun:
            await _refuse(self._send, HTTPStatus.SERVICE_UNAVAILABLE, _BUSY)

    async def end(self) -> None:
        """Finish: the answer was sent or abandoned."""
        await self._end_turn()
        self._gate.give_large(self._size)
        self._size = 0

    async def _end_turn(self) -> None:
        self.made_in_s = self.made_in_s or monotonic() - self._began
        await self._turn.aclose()


def _hosts(scope: Any) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"host"]


def asks_sql(query_string: bytes) -> bool:
    """Whether the arguments of a URL contain SQL."""
    named = {name for name, _ in parse_qsl(query_string.decode("latin-1"), keep_blank_values=True)}
    return not named.isdisjoint({"sql", "_where"})


def _pieces(message: Message) -> Iterator[Message]:
    body = memoryview(message.get("body", b""))
    more = bool(message.get("more_body", False))
    for at in range(0, max(len(body), 1), PIECE):
        last = at + PIECE >= len(body)
        yield {**message, "body": bytes(body[at : at + PIECE]), "more_body": more or not last}


def _is_of_another_site(headers: dict[bytes, str], is_sql: bool) -> bool:  # noqa: FBT001
    """Whether a page of another site loads this, according to the browser; links are allowed."""
    if headers.get(b"sec-fetch-site", "none") in {"none", "same-origin"}:
        return False
    is_link = (
        headers.get(b"sec-fetch-mode") == "navigate"
        and headers.get(b"sec-fetch-dest") == "document"
    )
    return is_sql or not is_link


def _is_internal(path: str) -> bool:
    return path.startswith("/-/") and not path.startswith(("/-/static", "/-/baogao/"))


async def _refuse(send: Any, status: HTTPStatus, words: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": words.encode()})


_BUSY: Final = "Too much is being read at the moment; come again in some seconds.\n"
_NO_PAGE: Final = "There is no such page.\n"
_NOT_OURS: Final = (
    "This server does not answer to that host name; it can be named with --allow-host.\n"
)
