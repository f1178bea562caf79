"""All hosts of the practice web, and the gold of every page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from baogao_practice.page import Site
from baogao_practice.sites import (
    encrypted,
    families,
    flattened,
    gkmlpt,
    government,
    hanweb,
    hijacked,
    legacy,
    library,
    misbehaving,
    motley,
    splitter,
    spoilt,
    wrapped,
)


@lru_cache(maxsize=1)
def sites() -> dict[str, Site]:
    """Every virtual host."""
    found = (
        government.site(),
        splitter.site(),
        library.site(),
        library.site(library.TWIN_HOST),
        hijacked.site(),
        *(hijacked.site(host) for host in hijacked.SISTERS),
        hanweb.site(),
        gkmlpt.site(),
        families.province_site(),
        families.city_site(),
        families.map_site(),
        families.list_site(),
        legacy.coded_site(),
        legacy.asp_site(),
        flattened.site(),
        spoilt.site(spoilt.SCRIPT_HOST),
        spoilt.site(spoilt.NOISE_HOST),
        wrapped.site(),
        motley.site(),
        encrypted.site(),
        *map(encrypted.single_site, (*encrypted.UNVERIFIED_HOSTS, *encrypted.OLD_HOSTS)),
        misbehaving.site(),
        misbehaving.bare(),
        *map(misbehaving.robots_site, misbehaving.ROBOTS_HOSTS),
    )
    return {site.host: site for site in found}


def site_of(host: str) -> Site | None:
    """The site that answers for `host`; any subdomain of the hijackers serves their copy."""
    wild = hijacked.HOST.partition(".")[2]
    return sites().get(host) or (hijacked.site() if host.endswith(f".{wild}") else None)


def hosts(*, behaving: bool = False) -> tuple[str, ...]:
    """Return the names of the virtual hosts, or only of those with well-formed responses."""
    return tuple(host for host, site in sites().items() if site.behaves or not behaving)


def urls(host: str | None = None) -> tuple[str, ...]:
    """The URLs of all pages, or of those of one host."""
    return tuple(
        f"http://{site.host}{path}"
        for site in sites().values()
        if host in (None, site.host)
        for path in site.pages
    )


def gold(url: str) -> dict[str, Any]:
    """Return the gold of the page at `url` (its port is ignored).

    Keys: `shape`, `outcome`, `hijacked`, `lines` (text, label, kind), `keep`, `meta` and `junk`
    (texts), `identity` (value and how: read, inferred, absent), `damage` (line, text, right, kind),
    `original` (the undamaged paragraphs), `works` (place_code, report_year).

    Raises:
        KeyError: the practice web has no such page.
    """
    parts = urlsplit(url)
    site = site_of(parts.hostname or "")
    page = None if site is None else site.page(parts.path or "/", parts.query)
    if page is None:
        raise KeyError(url)
    return page.gold().as_dict(url)
