"""A page of the practice web: its response and its gold.

A `Sheet` is written once and gives both the HTML and the gold lines, so they always match.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any, Literal

Label = Literal["keep", "meta", "junk", "open"]


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request; `count` is the number of earlier requests for this host and path.

    `scheme` is `http` or `https`.
    """

    host: str
    path: str
    query: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    count: int = 0
    scheme: str = "http"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: status, headers and the body in bytes.

    `manner` says how it is sent: `whole`; `late` (the headers come late), `drip` (a few bytes
    at a time), `cut` (closed in mid-body), `short` (Content-Length is less than the body),
    `reset` (closed without a response), `nonsense` (not HTTP).
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/html; charset=utf-8"),)
    manner: str = "whole"


@dataclass(frozen=True, slots=True)
class GoldLine:
    """One visible line and its fate.

    `keep` belongs to the report, `meta` is read and then removed, `junk` is removed, and `open` may
    be kept or removed.
    """

    text: str
    label: Label
    kind: str


@dataclass(frozen=True, slots=True)
class Damage:
    """A corrupted place in a kept line: its words, and the right ones."""

    line: str
    text: str
    right: str
    kind: str


@dataclass(frozen=True)
class Gold:
    """The gold of a page.

    `shape` is `report`, `piece`, `compilation`, `index`, `cover` (the text is an attachment),
    `attachment` (lines are paragraphs), `container` (one member has the lines), `unreadable`,
    `other` (a text that is no report), `redirect`, `robots` or `error`; `identity` holds for
    each field its value and how it can be known (`read`, `inferred` or `absent`); `outcome` is
    what a crawl should record for the response; `hijacked` applies to the page including chrome and
    head, even if the kept text is clean.
    """

    shape: str
    lines: tuple[GoldLine, ...] = ()
    identity: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    damage: tuple[Damage, ...] = ()
    outcome: str = "ok"
    original: tuple[str, ...] = ()
    works: tuple[tuple[str, int], ...] = ()
    hijacked: bool = False

    def as_dict(self, url: str) -> dict[str, Any]:
        """Return the gold as plain values, with the lines by label."""
        return {
            "url": url,
            "shape": self.shape,
            "hijacked": self.hijacked,
            "outcome": self.outcome,
            "lines": [
                {"text": line.text, "label": line.label, "kind": line.kind} for line in self.lines
            ],
            "keep": [line.text for line in self.lines if line.label == "keep"],
            "meta": [line.text for line in self.lines if line.label == "meta"],
            "junk": [line.text for line in self.lines if line.label == "junk"],
            "identity": {
                name: {"value": value, "how": how} for name, (value, how) in self.identity.items()
            },
            "damage": [
                {"line": d.line, "text": d.text, "right": d.right, "kind": d.kind}
                for d in self.damage
            ],
            "original": list(self.original),
            "works": [{"place_code": code, "report_year": year} for code, year in self.works],
        }


@dataclass(frozen=True, slots=True)
class Page:
    """A path of a host: its response and its gold, both made on request."""

    answer: Callable[[Request], Answer]
    gold: Callable[[], Gold]


@dataclass(frozen=True)
class Site:
    """One virtual host, with its pages by path, or by path and query.

    `behaves` is false if the host is there for its faulty responses.
    """

    host: str
    title: str
    pages: Mapping[str, Page]
    robots: str = "User-agent: *\nDisallow:\n"
    behaves: bool = True

    def page(self, path: str, query: str = "") -> Page | None:
        """Return the page at a path; a page with this query wins over one without a query."""
        return self.pages.get(f"{path}?{query}") or self.pages.get(path)


class Sheet:
    """Collects the HTML of a page and the gold of every line that it shows."""

    def __init__(self) -> None:
        self._html: list[str] = []
        self.lines: list[GoldLine] = []

    def raw(self, html: str) -> None:
        """Add HTML without visible text."""
        self._html.append(html)

    def line(
        self, text: str, label: Label, kind: str, *, html: str | None = None, tag: str = "div"
    ) -> None:
        """Add a line; `html` is its inner HTML if that differs from the text.

        `tag` may carry attributes.
        """
        inner = escape(text, quote=False) if html is None else html
        self._html.append(f"<{tag}>{inner}</{tag.partition(' ')[0]}>")
        self.lines.append(GoldLine(text, label, kind))

    def links(self, links: Iterable[tuple[str, str]], kind: str = "nav") -> None:
        """Add a line of links, separated by spaces."""
        pairs = list(links)
        html = " ".join(f'<a href="{escape(href)}">{escape(text)}</a>' for href, text in pairs)
        self.line(" ".join(text for _, text in pairs), "junk", kind, html=html)

    def document(self, title: str, head: str = "", *, charset: str = "utf-8") -> str:
        """Return the whole HTML document."""
        return (
            f'<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="{charset}">\n'
            f"<title>{escape(title)}</title>\n{head}\n</head>\n<body>\n"
            + "\n".join(self._html)
            + "\n</body>\n</html>\n"
        )


def fixed(make: Callable[[], tuple[str, Gold]]) -> Page:
    """Return a constant page of UTF-8 HTML; `make` is called once and returns HTML and gold."""
    made = cache(make)
    return Page(lambda _: Answer(made()[0].encode()), lambda: made()[1])


def moved(target: str, status: int = 301, *, outcome: str = "redirect") -> Page:
    """Return a redirect."""
    headers = (("Location", target), ("Content-Type", "text/html"))
    return Page(lambda _: Answer(b"", status, headers), lambda: Gold("redirect", outcome=outcome))
