"""Derives texts outside the reactor, in worker processes with a memory limit and a deadline.

A page that takes too long or kills its worker loses only its text (outcome `derive_timeout` or
`derive_crash`). Its capture is kept, and `baogao rederive` can try again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, cast

from archive import Capture, Derivation
from archive.deadline import DEADLINE_S
from archive.workers import Workers

TASK: Final = "archive:derive"

_FIRST: Final = Capture.from_bytes("<p>各位代表：</p>".encode(), url="http://www.example.test/")
"""A page with which a worker loads all that it needs."""


class DeriveWorkers:
    """Awaitable workers that derive texts; see `archive.workers.Workers` for the arguments."""

    def __init__(
        self,
        workers: int,
        *,
        deadline_s: float = DEADLINE_S,
        patience_s: float | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        self._workers = Workers(
            TASK, workers, deadline_s=deadline_s, patience_s=patience_s, command=command
        )
        self._begun = False

    def start(self) -> None:
        """Start a worker, if none was started yet, so that the first page need not wait for it."""
        if not self._begun:
            self._begun = True
            self._workers.submit(_FIRST)

    async def derive(self, capture: Capture) -> Derivation:
        """Derive a capture in a worker.

        Raises:
            WorkFailedError: it took too long, killed its worker, or `derive` failed.
        """
        made = await asyncio.wrap_future(self._workers.submit(capture))
        return cast(Derivation, made)

    def derive_now(self, capture: Capture) -> Derivation:
        """Like `derive`, but blocking."""
        return cast(Derivation, self._workers.submit(capture).result())

    def close(self) -> None:
        """Wait for running derivations and stop the workers."""
        self._workers.close()
