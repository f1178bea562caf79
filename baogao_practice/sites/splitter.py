"""A mirror that splits every report over `_2.html` …: menu line, disclaimer, captcha.

The line 本文地址 names the first page on every page; half of the articles repeat their title on
each page, the others have it on the first only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial

from baogao_practice.damage import halved
from baogao_practice.page import Gold, Page, Sheet, Site, fixed
from baogao_practice.report import Line, Report
from baogao_practice.sites.government import county_report, read_identity

HOST = "www.zhixian.test"
TITLE = "知县网"
DISCLAIMER = (
    "本文仅代表作者观点,不代表本站立场。 凡注明为{site}原创作品的,未经许可,不得转载;"
    "报告、公报、规划等总结类或文件类信息,本站展示并非全部都完整,为了您更加全面、更有实效的查询学习,"
    "建议您到相关地区政府{brand}官网浏览或下载完整版本;源于网络的作品,若对您造成了侵权,请联系本站,"
    "我们会第一时间予以处理。"
)
"""The disclaimer that sites of this template print, with the site's name and a brand in it."""


@dataclass(frozen=True, slots=True)
class SplitArticle:
    """An article of the mirror: region of the path, number, place, year, its options.

    `fault` is `missing` (page 3 gives 404), `repeats` (a page after the last shows the last
    again) or `disordered` (the pager's links are in no order).
    """

    region: str
    number: int
    code: str
    year: int
    pages: int
    titled: bool
    fault: str = ""

    def there(self) -> tuple[int, ...]:
        """The pages that exist."""
        numbers = range(1, self.pages + 1)
        return tuple(n for n in numbers if self.fault != "missing" or n != MISSING_PAGE)

    def pager(self, page: int) -> list[tuple[str, str]]:
        """The links under `page`."""
        last = self.pages + (self.fault == "repeats")
        numbers = list(range(1, last + 1))
        if self.fault == "disordered":
            numbers = numbers[::2][::-1] + numbers[1::2]
        links = [(self.path(n), str(n)) for n in numbers]
        return links + ([(self.path(page + 1), "下一页")] if page < last else [])

    def path(self, page: int = 1) -> str:
        """The path of `page`, counted from 1."""
        suffix = "" if page == 1 else f"_{page}"
        return f"/baogao/{self.region}/{self.number}{suffix}.html"

    def report(self) -> Report:
        """The report that it copies."""
        return county_report(self.code, self.year)

    @property
    def title(self) -> str:
        """The title as this mirror writes it."""
        report = self.report()
        year, month, day = map(int, report.delivered_on.split("-"))
        province = report.place.province
        return (
            f"({province}){report.place.full.removeprefix(province)}人民政府工作报告"
            f"({year}年{month}月{day}日)"
        )

    def piece(self, page: int) -> tuple[Line, ...]:
        """The paragraphs of `page`, as the mirror prints them."""
        lines = [line for line in self.report().lines if line.kind != "title"]
        return _shares(lines, self.pages)[page - 1]


MISSING_PAGE = 3
ARTICLES = (
    SplitArticle("huadong", 3430, "331181", 2022, 5, titled=False),
    SplitArticle("huadong", 4511, "361130", 2023, 4, titled=True),
    SplitArticle("huadong", 4388, "341702", 2023, 3, titled=False),
    SplitArticle("xibei", 4102, "610629", 2023, 5, titled=True),
    SplitArticle("huazhong", 5077, "420525", 2024, 4, titled=True),
    SplitArticle("xn", 5260, "520328", 2024, 4, titled=False),
    SplitArticle("db", 4096, "231083", 2023, 4, titled=True),
    SplitArticle("hb", 5149, "130123", 2024, 4, titled=True),
    SplitArticle("huadong", 5620, "341702", 2024, 5, titled=False, fault="missing"),
    SplitArticle("xibei", 5150, "610629", 2024, 3, titled=True, fault="repeats"),
    SplitArticle("huazhong", 4190, "420525", 2023, 4, titled=False, fault="disordered"),
)


