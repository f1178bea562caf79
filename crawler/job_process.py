"""The process in which a worker runs one job: `python -m crawler.job_process NAME`.

It reads its order from stdin, so that no password stands in its arguments, and answers with one
line of JSON on stdout. It ends with its worker, however that ends: the system kills it (Linux), or
it notices that its stdin was closed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

from archive.configuration import using
from archive.errors import BaogaoError
from crawler.cluster.orders import Ended, Order

if TYPE_CHECKING:
    from crawler.run import CrawlResult

_PR_SET_PDEATHSIG: Final = 1

_GOOD: Final = frozenset({"ok", "unchanged"})
"""Outcomes that count as a page."""


def main() -> int:
    """Do what the order says."""
    order = Order.read(sys.stdin.buffer.readline())
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    with Path(os.devnull).open("wb") as nowhere:  # what a command prints is not the answer
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    die_with(order.parent)
    try:
        with using(order.config):
            ended = _run(order) if order.command else _requested(order)
    except BaogaoError as error:
        ended = Ended(error.exit_code, said=(str(error),))
    answers.write(ended.written())
    answers.close()
    return ended.exit_code


def die_with(parent: int) -> None:
    """Have this process killed when its parent ends."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415  (for one call)

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we could say so
        _die()
    Thread(target=_wait_for_end, name="parent", daemon=True).start()


def _wait_for_end() -> None:
    """Wait until stdin is closed, which the worker never does while it lives."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    _die()


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)


def _run(order: Order) -> Ended:
    """Run a command of `baogao`, as the shell would."""
    from crawler.cli import main as baogao  # noqa: PLC0415  (not for a crawl)

    settings = ["--config", order.config] if order.config else []
    try:
        baogao([*settings, *order.command], prog_name="baogao")
    except SystemExit as ended:
        return Ended(ended.code if isinstance(ended.code, int) else 1)
    return Ended(0)


def _requested(order: Order) -> Ended:
    """Crawl or scan as `baogao` does, with the hosts taken from the fence."""
    from crawler.commands.options import crawl_settings  # noqa: PLC0415  (not for other jobs)

    settings: Mapping[str, Any] = {
        **crawl_settings(order.contact),
        "LEASES": "crawler.cluster.fence.FencedLeases",
    }
    Path(order.db).parent.mkdir(parents=True, exist_ok=True)
    result = _scan(order, settings) if order.scan else _crawl(order, settings)
    if result is None:
        return Ended(0)
    pages = sum(count for (_, outcome), count in result.captures.items() if outcome in _GOOD)
    return Ended(result.exit_code, pages, result.again_s, result.findings)


def _scan(order: Order, settings: Mapping[str, Any]) -> CrawlResult:
    """Scan Common Crawl as `baogao backfill commoncrawl` does."""
    from crawler.backfill.crawlscan import backfill_scan, scan_of  # noqa: PLC0415
    from crawler.cluster.fence import Fence, fenced  # noqa: PLC0415

    scan = scan_of(order.scan)
    spacing_s = {scan.site.name: scan.site.delay_s}
    with fenced(Fence(order.dsn, spacing_s, lease_s=order.lease_s)):
        return backfill_scan(order.db, scan, settings=settings)


def _crawl(order: Order, settings: Mapping[str, Any]) -> CrawlResult | None:
    """Crawl as `baogao crawl` does; returns None if nothing is due."""
    from crawler.cluster.fence import Fence, fenced  # noqa: PLC0415
    from crawler.run import crawl  # noqa: PLC0415
    from crawler.schedule import due  # noqa: PLC0415
    from crawler.site_files import load_sites  # noqa: PLC0415

    sites = load_sites([order.folder]).chosen(order.sites)
    names = due(order.db, sites) if order.only_due else list(order.sites)
    if not names:
        return None
    spacing_s = {site.name: site.delay_s for site in sites}
    with fenced(Fence(order.dsn, spacing_s, lease_s=order.lease_s)):
        return crawl(order.db, names, sites_dirs=[order.folder], settings=settings)


if __name__ == "__main__":
    sys.exit(main())
