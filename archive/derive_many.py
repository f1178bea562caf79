"""Many captures → their derivations, in order, by worker processes with limit and deadline."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from functools import lru_cache
from pathlib import Path
from typing import Final, TypeVar

from archive.derivation import derive
from archive.errors import WorkFailedError
from archive.known import Knowledge
from archive.model import Capture, Derivation
from archive.workers import DEADLINE_S, Workers

T = TypeVar("T")

TASK: Final = "archive.derive_many:derived_here"

AHEAD: Final = 16
"""Captures for each worker that are handed out ahead of the one that is waited for: what is made
while a batch of 20 is written."""

AHEAD_BYTES: Final = 64 * 1024 * 1024
"""Bytes of payload that are handed out ahead at most; one capture may be larger."""

WORTH_A_WORKER: Final = 32
"""Captures that are derived in about the time that a worker takes to start."""

Outcome = Derivation | WorkFailedError | None
"""What came of a capture: None for one that is no answer."""


def derived(
    things: Iterable[tuple[T, Capture]],
    jobs: int,
    *,
    deadline_s: float = DEADLINE_S,
    knowledge: Path | None = None,
) -> Iterator[tuple[T, Capture, Outcome]]:
    """Each capture with what is made of it, in the order given; memory is what is ahead.

    Args:
        things: captures, each with what the caller wants to have back beside it.
        jobs: how many workers; a further one starts only where the others have enough to do.
        deadline_s: processor seconds that one capture may take.
        knowledge: the folder of other rules and lexica than those shipped.
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


def _ahead_after(given: int, jobs: int) -> int:
    """How many more captures than the one waited for are handed out when so many were given.

    None at first, so that one worker does for a few captures; then one, for a second worker.
    """
    if given < WORTH_A_WORKER:
        return 0
    return 1 if given < 3 * WORTH_A_WORKER else AHEAD * jobs


def derived_here(question: tuple[Capture, Path | None]) -> Derivation:
    """What a worker does: derive one capture, with the knowledge of a folder or what is shipped."""
    capture, knowledge = question
    return derive(capture, None if knowledge is None else _knowledge(knowledge))


@lru_cache(maxsize=1)
def _knowledge(folder: Path) -> Knowledge:
    return Knowledge(folder)


def _done(
    thing: T, capture: Capture, made: Future[Derivation] | None
) -> tuple[T, Capture, Outcome]:
    try:
        return thing, capture, None if made is None else made.result()
    except WorkFailedError as error:
        return thing, capture, error
