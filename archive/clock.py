"""The time, and times as everything here writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now(after_s: float = 0.0) -> str:
    """The time in UTC, `after_s` seconds from now, as `YYYY-MM-DDTHH:MM:SS.sssZ`."""
    return stamp(datetime.now(UTC) + timedelta(seconds=after_s))


def stamp(moment: datetime) -> str:
    """`moment` (with a time zone) in UTC as `YYYY-MM-DDTHH:MM:SS.sssZ`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