def _shares(lines: Sequence[Line], pages: int) -> list[tuple[Line, ...]]:
    total = sum(len(line.text) for line in lines)
    shares: list[list[Line]] = [[] for _ in range(pages)]
    reached = 0
    for line in lines:
        shares[min(pages - 1, reached * pages // total)].append(line)
        reached += len(line.text)
    return [tuple(share) for share in shares]


def article_page(article: SplitArticle, page: int) -> tuple[str, Gold]:
    """The HTML of one page of an article, and its gold."""
    sheet = Sheet()
    report = article.report()
    sheet.line("导航菜单", "junk", "nav_menu")
    shown = page == 1 or article.titled
    if shown:
        sheet.line(article.title, "keep", "title", tag="h1")
    sheet.raw('<div class="article-content">')
    piece = article.piece(page)
    for line in piece:
        sheet.line(halved(line.text), "keep", line.kind, tag="p", html="　　" + halved(line.text))
    sheet.raw('</div><div class="pages">')
    sheet.links(article.pager(page), "pager")
    sheet.raw("</div>")
    closing(sheet, TITLE, article.path())
    identity = _identity(article, page, shown=shown, whole=page == 1)
    return sheet.document(f"{article.title}-{TITLE}" if shown else TITLE), Gold(
        "piece", tuple(sheet.lines), identity,
        original=tuple(line.text for line in piece),
        works=((report.place.code, report.year),),
    )  # fmt: skip


def _repeated(article: SplitArticle) -> Page:
    """Return the last page again, under the address of page n + 1."""

    def again() -> tuple[str, Gold]:
        html, gold = article_page(article, article.pages)
        return html, replace(
            gold, identity={**gold.identity, "page_no": (article.pages + 1, "inferred")}
        )

    return fixed(again)


def closing(sheet: Sheet, site: str, path: str, brand: str = "") -> None:
    """The lines under an article."""
    sheet.line(DISCLAIMER.format(site=site, brand=brand), "junk", "disclaimer_boilerplate")
    sheet.line(f"本文地址:{path}", "junk", "article_url_footer")
    sheet.line("留言与评论(共有 条评论)", "junk", "comment_widget")
    sheet.line("验证码:", "junk", "captcha_widget")


def _identity(
    article: SplitArticle, page: int, *, shown: bool, whole: bool
) -> dict[str, tuple[object, str]]:
    known = read_identity(article.report())
    known["title"] = (article.title, "read") if shown else (None, "absent")
    if not whole:
        known |= dict.fromkeys(("session", "office", "speaker"), (None, "absent"))
        weak = ("kind", "report_year", "reviewed_year")
        known |= {name: (known[name][0], "inferred") for name in weak}
        if not shown:
            known["delivered_on"] = (None, "absent")
    known["page_no"] = (page, "inferred")
    return known


def index_page(region: str) -> tuple[str, Gold]:
    """The list of a region."""
    sheet = Sheet()
    sheet.line("导航菜单", "junk", "nav_menu")
    for article in ARTICLES:
        if article.region == region:
            link = f'<a href="{article.path()}">{article.title}</a>'
            sheet.line(article.title, "junk", "list_item", html=link, tag="li")
    return sheet.document(TITLE), Gold("index", tuple(sheet.lines))


def home() -> tuple[str, Gold]:
    """The first page of the site."""
    sheet = Sheet()
    regions = dict.fromkeys(article.region for article in ARTICLES)
    sheet.links([(f"/baogao/{region}/", region) for region in regions])
    return sheet.document(TITLE), Gold("index", tuple(sheet.lines))


@lru_cache(maxsize=1)
def site() -> Site:
    """The mirror."""
    pages: dict[str, Page] = {"/": fixed(home)}
    for article in ARTICLES:
        region = article.region
        pages[f"/baogao/{region}/"] = fixed(partial(index_page, region))
        for number in article.there():
            pages[article.path(number)] = fixed(partial(article_page, article, number))
        if article.fault == "repeats":
            pages[article.path(article.pages + 1)] = _repeated(article)
    return Site(HOST, TITLE, pages, "User-agent: *\nDisallow: /search\nCrawl-delay: 0\n")
