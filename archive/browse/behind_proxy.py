"""What surrounds the pages when a proxy or a monitor asks: the path prefix, and metrics."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from archive.browse.policy import Application, Message
from archive.store import Archive
from archive.store.metrics import CONTENT_TYPE, Sample, exposition, samples

METRICS: Final = "/-/metrics"


class BaseUrl:
    """The URL under which visitors find the server, such as `https://example.org/reports/`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.scheme = parts.scheme
        self.host = parts.hostname or ""
        self.prefix = f"/{parts.path.strip('/')}/".replace("//", "/")

    def around(self, application: Application) -> Application:
        """Return `application` without the prefix; a proxy may pass it on or remove it.

        For requests to the public host, the scheme is that of the URL: the proxy ends TLS.
        """

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http":
                scope = self._inside(scope)
            await application(scope, receive, send)

        return answer

    def _inside(self, scope: Any) -> Any:
        changed = {**scope, "path": self._without(scope["path"])}
        if scope.get("raw_path"):
            changed["raw_path"] = self._without(scope["raw_path"].decode("latin-1")).encode(
                "latin-1"
            )
        named = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
        if named.partition(":")[0].lower() == self.host:
            changed["scheme"] = self.scheme
        return changed

    def _without(self, path: str) -> str:
        if path.startswith(self.prefix):
            return path[len(self.prefix) - 1 :]
        return "/" if f"{path}/" == self.prefix else path


class Metrics:
    """Counts the answers of `application`, and answers at `/-/metrics` with all numbers."""

    def __init__(self, application: Application, db: Path) -> None:
        self._application = application
        self._db = db
        self._answers: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer."""
        if scope["type"] == "http" and scope["path"] == METRICS:
            await self._tell(send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._answers[str(message["status"])] += 1
            await send(message)

        await self._application(scope, receive, counted)

    async def _tell(self, send: Any) -> None:
        body = (await asyncio.to_thread(self._of_archive)) + exposition(self._of_server())
        headers = [(b"content-type", CONTENT_TYPE.encode()), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})

    def _of_archive(self) -> str:
        with Archive.open(self._db, read_only=True) as archive:
            return exposition(samples(archive.connection))

    def _of_server(self) -> Iterator[Sample]:
        for status, times in sorted(self._answers.items()):
            labels = {"status": status}
            yield Sample(
                "baogao_http_answers_total", "Answers by status.", times, labels, "counter"
            )
