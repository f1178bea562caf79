"""The only place where the archive reads the clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> str:
    """Return the time in UTC as `YYYY-MM-DDTHH:MM:SS.sssZ`."""
    return stamp(datetime.now(UTC))


def stamp(moment: datetime) -> str:
    """Return `moment` (with a time zone) in UTC as `YYYY-MM-DDTHH:MM:SS.sssZ`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
