"""Between Datasette and a page: arguments in, an answer with safe headers out."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from time import monotonic, thread_time
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlencode
from weakref import WeakKeyDictionary

from datasette.utils.asgi import Response

from archive.browse.databases import our_database
from archive.browse.datasette_tables import work_address
from archive.browse.labels import HTML_LANGUAGE, Labels, Language, preferred
from archive.browse.limits import TooMuchError, large_values, watch
from archive.browse.permitting import ensure_permitted
from archive.browse.policy import METHODS
from archive.browse.rendering import asset_path, environment
from archive.catalogue.trend import StillCountingError
from archive.errors import BrokenLawError
from archive.model import sha256
from archive.store.naming import Named
from archive.store.together import Connections, Readable

Thing = TypeVar("Thing")

TIME_LIMIT_S: Final = 8.0
"""Seconds after which a page is stopped, so that one reader cannot block all others."""

STEPS: Final = 10_000
"""Steps of SQLite's virtual machine between two checks of the clock."""

FRESH_S: Final = 1.0
"""Seconds for which an answer is reused: fifty readers of one page cost no more than one."""

ANSWERS_KEPT: Final = 64

LARGEST_KEPT: Final = 512 * 1024
"""The largest answer that is reused, in bytes or characters."""

MOST_STREAMS: Final = 4
"""The most downloads that are made piece by piece at a time."""

LANGUAGE_COOKIE: Final = "baogao_lang"
STOCK_LANGUAGE: Final = "_lang"
"""The argument for the language on Datasette's pages, where `lang` would be a column."""

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
"""The Content-Security-Policy of our pages: nothing inline, nothing from elsewhere."""

FOREVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
"""For what has its digest in its URL."""

SAFE_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}


TOO_MUCH: Final = ("interrupted", "string or blob too big", "more than")
"""Prefixes of the messages of SQLite and `limits.Counted` for a stopped statement."""


class MissingError(Exception):
    """The requested item is not in this archive; `key` is the label of the message."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class SeveralError(Exception):
    """A URL matches more than one report; `works` are those."""

    def __init__(self, asked_for: str, works: Sequence[Named]) -> None:
        super().__init__(asked_for)
        self.asked_for = asked_for
        self.works = works


def found(thing: Thing | None, key: str, **values: Any) -> Thing:
    """Return the item if it exists.

    Raises:
        MissingError: it does not.
    """
    if thing is None:
        raise MissingError(key, **values)
    return thing


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer; text is UTF-8.

    `following` says where the next piece of a download begins; None if this is all of it.
    """

    body: str | bytes
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    policy: str = POLICY
    following: int | None = None


def attachment(name: str) -> dict[str, str]:
    """Return the header by which a browser saves an answer as a file called `name`."""
    return {"content-disposition": f'attachment; filename="{name}"'}


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, with the read-only connection on which it is answered.

    `begins` is where the piece of a download begins that is asked for; None for its first. `above`
    is the URL of the page of all archives, if this one is served with others.
    """

    parts: Mapping[str, str]
    arguments: Mapping[str, str]
    path: str
    language: Language
    base: str
    database: str
    origin: str = ""
    opened: sqlite3.Connection | None = None
    begins: int | None = None
    above: str = ""

    @property
    def connection(self) -> sqlite3.Connection:
        """The connection; a handler always has one."""
        assert self.opened is not None  # noqa: S101  (the thread that answers sets it)
        return self.opened

    @property
    def connections(self) -> Connections:
        """The connections that answer, by the names of archives."""
        return {"": self.connection}

    @property
    def readable(self) -> Readable:
        """What is read: this archive."""
        return self.connection

    @property
    def of_folder(self) -> bool:
        """Whether it is answered from all archives of a folder."""
        return False

    @property
    def is_static(self) -> bool:
        """Whether the page becomes a file, where forms do not work."""
        return False

    @property
    def words(self) -> Labels:
        """The labels in the reader's language."""
        return Labels(self.language)

    @property
    def other_language(self) -> Language:
        """The language that the reader may change to."""
        return "en" if self.language == "zh" else "zh"

    def link(self, path: str, **arguments: Any) -> str:
        """Return the URL of one of our pages, including Datasette's base URL."""
        kept = {name: value for name, value in arguments.items() if value not in (None, "")}
        return self.base + path.lstrip("/") + (f"?{urlencode(kept)}" if kept else "")

    def here(self, **changed: Any) -> str:
        """Return the URL of this page with some arguments changed."""
        return self.link(self.path, **{**self.arguments, **changed})

    def page(self, template: str, *, status: int = 200, **context: Any) -> Answer:
        """Render the page from `template`."""
        return Answer(self.rendered(template, **context), status=status)

    def rendered(self, template: str, **context: Any) -> str:
        """Return what `template` makes of `context` and of what all our pages have."""
        return environment().get_template(template).render(
            {
                "asked": self, "t": self.words, "link": self.link, "here": self.here,
                "html_language": HTML_LANGUAGE[self.language],
                "other_language": self.other_language,
                "other_language_url": self.here(lang=self.other_language),
                "css": self.base + asset_path("baogao.css"),
                "js": self.base + asset_path("baogao.js"),
                "icon": self.base + asset_path("icon.svg"),
                **context,
            }
        )  # fmt: skip


