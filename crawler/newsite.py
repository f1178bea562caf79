"""Drafts a site file from one page and a few of its articles.

Writes the site file, saves one page with its text, and proposes lines that occur on every page as
junk. The result is a draft for a person to check.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from scrapy.http import HtmlResponse

from archive import Archive, Capture, Derivation, UsageError
from archive.errors import WorkFailedError
from archive.urls import host_of, is_web_address
from crawler.derive_workers import DeriveWorkers
from crawler.families import families, guess_family
from crawler.run import crawl_with
from crawler.site_files import PRACTICE_PORT, Site, read_site
from crawler.spiders.looking import LookingSpider

LONGEST_JUNK: Final = 60
"""The most characters of a line that is proposed as junk."""

_DIGITS: Final = re.compile(r"\d+")


_FORMULA: Final = re.compile(r"各位代表[，,：:]?|[（(]?[一二三四五六七八九十]{1,3}[）)、].*")


@dataclass(frozen=True, slots=True)
class NewSite:
    """What was written, and the lines found on every article that was read.

    `repeated_lines` are already removed, `kept_lines` are not. `articles` is the number of articles
    read: 0 if a script lists them or the URL was not a list.
    """

    site_file: Path
    page: Path | None
    expected: Path | None
    family: str
    articles: int
    repeated_lines: tuple[str, ...]
    kept_lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """What was fetched: the named page, further list pages if needed, and articles."""

    first: Capture
    lists: tuple[Capture, ...]
    articles: tuple[Capture, ...]


def new_site(
    url: str, folder: str | Path, *, name: str | None = None, settings: Mapping[str, Any]
) -> NewSite:
    """Look at `url`, a list of reports or one report, and write `FOLDER/NAME.toml` for its site.

    Args:
        url: an http or https URL.
        folder: where your own site files are; created if absent.
        name: the name of the site; made of the host if None.
        settings: as for `crawler.run.crawl`; a real site needs `CONTACT`.

    Raises:
        UsageError: invalid URL, the file exists already, or nothing could be read.
    """
    url = _ascii(url)
    name = name or name_of(host_of(url))
    if not _NAME.fullmatch(name):
        raise UsageError(f"--name {name!r}: must consist of letters, digits, - and _")
    place = Path(folder)
    site_file = place / f"{name}.toml"
    if site_file.exists():
        raise UsageError(f"{site_file} already exists; edit it, or give another --name")
    place.mkdir(parents=True, exist_ok=True)
    look = _look(url, settings)
    family = _family(look)
    site_file.write_text(_toml(url, family, look), "utf-8")
    read_site(site_file)
    page, expected = _save(place / name, (*look.articles, look.first)[0])
    made = [one for one in map(_derived, look.articles) if one is not None]
    kept = repeated_lines([one.text for one in made])
    everywhere = repeated_lines([one.visible for one in made])
    return NewSite(
        site_file, page, expected, family, len(look.articles),
        repeated_lines=tuple(line for line in everywhere if line not in kept),
        kept_lines=tuple(line for line in kept if _may_be_junk(line)),
    )  # fmt: skip


_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")


def _ascii(url: str) -> str:
    """Return a URL whose host is as in requests: in small letters, without Chinese characters.

    Raises:
        UsageError: it is not an http or https URL.
    """
    host = host_of(url)
    try:
        parts = urlsplit(url)
        port = "" if parts.port is None else f":{parts.port}"
        named = host if ":" in host else host.encode("idna").decode("ascii")
    except ValueError:
        named = ""
    if not named or not is_web_address(url):
        raise UsageError(f"{url}: not an http or https URL")
    shown = f"[{named}]" if ":" in named else named
    return parts._replace(netloc=shown + port).geturl()


def _hosts(host: str) -> tuple[str, ...]:
    """Return a host with and without www., of which one often redirects to the other."""
    if host.replace(".", "").isdecimal() or ":" in host or "." not in host:
        return (host,)
    return (host, host.removeprefix("www.") if host.startswith("www.") else f"www.{host}")


def _derived(capture: Capture) -> Derivation | None:
    """Derive a page in a worker; None if that fails."""
    derivers = DeriveWorkers(1)
    try:
        return derivers.derive_now(capture)
    except WorkFailedError:
        return None
    finally:
        derivers.close()


def _family(look: Look) -> str:
    """Return the family that the list suggests, or else the articles."""
    family = guess_family(_words(look.first))
    if family != "list":
        return family
    return guess_family("\n".join(_words(one) for one in (*look.lists, *look.articles)))


def _may_be_junk(line: str) -> bool:
    """Whether a line may be junk: it is short and not a formula of a report."""
    return len(line) <= LONGEST_JUNK and not _FORMULA.fullmatch(line)


def name_of(host: str) -> str:
    """Derive the name of a site from its host.

    Example:
        >>> name_of("www.shenyang.gov.cn")
        'shenyang'
    """
    parts = [part for part in host.split(".") if part not in {"www", "gov", "com", "cn", "test"}]
    return "-".join(parts[:2]) or "site"


def repeated_lines(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the lines that occur in every text, if there are several texts: probably junk."""
    pages = [dict.fromkeys(line.strip() for line in text.splitlines()) for text in texts]
    if len(pages) < 2:  # noqa: PLR2004  (what stands on one page repeats nowhere)
        return ()
    counts = Counter(line for page in pages for line in page if line)
    return tuple(line for line, count in counts.items() if count == len(pages))


