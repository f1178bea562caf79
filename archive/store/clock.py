"""The one place where the archive looks at the clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """The time in UTC as `YYYY-MM-DDTHH:MM:SS.sssZ`."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """`moment` (with a time zone) in UTC as `YYYY-MM-DDTHH:MM:SS.sssZ`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
