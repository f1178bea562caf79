"""Asks sites for their robots.txt, once each, to see whether a crawl would work from here."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from protego import Protego

from archive import Capture
from archive.doctor import Check, clock_beside
from crawler.recorder import need_contact
from crawler.robots import Rules, read_rules
from crawler.run import crawl_with, wiring_of
from crawler.site_files import Site
from crawler.spiders.site import SiteSpider

_REMEDIES: Final = {
    "dns": "check the host in the site file, and the name servers of this machine",
    "refused": "open the site in a browser; if it answers there, this machine is kept out",
    "timeout": "try again later, and from another network: some sites answer only in China",
    "tls": "set tls.legacy = true in the site file",
    "forbidden_address": "correct the host: it is not on the public internet",
}


@dataclass(frozen=True, slots=True)
class AskedRobots:
    """The robots.txt of a place: its rules, or why there are none, and the capture."""

    place: str
    rules: Rules
    capture: Capture | None


class RobotsSpider(SiteSpider):
    """Reads the robots.txt of each host on which the site starts, and nothing else."""

    asked: ClassVar[dict[str, list[AskedRobots]]]

    async def start(self) -> AsyncIterator[Any]:
        """Ask; nothing is left to be scheduled."""
        for place in dict.fromkeys(_place(self.here(url)) for url in self.site.start):
            name = str(self.settings["ROBOTSTXT_USER_AGENT"])
            rules, capture = await read_rules(self.crawler.engine, f"{place}/robots.txt", name)
            self.asked.setdefault(self.site.name, []).append(AskedRobots(place, rules, capture))
        nothing: tuple[Any, ...] = ()
        for request in nothing:
            yield request


def check_sites(sites: Sequence[Site], settings: Mapping[str, Any]) -> Iterator[Check]:
    """Yield a check of the robots.txt of each site, and one of the clock.

    Raises:
        UsageError: a real site would not learn a contact.
    """
    need_contact(sites, str(wiring_of((), settings)["CONTACT"] or ""))
    found: dict[str, list[AskedRobots]] = {}

    class Checking(RobotsSpider):
        asked = found

    with tempfile.TemporaryDirectory() as folder:
        crawl_with(Path(folder) / "asked.db", sites, Checking, settings=settings)
    agent = str(wiring_of((), settings)["ROBOTSTXT_USER_AGENT"])
    for site in sites:
        for asked in found.get(site.name, ()):
            yield _robots(site, asked, agent)
    yield from _clocks(one for each in found.values() for one in each)


def _robots(site: Site, asked: AskedRobots, agent: str) -> Check:
    name, capture = f"robots.txt of {site.name}", asked.capture
    if not isinstance(asked.rules, Protego):
        remedy = _REMEDIES.get(capture.outcome if capture else "", "try again later")
        return Check(name, "failed", f"{asked.place}: {asked.rules}", remedy)
    denied = [
        url for url in site.start
        if urlsplit(url).path and not asked.rules.can_fetch(url, agent)
        and urlsplit(url).hostname == urlsplit(asked.place).hostname
    ]  # fmt: skip
    if denied:
        remedy = "name another start in the site file, or leave the site alone"
        return Check(name, "failed", f"{asked.place}: it disallows {denied[0]}", remedy)
    there = capture is not None and capture.outcome == "ok"
    words = "allows the start of the site" if there else "there is none: all is allowed"
    return Check(name, "ok", f"{asked.place}: {words}")


def _clocks(found: Iterator[AskedRobots]) -> Iterator[Check]:
    """Compare the clock with the first server that states its own."""
    for asked in found:
        capture = asked.capture
        if capture is None or not capture.captured_at or not (said := capture.header("Date")):
            continue
        try:
            theirs = parsedate_to_datetime(said)
            yield clock_beside(asked.place, theirs, datetime.fromisoformat(capture.captured_at))
        except (ValueError, TypeError):
            continue
        return


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
