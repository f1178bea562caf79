"""Sites of further families: a provincial system with hashed paths, sitemaps, generic lists."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from hashlib import md5

from baogao_practice.page import Answer, Gold, Page, Request, Sheet, Site, fixed
from baogao_practice.report import Report
from baogao_practice.sites.government import county_report, read_identity

PROVINCE_HOST = "www.liaohai.test"
CITY_HOST = "www.danshi.test"
MAP_HOST = "www.ditu.test"
LIST_HOST = "www.tongyong.test"
COLUMN = "/web/zwgkx/zfgzbg/shizfgzbg"
PER_PAGE = 3
_XML = (("Content-Type", "application/xml"),)


@dataclass(frozen=True, slots=True)
class FamilyArticle:
    """An article anywhere: its path, its report, the day it was published."""

    path: str
    code: str
    year: int
    published: str

    def report(self) -> Report:
        """The report that it prints."""
        return county_report(self.code, self.year)


def article_page(article: FamilyArticle, site_id: str, icp: str) -> tuple[str, Gold]:
    """The HTML of an article and its gold."""
    report = article.report()
    source = f"{report.place.name}政府网站"
    year, month, day = article.published.split("-")
    sheet = Sheet()
    sheet.links([("/", "首页"), ("./", "政府工作报告")])
    sheet.line(report.title, "keep", "title", tag="h1")
    sheet.line(f"发布时间：{year}年{month}月{day}日", "meta", "publish_date_line")
    sheet.line(f"信息来源：{source}", "meta", "source_line")
    widget = '【 字体： <a href="#">大</a> <a href="#">小</a> 】&nbsp;<a href="#">【打印文章】</a>'
    sheet.line("【 字体： 大 小 】 【打印文章】", "junk", "font_size_print_widget", html=widget)
    sheet.raw('<div class="pages_content">')
    for line in report.lines[1:]:
        sheet.line(line.text, "keep", line.kind, tag="p", html=f"　　{line.text}")
    sheet.raw("</div>")
    sheet.line(f"{icp} 网站标识码：{site_id}", "junk", "footer_icp_contact")
    identity = read_identity(report) | {
        "published_on": (article.published, "read"), "source": (source, "read"),
        "site_id": (site_id, "read"), "icp": (icp, "read"),
    }  # fmt: skip
    gold = Gold(
        "report", tuple(sheet.lines), identity, original=report.texts,
        works=((article.code, article.year),),
    )  # fmt: skip
    return sheet.document(report.title), gold


def _articles(articles: Sequence[FamilyArticle], site_id: str, icp: str) -> dict[str, Page]:
    return {a.path: fixed(partial(article_page, a, site_id, icp)) for a in articles}


def _list(
    items: Sequence[FamilyArticle], number: int, name: Callable[[int], str], script: str = ""
) -> tuple[str, Gold]:
    """One list page of several: with links to the next and to the last, or known by a script."""
    last = -(-len(items) // PER_PAGE)
    sheet = Sheet()
    for article in items[(number - 1) * PER_PAGE : number * PER_PAGE]:
        title = article.report().title
        html = f'<a href="{article.path}">{title}</a> <span>{article.published}</span>'
        sheet.line(f"{title} {article.published}", "junk", "list_item", html=html, tag="li")
    links = [(name(number + 1), "下一页")] if number < last else []
    if not script:
        sheet.links([(name(1), "首页"), *links, (name(last), "尾页")], "pager")
    sheet.raw(script.replace("NUMBER", str(number)).replace("BEFORE", str(number - 1)))
    return sheet.document("政府工作报告"), Gold("index", tuple(sheet.lines))


def _lists(
    folder: str, items: Sequence[FamilyArticle], name: Callable[[int], str], script: str = ""
) -> dict[str, Page]:
    last = -(-len(items) // PER_PAGE)
    return {
        folder + name(n): fixed(partial(_list, items, n, name, script)) for n in range(1, last + 1)
    }


def _province() -> list[FamilyArticle]:
    """32 hex digits for 2022 and 2023, then 19 digits that begin with the time; older ones TRS."""
    cities = (("dds", "210600"), ("tls", "211200"), ("cys", "211300"))
    found = []
    for short, code in cities:
        for year in (2021, 2022, 2023, 2024):
            name = f"{short}{year}"
            key = md5(name.encode(), usedforsecurity=False).hexdigest().upper()
            key = f"{year}0130142722{10209 + int(key[:2], 16)}" if year >= 2024 else key  # noqa: PLR2004
            path = f"{COLUMN}/{short}/{key}/index.shtml"
            if year == 2021:  # noqa: PLR2004  (before the change of the system)
                path = (
                    f"{COLUMN.removeprefix('/web')}/{short}/202101/t20210110_47277{code[2]}2.html"
                )
            found.append(FamilyArticle(path, code, year, f"{year}-01-30"))
    return found


@lru_cache(maxsize=1)
def province_site() -> Site:
    """A provincial portal: one folder a city, an identifier a folder."""
    articles = _province()
    pages = _articles(articles, "2100000096", "辽ICP备00000096号")
    for short in ("dds", "tls", "cys"):
        items = [article for article in articles if f"/{short}/" in article.path][::-1]
        folder = f"{COLUMN}/{short}/"
        pages |= _lists(folder, items, lambda n: "index.shtml" if n == 1 else f"index_{n}.shtml")
        pages[folder] = pages[f"{folder}index.shtml"]
    folders = [(f"{COLUMN}/{short}/index.shtml", short) for short in ("dds", "tls", "cys")]
    return Site(PROVINCE_HOST, "辽海演示", {"/": _links(folders), **pages})


@lru_cache(maxsize=1)
def city_site() -> Site:
    """A city of the same family: site code, month, and digits that are a time in milliseconds."""
    articles = [
        FamilyArticle(
            f"/html/DDSZF/{year}01/0{1_700_000_000_000 + year * 86_400}{10 + year % 90}.html",
            "210600", year, f"{year}-01-28",
        )
        for year in range(2019, 2026)
    ]  # fmt: skip
    pages = _articles(articles, "2106000097", "辽ICP备00000097号")
    pages |= _lists("/html/DDSZF/zfgzbg/", articles, lambda n: f"index{n - 1 or ''}.html")
    pages["/"] = _links([("/html/DDSZF/zfgzbg/index.html", "政府工作报告")])
    return Site(CITY_HOST, "丹市演示", pages)


def _links(links: list[tuple[str, str]]) -> Page:
    sheet = Sheet()
    for href, text in links:
        sheet.line(text, "junk", "nav", html=f'<a href="{href}">{text}</a>', tag="li")
    return fixed(lambda: (sheet.document("首页"), Gold("index", tuple(sheet.lines))))


def _mapped(request: Request) -> Answer:
    """The sitemap index, and its two maps, one of them compressed."""
    origin = f"http://{request.headers.get('Host', MAP_HOST)}"
    name = request.path.rpartition("/")[2]
    if name == "sitemap.xml":
        rows = [f"{origin}/sitemap-1.xml.gz", f"{origin}/sitemap-2.xml"]
        body = "".join(
            f"<sitemap><loc>{row}</loc><lastmod>2024-02-01</lastmod></sitemap>" for row in rows
        )
        return Answer(_xml("sitemapindex", body), headers=_XML)
    half = _charted()[::2] if name == "sitemap-1.xml.gz" else _charted()[1::2]
    body = "".join(
        f"<url><loc>{origin}{article.path}</loc><lastmod>{article.published}</lastmod></url>"
        for article in half
    )
    content = _xml("urlset", body)
    if name.endswith(".gz"):
        packed = (("Content-Type", "application/gzip"),)
        return Answer(gzip.compress(content, mtime=0), headers=packed)
    return Answer(content, headers=_XML)


def _xml(root: str, body: str) -> bytes:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    return f'{head}\n<{root} xmlns="{space}">{body}</{root}>'.encode()


@lru_cache(maxsize=1)
def _charted() -> tuple[FamilyArticle, ...]:
    return tuple(
        FamilyArticle(
            f"/zwgk/{year}/510800-gzbg.html", "510800", year, f"{year}-02-0{1 + year % 8}"
        )
        for year in range(2018, 2026)
    )


def _robots(request: Request) -> Answer:
    origin = f"http://{request.headers.get('Host', MAP_HOST)}"
    text = f"User-agent: *\nDisallow: /admin/\nSitemap: {origin}/sitemap.xml\n"
    return Answer(text.encode(), headers=(("Content-Type", "text/plain"),))


@lru_cache(maxsize=1)
def map_site() -> Site:
    """A site whose articles are found by its sitemap alone; robots.txt names it."""
    chart = Page(_mapped, lambda: Gold("index"))
    pages = _articles(_charted(), "5100000098", "蜀ICP备00000098号")
    pages |= dict.fromkeys(("/sitemap.xml", "/sitemap-1.xml.gz", "/sitemap-2.xml"), chart)
    pages["/robots.txt"] = Page(_robots, lambda: Gold("robots"))
    pages["/"] = _links([("/about.html", "关于")])
    return Site(MAP_HOST, "地图演示", pages)


@lru_cache(maxsize=1)
def list_site() -> Site:
    """Generic lists: `column-index-N.shtml`, a page in the query, a count in three scripts.

    The third column holds the articles of the first at other addresses. The script of the fourth
    is that of TRS, but counts from 1; that of the fifth is an older one.
    """

    def some(folder: str, code: str) -> list[FamilyArticle]:
        years = range(2019, 2026)
        return [
            FamilyArticle(f"/{folder}/c{year}.html", code, year, f"{year}-02-11") for year in years
        ]

    one, two, three = some("zf", "360400"), some("gk", "361130"), some("bg", "360400")
    four, five = some("zf1", "361130"), some("zf0", "360400")
    from_one = '<script>createPageHTML(3, NUMBER, "index", "html");</script>'
    older = "<script>var currentPage = BEFORE; var countPage = 3;</script>"
    count = "<script>var totalPage = 3; createPager(totalPage);</script>"
    pages = _articles([*one, *two, *three, *four, *five], "3600000099", "赣ICP备00000099号")
    pages |= _lists("/zf/", one, lambda n: f"column-index-{n}.shtml")
    pages |= _lists("/gk/", two, lambda n: f"list.jsp?pageNo={n}")
    pages |= _lists("/bg/", three, lambda n: f"{n}.html", count)
    pages |= _lists(
        "/zf1/", four, lambda n: f"index_{n - 1}.html" if n > 1 else "index.html", from_one
    )
    pages |= _lists(
        "/zf0/", five, lambda n: f"index_{n - 1}.shtml" if n > 1 else "index.shtml", older
    )
    pages["/gk/list.jsp"] = pages["/gk/list.jsp?pageNo=1"]
    pages["/"] = _links(
        [
            ("/zf/column-index-1.shtml", "一"),
            ("/gk/list.jsp", "二"),
            ("/bg/1.html", "三"),
            ("/zf1/index.html", "四"),
            ("/zf0/index.shtml", "五"),
        ]
    )
    return Site(LIST_HOST, "通用演示", pages)
