"""The format of a site file, and how it is read.

An invalid file is refused with one sentence that names file, key and remedy.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final, Literal, cast, get_args
from urllib.parse import SplitResult, urlsplit

from archive import SiteFacts
from archive.model import SiteKind
from archive.toml_file import TomlTable, read_toml
from crawler.families import families
from crawler.pagers import MOST_LISTS

Level = Literal["national", "province", "prefecture", "county", "township"]

SHIPPED: Final = Path(__file__).parent / "sites"
"""The folder of the site files that come with the package."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "": (
        "name", "title", "kind", "family", "hosts", "start", "reports", "lists", "deny", "words",
        "place_code", "level", "loopback", "active", "verified", "note", "politeness", "schedule",
        "tls", "reading", "expect", "ocr", "limits",
    ),
    "politeness": ("delay_s", "give_up_after"),
    "schedule": ("interval_days", "revisit_days"),
    "tls": ("legacy",),
    "reading": ("containers",),
    "expect": ("minimum", "maximum", "largest_drop"),
    "limits": ("addresses", "requests", "links", "barren", "same", "depth"),
}  # fmt: skip
"""Every key of a site file, by table; `""` is the top."""

HIJACKED: Final = (
    "caiyitopone.com", "edutainingadventures.com", "indiasphere.net", "jhzobq.asia",
    "nec-driver.com", "nextlevelartsconsulting.com", "yaoyejob.com",
)  # fmt: skip
"""Domains that serve hijacked copies: a site file may name them only if it is not active."""

PRACTICE_PORT: Final = 8642
"""The port that the practice site files name; a demonstration on another port replaces it."""


@dataclass(frozen=True, slots=True)
class Links:
    """Which links of a list page are followed: regular expressions searched in the whole URL.

    `words` is a regular expression for the text of a link to a report; a link whose text and
    `title` attribute do not match is not followed.
    """

    reports: tuple[re.Pattern[str], ...] = ()
    lists: tuple[re.Pattern[str], ...] = ()
    deny: tuple[re.Pattern[str], ...] = ()
    words: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """How many articles of the site a crawl must leave in the archive, or else it fails.

    `largest_drop` is the share of the articles listed in the last crawl that may be missing from
    the lists in this one.
    """

    minimum: int = 1
    maximum: int | None = None
    largest_drop: float = 0.5


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of a run for each host, and when a URL pattern is a trap.

    `addresses` (new URLs) and `requests` are for each host and run, `links` for each page. Lists of
    one pattern are left after `barren` in a row without a new report, URLs of one pattern after
    `same` in a row that give a known page. At most `depth` list pages are followed one after the
    other.
    """

    addresses: int = 20_000
    requests: int = 50_000
    links: int = 10_000
    barren: int = 500
    same: int = 50
    depth: int = MOST_LISTS

    @classmethod
    def none(cls) -> Limits:
        """Return no limits, for users' lists and for web archives."""
        return cls(*[sys.maxsize] * 5)


@dataclass(frozen=True, slots=True)
class Site:
    """One parsed site file. `toml` is its text as read, which a run stores.

    `hosts` may hold patterns such as `*.example.test`; `ports` lists what is allowed besides 80 and
    443; `delay_s` is the least time between two requests to one host, in seconds; after
    `give_up_after` refusals or failures in a row a host is left alone for the crawl; articles are
    asked again, with validators, `revisit_days` after the last answer, lists always; `legacy_tls`
    lets a server that OpenSSL refuses be greeted again as an old one; `ocr` has words in its scans
    and pictures read after the crawl.
    """

    name: str
    path: Path
    toml: str
    title: str
    kind: SiteKind
    family: str
    hosts: tuple[str, ...]
    start: tuple[str, ...]
    place_code: str | None = None
    level: Level | None = None
    loopback: bool = False
    active: bool = True
    verified: bool = True
    note: str = ""
    delay_s: float = 1.0
    give_up_after: int | None = None
    interval_days: float | None = None
    revisit_days: float = 30.0
    legacy_tls: bool = False
    ocr: bool = False
    links: Links = field(default_factory=Links)
    containers: tuple[str, ...] = ()
    expect: Expect = field(default_factory=Expect)
    limits: Limits = field(default_factory=Limits)

    def within(self, budgets: Mapping[str, int]) -> Site:
        """Return the site with these limits, except for those that its file sets."""
        own = tomllib.loads(self.toml).get("limits", {})
        given = {key: value for key, value in budgets.items() if key not in own}
        return replace(self, limits=replace(self.limits, **given))

    @property
    def facts(self) -> SiteFacts:
        """The facts that reading needs to know of the site."""
        return SiteFacts(self.name, self.title, self.kind, self.place_code, self.containers)

    @property
    def ports(self) -> frozenset[int]:
        """80, 443 and the ports that its start URLs name; on this machine only the latter."""
        named = {port for url in self.start if (port := urlsplit(url).port) is not None}
        return frozenset(named if self.loopback else {80, 443} | named)

    @property
    def report_patterns(self) -> tuple[re.Pattern[str], ...]:
        """Return the URL patterns of reports, from the file or its family."""
        return self.links.reports or families()[self.family].articles

    @property
    def is_blind(self) -> bool:
        """Whether a crawl could not recognise any report."""
        return not self.report_patterns

    def covers(self, host: str) -> bool:
        """Whether `host` is one of the site's hosts."""
        return any(fnmatchcase(host, pattern) for pattern in self.hosts)


