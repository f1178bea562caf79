"""Hosts for TLS: one that is valid, and others with the faults of old government servers.

Every host of the practice web also serves https; these test it. A host's certificate and protocol
are set in `baogao_practice.certificates`.
"""

from __future__ import annotations

from functools import lru_cache, partial

from baogao_practice.page import Answer, Gold, Page, Request, Sheet, Site, fixed
from baogao_practice.sites.families import FamilyArticle, article_page

HOST = "www.jiami.test"
EXPIRED, MISNAMED, SELF_SIGNED = "guoqi.test", "cuoming.test", "ziqian.test"
OLD_PROTOCOL, WEAK_KEYS = "laotls.test", "ruomi.test"
UNVERIFIED_HOSTS = (EXPIRED, MISNAMED, SELF_SIGNED)
OLD_HOSTS = (OLD_PROTOCOL, WEAK_KEYS)
_SITE_ID, _ICP = "5205000094", "黔ICP备00000094号"


def _articles(*years: int) -> list[FamilyArticle]:
    return [FamilyArticle(f"/zf/{year}.html", "520300", year, f"{year}-02-17") for year in years]


def _listed(articles: list[FamilyArticle]) -> Page:
    """A host's first page: its articles, and an address that is only known by http."""
    sheet = Sheet()
    for article in articles:
        title = article.report().title
        html = f'<a href="{article.path}">{title}</a>'
        sheet.line(title, "junk", "list_item", html=html, tag="li")
    sheet.links([("/old.html", "旧址")])
    return fixed(lambda: (sheet.document("加密演示"), Gold("index", tuple(sheet.lines))))


def _pages(*years: int) -> dict[str, Page]:
    articles = _articles(*years)
    pages = {a.path: fixed(partial(article_page, a, _SITE_ID, _ICP)) for a in articles}
    return {"/": _listed(articles), **pages}


def _over_to_https(request: Request) -> Answer:
    """Return a redirect to the same address under https, as many sites do."""
    target = f"https://{request.headers.get('Host', HOST)}/zf/2023.html"
    return Answer(b"", 301, (("Location", target), ("Content-Type", "text/html")))


@lru_cache(maxsize=1)
def site() -> Site:
    """A host whose certificate is right."""
    moved = Page(_over_to_https, lambda: Gold("redirect", outcome="redirect"))
    return Site(HOST, "加密演示", {**_pages(2022, 2023), "/old.html": moved}, behaves=False)


@lru_cache(maxsize=8)
def single_site(host: str) -> Site:
    """A host with one report: its certificate does not verify, or its TLS is too old."""
    pages = _pages(2021)
    if host in OLD_HOSTS:
        pages = {path: _unreached(page) for path, page in pages.items()}
    return Site(host, host, pages, behaves=False)


def _unreached(page: Page) -> Page:
    return Page(page.answer, lambda: Gold("error", outcome="tls"))
