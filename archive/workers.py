"""Runs work in separate processes, each with a memory limit and a deadline.

A task that takes too long or kills its process loses only its own result, never the run: it raises
a `WorkFailedError`, and the next one runs in a new process.

The deadline is in processor time, so that a busy machine is not mistaken for a slow page. A worker
that waits for something has `PATIENCE` times as long by the clock.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import IO, Any, Final

from archive.deadline import DEADLINE_S, PATIENCE
from archive.errors import BaogaoError, StorageError, WorkFailedError
from archive.visible import VisibleStream

START_S: Final = 60.0
"""Seconds that a worker may take to start; on a busy machine many times its half second."""

MEMORY_BYTES: Final = 2 * 1024**3
"""Address space of a worker."""

_SIZE: Final = struct.Struct(">Q")
_READ_BYTES: Final = 1 << 20
_RELAY_S: Final = 2
"""Seconds to wait for the last output of a worker that has ended."""

_GRACE_S: Final = 5
"""Seconds after which a worker notices a missed deadline itself, if its parent is gone."""

_OUT_OF_TIME: Final = -getattr(signal, "SIGPROF", 0)
"""The exit code of a worker that has used up its processor time."""

_ANSWER, _ITEM, _END, _ERROR, _READY = range(5)

READY: Final = (_READY, None)
"""The message of a worker that has started and accepts tasks."""


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an answer: processor seconds, seconds by the clock, bytes of address space."""

    cpu_s: float = DEADLINE_S
    clock_s: float = PATIENCE * DEADLINE_S
    memory_bytes: int = MEMORY_BYTES


class Workers:
    """A pool of worker processes, each started when first needed.

    Args:
        task: the function to run, as `module:name`; a generator gives a result in pieces.
        workers: the number of processes; 0 runs in this one, without limit or deadline.
        deadline_s: processor seconds for a result, or for a piece of one.
        patience_s: seconds by the clock after which a worker is killed; `PATIENCE` deadlines if not
            given.
        memory_bytes: address space of each worker.
        command: a command to start instead, used by tests for misbehaving programs.
    """

    def __init__(
        self,
        task: str,
        workers: int,
        *,
        deadline_s: float = DEADLINE_S,
        patience_s: float | None = None,
        memory_bytes: int = MEMORY_BYTES,
        command: Sequence[str] | None = None,
    ) -> None:
        self._task = task
        self._here = workers == 0
        self._limits = Limits(deadline_s, patience_s or PATIENCE * deadline_s, memory_bytes)
        self._command = command or command_for(task, self._limits)
        self._threads = ThreadPoolExecutor(max(workers, 1), thread_name_prefix="worker")
        self._idle: SimpleQueue[Worker] = SimpleQueue()
        self._alive: set[Worker] = set()
        self._ended = False

    def submit(self, question: object) -> Future[Any]:
        """Return the future result; its `result()` raises `WorkFailedError` on failure.

        It raises `StorageError` if the machine cannot start a worker.
        """
        if self._here:
            return _done_here(self._task, question)
        return self._threads.submit(self._ask, question)

    def stream(self, question: object) -> Iterator[Any]:
        """Yield the pieces of a result, each computed while the previous one is used.

        Raises:
            WorkFailedError: a piece took too long, or the worker died; earlier pieces are valid.
            StorageError: the machine cannot start a worker.
        """
        if self._here:
            with _failures_named():
                yield from named(self._task)(question)
            return
        with self._worker() as worker:
            yield from worker.stream(question, self._limits)

    def close(self, *, at_once: bool = False) -> None:
        """Wait for running tasks, unless `at_once`, and stop the workers."""
        if at_once:
            self._ended = True
            self._threads.shutdown(wait=False, cancel_futures=True)
            for worker in tuple(self._alive):
                worker.kill()
        self._threads.shutdown()
        while not self._idle.empty():
            self._idle.get().stop()

    def _ask(self, question: object) -> object:
        with self._worker() as worker:
            return worker.ask(question, self._limits)

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        """Provide an idle worker or a new one, and return it to the pool if it is healthy."""
        try:
            worker = self._idle.get_nowait()
        except Empty:
            worker = Worker(self._command)
            self._alive.add(worker)
            if self._ended:  # it was starting while all others were stopped
                worker.kill()
        try:
            yield worker
        finally:
            if worker.waiting:
                self._idle.put(worker)
            else:
                self._alive.discard(worker)
                worker.stop()