def read_site(path: Path) -> Site:
    """Parse and check one site file.

    Raises:
        DataFileError: it cannot be read, or breaks the format.
    """
    text, top = read_toml(path, shown_path(path))
    return _site(path, text, top)


def shown_path(path: Path) -> str:
    """Return `path` for people: package files from `crawler/` on, others unchanged."""
    try:
        return path.resolve().relative_to(SHIPPED.parent.parent).as_posix()
    except ValueError:
        return str(path)


def _site(path: Path, text: str, top: TomlTable) -> Site:
    _refuse_unknown_keys(top)
    politeness, schedule, tls, reading, expect, limits = (
        top.table(name) for name in ("politeness", "schedule", "tls", "reading", "expect", "limits")
    )
    site = Site(
        name=path.stem,
        path=path,
        toml=text,
        title=top.string("title"),
        kind=cast(SiteKind, top.choice("kind", ("official", "mirror", "copy", "archive"))),
        family=top.choice("family", tuple(families())),
        hosts=top.strings("hosts", at_least=1),
        start=top.strings("start", at_least=1),
        place_code=top.string("place_code", None),
        level=cast("Level | None", top.choice("level", get_args(Level), None)),
        loopback=top.boolean("loopback", default=False),
        active=top.boolean("active", default=True),
        verified=top.boolean("verified", default=True),
        note=top.string("note", ""),
        delay_s=politeness.number("delay_s", 1.0),
        give_up_after=politeness.whole("give_up_after", None),
        interval_days=schedule.number("interval_days", None),
        revisit_days=schedule.number("revisit_days", 30.0),
        ocr=top.boolean("ocr", default=False),
        legacy_tls=tls.boolean("legacy", default=False),
        links=_links(top),
        containers=reading.strings("containers"),
        expect=_expect(expect),
        limits=_limits(limits),
    )
    _check(site, top)
    return site


def _links(top: TomlTable) -> Links:
    return Links(
        reports=top.patterns("reports"),
        lists=top.patterns("lists"),
        deny=top.patterns("deny"),
        words=top.pattern("words"),
    )


def _expect(table: TomlTable) -> Expect:
    return Expect(
        minimum=table.whole("minimum", 1),
        maximum=table.whole("maximum", None),
        largest_drop=table.number("largest_drop", 0.5),
    )


def _limits(table: TomlTable) -> Limits:
    values = {key: table.whole(key, getattr(Limits(), key)) for key in KEYS["limits"]}
    for key, value in values.items():
        if value < 1:
            raise table.wrong(key, "must be at least 1")
    return Limits(**values)


def _refuse_unknown_keys(top: TomlTable) -> None:
    """Report unknown keys before missing ones: a misspelt key is both, and its name helps more."""
    every_key = [key for keys in KEYS.values() for key in keys]
    for name, keys in KEYS.items():
        table = top if name == "" else top.table(name)
        table.refuse_unknown(keys, every_key)


def _check(site: Site, top: TomlTable) -> None:
    if top.string("name", site.name) != site.name:
        raise top.wrong("name", f"must be {site.name!r}, like the file")
    for url in site.start:
        parts = _address(url)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
            raise top.wrong("start", f"{url!r} is not an http or https URL")
        if not site.covers(parts.hostname):
            raise top.wrong("hosts", f"{parts.hostname!r} of {url!r} is not among them")
    for host in site.hosts:
        if site.active and any(f".{host}".endswith(f".{domain}") for domain in HIJACKED):
            raise top.wrong("hosts", f"{host!r} serves hijacked copies; set active = false")
    if site.loopback and not all(host.endswith(".test") for host in site.hosts):
        raise top.wrong("loopback", "only hosts that end in .test may be on this machine")
    if not site.loopback and site.delay_s < 1:
        raise top.wrong("politeness.delay_s", "must be at least 1 second for a real site")
    if site.place_code is not None and not re.fullmatch(r"\d{6}", site.place_code):
        raise top.wrong("place_code", "must be the six digits of GB/T 2260, in quotes")


def _address(url: str) -> SplitResult | None:
    """Return the parts of a URL, or None if host or port are invalid."""
    try:
        parts = urlsplit(url)
        usable = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if usable else None
