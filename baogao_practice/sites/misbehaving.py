"""Faulty responses: the known faults of such servers, one path for each.

The gold of a page has the outcome that a crawl should record for it.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from zlib import Z_SYNC_FLUSH, compressobj

from baogao_practice.page import Answer, Gold, GoldLine, Page, Request, Sheet, Site, moved
from baogao_practice.report import Report
from baogao_practice.sites.government import county_report, read_identity

HOST = "www.huai.test"
BARE = "huai.test"
ROBOTS_HOSTS = (
    "robots-deny.test", "robots-error.test", "robots-html.test", "robots-slow.test",
    "robots-none.test",
)  # fmt: skip
MEGABYTE = 1 << 20
BOMB_BYTES = 300 * MEGABYTE
_HTML = (("Content-Type", "text/html; charset=utf-8"),)


def _report(year: int) -> Report:
    return county_report("370883", year)


def _article(year: int, *, note: str = "") -> tuple[bytes, Gold]:
    report = _report(year)
    sheet = Sheet()
    sheet.line(report.title, "keep", "title", tag="h1")
    sheet.raw('<div class="TRS_Editor">')
    for line in report.lines[1:]:
        sheet.line(line.text, "keep", line.kind, tag="p")
    sheet.raw("</div>")
    if note:
        sheet.line(note, "junk", "counter")
    gold = Gold(
        "report", tuple(sheet.lines), read_identity(report),
        original=report.texts, works=((report.place.code, report.year),),
    )  # fmt: skip
    return sheet.document(report.title).encode(), gold


def _bad(status: int, body: str, outcome: str, *headers: tuple[str, str]) -> Page:
    answer = Answer(body.encode(), status, (*_HTML, *headers))
    return Page(lambda _: answer, lambda: Gold("error", outcome=outcome))


def _good(year: int, *headers: tuple[str, str], outcome: str = "ok") -> Page:
    return Page(
        lambda _: Answer(_article(year)[0], 200, (*_HTML, *headers)),
        lambda: replace(_article(year)[1], outcome=outcome),
    )


def _manner(year: int, manner: str, outcome: str) -> Page:
    return Page(
        lambda _: Answer(_article(year)[0], 200, _HTML, manner),
        lambda: Gold("error", outcome=outcome),
    )


def _after(times: int, first: Answer, year: int) -> Page:
    """Answer with `first` a number of times, then with a report."""

    def answer(request: Request) -> Answer:
        return first if request.count < times else Answer(_article(year)[0], 200, _HTML)

    return Page(answer, lambda: _article(year)[1])


def _for_honest(request: Request) -> Answer:
    agent = request.headers.get("User-Agent", "").lower()
    if not agent or "scrapy" in agent or agent.startswith("python"):
        return Answer("禁止访问".encode(), 403, _HTML)
    return Answer(_article(2020)[0], 200, _HTML)


def _validated(request: Request) -> Answer:
    body = _article(2022)[0]
    tag = f'"{sha256(body).hexdigest()[:16]}"'
    headers = (("ETag", tag), ("Last-Modified", "Tue, 01 Feb 2022 02:00:00 GMT"))
    if request.headers.get("If-None-Match") == tag:
        return Answer(b"", 304, headers)
    return Answer(body, 200, (*_HTML, *headers))


def _counted(request: Request) -> Answer:
    return Answer(_article(2023, note=f"浏览次数：{100 + request.count}")[0], 200, _HTML)


def _framed(request: Request) -> Answer:
    """Another date at the top and another advertisement at the foot, each time."""
    body = _article(2019)[0]
    today = f"<div>今天是：2024年5月{request.count + 1}日 星期三</div>".encode()
    other = ("领取福利", "微信扫码分享", "加入收藏")[request.count % 3]
    body = body.replace(b"<body>", b"<body>" + today, 1)
    return Answer(body.replace(b"</body>", f"<div>{other}</div></body>".encode()), 200, _HTML)


def _framed_gold() -> Gold:
    gold = _article(2019)[1]
    head = GoldLine("今天是：2024年5月1日 星期三", "junk", "today")
    return replace(gold, lines=(head, *gold.lines, GoldLine("领取福利", "junk", "share")))


def _changing(request: Request) -> Answer:
    body = _article(2024)[0]
    if request.count:
        body = body.replace("各位代表：".encode(), "各位代表、同志们：".encode(), 1)
    return Answer(body, 200, _HTML)


def _back_and_forth(request: Request) -> Answer:
    """By http it leads to https, by https to http."""
    other = "http" if request.scheme == "https" else "https"
    target = f"{other}://{request.headers.get('Host', HOST)}{request.path}"
    return Answer(b"", 302, (("Location", target), ("Content-Type", "text/html")))


def _based(request: Request) -> Answer:
    """A list whose links are relative to elsewhere, and one that is known by http already."""
    again = f"https://{request.headers.get('Host', HOST)}/good.html"
    links = f'<a href="only.html">报告</a> <a href="{again}">报告</a>'
    body = f'<html><head><base href="/deep/"></head><body>{links}</body></html>'
    return Answer(body.encode(), 200, _HTML)


def _cut_gzip(_: Request) -> Answer:
    """Return an incomplete gzip of the declared length, which ends after a paragraph's tag."""
    body = _article(2018)[0]
    packer = compressobj(wbits=31)
    half = body[: body.index(b"</p>", len(body) // 2) + 4]
    cut = packer.compress(half) + packer.flush(Z_SYNC_FLUSH)
    return Answer(cut, 200, (*_HTML, ("Content-Encoding", "gzip")))


def _big(_: Request) -> Answer:
    filler = "<p>{}</p>".format("填充" * 500).encode() * (10 * MEGABYTE // 3007 + 1)
    return Answer(b"<html><body>" + filler + b"</body></html>", 200, _HTML)


@lru_cache(maxsize=1)
def _bomb() -> bytes:
    return gzip.compress(bytes(BOMB_BYTES), 9, mtime=0)


def _challenge(status: int, *headers: tuple[str, str]) -> Page:
    script = (
        "<html><head><script>document.cookie='t='+(function(){return 1})()</script></head></html>"
    )
    return _bad(status, script, "blocked", *headers)


_MISSING = "<html><body><h1>提示</h1><p>您访问的页面不存在或已删除！</p></body></html>"
_LOGIN = "<html><body><h1>请先登录</h1><form><input type='password'></form></body></html>"
_PARKED = "<html><body><h1>域名出售</h1><p>该域名可以转让，联系购买。</p></body></html>"


def _pages() -> dict[str, Page]:
    gzipped = ("Content-Encoding", "gzip")
    late: Callable[[str, int], Answer] = lambda wait, status: Answer(  # noqa: E731
        b"", status, (*_HTML, ("Retry-After", wait))
    )
    return {
        "/loop/a.html": moved("/loop/b.html", 302),
        "/loop/b.html": moved("/loop/a.html", 302),
        "/loop/self.html": moved("/loop/self.html", 302),
        "/back-and-forth.html": Page(
            _back_and_forth, lambda: Gold("redirect", outcome="redirect")
        ),
        "/to-https.html": moved("https://www.huai.test:1/never.html", 302),
        "/to-metadata.html": moved("http://169.254.169.254/latest/meta-data/", 302),
        "/to-file.html": moved("file:///etc/passwd", 302),
        "/to-challenge.html": moved("/challenge.html?wzws_cid=42", 302, outcome="blocked"),
        "/challenge.html": _challenge(200),
        "/removed.html": moved("/missing.html"),
        "/removed-home.html": moved("/", outcome="gone"),
        "/missing.html": _bad(200, _MISSING, "gone"),
        "/gone.html": _bad(410, _MISSING, "gone"),
        "/login.html": _bad(200, _LOGIN, "blocked"),
        "/parked.html": _bad(200, _PARKED, "gone"),
        "/agent.html": Page(_for_honest, lambda: _article(2020)[1]),
        "/forbidden.html": _bad(403, "禁止访问", "blocked"),
        "/412.html": _challenge(412),
        "/521.html": _challenge(521, ("Set-Cookie", "__jsluid_h=42; path=/")),
        "/429.html": _after(1, late("1", 429), 2018),
        "/429-always.html": _bad(429, "", "blocked", ("Retry-After", "1")),
        "/503.html": _after(1, late("1", 503), 2019),
        "/503-always.html": _bad(503, "维护中", "http"),
        "/500.html": _bad(500, "内部错误", "http"),
        "/late.html": _manner(2018, "late", "timeout"),
        "/drip.html": _manner(2018, "drip", "timeout"),
        "/cut.html": _manner(2018, "cut", "truncated"),
        "/short-length.html": _manner(2018, "short", "truncated"),
        "/reset.html": _manner(2018, "reset", "connection"),
        "/nonsense.html": _manner(2018, "nonsense", "connection"),
        "/bad-gzip.html": _bad(200, "这不是 gzip", "bad_encoding", gzipped),
        "/cut-gzip.html": Page(_cut_gzip, lambda: Gold("error", outcome="truncated")),
        "/bomb.html": Page(
            lambda _: Answer(_bomb(), 200, (*_HTML, gzipped)),
            lambda: Gold("error", outcome="too_large"),
        ),
        "/empty.html": _bad(200, "", "ok"),
        "/big.html": Page(_big, lambda: Gold("other")),
        "/meta-refresh.html": _bad(
            200, '<html><head><meta http-equiv="refresh" content="0;url=/good.html"></head></html>',
            "redirect",
        ),
        "/js-redirect.html": _bad(
            200, "<html><script>location.href='/good.html'</script></html>", "redirect"
        ),
        "/base/": Page(_based, lambda: Gold("index")),
        "/validated.html": Page(_validated, lambda: _article(2022)[1]),
        "/counted.html": Page(
            _counted, lambda: _article(2023, note="浏览次数：100")[1]
        ),
        "/framed.html": Page(_framed, _framed_gold),
        "/changing.html": Page(_changing, lambda: _article(2024)[1]),
        "/good.html": _good(2021),
        "/session.html": _good(2021),
    }  # fmt: skip


def _home(pages: dict[str, Page]) -> Page:
    sheet = Sheet()
    sheet.line("坏答案", "junk", "nav", tag="h1")
    for path in pages:
        query = "?jsessionid=8F3A&spm=a2.b3" if path == "/session.html" else ""
        link = f'<a href="{path}{query}">{path}</a>'
        sheet.line(path, "junk", "list_item", html=link, tag="li")
    body = sheet.document("坏答案").encode()
    gold = Gold("index", tuple(sheet.lines))
    return Page(lambda _: Answer(body), lambda: gold)


@lru_cache(maxsize=1)
def site() -> Site:
    """Return the host of faulty responses."""
    pages = _pages()
    hidden = {"/deep/only.html": _good(2021)}
    return Site(HOST, "坏答案", {"/": _home(pages), **pages, **hidden}, behaves=False)


@lru_cache(maxsize=1)
def bare() -> Site:
    """The same article without `www`."""
    return Site(BARE, "坏答案", {"/good.html": _good(2021)}, behaves=False)


@lru_cache(maxsize=8)
def robots_site(host: str) -> Site:
    """A host whose robots.txt is denied, an error, HTML, late or missing."""
    plain = (("Content-Type", "text/plain"),)
    denied = b"User-agent: *\nDisallow: /\n"
    kinds = {
        "robots-deny.test": (Answer(denied, 200, plain), "robots"),
        "robots-error.test": (Answer(b"", 503, plain), "robots_unreadable"),
        "robots-html.test": (Answer(b"<html><body>404</body></html>", 200, _HTML), "ok"),
        "robots-slow.test": (Answer(denied, 200, plain, "late"), "robots_unreadable"),
        "robots-none.test": (Answer(b"", 404, plain), "ok"),
    }
    answer, outcome = kinds[host]
    pages = {
        "/": _good(2021, outcome=outcome),
        "/robots.txt": Page(lambda _: answer, lambda: Gold("robots")),
    }
    return Site(host, host, pages, behaves=False)
