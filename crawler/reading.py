"""Worker processes that read pages for the crawl: links, sitemaps and packages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from archive import Capture
from archive.deadline import DEADLINE_S
from archive.workers import Workers
from crawler.page_workers import TASK, Answer, Markup, Question


class Readers:
    """Awaitable workers that read pages; see `archive.workers.Workers` for the arguments."""

    def __init__(self, workers: int, *, deadline_s: float = DEADLINE_S) -> None:
        self._workers = Workers(TASK, workers, deadline_s=deadline_s)
        self._begun = False
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="members")

    def start(self) -> None:
        """Start a worker, if none was started yet, so that the first page need not wait for it."""
        if not self._begun:
            self._begun = True
            self._workers.submit(Markup(""))

    async def read(self, question: Question) -> Answer:
        """Return the links or entries of a page.

        Raises:
            WorkFailedError: reading took too long, killed its worker, or failed.
            StorageError: the machine cannot start a worker.
        """
        return cast(Answer, await asyncio.wrap_future(self._workers.submit(question)))

    async def members(self, package: Capture) -> AsyncIterator[Capture]:
        """Yield the members of a captured package, one in memory at a time.

        Raises as `read` does.
        """
        loop, members = asyncio.get_running_loop(), self._workers.stream(package)
        try:
            while True:
                member = await loop.run_in_executor(self._threads, next, members, None)
                if member is None:
                    return
                yield cast(Capture, member)
        finally:
            await loop.run_in_executor(self._threads, members.close)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Wait for pending reads and stop the workers."""
        self._threads.shutdown()
        self._workers.close()