Handler = Callable[[Asked], Answer]
Request = TypeVar("Request", bound=Asked)


class Lately:
    """Answers of the last second: simultaneous requests for one page wait for one answer."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[float, asyncio.Task[Answer]]] = OrderedDict()

    async def answer(self, key: Hashable, make: Callable[[], Awaitable[Answer]]) -> Answer:
        """Return the answer for `key`, made by `make` unless it was made within `FRESH_S`."""
        now = monotonic()
        kept = self._kept.get(key)
        if kept is None or kept[0] < now or kept[1].cancelled():
            kept = (now + FRESH_S, asyncio.ensure_future(_awaited(make)))
            self._kept[key] = kept
            self._kept.move_to_end(key)
        self._forget(now)
        try:
            # a reader who leaves must not take the answer from those who wait for it too
            answer = await asyncio.shield(kept[1])
        except Exception:
            self._kept.pop(key, None)
            raise
        if len(answer.body) > LARGEST_KEPT:
            self._kept.pop(key, None)
        return answer

    def _forget(self, now: float) -> None:
        """Drop old entries, and the oldest if there are too many."""
        while self._kept:
            until, made = next(iter(self._kept.values()))
            if len(self._kept) <= ANSWERS_KEPT and (until >= now or not made.done()):
                return
            self._kept.popitem(last=False)


async def _awaited(make: Callable[[], Awaitable[Answer]]) -> Answer:
    return await make()


_lately: WeakKeyDictionary[Any, Lately] = WeakKeyDictionary()
_streams: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
"""How many downloads a server is sending."""


def view(handler: Handler) -> Callable[..., Awaitable[Response]]:
    """Return the Datasette view that answers with `handler`, in a database thread."""

    async def answer_request(request: Any, datasette: Any) -> Response:
        if request.method not in METHODS:
            return Response.text("This archive is only read.", 405, {"allow": "GET, HEAD"})
        asked = await _permitted(request, datasette)

        async def make() -> Answer:
            return await _made(handler, asked, datasette)

        key = (request.full_path, asked.language, asked.origin)
        kept = _lately.setdefault(datasette, Lately())
        return responded(await kept.answer(key, make), request)

    return answer_request


def streamed(handler: Handler) -> Callable[..., Awaitable[Response | Download]]:
    """Return the view of a download that `handler` makes piece by piece.

    Between two pieces the database thread is free for other readers. Each piece shows the archive
    as it is then.
    """

    async def answer_request(request: Any, datasette: Any) -> Response | Download:
        if request.method not in METHODS:
            return Response.text("This archive is only read.", 405, {"allow": "GET, HEAD"})
        asked = await _permitted(request, datasette)

        async def piece(begins: int | None) -> Answer:
            return await _made(handler, replace(asked, begins=begins), datasette)

        first = await piece(None)
        return download(first, piece, asked, request, datasette)

    return answer_request


def download(
    first: Answer,
    piece: Callable[[int | None], Awaitable[Answer]],
    asked: Asked,
    request: Any,
    server: Any,
) -> Response | Download:
    """Return what sends a download whose first piece is `first`.

    Args:
        first: the first piece.
        piece: makes the piece that begins somewhere.
        asked: what is asked for.
        request: the request.
        server: what sends the downloads, only some of them at a time.
    """
    if first.following is None or request.method == "HEAD":
        return responded(first, request)
    if _streams.get(server, 0) >= MOST_STREAMS:
        return responded(_busy(asked), request)
    return Download(first, piece, server)


def _busy(asked: Asked) -> Answer:
    page = asked.page("message.html", status=503, says=asked.words("error.busy"))
    return replace(page, headers={"retry-after": "5"})


class Download:
    """Sends a download while it is made."""

    def __init__(
        self, first: Answer, piece: Callable[[int | None], Awaitable[Answer]], datasette: Any
    ) -> None:
        self._first = first
        self._piece = piece
        self._datasette = datasette

    async def asgi_send(self, send: Any) -> None:
        """Send all pieces; a failure breaks the connection, so that no reader takes it for all."""
        _streams[self._datasette] = _streams.get(self._datasette, 0) + 1
        try:
            headers = _headers(self._first) | {"content-type": self._first.content_type}
            raw = [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": 200, "headers": raw})
            piece = self._first
            while True:
                more = piece.following is not None
                # "apart": the rest is made later, so others need not wait until it is sent
                body = {"type": "http.response.body", "body": _bytes(piece), "more_body": more}
                await send({**body, "apart": True})
                if not more:
                    return
                piece = await self._piece(piece.following)
                if piece.status != HTTPStatus.OK:
                    return  # without an end, so the server breaks the connection
        finally:
            _streams[self._datasette] -= 1


async def _permitted(request: Any, datasette: Any) -> Asked:
    """Return what a request asks for, if the reader may see the archive."""
    database = our_database(datasette)
    await ensure_permitted(datasette, request.actor, database.name)
    return asked_of(request, datasette, database.name)


async def _made(handler: Handler, asked: Asked, datasette: Any) -> Answer:
    """Return the answer of `handler`, made in a database thread."""

    def answer(connection: sqlite3.Connection) -> Answer:
        return answered(handler, replace(asked, opened=connection))

    made: Answer = await our_database(datasette).execute_fn(answer)
    return made


def asked_of(request: Any, datasette: Any, database: str) -> Asked:
    """Return what a request asks of an archive, not yet with a connection."""
    base, above = datasette.setting("base_url"), getattr(datasette, "baogao_above", "")
    return asked_below(Asked, request, base, database, above)


def asked_below(
    kind: type[Request], request: Any, base: str, database: str = "", above: str = ""
) -> Request:
    """Return what a request asks for, given the path below which our pages are."""
    arguments = {name: request.args.get(name) for name in request.args}
    path = unquote(request.path)
    return kind(
        parts={name: unquote(part or "") for name, part in request.url_vars.items()},
        arguments=arguments,
        path=path[len(base) - 1 :] if path.startswith(base) else path,
        language=preferred(
            arguments.get("lang") or arguments.get(STOCK_LANGUAGE),
            request.cookies.get(LANGUAGE_COOKIE),
            request.headers.get("accept-language", ""),
        ),
        base=base,
        database=database,
        origin=f"{request.scheme}://{request.host}",
        above=above,
    )


def answered(handler: Handler, asked: Asked) -> Answer:
    """Return the answer of `handler`, or a page that says why there is none."""
    try:
        with _limited(asked.connections.values()):
            return handler(asked)
    except MissingError as missing:
        says = asked.words(missing.key, **missing.values)
        return asked.page("message.html", status=404, says=says)
    except SeveralError as several:
        return which_page(asked, several)
    except StillCountingError as counting:
        return counting_page(asked, counting)
    except BrokenLawError:
        return asked.page(
            "message.html", status=500, says=asked.words("error.damaged"), heading="error.broken"
        )
    except (TooMuchError, MemoryError, sqlite3.Error) as error:
        if not cost_too_much(error):
            raise
        return asked.page("message.html", status=503, says=asked.words("error.too_long"))


@contextmanager
def _limited(connections: Iterable[sqlite3.Connection]) -> Iterator[None]:
    """Stop what takes too long or too much memory on these connections, together."""
    stop_at = thread_time() + TIME_LIMIT_S
    with ExitStack() as stack:
        for connection in connections:
            connection.set_progress_handler(lambda: int(thread_time() > stop_at), STEPS)
            stack.callback(connection.set_progress_handler, None, 0)
            stack.enter_context(watch.over(connection, TIME_LIMIT_S))
            stack.enter_context(large_values(connection))
        yield


def counting_page(asked: Asked, counting: StillCountingError) -> Answer:
    """Say how far the count of a word is; a browser asks again by itself."""
    says = asked.words("error.counting", done=counting.done, of=counting.of)
    page = asked.page("message.html", status=503, says=says)
    return replace(page, headers={"retry-after": "2", "refresh": "2"})


def cost_too_much(error: Exception) -> bool:
    """Whether a page failed because it was stopped for its cost."""
    return isinstance(error, TooMuchError | MemoryError) or (
        isinstance(error, sqlite3.Error) and str(error).startswith(TOO_MUCH)
    )


def which_page(asked: Asked, several: SeveralError) -> Answer:
    """Return the reports that match a URL, to choose from."""
    return asked.page(
        "which.html",
        status=300,
        name=several.asked_for,
        works=[(work, work_address(work.name)) for work in several.works],
    )


def _bytes(answer: Answer) -> bytes:
    body = answer.body
    return body.encode("utf-8", "replace") if isinstance(body, str) else body


def _headers(answer: Answer) -> dict[str, str]:
    return {
        **SAFE_HEADERS,
        "content-security-policy": answer.policy,
        "cache-control": "no-cache",
        "vary": "Accept-Language, Cookie",
        **answer.headers,
    }


def responded(answer: Answer, request: Any) -> Response:
    """Return what is sent for an answer: nothing if the reader has it already."""
    body, headers = _bytes(answer), _headers(answer)
    if answer.status == 200 and len(body) <= LARGEST_KEPT:  # noqa: PLR2004  (worth keeping)
        tag = headers["etag"] = f'"{sha256(body)[:24]}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(b"", status=304, headers=headers, content_type=answer.content_type)
    response = Response(body, answer.status, headers, answer.content_type)
    language = request.args.get("lang")
    if language in HTML_LANGUAGE:
        response.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000)
    return response
