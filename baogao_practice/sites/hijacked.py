"""Copies of the portal's pages under another host: several keywords, one brand everywhere.

The paths are those of the portal; any subdomain serves them. A spam line comes first, the footer
names the brand, and a sitemap link has been added. One host shows the brand only to bots and to
clients without a Referer; another changes only title and keywords.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache, partial

from baogao_practice.damage import branded
from baogao_practice.page import Answer, Damage, Gold, GoldLine, Page, Request, Site, fixed
from baogao_practice.sites import government

HOST = "mzt.jiahuo.test"
CLOAKED_HOST, HEADS_HOST = "m.jiahuo.test", "yule.jiahuo.test"
SISTERS = ("jyt.jiahuo.test", CLOAKED_HOST, HEADS_HOST)
BRAND = "金鼎娱乐"
SISTER_BRAND = "云顶体育_云顶直播-官网"
KEYWORDS = ("省委", "河北省", "石家庄", "人大代表")
SPAM = "{brand},{brand}下载,{brand}注册登录"


def copied_page(article: government.GovernmentArticle, brand: str) -> tuple[str, Gold]:
    """A hijacked copy of an article of the portal, and its gold."""
    html, gold = government.article_page(article)
    brands = dict.fromkeys(KEYWORDS, brand)
    lines: list[GoldLine] = []
    damage: list[Damage] = []
    for line in gold.lines:
        changed, places = branded(line.text, brands)
        lines.append(replace(line, text=changed))
        damage.extend(places if line.label == "keep" else ())
    identity = {**gold.identity, "publisher": (government.PUBLISHER, "inferred")}
    return _spammed(branded(html, brands)[0], brand), replace(
        gold, lines=_framed(lines, brand), damage=tuple(damage), identity=identity, hijacked=True
    )


def _copied(host: str) -> list[government.GovernmentArticle]:
    """Return the articles of the portal that a host has copied."""
    first = 2024 if host in {CLOAKED_HOST, HEADS_HOST} else 2023
    reports = (article for article in government.articles() if article.what == "report")
    return [article for article in reports if article.year >= first]


def _copied_list(host: str, brand: str) -> tuple[str, Gold]:
    html, gold = government.list_page(0, _copied(host))
    return _spammed(html, brand), replace(gold, lines=_framed(gold.lines, brand), hijacked=True)


def _framed(lines: Iterable[GoldLine], brand: str) -> tuple[GoldLine, ...]:
    head = GoldLine(SPAM.format(brand=brand), "junk", "spam_header")
    return (head, *lines, GoldLine("网站地图", "junk", "sitemap_link_injected"))


def _spammed(html: str, brand: str) -> str:
    head = f"<body>\n<div>{SPAM.format(brand=brand)}</div>"
    foot = '<div><a href="/sitemap.xml">网站地图</a></div>\n</body>'
    return html.replace("<body>", head, 1).replace("</body>", foot, 1)


def cloaked(article: government.GovernmentArticle) -> Page:
    """Return the portal's own page to browsers with a Referer, and the hijacked one to others."""
    clean, spoilt = fixed(partial(government.article_page, article)), _copy(article, BRAND)

    def answer(request: Request) -> Answer:
        agent = request.headers.get("User-Agent", "")
        person = "Mozilla" in agent and "bot" not in agent.lower()
        return (clean if person and "Referer" in request.headers else spoilt).answer(request)

    return Page(answer, spoilt.gold)


def _copy(article: government.GovernmentArticle, brand: str) -> Page:
    return fixed(partial(copied_page, article, brand))


def heads_only(article: government.GovernmentArticle) -> tuple[str, Gold]:
    """A copy whose title and keywords are the brand's, and whose body is clean."""
    html, gold = government.article_page(article)
    title = f'<title>{BRAND}_{BRAND}官网</title>\n<meta name="description" content="{BRAND}">'
    html = re.sub("<title>.*?</title>", title, html)
    html = html.replace('name="Keywords" content=""', f'name="Keywords" content="{BRAND},注册"')
    return html, replace(gold, hijacked=True)


@lru_cache(maxsize=8)
def site(host: str = HOST) -> Site:
    """Return the hijacked copy; the related hosts serve the same paths in other ways."""
    brand = SISTER_BRAND if host == SISTERS[0] else BRAND
    listing = fixed(partial(_copied_list, host, brand))
    pages: dict[str, Page] = {
        "/": listing, government.COLUMN: listing, f"{government.COLUMN}index.html": listing,
    }  # fmt: skip
    for article in _copied(host):
        pages[article.path] = (
            cloaked(article) if host == CLOAKED_HOST
            else fixed(partial(heads_only, article)) if host == HEADS_HOST
            else _copy(article, brand)
        )  # fmt: skip
    return Site(host, "", pages)
