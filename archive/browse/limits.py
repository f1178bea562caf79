"""Limits what one reader may use: seconds, memory, and the size of an answer.

SQLite stops long loops through its progress handler, and refuses values and statements beyond its
limits. A watching thread stops what SQLite cannot, a single function or a page's own Python code:
it interrupts the connection and raises `TooMuchError` in the working thread.
"""

from __future__ import annotations

import ctypes
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread, get_ident
from time import monotonic, thread_time
from typing import Any, Final
from weakref import ref

MEGABYTE: Final = 1 << 20

HEAP_BYTES: Final = 256 * MEGABYTE
"""Memory of SQLite in the whole process; a statement that needs more fails."""

ROOM: Final = 350 * MEGABYTE
"""How much the resident memory of the server may grow before the longest work is stopped."""

STOCK_VALUE: Final = 16 * MEGABYTE
"""Bytes of one value, and of all rows of one statement, on Datasette's own pages."""

OWN_VALUE: Final = 80 * MEGABYTE
"""The same on our pages: the largest file that a crawl keeps, if it does not compress."""

STOCK_S: Final = 10.0
"""Seconds for Datasette's own pages; a single statement has less."""

STARVED: Final = 4
"""Factor of its seconds that work may take by the clock on a busy processor."""

_LIMITS: Final = {
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 200,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 20,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 32,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 500,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 1_000,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 10,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}

_LOOK_S: Final = 0.05
_AGAIN_S: Final = 0.5
"""Seconds after which stopped work is stopped again, in case it swallowed the first error."""

_PAGE: Final = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_STATM: Final = Path("/proc/self/statm")


class TooMuchError(Exception):
    """This work took too long, or more memory than the server may use."""


def limit(connection: sqlite3.Connection) -> None:
    """Set SQLite's limits on a connection that answers requests of strangers."""
    for name, most in _LIMITS.items():
        connection.setlimit(name, most)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, STOCK_VALUE)
    connection.row_factory = Counted(STOCK_VALUE)


@contextmanager
def large_values(connection: sqlite3.Connection) -> Iterator[None]:
    """Allow our own pages to read larger values than Datasette's."""
    before, factory = connection.getlimit(sqlite3.SQLITE_LIMIT_LENGTH), connection.row_factory
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, OWN_VALUE)
    connection.row_factory = Counted(OWN_VALUE)
    try:
        yield
    finally:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)
        connection.row_factory = factory


class Counted:
    """A row factory that stops a statement whose rows are too large in total."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._cursor: Any = None
        self._size = 0

    def __call__(self, cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> sqlite3.Row:
        """Return the row, adding it to those of the same statement."""
        if self._cursor is None or self._cursor() is not cursor:
            self._cursor, self._size = ref(cursor), 0
        self._size += sum(len(value) for value in values if isinstance(value, str | bytes))
        if self._size > self._most:
            raise sqlite3.OperationalError(f"more than {self._most // MEGABYTE} MB of rows")
        return sqlite3.Row(cursor, values)


@dataclass(eq=False, slots=True)
class _Work:
    """The work of a thread; `raised_at` is when an error was last raised in it.

    `interrupted` means that its SQL was interrupted, which is tried first.
    """

    connection: sqlite3.Connection
    seconds: float
    thread: int = field(default_factory=get_ident)
    began: float = field(default_factory=monotonic)
    cpu_began: float = field(default_factory=thread_time)
    raised_at: float | None = None
    interrupted: bool = False

    def is_late(self, now: float) -> bool:
        """Whether its thread has used too much processor time, or has taken very long."""
        wall_s = now - self.began
        if wall_s <= self.seconds:
            return False
        return wall_s > STARVED * self.seconds or self._cpu_s() > self.seconds

    def _cpu_s(self) -> float:
        """Return processor seconds if known for another thread, otherwise wall-clock seconds."""
        if not hasattr(time, "pthread_getcpuclockid"):
            return monotonic() - self.began
        clock = time.pthread_getcpuclockid(self.thread)
        return time.clock_gettime(clock) - self.cpu_began


class Watch:
    """Stops work that takes too long, and the longest work while the process is too large."""

    def __init__(self) -> None:
        self._most_memory: int | None = None
        self._change = Condition()
        self._at_work: list[_Work] = []
        self._thread: Thread | None = None

    def limit_memory(self, room: int = ROOM) -> None:
        """Stop work, the longest first, while the process is this much larger than now."""
        self._most_memory = max(self._most_memory or 0, memory() + room)

    @contextmanager
    def over(self, connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
        """Watch the work inside the context.

        Raises:
            TooMuchError: it used more processor seconds than `seconds`, or too much memory.
        """
        work = _Work(connection, seconds)
        try:
            self._begin(work)
            yield
        finally:
            self._end(work)

    def _begin(self, work: _Work) -> None:
        with self._change:
            self._at_work.append(work)
            if self._thread is None:
                self._thread = Thread(target=self._look, name="watch", daemon=True)
                self._thread.start()
            self._change.notify()

    def _end(self, work: _Work) -> None:
        """Stop raising errors in this thread, and cancel one that has not arrived."""
        while True:
            try:
                with self._change:
                    if work in self._at_work:
                        self._at_work.remove(work)
                if work.raised_at is not None:
                    _raise_in(work.thread, None)
            except TooMuchError:
                continue  # it arrived here, where the work is done
            return

    def _look(self) -> None:
        while True:
            with self._change:
                while not self._at_work:
                    self._change.wait()
                now = monotonic()
                for work in self._too_much(now):
                    work.connection.interrupt()
                    if work.interrupted:  # errors raised inside SQLite's callbacks are lost
                        work.raised_at = now
                        _raise_in(work.thread, TooMuchError)
                    work.interrupted = True
                self._change.wait(_LOOK_S)

    def _too_much(self, now: float) -> list[_Work]:
        late = [work for work in self._at_work if work.is_late(now)]
        if not late and self._most_memory is not None and memory() > self._most_memory:
            _trim()
            late = self._at_work[:1]
        return [work for work in late if work.raised_at is None or now - work.raised_at > _AGAIN_S]


watch: Final = Watch()
"""Return the only watch of the process; its thread starts with the first work."""


def memory() -> int:
    """Return the resident bytes of this process; 0 if unknown."""
    try:
        return int(_STATM.read_bytes().split()[1]) * _PAGE
    except (OSError, IndexError, ValueError):
        return 0


def _raise_in(thread: int, error: type[Exception] | None) -> None:
    """Raise `error` in another thread before its next step.

    None cancels one that has not arrived.
    """
    raised = ctypes.py_object(error) if error is not None else ctypes.c_void_p(None)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), raised)


def _trim() -> None:
    """Return freed memory to the system if the C library can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
