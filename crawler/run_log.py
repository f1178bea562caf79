"""The log file of a crawl: messages and the progress of each host, rotated, as JSON on request."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from time import monotonic
from typing import Any, Final

from archive import StorageError, clock
from archive.visible import visible

LARGEST: Final = 10 * 1024 * 1024
"""Bytes from which a log file is rotated."""

KEPT: Final = 5
"""The number of older files that are kept."""

PROGRESS_S: Final = 30.0
"""Seconds between two reports of a host."""

_OURS: Final = ("crawler", "archive", "baogao")

logger = logging.getLogger(__name__)


class SentenceLine(logging.Formatter):
    """A line for people: time, level and message, without control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return f"{_time(record)} {record.levelname} {visible(record.getMessage(), kept='')}"


class JsonLine(logging.Formatter):
    """A line of JSON: `at`, `level`, `logger`, `message`, and the facts of our own messages."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        row = {
            "at": _time(record), "level": record.levelname.lower(), "logger": record.name,
            "message": record.getMessage(), **getattr(record, "facts", {}),
        }  # fmt: skip
        return json.dumps(row, ensure_ascii=False).encode("utf-8", "replace").decode()


class HostProgress:
    """Counts the captures of each host, and logs those that changed every `PROGRESS_S`."""

    def __init__(self) -> None:
        self.by_host: dict[str, Counter[str]] = {}
        self._changed: set[str] = set()
        self._told_at = monotonic()

    def count(self, host: str, outcome: str, size: int) -> None:
        """Count one capture."""
        counts = self.by_host.setdefault(host, Counter())
        counts.update({outcome: 1, "captures": 1, "bytes": size})
        self._changed.add(host)
        if monotonic() - self._told_at >= PROGRESS_S:
            self.tell()

    def tell(self) -> None:
        """Log every host that changed since the last time."""
        for host in sorted(self._changed):
            facts = {"event": "progress", "host": host, **self.by_host[host]}
            logger.info("%s", _in_words(host, self.by_host[host]), extra={"facts": facts})
        self._changed.clear()
        self._told_at = monotonic()

    def rows(self) -> list[dict[str, Any]]:
        """Return the counts of each host, the busiest first."""
        ordered = sorted(self.by_host.items(), key=lambda one: (-one[1]["captures"], one[0]))
        return [
            {"host": host, "captures": counts["captures"], "ok": counts["ok"],
             "bytes": counts["bytes"]}
            for host, counts in ordered
        ]  # fmt: skip


@contextmanager
def log_file(path: str | Path | None, *, as_json: bool = False) -> Iterator[None]:
    """Write messages to a rotated file: all from warnings on, and those of our own from info on.

    Raises:
        StorageError: the file cannot be written.
    """
    if path is None:
        yield
        return
    try:
        handler = RotatingFileHandler(
            path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", errors="backslashreplace"
        )
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror}") from error
    handler.setFormatter(JsonLine() if as_json else SentenceLine())
    handler.addFilter(_is_for_the_file)
    root, ours = logging.getLogger(), [logging.getLogger(name) for name in _OURS]
    before = [one.level for one in ours]
    root.addHandler(handler)
    for one in ours:
        one.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.removeHandler(handler)
        handler.close()
        for one, level in zip(ours, before, strict=True):
            one.setLevel(level)


def _is_for_the_file(record: logging.LogRecord) -> bool:
    own = record.name.partition(".")[0] in _OURS
    return record.levelno >= (logging.INFO if own else logging.WARNING)


def _in_words(host: str, counts: Counter[str]) -> str:
    other = counts["captures"] - counts["ok"]
    failed = f", {other} without success" if other else ""
    return f"{host}: {counts['captures']} captures{failed}, {counts['bytes'] / 1e6:.1f} MB"


def _time(record: logging.LogRecord) -> str:
    return clock.stamp(datetime.fromtimestamp(record.created, UTC))
