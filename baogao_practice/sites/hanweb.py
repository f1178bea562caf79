"""A city portal under Hanweb jcms: lists by `dataproxy.jsp`, articles between comments.

A column page names the unit in a script; the proxy requires `unitid` and answers 400 without it;
one call spans three pages; an older column gets a JavaScript array instead of XML. One column
allows GET only, and states its length in pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape
from urllib.parse import parse_qs

from baogao_practice.attachments import docx
from baogao_practice.page import Answer, Gold, GoldLine, Page, Request, Sheet, Site, fixed
from baogao_practice.report import Report
from baogao_practice.sites.government import county_report, read_identity

HOST = "www.qiantang.test"
TITLE = "钱塘演示网"
SITE_ID, ICP = "3300000091", "浙ICP备00000091号"
PER_PAGE = 3
WINDOW = 3 * PER_PAGE
COLUMN, UNIT = "1229", "8850"
OLD_COLUMN, OLD_UNIT = "1301", "4411"
GET_COLUMN, GET_UNIT = "1402", "9917"
PROXIES = (
    "/module/web/jpage/dataproxy.jsp",
    "/module/jpage/dataproxy.jsp",
    "/module/web/jpage/morecolumndataproxy.jsp",
)
OLD_PROXY = "/module/jslib/jquery/jpage/dataproxy.jsp"
DOWNLOAD = "/module/download/downfile.jsp"
DOWNLOAD_QUERY = "classid=0&filename=9f2c41d7a5b04e6d8c10.doc"


@dataclass(frozen=True, slots=True)
class HanwebArticle:
    """An article: column, number, place, year; `attached` when the report is a file."""

    column: str
    number: int
    code: str
    year: int
    sourced: bool = True
    attached: bool = False

    @property
    def day(self) -> tuple[int, int, int]:
        """Year, month and day of publication, without leading zeros in the path."""
        return self.year, 2, self.number % 27 + 1

    @property
    def path(self) -> str:
        """The path of the article."""
        year, month, day = self.day
        return f"/art/{year}/{month}/{day}/art_{self.column}_{self.number}.html"

    def report(self) -> Report:
        """The report that it prints."""
        return county_report(self.code, self.year)


ARTICLES = (
    *(HanwebArticle(COLUMN, 5000 + 11 * n, "330482", 2019 + n, sourced=n != 2) for n in range(7)),  # noqa: PLR2004
    *(HanwebArticle(COLUMN, 6000 + 13 * n, "331181", 2023 + n) for n in range(4)),
    HanwebArticle(COLUMN, 6100, "330482", 2026, attached=True),
    *(HanwebArticle(OLD_COLUMN, 700 + 3 * n, "331181", 2019 + n) for n in range(4)),
    *(HanwebArticle(GET_COLUMN, 800 + 7 * n, "331181", 2018 + n) for n in range(5)),
    *(HanwebArticle(GET_COLUMN, 900 + 9 * n, "330482", 2018 + n) for n in range(5)),
)


def _listed(column: str) -> list[HanwebArticle]:
    return sorted(
        (article for article in ARTICLES if article.column == column),
        key=lambda article: article.day,
        reverse=True,
    )


def _item(article: HanwebArticle) -> str:
    year, month, day = article.day
    return (
        f'<li><a href="{article.path}" title="{article.report().title}">'
        f"{article.report().title}</a><span>{year}-{month:02}-{day:02}</span></li>"
    )


def column_page(column: str, unit: str, proxy: str) -> tuple[str, Gold]:
    """Return the page of a column: no items, only the data with which the script requests them."""
    sheet = Sheet()
    sheet.line("首页 政务公开 政府工作报告", "junk", "nav")
    sheet.raw(f'<ul id="{unit}"></ul>')
    sheet.raw(
        f"<script>$('#{unit}').jpage({{perPage:{PER_PAGE},totalRecord:{len(_listed(column))},"
        f"proxyUrl:'{proxy}',ajaxParam:{{col:1,appid:1,webid:3077,path:'/',columnid:{column},"
        f"sourceContentType:1,unitid:'{unit}',webname:'{TITLE}',permissiontype:0}}}});</script>"
    )
    return sheet.document(f"政府工作报告-{TITLE}"), Gold("index", tuple(sheet.lines))


def proxied(request: Request) -> Answer:
    """Return the response of `dataproxy.jsp` to a form or a query."""
    asked = parse_qs(request.query) | parse_qs(request.body.decode("utf-8", "replace"))
    unit, column = (asked.get(name, [""])[0] for name in ("unitid", "columnid"))
    if (column, unit) not in {(COLUMN, UNIT), (OLD_COLUMN, OLD_UNIT), (GET_COLUMN, GET_UNIT)}:
        return Answer("参数错误".encode(), 400)
    if column == GET_COLUMN and request.method == "POST":
        return Answer(b"", 405, (("Allow", "GET"),))
    start, stop = (
        int(value) if (value := asked.get(name, [""])[0]).isdigit() else default
        for name, default in (("startrecord", 1), ("endrecord", WINDOW))
    )
    items = _listed(column)
    chosen = items[max(0, start - 1) : min(stop, start + WINDOW - 1)]
    return (_as_array if request.path == OLD_PROXY else _as_xml)(items, chosen)


def _as_xml(items: list[HanwebArticle], chosen: list[HanwebArticle]) -> Answer:
    records = "".join(f"<record><![CDATA[{_item(article)}]]></record>" for article in chosen)
    by_get = items[0].column == GET_COLUMN
    counted = "" if by_get else f"<totalrecord>{len(items)}</totalrecord>"
    text = (
        '<?xml version="1.0" encoding="utf-8" ?><datastore><nextgroup><![CDATA[]]></nextgroup>'
        f"<recordset>{records}</recordset>{counted}"
        f"<totalpage>{-(-len(items) // PER_PAGE)}</totalpage></datastore>"
    )
    return Answer(text.encode(), headers=(("Content-Type", "text/xml; charset=utf-8"),))


def _as_array(items: list[HanwebArticle], chosen: list[HanwebArticle]) -> Answer:
    records = ",".join(f"'{_item(article)}'" for article in chosen)
    text = (
        f"totalRecord={len(items)};totalPage={-(-len(items) // PER_PAGE)};"
        f"var pageSize={PER_PAGE};\r\ndataStore=[{records}];"
    )
    return Answer(text.encode(), headers=(("Content-Type", "text/html; charset=utf-8"),))


def article_page(article: HanwebArticle) -> tuple[str, Gold]:
    """The HTML of an article and its gold."""
    report = article.report()
    source = f"{report.place.name}政府办公室" if article.sourced else ""
    year, month, day = article.day
    published = f"{year}-{month:02}-{day:02}"
    sheet = Sheet()
    sheet.links([("/", "首页"), (f"/col/col{article.column}/index.html", "政府工作报告")])
    sheet.line(report.title, "keep", "title", tag="h1")
    sheet.line(
        f"发布日期：{published} 信息来源：{source} 浏览次数： 字号：[ 大 中 小 ]", "meta", "byline",
        html=f"发布日期：{published} 信息来源：<!--<$[信息来源]>begin-->{source}"
        '<!--<$[信息来源]>end--> 浏览次数：<script src="/count.js"></script> 字号：[ '
        '<a href="#">大</a> <a href="#">中</a> <a href="#">小</a> ]',
    )  # fmt: skip
    sheet.raw('<div id="zoom"><!--ZJEG_RSS.content.begin--><META name="ContentStart">')
    if article.attached:
        link = f'附件：<a href="{DOWNLOAD}?{DOWNLOAD_QUERY}">政府工作报告.doc</a>'
        sheet.line("附件：政府工作报告.doc", "open", "attachment_link", html=link)
    else:
        for line in report.lines[1:]:
            html = f'<span style="text-indent:2em">{escape(line.text, quote=False)}</span>'
            sheet.line(line.text, "keep", line.kind, html=html, tag="p")
    sheet.raw('<META name="ContentEnd"><!--ZJEG_RSS.content.end--></div>')
    sheet.line(f"网站标识码：{SITE_ID} {ICP}", "junk", "footer_icp_contact")
    sheet.line("Produced By 大汉网络 大汉版通发布系统", "junk", "code_leak")
    identity: dict[str, tuple[object, str]] = {
        "published_on": (published, "read"), "site_id": (SITE_ID, "read"), "icp": (ICP, "read"),
        "source": (source, "read") if source else (None, "absent"),
    }  # fmt: skip
    if not article.attached:
        identity |= read_identity(report)
    return sheet.document(report.title, _metas(report, article, source)), Gold(
        "cover" if article.attached else "report", tuple(sheet.lines), identity,
        original=() if article.attached else report.texts,
        works=() if article.attached else ((article.code, article.year),),
    )  # fmt: skip


def _metas(report: Report, article: HanwebArticle, source: str) -> str:
    year, month, day = article.day
    pairs = (
        ("ArticleTitle", report.title), ("PubDate", f"{year}-{month:02}-{day:02} 10:00"),
        ("ContentSource", source), ("Maketime", f"{year}-{month:02}-{day:02} 10:00:00"),
        ("i_columnid", article.column), ("i_articleid", str(article.number)),
        ("SiteName", TITLE), ("SiteIDCode", SITE_ID),
    )  # fmt: skip
    return "\n".join(f'<meta content="{escape(value)}" name="{name}">' for name, value in pairs)


def _attached() -> Report:
    return county_report("330482", 2026)


def _download() -> Page:
    headers = (
        ("Content-Type", "application/octet-stream"),
        ("Content-Disposition", 'attachment; filename="zfgzbg.doc"'),
    )
    return Page(
        lambda _: Answer(docx(_attached().texts), headers=headers),
        lambda: Gold(
            "attachment",
            tuple(GoldLine(line.text, "keep", line.kind) for line in _attached().lines),
            read_identity(_attached()),
            original=_attached().texts,
            works=(("330482", 2026),),
        ),
    )


@lru_cache(maxsize=1)
def site() -> Site:
    """The portal."""
    proxy = Page(proxied, lambda: Gold("index"))
    pages: dict[str, Page] = {
        f"/col/col{COLUMN}/index.html": fixed(partial(column_page, COLUMN, UNIT, PROXIES[0])),
        f"/col/col{OLD_COLUMN}/index.html": fixed(
            partial(column_page, OLD_COLUMN, OLD_UNIT, OLD_PROXY)
        ),
        f"/col/col{GET_COLUMN}/index.html": fixed(
            partial(column_page, GET_COLUMN, GET_UNIT, PROXIES[1])
        ),
        **dict.fromkeys((*PROXIES, OLD_PROXY), proxy),
        f"{DOWNLOAD}?{DOWNLOAD_QUERY}": _download(),
    }
    pages |= {article.path: fixed(partial(article_page, article)) for article in ARTICLES}
    pages["/"] = pages[f"/col/col{COLUMN}/index.html"]
    return Site(HOST, TITLE, pages)
