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
