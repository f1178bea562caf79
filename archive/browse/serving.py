"""One archive in Datasette, protected: for `baogao serve`, which any web page can reach."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from math import inf
from pathlib import Path
from typing import Any, Final

from datasette.app import Datasette
from datasette.database import Database, QueryInterrupted, Results
from datasette.views.base import DatasetteError
from uvicorn.protocols.http.h11_impl import H11Protocol

from archive.browse import errors, sql_worker
from archive.browse.behind_proxy import BaseUrl, Metrics
from archive.browse.databases import read_only_uri
from archive.browse.gate import Gate
from archive.browse.limits import HEAP_BYTES, STARVED, STOCK_S, TooMuchError, watch
from archive.browse.policy import Application
from archive.browse.turns import AT_ONCE
from archive.browse.web import cost_too_much
from archive.errors import WorkFailedError
from archive.store.connection import limit_heap
from archive.workers import Workers

SETTINGS: Final = {
    "allow_download": False,
    "default_allow_sql": False,
    "default_facet_size": 40,  # all provinces in one facet
    "default_page_size": 50,
    "max_csv_mb": 64,
    "num_sql_threads": AT_ONCE,
    "sql_time_limit_ms": 3_000,
    "suggest_facets": False,  # a query for each column; half a second in a large archive
    "truncate_cells_html": 200,
}

PUBLIC: Final = {"allow_csv_stream": False}
"""What strangers may not use: whole tables; saved queries are allowed."""

MOST_CONNECTIONS: Final = 200

SQL_PROCESSES: Final = 2
"""The most processes that run readers' SQL."""

SLOW_S: Final = 20.0
"""Seconds after which a reader who neither sends a request nor takes the answer is disconnected."""


_TOO_MUCH: Final = "This asks for too much at once and was stopped; ask for less and try again."


class GuardedDatabase(Database):  # type: ignore[misc]
    """A database whose work is watched, on connections with limits."""

    def connect(self, write: bool = False) -> sqlite3.Connection:  # noqa: ARG002, FBT001, FBT002  (its own)
        """Open a read-only connection on which SQLite's memory is limited.

        Datasette's own method does not open files whose names have `#`, `?` or `%`.
        """
        uri = read_only_uri(self.path, immutable=not self.is_mutable)
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._all_file_connections.append(connection)  # Datasette closes them
        limit_heap(connection, HEAP_BYTES)
        return connection

    async def execute(self, *arguments: Any, **keywords: Any) -> Results:
        """Like Datasette's own; a reader's invalid query is reported to the reader, not printed."""
        return await super().execute(*arguments, **{**keywords, "log_sql_errors": False})

    async def execute_fn(self, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        """Return the result of `fn`.

        Raises:
            DatasetteError: it was stopped because it takes too long, or too much memory.
        """

        def guarded(connection: sqlite3.Connection) -> Any:
            try:
                with watch.over(connection, STOCK_S):
                    return fn(connection)
            except (TooMuchError, MemoryError, sqlite3.Error) as error:
                if not cost_too_much(error):
                    raise
                raise DatasetteError(_TOO_MUCH, status=503) from None

        return await super().execute_fn(guarded)


class SqlProcessDatabase(GuardedDatabase):
    """A database for readers' SQL, which runs in processes that can be stopped."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._workers = Workers(
            sql_worker.TASK,
            SQL_PROCESSES,
            deadline_s=sql_worker.DEADLINE_S,
            patience_s=STARVED * sql_worker.DEADLINE_S,
        )

    async def execute(
        self,
        sql: str,
        params: Any = None,
        *,
        truncate: bool = False,
        custom_time_limit: int | None = None,
        page_size: int | None = None,
        **_: Any,
    ) -> Results:
        """Return the rows of a statement, as Datasette's own database does.

        Raises:
            QueryInterrupted: it took too long.
            sqlite3.OperationalError: it is invalid, or uses too much.
        """
        milliseconds = min(custom_time_limit or inf, self.ds.sql_time_limit_ms)
        most = self.ds.max_returned_rows
        most += most == (page_size or self.ds.page_size)
        statement = sql_worker.Statement(
            Path(self.path), not self.is_mutable, sql, _plain(params), most if truncate else None,
            milliseconds / 1000,
        )  # fmt: skip
        try:
            made = await asyncio.wrap_future(self._workers.submit(statement))
        except WorkFailedError as error:
            made = sql_worker.stopped(error)
        if made == "interrupted":
            raise QueryInterrupted(sqlite3.OperationalError(made), sql, params)
        if isinstance(made, str):
            raise sqlite3.OperationalError(made)
        return Results(made.as_sqlite(), made.is_cut, [(name,) for name in made.columns])

    def close(self) -> None:
        """Stop the processes too."""
        self._workers.close(at_once=True)
        super().close()


def _plain(params: Any) -> Any:
    """Convert the values of a statement for another process."""
    if params is None:
        return {}
    return dict(params) if isinstance(params, Mapping) else tuple(params)


class ImpatientProtocol(H11Protocol):
    """HTTP that disconnects readers who neither send a request nor take the answer."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, with a time limit."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait for the end of a request; its time counts from its beginning."""
        super().data_received(data)
        if self.cycle is None or self.cycle.response_complete:
            self._wait()
        else:
            self._stop_waiting()

    def pause_writing(self) -> None:
        """Note that the reader does not take the answer."""
        super().pause_writing()
        self._wait()

    def resume_writing(self) -> None:
        """Note that the reader has taken it."""
        super().resume_writing()
        self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._timer is None:
            self._timer = self.loop.call_later(SLOW_S, self.transport.abort)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def guarded_datasette(
    db: str | Path, *, public: bool, sql: bool, base_url: str = "/", above: str = ""
) -> Datasette:
    """Return Datasette with one archive; a public one is opened as immutable.

    Its pages link to `above`, the page of all archives, if it is served with others.
    """
    place = Path(db).absolute()
    # a WAL database cannot be read where its -shm file cannot be created; nobody writes there
    frozen = public or not os.access(place.parent, os.W_OK)
    asked = {"default_allow_sql": sql, "base_url": base_url}
    settings = {**SETTINGS, **(PUBLIC if public else {}), **asked}
    errors.take_over()
    datasette = Datasette([], settings=settings)
    datasette.remove_database("_memory")
    datasette.baogao_above = above
    kind = SqlProcessDatabase if sql else GuardedDatabase
    datasette.add_database(kind(datasette, str(place), is_mutable=not frozen))
    return datasette


def guarded_application(
    db: str | Path,
    hosts: Iterable[str],
    *,
    public: bool = False,
    sql: bool = False,
    base_url: str = "",
    above: str = "",
) -> Application:
    """Return the ASGI application that serves `db` to readers who use one of `hosts`.

    Args:
        db: the archive.
        hosts: the host names that are answered.
        public: for strangers: no whole tables, nothing about the server itself.
        sql: whether SQL in a URL is run.
        base_url: the URL of the server for visitors, whose host is answered too.
        above: the path of the page of all archives, if it is served with others.
    """
    watch.limit_memory()
    base = BaseUrl(base_url or "http://127.0.0.1/")
    datasette = guarded_datasette(db, public=public, sql=sql, base_url=base.prefix, above=above)
    application = Metrics(datasette.app(), Path(db))
    return base.around(Gate(application, [*hosts, base.host], internals=not public))
