"""Start a site file: look at one page and a few of its articles, and write down what was seen.

It writes the site file, saves a page with the text that comes of it, and proposes the lines that
stand on every page as junk. What it writes is a beginning for a person to read.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from scrapy.http import Response, TextResponse

from archive import Archive, Capture, UsageError, derive
from crawler.addresses import host_of
from crawler.run import crawl_with
from crawler.sites import PRACTICE_PORT, Site, read_site
from crawler.spiders.listing import ListSpider
from crawler.spiders.site import Found, Link

ARTICLES_READ: Final = 3
"""Articles that are looked at: enough to see which lines repeat."""

SIGNS: Final[tuple[tuple[str, str], ...]] = (
    ("gkmlpt", r"/gkmlpt/|/m?post_\d{3,12}\.html"),
    ("hanweb", r"dataproxy\.jsp|/art/\d{4}/\d{1,2}/\d{1,2}/art_\w+_\d+\.html"),
    ("liaoning", r"/[0-9A-F]{32}/index\.shtml|/html/[A-Z]{2,8}/20\d{4}/\d{16}\.html"),
    ("trs", r"createPageHTML\(|/t20\d{6}_\d+\.s?html?"),
    ("pages", r"/\d{2,9}_\d{1,2}\.html"),
    ("numeric", r"\.aspx?\?(?:\w+=\w*&)*(?:id|i)=\d+|/content_\d+\.s?html?|/c\d{2,4}_\d+\.s?html"),
)
"""What in a page speaks for a family; the one that is seen most often wins."""

_REPORT_WORDS: Final = re.compile(r"工作报告")
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class NewSite:
    """What was written, and the lines that stood on every page that was read."""

    site_file: Path
    page: Path | None
    expected: Path | None
    family: str
    repeated_lines: tuple[str, ...]


def new_site(url: str, folder: str | Path, *, settings: Mapping[str, Any]) -> NewSite:
    """Look at `url`, a list of reports or a report, and write `FOLDER/NAME.toml` for its site.

    Args:
        url: an http or https address.
        folder: where site files of one's own lie; made if absent.
        settings: as for `crawler.run.crawl`; a real site needs `CONTACT`.

    Raises:
        UsageError: no such address, a file that is there already, or nothing to be seen.
    """
    host = host_of(url)
    if urlsplit(url).scheme not in {"http", "https"} or not host:
        raise UsageError(f"{url}: is no http or https address")
    place = Path(folder)
    site_file = place / f"{name_of(host)}.toml"
    if site_file.exists():
        raise UsageError(f"{site_file}: is there already; edit it, or name another folder")
    place.mkdir(parents=True, exist_ok=True)
    captures = _look(url, settings)
    first, *articles = captures
    family = guess_family(_words(first))
    site_file.write_text(_toml(url, host, family, articles), "utf-8")
    read_site(site_file)
    page, expected = _save(place / name_of(host), articles or [first])
    lines = repeated_lines([derive(capture).visible for capture in articles])
    return NewSite(site_file, page, expected, family, lines)


def name_of(host: str) -> str:
    """The name of a site, from its host.

    Example:
        >>> name_of("www.shenyang.gov.cn")
        'shenyang'
    """
    parts = [part for part in host.split(".") if part not in {"www", "gov", "com", "cn", "test"}]
    return "-".join(parts[:2]) or "site"


def guess_family(page: str) -> str:
    """The family that most of a page's addresses and script calls speak for."""
    seen = {family: len(re.findall(sign, page)) for family, sign in SIGNS}
    best = max(seen, key=lambda family: seen[family])
    return best if seen[best] else "list"


def repeated_lines(texts: Iterable[str]) -> tuple[str, ...]:
    """The lines that stand in every text, where there are several: probably junk."""
    pages = [dict.fromkeys(line.strip() for line in text.splitlines()) for text in texts]
    if len(pages) < 2:  # noqa: PLR2004  (what stands on one page repeats nowhere)
        return ()
    counts = Counter(line for page in pages for line in page if line)
    return tuple(line for line, count in counts.items() if count == len(pages))


