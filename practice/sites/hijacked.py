"""Copies of the portal's pages under another host: several keywords, one brand everywhere.

The paths are those of the portal; any subdomain serves them. A spam line stands first, the
footer names the brand, and a sitemap link has been added.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache, partial

from practice.damage import branded
from practice.page import Damage, Gold, GoldLine, Page, Site, fixed
from practice.sites import government

HOST = "mzt.jiahuo.test"
SISTERS = ("jyt.jiahuo.test",)
BRAND = "金鼎娱乐"
SISTER_BRAND = "云顶体育_云顶直播-官网"
KEYWORDS = ("省委", "河北省", "石家庄", "人大代表")
SPAM = "{brand},{brand}下载,{brand}注册登录"


def copied_page(article: government.Article, brand: str) -> tuple[str, Gold]:
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
        gold, lines=_framed(lines, brand), damage=tuple(damage), identity=identity
    )


def _copied_list(number: int, brand: str) -> tuple[str, Gold]:
    html, gold = government.list_page(number)
    return _spammed(html, brand), replace(gold, lines=_framed(gold.lines, brand))


def _framed(lines: Iterable[GoldLine], brand: str) -> tuple[GoldLine, ...]:
    head = GoldLine(SPAM.format(brand=brand), "junk", "spam_header")
    return (head, *lines, GoldLine("网站地图", "junk", "sitemap_link_injected"))


def _spammed(html: str, brand: str) -> str:
    head = f"<body>\n<div>{SPAM.format(brand=brand)}</div>"
    foot = '<div><a href="/sitemap.xml">网站地图</a></div>\n</body>'
    return html.replace("<body>", head, 1).replace("</body>", foot, 1)


@lru_cache(maxsize=4)
def site(host: str = HOST) -> Site:
    """The hijacked copy; its sister serves the same paths with another brand."""
    brand = BRAND if host == HOST else SISTER_BRAND
    pages: dict[str, Page] = {}
    original = government.site().pages
    for number in range(3):
        name = "index.html" if number == 0 else f"index_{number}.html"
        pages[government.COLUMN + name] = fixed(partial(_copied_list, number, brand))
    pages["/"] = pages[government.COLUMN] = pages[government.COLUMN + "index.html"]
    for article in government.articles():
        if article.path in original and article.what == "report" and article.year >= 2023:  # noqa: PLR2004
            pages[article.path] = fixed(partial(copied_page, article, brand))
    return Site(host, "", pages)