def _look(url: str, settings: Mapping[str, Any]) -> Look:
    """Fetch a page and a few of its articles, as politely as any crawl."""
    host = host_of(url)
    loopback = host.endswith(".test")

    class Looking(LookingSpider):
        lists: ClassVar[list[str]] = []
        articles: ClassVar[list[str]] = []

    with tempfile.TemporaryDirectory() as folder:
        site = Site(
            name="new-site", path=Path(folder), toml="", title=host, kind="unknown",
            family="list", hosts=_hosts(host), start=(_in_file(url, settings),), loopback=loopback,
            delay_s=0.02 if loopback else 1.0,
        )  # fmt: skip
        db = Path(folder) / "look.db"
        crawl_with(db, [site], Looking, settings={**settings, **_resolving(site)})
        with Archive.open(db, read_only=True) as archive:
            found = [capture for _, capture in archive.captures(with_payload=True)]
    pages = [c for c in found if c.payload and not urlsplit(c.url).path.endswith("/robots.txt")]
    good = {capture.url: capture for capture in pages if capture.outcome == "ok"}
    if not good:
        why = f": {found[-1].outcome}, {found[-1].error or found[-1].status}" if found else ""
        raise UsageError(f"{url}: nothing could be read{why}{_elsewhere(url, found)}")
    return Look(
        next(iter(good.values())),
        tuple(good[one] for one in Looking.lists if one in good),
        tuple(good[one] for one in Looking.articles if one in good),
    )


def _resolving(site: Site) -> dict[str, Any]:
    """Return settings with which hosts of this machine are found; no site file names them yet."""
    if not site.loopback:
        return {}
    resolver = "crawler.spiders.cdx.ArchiveResolver"
    return {"TWISTED_DNS_RESOLVER": resolver, "LOOPBACK_ARCHIVES": list(site.hosts)}


def _elsewhere(url: str, found: Iterable[Capture]) -> str:
    """Propose the place to which a page redirects, if that is another host."""
    for capture in found:
        host = host_of(capture.redirect_to or "")
        if host and host not in _hosts(host_of(url)):
            return f"; it redirects: try baogao new-site {capture.redirect_to}"
    return ""


def _in_file(url: str, settings: Mapping[str, Any]) -> str:
    """Return the URL as in a site file, with the default port of the practice web."""
    parts = urlsplit(url)
    if parts.port is not None and parts.port == settings.get("PRACTICE_PORT"):
        return parts._replace(netloc=f"{parts.hostname}:{PRACTICE_PORT}").geturl()
    return url


def _words(capture: Capture) -> str:
    return (capture.payload or b"").decode("utf-8", "replace")


def _toml(url: str, family: str, look: Look) -> str:
    if host_of(look.first.url) != host_of(url):
        url = look.first.url  # where it redirected to
    host = host_of(url)
    hosts = dict.fromkeys(host_of(one.url) for one in (look.first, *look.lists, *look.articles))
    kind = "official" if host.endswith(".gov.cn") else "mirror"
    lines = [
        f"title = {json.dumps(_title(look.first) or host, ensure_ascii=False)}  # its own name",
        f'kind = "{kind}"  # official, mirror, copy or archive',
        f"family = {json.dumps(family)}",
        f"hosts = {json.dumps(list(hosts))}",
        f"start = [{json.dumps(url)}]",
    ]
    if look.lists and look.articles and family != "sitemap":
        lines.append(f"lists = [{_patterns(look.lists)}]")
    if not families()[family].articles:
        guess = "" if look.articles else "  # a guess: no report was seen from here"
        lines.append(f"reports = [{_patterns(look.articles) or _ANY_NUMBER}]{guess}")
    if host.endswith(".test"):
        lines.append("loopback = true")
    return "\n".join(lines) + "\n"


_ANY_NUMBER: Final = r"'/\d+\.s?html?$'"


def _title(capture: Capture) -> str:
    """Return the title of a page in one line."""
    page = HtmlResponse(capture.url, body=(capture.payload or b"")[:_HEAD_BYTES])
    found = _TITLE.search(page.text)
    return " ".join(unescape(found[1]).split())[:60] if found else ""


_HEAD_BYTES: Final = 64 * 1024
_TITLE: Final = re.compile(r"<title[^<>]{0,200}>([^<]{0,400})", re.IGNORECASE)


def _patterns(captures: Iterable[Capture]) -> str:
    """Return patterns for these URLs as TOML: in single quotes, without escapes."""
    patterns = dict.fromkeys(_pattern(capture.url) for capture in captures)
    return ", ".join(f"'{one}'" if "'" not in one else json.dumps(one) for one in patterns)


def _pattern(url: str) -> str:
    """Return a pattern for similar URLs, in which the numbers differ.

    A page in a folder stands for pages in sibling folders of any name.
    """
    path = urlsplit(url).path
    if path.endswith("/"):
        above = path.rstrip("/").rpartition("/")[0]
        return re.escape(above) + r"/[\w-]+/$"
    tail = "/" + path.rpartition("/")[2] if path.count("/") > 1 else path
    return _DIGITS.sub(lambda _: r"\d+", re.escape(tail)) + "$"


def _save(folder: Path, capture: Capture) -> tuple[Path, Path]:
    """Save a page and its text as the start of a test."""
    folder.mkdir(exist_ok=True)
    page, expected = folder / "page.html", folder / "expected.json"
    page.write_bytes(capture.payload or b"")
    made = _derived(Capture.from_bytes(capture.payload or b"", url=capture.url))
    shown = json.dumps(None if made is None else made.as_json(), ensure_ascii=False, indent=1)
    expected.write_text(shown + "\n", "utf-8")
    return page, expected
