"""Scrapy's SCHEDULER on the durable frontier.

A row is settled when its request has left the engine's set of requests in progress. At that moment
Scrapy guarantees that the callback's generator has ended, every item has left the pipelines and
every child was passed to the scheduler. It also happens for redirects, denials and errors, which
have no generator.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Callable
from functools import partial
from time import monotonic
from typing import Any, Final, Self

from scrapy import Request, signals
from scrapy.core.scheduler import BaseScheduler
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.utils.misc import load_object
from twisted.python.failure import Failure

from archive import BaogaoError, Capture, clock
from crawler.callbacks import reads_article
from crawler.engine_state import EngineInside
from crawler.frontier import (
    Entry,
    Leased,
    earliest,
    seconds_until,
)
from crawler.known import frontier_of
from crawler.leases import HEARTBEAT_S, Leases
from crawler.patience import Patience
from crawler.recorder import Recorder, RecorderExtension, Ticket
from crawler.stored_requests import entry_of, request_of
from crawler.traps import Traps

logger = logging.getLogger(__name__)

LEASED_A_HOST: Final = 50
"""Rows of a host leased at a time."""


class FrontierScheduler(BaseScheduler):
    """Hands out due rows of the leased hosts, fairly among hosts."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._recorder: Recorder | None = None
        self._ready: dict[str, deque[Leased]] = {}
        self._handed: dict[int, tuple[Request, Leased]] = {}
        self._in_flight: Counter[str] = Counter()
        self._callback_errors: set[int] = set()
        self._cut: set[int] = set()
        self._whole_round = False
        self._hosts: set[str] = set()
        self._unsure: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._beaten_at = monotonic()
        crawler.signals.connect(self._spider_error, signals.spider_error)
        crawler.signals.connect(self._item_error, signals.item_error)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Build the scheduler, as Scrapy asks for it."""
        return cls(crawler)

    def open(self, spider: Any) -> None:
        """Open the archive; continue the last crawl, or start a new round."""
        extension = self._crawler.get_extension(RecorderExtension)
        self._spider = spider
        if extension is None:
            raise NotConfigured("the frontier needs crawler.recorder.RecorderExtension")
        self._engine = EngineInside(self._crawler.engine)
        self._recorder = extension.attach(spider)
        self._pace = self._recorder.pace
        archive = self._recorder.archive
        settings = self._crawler.settings
        self._frontier = frontier_of(archive, settings)
        self._traps = spider.traps = Traps(spider.site.limits)
        self._leases: Leases = load_object(settings["LEASES"])(archive, spider.name)
        self._patience = Patience(
            spider.site.delay_s,
            spider.site.give_up_after,
            settings.getfloat("LONGEST_WAIT_S"),
        )
        self._recorder.write(self._begin)
        self._recorder.flush()

    def _begin(self) -> None:
        site = self._spider.site
        self._hosts = set(self._frontier.hosts(site.name))
        due = earliest(self._frontier.next_due(site.name, host) for host in self._hosts)
        finished = due is None or seconds_until(due) > 0
        if finished and not self._frontier.leased(site.name):
            self._whole_round = True
            before = clock.now(-site.revisit_days * 86400)
            self._frontier.renew(site.name, clock.now(), before)
            self._hosts = set(self._frontier.hosts(site.name))
        self._unsure = set(self._hosts)

    def close(self, reason: str) -> None:
        """Settle what is in hand, give the rest back, and report what is left."""
        recorder = self._recorder
        if recorder is None or recorder.broken is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._settle()
        unhanded = [leased for rows in self._ready.values() for leased in rows]
        unhanded += [leased for _, leased in self._handed.values()]
        recorder.handed(-len(self._handed))
        recorder.write(lambda: self._give_back(unhanded))
        recorder.flush()
        name = self._spider.name
        recorder.known[name] = self._frontier.known_articles(name)
        left = self._frontier.pending(name)
        if not left and reason == "finished":
            recorder.count(f"finished:{name}")
        self._tell_traps(recorder)
        if self._whole_round:
            recorder.count(f"seen:{name}", self._traps.articles)
        if left:
            why = self._patience.reasons() or [self._why_left(reason)]
            wait_s = self._next_s()
            recorder.leave_unfinished(
                f"{name}: {left} addresses are left ({'; '.join(why)}); {self._come_again(wait_s)}",
                wait_s,
            )

    def _tell_traps(self, recorder: Recorder) -> None:
        name = self._spider.name
        for sentence in self._traps.findings():
            recorder.fail(f"{name}: {sentence}")
        for phrase in self._traps.unfinished():
            recorder.leave_unfinished(f"{name}: {phrase}; run again")
        if self._traps.left:
            recorder.count(f"left_in_traps:{name}", self._traps.left)

    def _why_left(self, reason: str) -> str:
        if reason != "finished":
            return f"stopped: {reason}"
        due = earliest(self._frontier.next_due(self._spider.name, host) for host in self._hosts)
        return f"failed so far, due again at {due}"

    def _next_s(self) -> float:
        """Return the seconds until the rest may be requested."""
        waits = [
            max(self._patience.wait_s(host), seconds_until(due))
            for host in self._frontier.hosts(self._spider.name)
            if (due := self._frontier.next_due(self._spider.name, host)) is not None
        ]
        return max(min(waits, default=0.0), 0.0)

    def _come_again(self, wait_s: float) -> str:
        """Return when the rest may be requested, if that is worth reporting."""
        later = wait_s > self._patience.longest_wait_s
        return f"run again after {clock.now(wait_s)}" if later else "run again"

    def _give_back(self, rows: list[Leased]) -> None:
        for leased in rows:
            self._frontier.give_back(leased, clock.now())
        for host in tuple(self._leases.held):
            if self._patience.wait_s(host) > 0:
                self._leases.leave(host, self._patience.wait_s(host))
        self._leases.release()

    def enqueue_request(self, request: Request) -> bool:
        """Store a request with the next batch. A known request changes nothing."""
        if self._recorder is None:
            return False
        parent: Leased | None = request.meta.get("leased")
        entry = entry_of(request, self._spider.name, self._spider.in_file(request.url))
        again = request.dont_filter or (
            parent is not None and parent.fingerprint == entry.fingerprint
        )
        shown_by: Leased | None = request.meta.pop("shown_by", None)
        if again:
            self._write(lambda: self._frontier.requeue(entry, clock.now()))
        elif shown_by is None:
            self._write(lambda: self._frontier.add(entry, clock.now()))
        elif self._takes(entry.host):
            self._write(lambda: self._add(entry))
        else:
            self._cut.add(shown_by.id)
            return False
        if reads_article(request):
            self._traps.is_new_article(request.url)
        self._hosts.add(entry.host)
        self._unsure.add(entry.host)
        return True

    def _takes(self, host: str) -> bool:
        """Whether one more URL may enter the frontier. A known URL does not count."""
        if self._traps.take(host):
            return True
        self._flush()  # tells which of those that were counted have been known before
        if self._traps.take(host):
            return True
        self._traps.refuse(host)
        return False

    def _add(self, entry: Entry) -> None:
        if not self._frontier.add(entry, clock.now()):
            self._traps.was_known(entry.host)

    def hold(self, host: str, seconds: float) -> None:
        """Note that the robots.txt of `host` cannot be read for this many seconds, nor any page."""
        self._patience.hold(host, seconds)

    def space_out(self, host: str, seconds: float | None) -> None:
        """Note that the robots.txt of `host` was read, with its delay between requests, if any."""
        self._patience.space_out(host, seconds)
        if self._recorder is not None:
            self._recorder.readers.start()

    def sent(self, host: str) -> None:
        """Note that a request of `host` is being sent."""
        self._patience.sent(host)
        self._leases.sent(host, self._patience.spacing_s(host))

    def write_wait_s(self, host: str) -> float:
        """Return how long a request has to wait before it is written."""
        return self._pace.wait_s(host, self._patience.write_spacing_s(host))

    def may_send(self, host: str) -> bool:
        """Whether the lease of `host` still holds, directly before a request is written."""
        may = self._leases.may_send(host)
        if may:
            self._pace.written(host)
        return may

    def answered(self, host: str) -> None:
        """Note that the answer to the last request of `host` begins."""
        self._pace.answered(host)

    def unanswered(self, host: str) -> None:
        """Note that the last request of `host` gets no answer."""
        self._pace.unanswered(host)

    def holds(self, host: str) -> bool:
        """Whether a request of `host` that was handed out must not be sent any more."""
        return self._patience.holds(host)

    def has_pending_requests(self) -> bool:
        """Whether there is work now, or soon enough to wait for it."""
        if self._recorder is None or self._recorder.broken is not None:
            return False
        if self._handed:
            return True
        if self._recorder.idle_s() > 2 * self._patience.longest_wait_s:
            return False  # whatever is waited for, it has not come
        sure = {host for host, rows in self._ready.items() if rows}
        if any(self._open_to(host) for host in self._unsure | sure):
            return True
        return self._soon() is not None

    def next_request(self) -> Request | None:
        """Return the next request, if one may be sent now."""
        if self._recorder is None or self._recorder.broken is not None:
            return None
        try:
            self._settle()
            self._fill()
        except BaogaoError:
            return None
        hosts = [host for host, rows in self._ready.items() if rows and self._may_ask(host)]
        if not hosts:
            self._wake_later()
            return None
        host = min(hosts, key=self._in_flight.__getitem__)
        taken = self._take(host)
        if taken is None:
            self._unsure.add(host)
            self._engine.wake()
            return None
        request, leased = taken
        self._traps.asked(host)
        if reads_article(request):
            self._recorder.derivers.start()
        self._handed[id(request)] = request, leased
        self._in_flight[host] += 1
        self._recorder.handed(1)
        return request

    def _take(self, host: str) -> tuple[Request, Leased] | None:
        """Return the next leased row of a host that is not a trap."""
        rows = self._ready[host]
        while rows:
            leased = rows.popleft()
            request = self._request(leased)
            if not self._traps.is_trap(request):
                return request, leased
            self._write(partial(self._frontier.fail, leased, "trap", clock.now(), None))
        return None

    # ---- rows that come back

    def _settle(self) -> None:
        """Acknowledge every row whose request has left the engine, and commit.

        Settled rows do not wait for a batch. A killed crawl therefore repeats only what Scrapy had
        in hand, `patience.IN_HAND` pages a host.
        """
        left = [
            number
            for number, (request, _) in self._handed.items()
            if not self._engine.holds(request)
        ]
        for number in left:
            request, leased = self._handed.pop(number)
            self._in_flight[leased.host] -= 1
            self._finish(request, leased, number in self._callback_errors)
            self._callback_errors.discard(number)
            if self._patience.is_to_be_left(leased.host):
                self._leave(leased.host)
        if left and self._recorder is not None:
            self._recorder.handed(-len(left))
            self._flush()

    def _leave(self, host: str) -> None:
        """Give a host back with the delay it asks for; it may be taken again after that."""
        wait_s = self._patience.wait_s(host)
        self._put_down(host)
        self._write(lambda: self._leases.leave(host, wait_s))

    def _put_down(self, host: str) -> None:
        """Give back the rows of a host; it has to be taken again before the next request."""
        for leased in self._ready.pop(host, ()):
            self._write(partial(self._frontier.give_back, leased, clock.now()))
        self._unsure.add(host)

    def _finish(self, request: Request, leased: Leased, failed: bool) -> None:  # noqa: FBT001
        if self._recorder is None:
            return
        if "held_back" in request.meta:
            self._write(lambda: self._frontier.give_back(leased, clock.now()))
            self._unsure.add(leased.host)
            if leased.host not in self._leases.held:
                self._put_down(leased.host)
            return
        capture: Capture | None = request.meta.get("capture")
        outcome = capture.outcome if capture else "ignored"
        if outcome == "unchanged" and not reads_article(request):
            self._recorder.count(f"unchanged_lists:{self._spider.name}")
        outcome = request.meta.get("derive_outcome", outcome)
        if capture is not None:
            self._traps.got(request.url, capture)
        if leased.id in self._cut:
            outcome = "cut"  # so that it is read again, and what it shows beyond is taken up
            self._cut.discard(leased.id)
        write = partial(self._frontier.ack, leased, outcome)
        if failed:
            write = partial(self._frontier.fail, leased, "callback_error", due_at=None)
        elif capture is not None:
            wait_s = self._patience.after(leased.host, capture, leased.attempts)
            if wait_s is not None:
                due_at = clock.now(wait_s) if wait_s >= 0 else None
                write = partial(self._frontier.fail, leased, capture.outcome, due_at=due_at)
        ticket: Ticket | None = request.meta.get("ticket")
        self._write(lambda: write(now=clock.now(), capture_id=ticket.id if ticket else None))

    def _spider_error(self, failure: Failure, response: Any) -> None:
        """Note that a callback failed: its row and the crawl are not successful."""
        request = getattr(response, "request", None)
        url = "start" if request is None else request.url
        self._callback_failed(request, f"{url}: reading the page failed: {failure.value!r}")

    def _item_error(self, response: Any, failure: Failure) -> None:
        request = getattr(response, "request", None)
        url = "item" if request is None else request.url
        self._callback_failed(request, f"{url}: storing the page failed: {failure.value!r}")

    def _callback_failed(self, request: Request | None, sentence: str) -> None:
        if self._recorder is None or self._recorder.broken is not None:
            return
        self._callback_errors.add(id(request))
        self._recorder.fail(sentence)

    # ---- rows that go out

    def _fill(self) -> None:
        """Lease rows for hosts that have none in hand."""
        if monotonic() - self._beaten_at > HEARTBEAT_S:
            self._write(self._beat)
            self._beaten_at = monotonic()
        wanted = [host for host in self._unsure if not self._ready.get(host)]
        wanted = [host for host in wanted if self._open_to(host)]
        if wanted:
            self._write(lambda: self._lease(wanted))
            self._flush()

    def _lease(self, hosts: list[str]) -> None:
        site = self._spider.name
        for host in hosts:
            if host not in self._leases.held:
                occupant = self._leases.take(host)
                self._patience.occupied(host, occupant)
                if occupant is not None:
                    self._unsure.discard(host)
                    continue
                self._frontier.release_expired(site, host, self._leases.token, clock.now())
            rows = self._frontier.lease(site, host, LEASED_A_HOST, clock.now(), self._leases.token)
            self._ready[host] = deque(rows)
            if len(rows) < LEASED_A_HOST:
                self._unsure.discard(host)

    def _beat(self) -> None:
        for host in self._leases.beat():
            self._put_down(host)
            logger.warning("%s: another crawl has taken the host over", host)

    def _open_to(self, host: str) -> bool:
        return self._patience.may_be_asked_soon(host)

    def _may_ask(self, host: str) -> bool:
        """Whether a row of the host may be handed out now.

        A host that reached its limit is left.
        """
        if not self._free(host):
            return False
        enough = self._traps.enough_of(host)
        if enough is not None and not self._in_flight[host]:
            self._patience.give_up(host, enough)
        return enough is None

    def _free(self, host: str) -> bool:
        return (
            self._in_flight[host] < self._patience.in_hand(host)
            and self._open_to(host)
            and self._patience.wait_s(host) <= 0
        )

    # ---- waiting

    def _soon(self) -> float | None:
        """Return the seconds until there is work, if that is soon enough to wait.

        Otherwise None.
        """
        waits = []
        for host in self._hosts:
            if not self._open_to(host):
                continue
            due = self._frontier.next_due(self._spider.name, host)
            rows = self._ready.get(host)
            if due is not None or rows:
                due_s = 0.0 if rows or due is None else seconds_until(due)
                waits.append(max(due_s, self._patience.wait_s(host), 0.0))
        wait = min(waits, default=None)
        return wait if wait is not None and wait <= self._patience.longest_wait_s else None

    def _wake_later(self) -> None:
        """Wake the engine when something is due; its own heartbeat is slow."""
        if self._timer is not None or self._handed:
            return
        wait = self._soon()
        if wait is not None:
            if self._patience.awaits_another:
                self._write(self._let_go)
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(max(wait, 0.02), self._wake)

    def _let_go(self) -> None:
        """Give back hosts with nothing left to do, so that two site files cannot deadlock.

        Each may hold the host that the other waits for.
        """
        for host in tuple(self._leases.held):
            if not self._ready.get(host) and not self._frontier.next_due(self._spider.name, host):
                self._leases.give_back(host)

    def _wake(self) -> None:
        self._timer = None
        self._unsure |= self._hosts
        self._engine.wake()

    def _request(self, leased: Leased) -> Request:
        request = request_of(leased, self._spider)
        if leased.outcome in {"ok", "unchanged"}:
            self._ask_whether_changed(request)
        return request

    def _ask_whether_changed(self, request: Request) -> None:
        """Add the validators of the last answer, so that an unchanged page costs its server little.

        Not after an interrupted attempt: a 304 would hide child requests that were lost with it.
        """
        known = self._recorder.archive.validators(request.url) if self._recorder else None
        if known is None:
            return
        etag, last_modified, _ = known
        if etag:
            request.headers["If-None-Match"] = etag
        if last_modified:
            request.headers["If-Modified-Since"] = last_modified

    def _write(self, operation: Callable[[], object]) -> None:
        if self._recorder is not None:
            self._recorder.write(operation)

    def _flush(self) -> None:
        if self._recorder is not None:
            self._recorder.flush()
