"""One line on a terminal: how much is done, how fast, and how long the rest will take."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Final, TextIO

Work = Callable[[], tuple[float, float | None]]
"""Returns how much of some work is done, and of how much, in any unit."""

DRAWN_EVERY_S: Final = 0.2
WINDOW_S: Final = 60.0
"""The seconds from whose speed the rest is estimated."""

SURE_AFTER_S: Final = 3.0
"""Before, the speed is not known well enough: workers and caches are still starting."""

_MINUTE: Final = 60
_HOUR: Final = 3_600
_CLEARED: Final = "\r\x1b[K"


class ProgressLine:
    """Draws the line. Work may be measured in another unit than the things that are counted.

    The time left is that of the remaining work at the speed of the last minute. It is left out at
    first, and as long as the amount of work grows.
    """

    def __init__(
        self, stream: TextIO, label: str = "", *, clock: Callable[[], float] = monotonic
    ) -> None:
        self.label = label
        self._stream = stream
        self._clock = clock
        self._drawn_at = -DRAWN_EVERY_S
        self._began = clock()
        self._seen: deque[tuple[float, float, float | None]] = deque([(self._began, 0, None)])
        self._shown = False

    def at(self, count: str, done: float, total: float | None) -> None:
        """Note that so much of the work is done; `count` is what is shown of it."""
        now = self._clock()
        if now - self._seen[-1][0] >= 1:
            self._seen.append((now, done, total))
            while now - self._seen[0][0] > WINDOW_S and len(self._seen) > 2:  # noqa: PLR2004
                self._seen.popleft()
        if now - self._drawn_at >= DRAWN_EVERY_S:
            self._drawn_at = now
            self._draw(self._words(count, done, total, now))

    def close(self, count: str) -> None:
        """Draw the line a last time, with the time that the work took, and end it."""
        if self._shown:
            took = shown_time(self._clock() - self._began)
            self._draw(f"{self.label} {count} in {took}".strip())
            self._stream.write("\n")
            self._stream.flush()

    def left_s(self, done: float, total: float | None, now: float) -> float | None:
        """Return the seconds that the rest will take, None if that is not known."""
        began, before, _ = self._seen[0]
        totals = {known for _, _, known in self._seen if known is not None}
        if total is None or now - self._began < SURE_AFTER_S or done <= before:
            return None
        if any(known < total for known in totals):
            return None
        return max(total - done, 0) * (now - began) / (done - before)

    def _words(self, count: str, done: float, total: float | None, now: float) -> str:
        parts = [self.label, count]
        if total:
            parts.append(f"{min(100 * done // total, 100):.0f}%")
        left = self.left_s(done, total, now)
        if left is not None:
            parts.append(f"{shown_time(left)} left")
        return "  ".join(filter(None, parts))

    def _draw(self, words: str) -> None:
        self._stream.write(_CLEARED + words)
        self._stream.flush()
        self._shown = True


def shown_time(seconds: float) -> str:
    """Return a duration for people.

    >>> shown_time(7.2), shown_time(75), shown_time(3725)
    ('7 s', '1 min 15 s', '1 h 2 min')
    """
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"