class LookingSpider(ListSpider):
    """Reads one page and a few of the reports that it links to."""

    def parse(self, response: Response) -> Found:
        """Follow a few links that are called 工作报告, or else look like articles."""
        if not isinstance(response, TextResponse):
            return
        links = [link for link in self.links(response) if self.is_near(link, response.url)]
        named = [link for link in links if _REPORT_WORDS.search(link.words)]
        for link in (named or links)[:ARTICLES_READ]:
            yield self.follow(link.url, self.parse_report)

    def parse_report(self, response: Response) -> Found:  # noqa: ARG002  (Scrapy's argument)
        """A report is captured; there is nothing more to do."""
        yield from ()

    def is_near(self, link: Link, url: str) -> bool:
        """Whether a link leads to another page of the same host that is named by a number."""
        path = urlsplit(link.url).path
        return host_of(link.url) == host_of(url) and any(len(n) > 2 for n in _DIGITS.findall(path))  # noqa: PLR2004


def _look(url: str, settings: Mapping[str, Any]) -> list[Capture]:
    """The captures of a page and of a few of its articles, fetched as politely as any crawl."""
    host = host_of(url)
    loopback = host.endswith(".test")
    with tempfile.TemporaryDirectory() as folder:
        site = Site(
            name="new-site", path=Path(folder), toml="", title=host, kind="unknown",
            family="list", hosts=(host,), start=(_in_file(url, settings),), loopback=loopback,
            delay_s=0.02 if loopback else 1.0,
        )  # fmt: skip
        db = Path(folder) / "look.db"
        crawl_with(db, site, LookingSpider, settings=settings)
        with Archive.open(db, read_only=True) as archive:
            found = [capture for _, capture in archive.captures(with_payload=True)]
    pages = [c for c in found if c.payload and not urlsplit(c.url).path.endswith("/robots.txt")]
    good = [capture for capture in pages if capture.outcome == "ok"]
    if not good:
        why = f": {found[-1].outcome}" if found else ""
        raise UsageError(f"{url}: nothing could be read there{why}")
    return good


def _in_file(url: str, settings: Mapping[str, Any]) -> str:
    """The address as a site file has it: with the usual port of the practice web."""
    parts = urlsplit(url)
    if parts.port is not None and parts.port == settings.get("PRACTICE_PORT"):
        return parts._replace(netloc=f"{parts.hostname}:{PRACTICE_PORT}").geturl()
    return url


def _words(capture: Capture) -> str:
    return (capture.payload or b"").decode("utf-8", "replace")


def _toml(url: str, host: str, family: str, articles: list[Capture]) -> str:
    lines = [
        f"title = {json.dumps(host)}  # the site's own name is better",
        'kind = "mirror"  # official, mirror, copy or archive',
        f"family = {json.dumps(family)}",
        f"hosts = [{json.dumps(host)}]",
        f"start = [{json.dumps(url)}]",
    ]
    if family in {"list", "pages"} and articles:
        patterns = dict.fromkeys(_pattern(article.url) for article in articles)
        lines.append(f"reports = [{', '.join(repr(pattern) for pattern in patterns)}]")
    if host.endswith(".test"):
        lines.append("loopback = true")
    return "\n".join(lines) + "\n"


def _pattern(url: str) -> str:
    """A pattern for addresses like this one: its numbers may be others."""
    path = urlsplit(url).path
    tail = "/" + path.rpartition("/")[2] if path.count("/") > 1 else path
    return _DIGITS.sub(lambda _: r"\d+", re.escape(tail)) + "$"


def _save(folder: Path, captures: list[Capture]) -> tuple[Path, Path]:
    """Save the first page, and what comes of it, as the beginning of a test."""
    folder.mkdir(exist_ok=True)
    page, expected = folder / "page.html", folder / "expected.json"
    page.write_bytes(captures[0].payload or b"")
    made = derive(Capture.from_bytes(captures[0].payload or b"", url=captures[0].url))
    shown = json.dumps(made.as_json(), ensure_ascii=False, indent=1)
    expected.write_text(shown + "\n", "utf-8")
    return page, expected
