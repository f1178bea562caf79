"""A hijacked clone of the splitting mirror: flat paths, lower case, lost marks, no menu."""

from __future__ import annotations

from functools import lru_cache, partial

from baogao_practice.damage import differences, halved, lost_plus, lowered, marks_lost
from baogao_practice.page import Damage, Gold, Page, Sheet, Site, fixed
from baogao_practice.sites import splitter
from baogao_practice.sites.government import read_identity

HOST = "www.bangong.test"
BRAND = "皇城娱乐"


def path(article: splitter.SplitArticle, page: int) -> str:
    """The flattened path of a page."""
    suffix = "" if page == 1 else f"_{page}"
    return f"/b{article.region}/{article.number}{suffix}.html"


def spoilt(text: str) -> str:
    """A line as the clone prints it."""
    return lowered(marks_lost(lost_plus(halved(text))))


def article_page(article: splitter.SplitArticle, page: int) -> tuple[str, Gold]:
    """The HTML of a page and its gold."""
    sheet = Sheet()
    report = article.report()
    damage: list[Damage] = []
    shown = page == 1
    if shown:
        sheet.line(spoilt(article.title), "keep", "title", tag="h1")
    sheet.raw('<div class="article-content">')
    for line in article.piece(page):
        text = spoilt(line.text)
        sheet.line(text, "keep", line.kind, tag="p", html="　　" + text)
        damage.extend(_damage(halved(line.text), text))
    sheet.raw("</div>")
    pager = [(path(article, n), str(n)) for n in range(1, article.pages + 1)]
    sheet.links(pager, "pager")
    splitter.closing(sheet, splitter.TITLE, article.path(), BRAND)
    sheet.line("网站地图", "junk", "sitemap_link_injected", html='<a href="/sitemap">网站地图</a>')
    known = read_identity(report) if shown else {}
    wanted = ("session", "delivered_on", "office", "speaker", "report_year")
    identity = {name: known[name] for name in wanted if name in known}
    if not shown:
        identity = dict.fromkeys(("title", "session", "speaker"), (None, "absent"))
    return sheet.document(article.title if shown else "", _keywords()), Gold(
        "piece", tuple(sheet.lines), identity, tuple(damage),
        original=tuple(line.text for line in article.piece(page)),
        works=((report.place.code, report.year),), hijacked=True,
    )  # fmt: skip


def _damage(before: str, after: str) -> list[Damage]:
    kinds = {" ": "plus_lost_to_space", "?": "unencodable_char_as_question_mark"}
    return [
        Damage(after, d.text, d.right, kinds.get(d.text, "lowercased"))
        for d in differences(before, after, "")
    ]


def _keywords() -> str:
    return f'<meta name="keywords" content="{BRAND},{BRAND}官网">'


def home() -> tuple[str, Gold]:
    """The list of all articles."""
    sheet = Sheet()
    for article in splitter.ARTICLES:
        link = f'<a href="{path(article, 1)}">{article.title}</a>'
        sheet.line(article.title, "junk", "list_item", html=link, tag="li")
    return sheet.document("办公"), Gold("index", tuple(sheet.lines))


@lru_cache(maxsize=1)
def site() -> Site:
    """The clone."""
    pages: dict[str, Page] = {"/": fixed(home)}
    for article in splitter.ARTICLES:
        for page in range(1, article.pages + 1):
            pages[path(article, page)] = fixed(partial(article_page, article, page))
    return Site(HOST, "办公", pages)
