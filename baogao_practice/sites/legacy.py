"""Old sites: GB 2312 declared and GB 18030 needed, wrong headers, ASP pages without paragraphs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qs

from baogao_practice.page import Answer, Gold, GoldLine, Page, Request, Sheet, Site
from baogao_practice.report import Report
from baogao_practice.sites.government import county_report, read_identity

CODED_HOST = "www.guobiao.test"
ASP_HOST = "www.laoasp.test"
RARE = "联系人：朱镕演示、𠮷演示"
"""A line with characters that GB 2312 lacks: one of GBK, one of four bytes in GB 18030."""
ASP_PER_PAGE = 3
ASP_ARTICLES = {
    17: ("360400", 2018), 23: ("360400", 2019), 31: ("360400", 2020), 38: ("420800", 2018),
    44: ("420800", 2019), 52: ("420800", 2020), 60: ("450300", 2019), 71: ("450300", 2020),
}  # fmt: skip
_DECLARED = '<meta http-equiv="Content-Type" content="text/html; charset={}">'
_PLAIN = (("Content-Type", "text/html"),)


def _article(code: str, year: int, charset: str) -> tuple[str, Gold]:
    report = county_report(code, year)
    sheet = Sheet()
    sheet.line(report.title, "keep", "title", tag="h1")
    sheet.raw('<div id="zoom">')
    for line in report.lines[1:]:
        sheet.line(line.text, "keep", line.kind, tag="p")
    sheet.line(RARE, "open", "rare_characters", tag="p")
    sheet.raw("</div>")
    gold = Gold(
        "report", tuple(sheet.lines), read_identity(report), original=report.texts,
        works=((code, year),),
    )  # fmt: skip
    html = sheet.document(report.title).replace(
        '<meta charset="utf-8">', _DECLARED.format(charset), 1
    )
    return html, gold


@dataclass(frozen=True, slots=True)
class Coding:
    """An article, what the header and the page declare, and how it is encoded."""

    code: str
    year: int
    declared: str
    encoding: str
    content_type: str = "text/html"
    spoil: Callable[[bytes], bytes] = bytes

    def page(self) -> Page:
        """The page."""
        return Page(self.answer, lambda: _article(self.code, self.year, self.declared)[1])

    def answer(self, _: Request) -> Answer:
        """The article in its encoding."""
        html = _article(self.code, self.year, self.declared)[0]
        headers = (("Content-Type", self.content_type),)
        return Answer(self.spoil(html.encode(self.encoding)), headers=headers)


_SPOILT_AT = "一、"


def _bad_bytes(body: bytes) -> bytes:
    """Insert three bytes that are invalid in UTF-8 before the first heading."""
    mark = _SPOILT_AT.encode()
    return body.replace(mark, b"\xff" + mark, 1)


def _spoilt_gold(code: str, year: int) -> Gold:
    gold = _article(code, year, "utf-8")[1]
    lines, left = [], True
    for line in gold.lines:
        if left and line.text.startswith(_SPOILT_AT):
            lines.append(GoldLine(f"�{line.text}", "open", line.kind))
            left = False
        else:
            lines.append(line)
    return replace(gold, lines=tuple(lines))


@lru_cache(maxsize=1)
def coded_site() -> Site:
    """One article for each way in which bytes and declarations disagree."""
    utf8, gb2312 = (f"text/html; charset={name}" for name in ("utf-8", "gb2312"))
    spoilt = Coding("411500", 2022, "utf-8", "utf-8", spoil=_bad_bytes)
    pages = {
        "/gb18030.html": Coding("411500", 2018, "gb2312", "gb18030").page(),
        "/gbk-as-utf8.html": Coding("411500", 2019, "gb2312", "gb18030", utf8).page(),
        "/utf8-as-gbk.html": Coding("411500", 2020, "gb2312", "utf-8", gb2312).page(),
        "/undeclared.html": Coding("411500", 2021, "", "gb18030").page(),
        "/bad-bytes.html": Page(spoilt.answer, lambda: _spoilt_gold("411500", 2022)),
        "/utf16.html": Coding("411500", 2023, "utf-16", "utf-16").page(),
    }
    return Site(CODED_HOST, "国标", {"/": _index("国标", list(pages)), **pages})


def _index(title: str, paths: list[str], encoding: str = "utf-8") -> Page:
    sheet = Sheet()
    for path in paths:
        sheet.line(path, "junk", "list_item", html=f'<a href="{path}">{path}</a>', tag="li")
    body = sheet.document(title).encode(encoding)
    return Page(lambda _: Answer(body, headers=_PLAIN), lambda: Gold("index", tuple(sheet.lines)))


def asp_list(request: Request) -> Answer:
    """`list.asp?page=N`: three items a page, in a table, with 下一页."""
    asked = parse_qs(request.query).get("page", ["1"])[0]
    page = max(1, int(asked)) if asked.isdigit() else 1
    items = sorted(ASP_ARTICLES)[::-1][(page - 1) * ASP_PER_PAGE : page * ASP_PER_PAGE]
    rows = "".join(
        f'<tr><td><a href="news.asp?id={number}">{_asp_report(number).title}</a></td></tr>'
        for number in items
    )
    more = f'<a href="list.asp?page={page + 1}">下一页</a>' if len(items) == ASP_PER_PAGE else ""
    html = f"<html><head>{_DECLARED.format('gb2312')}</head><body><table>{rows}</table>{more}"
    return Answer(f"{html}</body></html>".encode("gb18030"), headers=_PLAIN)


def _asp_report(number: int) -> Report:
    return county_report(*ASP_ARTICLES[number])


def asp_article(number: int) -> tuple[str, Gold]:
    """An article in a table, its paragraphs apart by `<br>` and U+3000."""
    report = _asp_report(number)
    sheet = Sheet()
    sheet.raw('<table width="100%"><tr><td>')
    sheet.links([("index.asp", "首页"), ("list.asp?page=1", "政府工作报告")])
    sheet.raw("</td></tr><tr><td align=center>")
    sheet.line(report.title, "keep", "title", tag="b")
    sheet.raw("</td></tr><tr><td>")
    shown = f"发布时间：{report.year}-2-{number % 27 + 1}　点击：{number * 7} 次"
    sheet.line(shown, "meta", "byline", tag="font")
    sheet.raw("</td></tr><tr><td class=content>")
    for line in report.lines[1:]:
        sheet.raw(f"　　{line.text}<br>")
        sheet.lines.append(GoldLine(line.text, "keep", line.kind))
    sheet.raw("</td></tr><tr><td>")
    sheet.line(
        "【关闭窗口】", "junk", "widget", html='<a href="javascript:close()">【关闭窗口】</a>'
    )
    sheet.raw("</td></tr></table>")
    identity = read_identity(report)
    identity["published_on"] = (f"{report.year}-02-{number % 27 + 1:02}", "read")
    html = sheet.document(report.title).replace(
        '<meta charset="utf-8">', _DECLARED.format("gb2312"), 1
    )
    return html, Gold(
        "report", tuple(sheet.lines), identity, original=report.texts,
        works=(ASP_ARTICLES[number],),
    )  # fmt: skip


def _asp_page(number: int) -> Page:
    def answer(_: Request) -> Answer:
        return Answer(asp_article(number)[0].encode("gb18030"), headers=_PLAIN)

    return Page(answer, lambda: asp_article(number)[1])


@lru_cache(maxsize=1)
def asp_site() -> Site:
    """The ASP site; its addresses differ in the query alone."""
    listing = Page(asp_list, lambda: Gold("index"))
    pages: dict[str, Page] = dict.fromkeys(
        ("/", "/index.asp", "/list.asp", "/list.asp?page=1"), listing
    )
    last = -(-len(ASP_ARTICLES) // ASP_PER_PAGE)
    pages |= {f"/list.asp?page={number}": listing for number in range(2, last + 1)}
    pages |= {f"/news.asp?id={number}": _asp_page(number) for number in ASP_ARTICLES}
    return Site(ASP_HOST, "旧站", pages)
