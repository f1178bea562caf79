"""Handles hosts that fail, refuse or ask for time.

A failed attempt is repeated later, three times in all. A host that refuses or fails repeatedly is
left alone for this crawl; its URLs stay in the frontier. A host that asks for more time than a
crawl waits is also left alone, and the time is kept for the next crawl.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic
from typing import Final

from archive import Capture, clock
from crawler.frontier import seconds_until
from crawler.leases import LONGEST_LEFT_S, AskedForTime, Holder

ATTEMPTS: Final = 3
"""Attempts at a URL before it counts as failed."""

REFUSALS: Final = 3
"""Consecutive refusals (`blocked`) after which a host is left alone."""

FAILURES: Final = 8
"""Consecutive failures of any kind after which a host is left alone."""

LONGEST_WAIT_S: Final = 120.0
"""The longest that a crawl waits for a host or a URL. The next crawl takes what needs longer."""

LEFT_ALONE_S: Final = 6 * 3600.0
"""Seconds until a URL of a refusing host is due again; of a failing host it is due at once."""

IN_HAND: Final = 2
"""Requests of a host handed to Scrapy: one on the network and one waiting."""

AGAIN: Final = frozenset(
    {
        "timeout", "dns", "refused", "connection", "truncated", "bad_encoding", "error",
        "robots_unreadable",
    }
)  # fmt: skip
"""Outcomes that may change at the next attempt."""

HOPELESS: Final = frozenset({"tls"})
"""Outcomes that change only when somebody changes something; the next crawl tries again."""

AGAIN_STATUS: Final = frozenset({408, 425, 429, 500, 502, 503, 504, 522, 524})


class Patience:
    """Remembers how each host answered and how long to wait for it."""

    def __init__(
        self,
        delay_s: float,
        give_up_after: int | None = None,
        longest_wait_s: float = LONGEST_WAIT_S,
    ) -> None:
        self.longest_wait_s = longest_wait_s
        self._most_refusals = give_up_after or REFUSALS
        self._most_failures = give_up_after or FAILURES
        self._delay_s = delay_s
        self._first_wait_s = 5 * delay_s
        self._failures: Counter[str] = Counter()
        self._refusals: Counter[str] = Counter()
        self._not_before: dict[str, float] = {}
        self._held_until: dict[str, float] = {}
        self._spacing_s: dict[str, float | None] = {}
        self._given_up: dict[str, str] = {}
        self._awaited: dict[str, Holder] = {}

    def after(self, host: str, capture: Capture, attempts: int) -> float | None:
        """Decide what happens with a URL after an attempt.

        Args:
            host: the host of the URL.
            capture: the result of the attempt.
            attempts: the number of earlier failures.

        Returns:
            None if the URL is done; the seconds until it is due again; a negative number if it has
            failed for good.
        """
        is_live = capture.origin == "live"  # the host has delivered what it keeps, whatever that is
        again = is_live and (capture.outcome in AGAIN or capture.status in AGAIN_STATUS)
        refused = is_live and capture.outcome == "blocked"
        hopeless = capture.outcome in HOPELESS
        self._count(host, capture, failed=again or hopeless, refused=refused)
        if hopeless:
            return -1.0
        if not again and not refused:
            return None
        asked_s = retry_after_s(capture)
        if asked_s is not None:
            self.hold(host, asked_s)
        if not again or attempts + 1 >= ATTEMPTS:
            if capture.outcome == "robots_unreadable":
                self.give_up(host, f"{host}: {capture.error}")
            if not self.has_given_up(host):
                return -1.0
            return max(asked_s or 0.0, LEFT_ALONE_S if refused else self._first_wait_s)
        return max(asked_s or 0.0, self._first_wait_s * 4.0**attempts)

    def _count(self, host: str, capture: Capture, *, failed: bool, refused: bool) -> None:
        if capture.outcome == "robots":
            return
        self._failures[host] = self._failures[host] + 1 if failed or refused else 0
        self._refusals[host] = self._refusals[host] + 1 if refused else 0
        words = capture.error or f"status {capture.status}"
        if self._refusals[host] >= self._most_refusals:
            self.give_up(host, f"{host} refuses us: {words}")
        elif self._failures[host] >= self._most_failures:
            self.give_up(host, f"{host} fails again and again: {words}")

    def give_up(self, host: str, why: str) -> None:
        """Leave the host alone for the rest of this crawl."""
        self._given_up.setdefault(host, why)

    def has_given_up(self, host: str) -> bool:
        """Whether the host is left alone."""
        return host in self._given_up

    def hold(self, host: str, seconds: float) -> None:
        """Send nothing to the host for this many seconds, not even requests in hand."""
        self._not_before[host] = self._held_until[host] = monotonic() + seconds

    def occupied(self, host: str, occupant: Holder | AskedForTime | None) -> None:
        """Note that a host is taken: wait for another site file of ours, leave it to a stranger."""
        self._awaited.pop(host, None)
        if isinstance(occupant, AskedForTime):
            self.hold(host, seconds_until(occupant.until))
        elif occupant is not None and occupant.is_this_process():
            self._awaited[host] = occupant
            self._not_before[host] = monotonic() + 1.0
        elif occupant is not None:
            self.give_up(host, f"{host} is being crawled by {occupant.shown}")

    def space_out(self, host: str, seconds: float | None) -> None:
        """Note the delay in seconds that the robots.txt of a host asks for, if any."""
        self._spacing_s[host] = seconds
        self.sent(host)

    def spacing_s(self, host: str) -> float:
        """Return the seconds between two requests to a host: its site file's or robots.txt's."""
        return max(self._delay_s, self._spacing_s.get(host) or 0.0)

    def write_spacing_s(self, host: str) -> float:
        """Return the seconds that a request in hand waits for after the last one.

        If robots.txt asks for more than a crawl waits, the page for which it was read still comes
        after the site's own delay. Otherwise no crawl of such a host would get beyond robots.txt.
        """
        asked_s = self.spacing_s(host)
        return asked_s if asked_s <= self.longest_wait_s else self._delay_s

    def in_hand(self, host: str) -> int:
        """Return how many requests of a host may be handed out at a time.

        One until its robots.txt has been read, and if that asks for a delay, because requests
        already handed out are spaced only by the site's own delay.
        """
        return IN_HAND if self._spacing_s.get(host, 0.0) is None else 1

    def sent(self, host: str) -> None:
        """Note that a request of the host is being sent."""
        seconds = self._spacing_s.get(host)
        if seconds is not None:
            self._not_before[host] = monotonic() + seconds

    def holds(self, host: str) -> bool:
        """Whether a request in hand must not be sent: `Retry-After`, or the host was given up."""
        return self.has_given_up(host) or self._held_until.get(host, 0.0) > monotonic()

    def wait_s(self, host: str) -> float:
        """Return the seconds until the host may be requested; zero or less if it may be now."""
        return self._not_before.get(host, 0.0) - monotonic()

    def is_to_be_left(self, host: str) -> bool:
        """Whether the host asks for more time than a crawl waits."""
        return self.wait_s(host) > self.longest_wait_s

    def may_be_asked_soon(self, host: str) -> bool:
        """Whether this crawl still waits for the host."""
        return not self.has_given_up(host) and not self.is_to_be_left(host)

    def reasons(self) -> list[str]:
        """Yield why hosts were left alone, a phrase each."""
        waiting = [
            f"{host} asks to be left alone until {clock.now(self.wait_s(host))}"
            for host in self._not_before
            if host not in self._given_up and self.is_to_be_left(host)
        ]
        awaited = [
            f"{host} is being crawled for {holder.site}" for host, holder in self._awaited.items()
        ]
        return [*self._given_up.values(), *waiting, *awaited]

    @property
    def awaits_another(self) -> bool:
        """Whether another site file of this process holds some host."""
        return bool(self._awaited)


def retry_after_s(capture: Capture) -> float | None:
    """Return the seconds of a `Retry-After` header, which may be a number or a date."""
    words = (capture.header("Retry-After") or "").strip()
    if words.isascii() and words.isdigit():
        return min(float(words[:9]), LONGEST_LEFT_S)
    try:
        moment = parsedate_to_datetime(words)
    except (TypeError, ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max((moment - datetime.now(UTC)).total_seconds(), 0.0), LONGEST_LEFT_S)
