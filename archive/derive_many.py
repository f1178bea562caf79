"""Derives many captures in order, in worker processes with memory limit and deadline."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from archive.deadline import DEADLINE_S
from archive.errors import WorkFailedError
from archive.model import Capture, Derivation
from archive.workers import Workers

if TYPE_CHECKING:
    from archive.known import Knowledge

T = TypeVar("T")

TASK: Final = "archive.derive_many:derived_here"

FILE_TASK: Final = "archive.derive_many:derived_file_here"

AHEAD: Final = 16
"""Captures handed out to each worker in advance: as many as are derived while a batch of 20 is
written."""

AHEAD_BYTES: Final = 64 * 1024 * 1024
"""The most payload bytes handed out in advance; a single capture may be larger."""

WORTH_A_WORKER: Final = 32
"""Captures that are derived in the time that a worker takes to start."""

WITHOUT_TEXT: Final = "without text"
"""The run count of captures from which no text could be derived."""

Outcome = Derivation | WorkFailedError | None
"""The result for a capture; None for a capture that is not an answer."""


def derived(
    things: Iterable[tuple[T, Capture]],
    jobs: int,
    *,
    deadline_s: float = DEADLINE_S,
    knowledge: Path | None = None,
) -> Iterator[tuple[T, Capture, Outcome]]:
    """Yield each capture with its derivation, in order; memory holds only those in advance.

    Args:
        things: captures, each with a value that is returned beside it.
        jobs: the number of workers; another one starts only if the others are busy.
        deadline_s: processor seconds that one capture may take.
        knowledge: a folder of rules and lexica other than those shipped.
    """
    pool = Workers(TASK, jobs, deadline_s=deadline_s)
    waiting: deque[tuple[T, Capture, Future[Derivation] | None]] = deque()
    ahead = given = 0
    try:
        for thing, capture in things:
            asked = pool.submit((capture, knowledge)) if capture.is_answer else None
            waiting.append((thing, capture, asked))
            ahead += len(capture.payload or b"")
            while len(waiting) > _ahead_after(given, jobs) or (ahead > AHEAD_BYTES and waiting):
                ahead -= len(waiting[0][1].payload or b"")
                given += 1
                yield _done(*waiting.popleft())
        while waiting:
            yield _done(*waiting.popleft())
    except BaseException:
        pool.close(at_once=True)
        raise
    pool.close()


def derived_file(
    path: Path | None, read: Callable[[], Capture], deadline_s: float = DEADLINE_S
) -> tuple[Capture, Outcome] | None:
    """Return the capture of a single file with its derivation; None for a container.

    One worker does all that needs the stages, so this process need not import them.

    Args:
        path: the file, which may be a container; None if it has no name.
        read: reads it as a capture; called if it is no container.
        deadline_s: processor seconds that it may take.
    """
    pool = Workers(FILE_TASK, 1, deadline_s=deadline_s)
    try:
        if path is not None and pool.submit(path).result():
            return None
        capture = read()
        return _done(None, capture, pool.submit(capture) if capture.is_answer else None)[1:]
    finally:
        pool.close(at_once=True)


def derived_file_here(question: Path | Capture) -> Derivation | bool:
    """Answer in a worker: whether a file is a container, or the derivation of a capture."""
    from archive.intake import is_container  # noqa: PLC0415  (with the stages)

    if isinstance(question, Capture):
        return derived_here((question, None))
    with suppress(OSError):  # the capture will say why
        return is_container(question)
    return False


def _ahead_after(given: int, jobs: int) -> int:
    """Return how many captures beyond the awaited one are handed out after so many.

    None at first, so that one worker handles a few captures. Of more than two workers, the third
    and all others start later still.
    """
    if given < WORTH_A_WORKER:
        return 0
    return 1 if jobs > 2 and given < 3 * WORTH_A_WORKER else AHEAD * jobs  # noqa: PLR2004


def derived_here(question: tuple[Capture, Path | None]) -> Derivation:
    """Derive one capture in a worker, with the knowledge of a folder or the shipped one."""
    capture, knowledge = question
    from archive.derivation import derive  # noqa: PLC0415  (loads lxml and the stages)

    return derive(capture, None if knowledge is None else _knowledge(knowledge))


@lru_cache(maxsize=1)
def _knowledge(folder: Path) -> Knowledge:
    from archive.known import Knowledge  # noqa: PLC0415  (with the stages)

    return Knowledge(folder)


def _done(
    thing: T, capture: Capture, made: Future[Derivation] | None
) -> tuple[T, Capture, Outcome]:
    try:
        return thing, capture, None if made is None else made.result()
    except WorkFailedError as error:
        return thing, capture, error
