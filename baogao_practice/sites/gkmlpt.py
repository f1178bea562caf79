"""A disclosure platform like Guangdong's: a JSON interface with times in epoch seconds.

Page 0 and page 1 are both the first page; the platform has plain HTTP only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial
from html import escape
from urllib.parse import parse_qs

from baogao_practice.page import Answer, Gold, Page, Request, Sheet, Site, fixed
from baogao_practice.report import Report
from baogao_practice.sites.government import county_report, read_identity
from baogao_practice.sites.notices import Notice, notice

HOST = "www.lingnan.test"
TITLE = "岭南演示公开平台"
SID, CATEGORY = "754001", "3011"
SITE_ID = "4400000095"
PER_PAGE = 5


@dataclass(frozen=True, slots=True)
class GkmlptArticle:
    """An article of the platform."""

    number: int
    code: str
    year: int
    what: str = "report"

    @property
    def path(self) -> str:
        """The path of the article."""
        return f"/gkmlpt/content/{self.number // 100}/{self.number}/post_{self.number}.html"

    @property
    def created(self) -> datetime:
        """When it was published."""
        return datetime(self.year, 2, self.number % 27 + 1, 2, 30, tzinfo=UTC)

    def written(self) -> Report | Notice:
        """Its text."""
        if self.what == "report":
            return county_report(self.code, self.year)
        return notice(self.what, self.code, self.year)


ARTICLES = (
    *(GkmlptArticle(1000 + 37 * n, "440500", 2019 + n) for n in range(7)),
    *(GkmlptArticle(1500 + 31 * n, "440229", 2021 + n) for n in range(4)),
    GkmlptArticle(1711, "440229", 2024, "plan"),
)


def index(request: Request) -> Answer:
    """The JSON interface: `?page=N&sid=S`."""
    asked = parse_qs(request.query)
    if asked.get("sid", [""])[0] != SID:
        return Answer(b'{"error":"sid"}', 400, (("Content-Type", "application/json"),))
    page = asked.get("page", ["1"])[0]
    first = (max(1, int(page)) - 1 if page.isdigit() else 0) * PER_PAGE
    items = sorted(ARTICLES, key=lambda article: article.created, reverse=True)
    origin = f"http://{request.headers.get('Host', HOST)}"
    listed = [_listed(article, origin) for article in items[first : first + PER_PAGE]]
    content = json.dumps({"total": len(items), "articles": listed}, ensure_ascii=False)
    return Answer(content.encode(), headers=(("Content-Type", "application/json"),))


def _listed(article: GkmlptArticle, origin: str) -> dict[str, object]:
    return {
        "id": article.number,
        "title": article.written().title,
        "url": f"{origin}{article.path}",
        "post_url": f"{origin}{article.path}",
        "publisher": f"{article.written().place.name}人民政府办公室",
        "create_time": int(article.created.timestamp()),
        "created_at": article.created.strftime("%Y-%m-%d %H:%M:%S"),
        "classify_main_name": "政府工作报告",
    }


def article_page(article: GkmlptArticle) -> tuple[str, Gold]:
    """The HTML of an article and its gold."""
    text = article.written()
    is_report = isinstance(text, Report)
    published = article.created.strftime("%Y-%m-%d")
    publisher = f"{text.place.name}人民政府办公室"
    serial = f"006{article.number}/{article.year}-000{article.number % 90 + 10}"
    sheet = Sheet()
    sheet.links([("/gkmlpt/index", "政府信息公开目录"), ("/", "首页")])
    sheet.raw('<table class="info">')
    _row(sheet, f"索引号：{serial}", "分类：综合政务")
    _row(sheet, f"发布机构：{publisher}", f"发布日期：{published}")
    sheet.raw("</table>")
    sheet.line(text.title, "keep" if is_report else "open", "title", tag="h1")
    sheet.raw('<div class="article-content">')
    for line in text.lines[1:]:
        sheet.line(line.text, "keep" if is_report else "open", line.kind, tag="p")
    sheet.raw("</div>")
    sheet.line("分享到：", "junk", "share")
    sheet.line(f"粤ICP备00000095号 网站标识码：{SITE_ID}", "junk", "footer_icp_contact")
    identity: dict[str, tuple[object, str]] = {
        "published_on": (published, "read"), "site_id": (SITE_ID, "read"),
        "icp": ("粤ICP备00000095号", "read"),
    }  # fmt: skip
    identity |= read_identity(text) if isinstance(text, Report) else {"kind": (text.kind, "read")}
    pairs = (("ArticleTitle", text.title), ("PubDate", published), ("ArticleId", article.number))
    metas = "\n".join(f'<meta name="{name}" content="{escape(str(v))}">' for name, v in pairs)
    return sheet.document(text.title, metas), Gold(
        "report" if is_report else "other", tuple(sheet.lines), identity,
        original=text.texts, works=((article.code, article.year),) if is_report else (),
    )  # fmt: skip


def _row(sheet: Sheet, *cells: str) -> None:
    html = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    sheet.line("\t".join(cells), "meta", "information_table", html=html, tag="tr")


def home() -> tuple[str, Gold]:
    """The page that names the site's number and its categories."""
    sheet = Sheet()
    sheet.raw(
        f"<script>window._CONFIG={{SID:'{SID}',CATEGORY:'{CATEGORY}',"
        f"API:'/gkmlpt/api/all/{CATEGORY}'}};</script>"
    )
    sheet.line("政府信息公开目录", "junk", "nav")
    return sheet.document(TITLE), Gold("index", tuple(sheet.lines))


@lru_cache(maxsize=1)
def site() -> Site:
    """The platform."""
    pages: dict[str, Page] = {
        "/": fixed(home),
        "/gkmlpt/index": fixed(home),
        f"/gkmlpt/api/all/{CATEGORY}": Page(index, lambda: Gold("index")),
    }
    pages |= {article.path: fixed(partial(article_page, article)) for article in ARTICLES}
    return Site(HOST, TITLE, pages)
