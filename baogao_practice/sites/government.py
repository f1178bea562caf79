"""A provincial portal under TRS WCM: list pages by script, meta tags.

Only `createPageHTML(total, …)` says how many list pages there are; `index_1.html` is
page 2; the date in the path differs by a day or two from the date that is shown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from html import escape

from baogao_practice.page import Gold, Label, Page, Sheet, Site, fixed, moved
from baogao_practice.report import Report
from baogao_practice.sites.notices import Notice, notice
from baogao_practice.writer import write_report

HOST = "www.yanzhao.test"
TITLE = "燕赵演示门户"
COLUMN = "/zwgk/zfgzbg/"
PER_PAGE = 10
INDENT = "&nbsp;" * 4
SITE_ID = "1300000099"
ICP = "冀ICP备00000042号"
POLICE = "冀公网安备 13010402000042号"
EMAIL = "demo@yanzhao.test"
PUBLISHER = "河北省人民政府"

_REPORTS = (
    ("130600", 2022), ("130800", 2022), ("130123", 2022), ("130283", 2022), ("130481", 2022),
    ("130600", 2023), ("130800", 2023), ("130123", 2023), ("130283", 2023), ("130481", 2023),
    ("130600", 2024), ("130800", 2024), ("130123", 2024), ("130283", 2024), ("130481", 2024),
)  # fmt: skip
_NOTICES = (
    "resolution", "news", "plan", "budget", "interpretation", "tasks", "statistics", "committee",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GovernmentArticle:
    """An item of the column: a report or another document, its number and its dates."""

    number: int
    path_day: str
    shown_day: str
    code: str
    year: int
    what: str

    @property
    def path(self) -> str:
        """The path of the article."""
        month = self.path_day.replace("-", "")[:6]
        return f"{COLUMN}{month}/t{self.path_day.replace('-', '')}_{self.number}.html"

    def written(self) -> Report | Notice:
        """The text of the article."""
        if self.what == "report":
            return county_report(self.code, self.year)
        return notice(self.what, self.code, self.year)


def county_report(code: str, year: int) -> Report:
    """Return the report that every site of the practice web has for this place and year."""
    early = code in {"130283", "130481"}
    return write_report(code, year, length=9000 if code.endswith("00") else 6500, early=early)


@lru_cache(maxsize=1)
def articles() -> tuple[GovernmentArticle, ...]:
    """The 23 items of the column, newest first."""
    found = [
        GovernmentArticle(
            10200 + index * 7, f"{year}-01-{29 + index % 3}", f"{year}-01-{27 + index % 3}",
            code, year, "report",
        )
        for index, (code, year) in enumerate(_REPORTS)
    ] + [
        GovernmentArticle(10180 + index * 3, f"{year}-02-{10 + index}", f"{year}-02-{9 + index:02}",
                "130600", year, what)
        for index, what in enumerate(_NOTICES)
        for year in (2022 + index % 3,)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda article: (article.path_day, article.number))[::-1])


def article_page(article: GovernmentArticle) -> tuple[str, Gold]:
    """The HTML of an article and its gold."""
    text = article.written()
    sheet = Sheet()
    _masthead(sheet)
    sheet.raw('<div class="main">')
    sheet.line(
        "当前位置：首页 > 政务公开 > 政府工作报告", "junk", "breadcrumb",
        html='当前位置：<a href="/">首页</a> > <a href="/zwgk/">政务公开</a> '
        '> <a href="./">政府工作报告</a>',
    )  # fmt: skip
    year, month, day = article.shown_day.split("-")
    shown = f"{year}年{month}月{day}日"
    is_report = isinstance(text, Report)
    keep: Label = "keep" if is_report else "open"
    sheet.line(text.title, keep, "title", tag="h1")
    sheet.line(f"发布时间：{shown}", "meta", "publish_date_line")
    sheet.line(f"信息来源：{_source(text)}", "meta", "source_line")
    sheet.line(
        "【 字体： 大 中 小 】 【打印文章】", "junk", "font_size_print_widget",
        html='【 字体： <a href="javascript:big()">大</a> <a href="javascript:mid()">中</a> '
        '<a href="javascript:small()">小</a> 】&nbsp;<a href="javascript:print()">【打印文章】</a>',
    )  # fmt: skip
    sheet.raw('<div id="zoom" class="TRS_Editor">')
    pasted = article.number % 3 == 0
    if pasted:
        sheet.raw("<style>.MsoNormal{text-indent:2em}</style><!--[if gte mso 9]><xml/><![endif]-->")
        sheet.line("分享到微信", "junk", "hidden", tag='div style="display:none"')
    for line in text.lines[1:]:
        html = _pasted(line.text) if pasted else f"{INDENT}{escape(line.text, quote=False)}"
        sheet.line(line.text, keep, line.kind, html=html, tag="p")
    sheet.raw("</div>")
    sheet.line("责任编辑：示例甲", "meta", "responsible_editor")
    sheet.raw("</div>")
    footer(sheet)
    identity: dict[str, tuple[object, str]] = {
        "published_on": (article.shown_day, "read"), "source": (_source(text), "read"),
        "editor": ("示例甲", "read"), "site_id": (SITE_ID, "read"), "icp": (ICP, "read"),
        "police_record": (POLICE, "read"), "email": (EMAIL, "read"),
        "publisher": (PUBLISHER, "read"),
    }  # fmt: skip
    if isinstance(text, Report):
        identity |= read_identity(text)
    else:
        identity |= {"kind": (text.kind, "read"), "title": (text.title, "read")}
    gold = Gold(
        "report" if is_report else "other", tuple(sheet.lines), identity,
        original=text.texts,
        works=((article.code, article.year),) if is_report else (),
    )  # fmt: skip
    return sheet.document(f"{text.title}_{TITLE}", _metas(text, article)), gold


def _pasted(text: str) -> str:
    """Return a paragraph as pasted from a word processor: a span for each figure and clause."""
    runs = re.findall(r"[\d.%]+|[^\d.%，。；]+[，。；]?|[，。；]", text)
    shown = "".join(
        f'<span style="font-family:仿宋"><font>{escape(run, quote=False)}</font></span>'
        for run in runs
    )
    return f"&ensp;&ensp;<a name='_Toc1'></a>{shown}<o:p></o:p></p><p>&nbsp;"


def read_identity(report: Report) -> dict[str, tuple[object, str]]:
    """Return the identity of a whole report: everything but code and level can be read."""
    inferred = {"place", "place_code", "level"}
    if not report.names_reviewed_year:
        inferred.add("reviewed_year")
    return {
        name: (value, "inferred" if name in inferred else "read")
        for name, value in report.identity().items()
    }


def _source(text: Report | Notice) -> str:
    return f"{text.place.name}政府网站"


def _metas(text: Report | Notice, article: GovernmentArticle) -> str:
    pairs = (
        ("SiteName", TITLE), ("SiteDomain", HOST), ("SiteIDCode", SITE_ID),
        ("ColumnName", "政府工作报告"), ("ColumnType", "政务公开"),
        ("ArticleTitle", text.title), ("PubDate", f"{article.shown_day} 09:30"),
        ("ContentSource", _source(text)), ("Keywords", ""),
    )  # fmt: skip
    return "\n".join(f'<meta name="{name}" content="{escape(value)}">' for name, value in pairs)


def _masthead(sheet: Sheet) -> None:
    sheet.line("无障碍辅助浏览工具条 | 退出老年人模式", "junk", "accessibility")
    sheet.links(
        [("/", "首页"), ("/zwgk/", "政务公开"), (COLUMN, "政府工作报告"), ("/hdjl/", "互动交流")]
    )


def footer(sheet: Sheet) -> None:
    """The lines at the foot of every page."""
    sheet.raw('<div class="footer">')
    sheet.line(
        f"版权所有：{PUBLISHER} 主办单位：{PUBLISHER}办公厅", "junk", "footer_copyright_sponsor"
    )
    sheet.line("地址：石家庄市长安区演示街42号 邮编：050000", "junk", "footer_address")
    sheet.line(f"{POLICE} 网站标识码：{SITE_ID}", "junk", "footer_police_record_and_site_id")
    sheet.line(f"ICP备案序号：{ICP} 联系邮箱：{EMAIL}", "junk", "footer_icp_contact")
    sheet.line("微信公众号", "junk", "footer_social_wechat")
    sheet.line("政务微博", "junk", "footer_social_weibo")
    sheet.raw("</div>")


def list_page(number: int, items: Sequence[GovernmentArticle] | None = None) -> tuple[str, Gold]:
    """The list page `number`, counted from 0, of `items` or of all articles."""
    items = articles() if items is None else items
    total = -(-len(items) // PER_PAGE)
    sheet = Sheet()
    _masthead(sheet)
    sheet.raw('<ul class="list">')
    for article in items[number * PER_PAGE : (number + 1) * PER_PAGE]:
        title = article.written().title
        html = (
            f'<a href=".{article.path.removeprefix(COLUMN.rstrip("/"))}">{title}</a>'
            f"<span>{article.shown_day}</span>"
        )
        sheet.line(f"{title}{article.shown_day}", "junk", "list_item", html=html, tag="li")
    sheet.raw(f'</ul><script>createPageHTML({total}, {number}, "index", "html");</script>')
    footer(sheet)
    return sheet.document(f"政府工作报告_{TITLE}"), Gold("index", tuple(sheet.lines))


def home() -> tuple[str, Gold]:
    """The first page of the site."""
    sheet = Sheet()
    _masthead(sheet)
    sheet.links([(COLUMN + "index.html", "政府工作报告"), ("/neibu/yanshi.html", "内部")])
    footer(sheet)
    return sheet.document(TITLE), Gold("index", tuple(sheet.lines))


def _private() -> tuple[str, Gold]:
    sheet = Sheet()
    sheet.line("robots.txt 不允许访问这里。", "open", "denied")
    return sheet.document("内部"), Gold("other", tuple(sheet.lines), outcome="robots")


@lru_cache(maxsize=1)
def site() -> Site:
    """The portal."""
    pages: dict[str, Page] = {"/": fixed(home), "/neibu/yanshi.html": fixed(_private)}
    for number in range(-(-len(articles()) // PER_PAGE)):
        name = "index.html" if number == 0 else f"index_{number}.html"
        pages[COLUMN + name] = fixed(partial(list_page, number))
    pages[COLUMN] = pages[COLUMN + "index.html"]
    for article in articles():
        pages[article.path] = fixed(partial(article_page, article))
    pages["/zfgzbg/"] = moved(COLUMN + "index.html")
    return Site(HOST, TITLE, pages, "User-agent: *\nDisallow: /neibu/\n")
