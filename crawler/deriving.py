"""Derivation off the reactor: worker processes with a memory limit and a deadline.

A page that takes too long or kills its worker costs that page its text (outcome
`derive_timeout` or `derive_crash`), never the crawl; its capture is kept, and `baogao rederive`
can try it again.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import select
import struct
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from time import monotonic
from typing import IO, Final

from archive import BaogaoError, Capture, Derivation, derive

DEADLINE_S: Final = 60.0
"""Seconds that a page may take; the slowest page of the practice web takes below one."""

MEMORY_BYTES: Final = 2 * 1024**3
"""Address space of a worker."""

WORKER: Final = (sys.executable, "-m", "crawler.deriving")

_SIZE: Final = struct.Struct(">Q")


class DerivationFailedError(BaogaoError):
    """No text could be made of a page; `outcome` says how it failed."""

    def __init__(self, outcome: str, words: str) -> None:
        super().__init__(words)
        self.outcome = outcome


class Derivers:
    """A pool of worker processes, started when first needed.

    Args:
        workers: how many processes; 0 derives in this one, without limit or deadline.
        deadline_s: seconds after which a worker is killed.
        command: what to start; tests put misbehaving programs here.
    """

    def __init__(
        self,
        workers: int,
        *,
        deadline_s: float = DEADLINE_S,
        command: Sequence[str] = WORKER,
    ) -> None:
        self._deadline_s = deadline_s
        self._command = tuple(command)
        self._here = workers == 0
        self._threads = ThreadPoolExecutor(max(workers, 1), thread_name_prefix="derive")
        self._idle: SimpleQueue[_Worker] = SimpleQueue()

    async def derive(self, capture: Capture) -> Derivation:
        """The derivation of a capture, made in a worker.

        Raises:
            DerivationFailedError: it took too long, killed its worker, or `derive` failed.
        """
        if self._here:
            return _derived_here(capture)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._derive, capture)

    def close(self) -> None:
        """Wait for what is being made, and end the workers."""
        self._threads.shutdown()
        while not self._idle.empty():
            self._idle.get().stop()

    def _derive(self, capture: Capture) -> Derivation:
        worker = _Worker(self._command) if self._idle.empty() else self._idle.get()
        try:
            made = worker.ask(capture, self._deadline_s)
        except TimeoutError:
            worker.stop()
            raise DerivationFailedError(
                "derive_timeout", f"took longer than {self._deadline_s:g} s"
            ) from None
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            code = worker.stop()
            raise DerivationFailedError(
                "derive_crash", f"the worker died (exit code {code})"
            ) from error
        self._idle.put(worker)
        if isinstance(made, Derivation):
            return made
        raise DerivationFailedError("derive_error", str(made))


def _derived_here(capture: Capture) -> Derivation:
    try:
        return derive(capture)
    except Exception as error:
        raise DerivationFailedError("derive_error", repr(error)) from error


class _Worker:
    """One process: pickles go in, pickles come out, each after its size."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,  # Ctrl-C is for the crawl, which ends its workers itself
        )

    def ask(self, capture: Capture, deadline_s: float) -> object:
        """What the worker makes of a capture: a `Derivation`, or words about an error."""
        assert self._process.stdin is not None  # noqa: S101  (for the type checker)
        send(self._process.stdin, capture)
        due = monotonic() + deadline_s
        (size,) = _SIZE.unpack(self._read(_SIZE.size, due))
        return pickle.loads(self._read(size, due))  # noqa: S301  (from our own worker)

    def stop(self) -> int:
        """End the process, whatever it is doing; gives its exit code."""
        self._process.kill()
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:
                    continue
        return code

    def _read(self, size: int, due: float) -> bytes:
        assert self._process.stdout is not None  # noqa: S101  (for the type checker)
        number = self._process.stdout.fileno()
        pieces: list[bytes] = []
        while size:
            ready, _, _ = select.select([number], [], [], max(due - monotonic(), 0))
            if not ready:
                raise TimeoutError
            piece = os.read(number, min(size, 1 << 20))
            if not piece:
                raise EOFError
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)


def send(pipe: IO[bytes], thing: object) -> None:
    """Write a pickle, after its size."""
    content = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
    pipe.write(_SIZE.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def serve() -> None:
    """What a worker does: derive one capture after the other, until nobody asks any more."""
    import resource  # noqa: PLC0415  (not on Windows, where a worker runs without the limit)

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    asked, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # no library may print into our answers
    while head := asked.read(_SIZE.size):
        (size,) = _SIZE.unpack(head)
        capture: Capture = pickle.loads(asked.read(size))  # noqa: S301  (from the crawl)
        try:
            made: Derivation | str = derive(capture)
        except MemoryError:
            os._exit(137)
        except Exception as error:  # noqa: BLE001  (one page must not stop a crawl; it is told)
            made = repr(error)
        send(answers, made)


if __name__ == "__main__":
    serve()
