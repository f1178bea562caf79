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
from typing import Any, Final

from archive.configuration import using
from archive.errors import BaogaoError
from crawler.cluster.orders import Ended, Order

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
            ended = _run(order) if order.command else _crawl(order)
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


def _crawl(order: Order) -> Ended:
    """Crawl as `baogao crawl` does, with the hosts taken from the fence."""
    from crawler.cluster.fence import Fence, fenced  # noqa: PLC0415  (not for other jobs)
    from crawler.commands.options import crawl_settings  # noqa: PLC0415
    from crawler.run import crawl  # noqa: PLC0415
    from crawler.schedule import due  # noqa: PLC0415
    from crawler.site_files import load_sites  # noqa: PLC0415

    sites = load_sites([order.folder]).chosen(order.sites)
    names = due(order.db, sites) if order.only_due else list(order.sites)
    if not names:
        return Ended(0)
    spacing_s = {site.name: site.delay_s for site in sites}
    settings: Mapping[str, Any] = {
        **crawl_settings(order.contact),
        "LEASES": "crawler.cluster.fence.FencedLeases",
    }
    Path(order.db).parent.mkdir(parents=True, exist_ok=True)
    with fenced(Fence(order.dsn, spacing_s, lease_s=order.lease_s)):
        result = crawl(order.db, names, sites_dirs=[order.folder], settings=settings)
    pages = sum(count for (_, outcome), count in result.captures.items() if outcome in _GOOD)
    return Ended(result.exit_code, pages, result.again_s, result.findings)


if __name__ == "__main__":
    sys.exit(main())