class Worker:
    """One process: pickles go in and out, each preceded by its size.

    `waiting` means that it has answered everything and accepts tasks.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self.waiting = True
        self._started = False
        relayed = isinstance(sys.stderr, VisibleStream)
        try:
            self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE if relayed else None,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
                start_new_session=True,  # Ctrl-C is for the parent, which stops its workers itself
            )
        except OSError as error:
            raise StorageError(f"a worker process cannot be started: {error.strerror}") from error
        self._relay = _relay(self._process.stderr) if self._process.stderr is not None else None

    def ask(self, question: object, limits: Limits) -> object:
        """Return the answer to a question.

        Raises:
            WorkFailedError: it took too long, the worker died, or the task raised an error.
        """
        with self._asked(question, limits):
            return self._answer(monotonic() + limits.clock_s)[1]

    def stream(self, question: object, limits: Limits) -> Iterator[Any]:
        """Yield the pieces of an answer; the limits apply to each piece. Raises as `ask` does."""
        with self._asked(question, limits):
            while True:
                kind, piece = self._answer(monotonic() + limits.clock_s)
                if kind == _END:
                    return
                yield piece

    def stop(self) -> int:
        """Stop the process and its children, whatever they are doing; returns its exit code."""
        self.waiting = False
        self.kill()
        code = self._process.wait()
        if self._relay is not None:
            self._relay.join(_RELAY_S)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return code

    def kill(self) -> None:
        """Kill the process; a caller waiting for an answer gets the failure."""
        if self._process.returncode is None:
            with suppress(OSError):
                os.killpg(self._process.pid, signal.SIGKILL)

    @contextmanager
    def _asked(self, question: object, limits: Limits) -> Iterator[None]:
        """Send a question; a worker that hangs or dies is stopped, and that is reported."""
        assert self._process.stdin is not None  # noqa: S101  (for the type checker)
        self.waiting = False
        self._wait_for_start()
        try:
            send(self._process.stdin, question)
            yield
        except TimeoutError:
            self.stop()
            words = f"took longer than {limits.clock_s:g} s by the clock"
            raise WorkFailedError("timeout", words) from None
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise self._death(limits) from error

    def _death(self, limits: Limits) -> WorkFailedError:
        code = self.stop()
        if code == _OUT_OF_TIME:
            return WorkFailedError("timeout", f"took longer than {limits.cpu_s:g} s")
        return WorkFailedError("crash", f"the worker died (exit code {code})")

    def _wait_for_start(self) -> None:
        """Wait until the process has started, which is not part of its first answer.

        Raises:
            StorageError: it has not; that is not the fault of the question.
        """
        if self._started:
            return
        try:
            self._receive(monotonic() + START_S)
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            words = f"a worker process does not start (exit code {self.stop()})"
            raise StorageError(f"{words}; see what it says above, then run again") from error
        self._started = True

    def _answer(self, due: float) -> tuple[int, Any]:
        kind, thing = self._receive(due)
        self.waiting = kind != _ITEM
        if kind == _ERROR:
            raise WorkFailedError("error", thing)
        return kind, thing

    def _receive(self, due: float) -> tuple[int, Any]:
        (size,) = _SIZE.unpack(self._read(_SIZE.size, due))
        kind, thing = pickle.loads(self._read(size, due))  # noqa: S301  (from our own worker)
        return kind, thing

    def _read(self, size: int, due: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  (for the type checker)
        number = self._process.stdout.fileno()
        pieces: list[bytes] = []
        while size:
            ready, _, _ = select.select([number], [], [], max(due - monotonic(), 0))
            if not ready:
                raise TimeoutError
            piece = os.read(number, min(size, _READ_BYTES))
            if not piece:
                raise EOFError
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def _relay(pipe: IO[bytes]) -> Thread:
    """Print the output of a worker and its libraries, made visible, until it ends."""

    def pass_on() -> None:
        with pipe:
            while said := os.read(pipe.fileno(), _READ_BYTES):
                sys.stderr.write(said.decode("utf-8", "surrogateescape"))

    thread = Thread(target=pass_on, name="relay", daemon=True)
    thread.start()
    return thread


def command_for(task: str, limits: Limits) -> tuple[str, ...]:
    """Return the command of a worker for `task`; it ends by itself when its parent is gone."""
    given = (limits.cpu_s, limits.clock_s + _GRACE_S, limits.memory_bytes)
    return (sys.executable, "-m", "archive.workers", task, *map(str, given))


def named(task: str) -> Callable[[Any], Any]:
    """Return the function `module:name`."""
    module, _, name = task.partition(":")
    function: Callable[[Any], Any] = getattr(import_module(module), name)
    return function


def send(pipe: IO[bytes], thing: object) -> None:
    """Write a pickle preceded by its size."""
    content = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
    pipe.write(_SIZE.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def serve(task: Callable[[Any], Any], limits: Limits) -> None:
    """Answer questions one by one until the parent is gone; runs in a worker."""
    _limit_memory(limits.memory_bytes)
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # no library may print into our answers
    send(answers, READY)
    while head := asked.read(_SIZE.size):
        (size,) = _SIZE.unpack(head)
        question = pickle.loads(asked.read(size))  # noqa: S301  (from our own asker)
        pieces = _answers(task, question)
        while (piece := _within(limits, pieces)) is not None:
            send(answers, piece)


def _answers(task: Callable[[Any], Any], question: object) -> Iterator[tuple[int, object]]:
    try:
        made = task(question)
        if isinstance(made, Iterator):
            yield from ((_ITEM, piece) for piece in made)
            yield (_END, None)
        else:
            yield (_ANSWER, made)
    except MemoryError:
        os._exit(137)
    except Exception as error:  # noqa: BLE001  (one question must not stop a run; it is reported)
        yield (_ERROR, _words(error))


def _words(error: Exception) -> str:
    """Return the message of our own errors; for others also the type."""
    return str(error) if isinstance(error, BaogaoError) else repr(error)


def _within(limits: Limits, pieces: Iterator[tuple[int, object]]) -> tuple[int, object] | None:
    """Return the next piece; the system ends the process if it takes too long."""
    _alarm(limits.cpu_s, limits.clock_s)
    try:
        return next(pieces, None)
    finally:
        _alarm(0, 0)


def _alarm(cpu_s: float, clock_s: float) -> None:
    if hasattr(signal, "setitimer"):  # not on Windows
        signal.setitimer(signal.ITIMER_PROF, cpu_s)
        signal.setitimer(signal.ITIMER_REAL, clock_s)


def _limit_memory(most: int) -> None:
    import resource  # noqa: PLC0415  (not on Windows, where a worker runs without the limit)

    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _done_here(task: str, question: object) -> Future[Any]:
    done: Future[Any] = Future()
    try:
        with _failures_named():
            done.set_result(named(task)(question))
    except WorkFailedError as error:
        done.set_exception(error)
    return done


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise WorkFailedError("error", _words(error)) from error


if __name__ == "__main__":
    serve(named(sys.argv[1]), Limits(float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
