"""Derivation off the reactor: in worker processes with a memory limit and a deadline.

A page that takes too long or kills its worker costs that page its text (outcome
`derive_timeout` or `derive_crash`), never the crawl; its capture is kept, and `baogao rederive`
can try it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, cast

from archive import Capture, Derivation
from archive.workers import DEADLINE_S, Workers

TASK: Final = "archive:derive"


class DeriveWorkers:
    """Workers that derive, awaited; see `archive.workers.Workers` for the arguments."""

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
        """The derivation of a capture, made in a worker.

        Raises:
            WorkFailedError: it took too long, killed its worker, or `derive` failed.
        """
        made = await asyncio.wrap_future(self._workers.submit(capture))
        return cast(Derivation, made)

    def derive_now(self, capture: Capture) -> Derivation:
        """The same for who may wait; raises as `derive` does."""
        return cast(Derivation, self._workers.submit(capture).result())

    def close(self) -> None:
        """Wait for what is being made, and end the workers."""
        self._workers.close()
