"""The current time, and the format of all stored times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


def now(after_s: float = 0.0) -> str:
    """Return the time `after_s` seconds from now, in UTC, as `YYYY-MM-DDTHH:MM:SS.sssZ`."""
    return stamp(datetime.now(UTC) + timedelta(seconds=after_s))


def stamp(moment: datetime) -> str:
    """Return `moment` (with a time zone) in UTC as `YYYY-MM-DDTHH:MM:SS.sssZ`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
