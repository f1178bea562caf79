"""Reports inside other things: a notice, a draft, a newspaper, attachments of every kind.

Files with a wrong type are here too: HTML named .doc, an error page named .pdf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from baogao_practice import attachments
from baogao_practice.page import Answer, Gold, GoldLine, Page, Sheet, Site, fixed
from baogao_practice.report import Line, Report
from baogao_practice.sites.government import county_report, read_identity
from baogao_practice.writer import NOTE

HOST = "www.wenjian.test"
CODE = "520300"
_MISSING = "<html><head><title>404</title></head><body>您访问的页面不存在</body></html>"


def _page(
    heading: str, report: Report, lines: Sequence[tuple[str, str]], **identity: object
) -> tuple[str, Gold]:
    sheet = Sheet()
    sheet.links([("/", "首页"), ("/wenjian/", "文件")])
    for number, (text, kind) in enumerate(lines):
        junk = kind == "continued_mark"
        tag = "p" if number else "h1"
        sheet.line(text, "junk" if junk else "keep", kind, tag=tag)
    known = read_identity(report)
    wanted = ("kind", "report_year", "delivered_on", "session", "office", "speaker")
    facts = {name: known[name] for name in wanted} | {
        name: (value, "read") for name, value in identity.items()
    }
    gold = Gold(
        "report", tuple(sheet.lines), facts, original=report.texts,
        works=((report.place.code, report.year),),
    )  # fmt: skip
    return sheet.document(heading), gold


def notice_page() -> tuple[str, Gold]:
    """A transmittal notice, and the report after it."""
    report = county_report(CODE, 2023)
    name = report.place.name
    title = f"{name}人民政府关于印发政府工作报告的通知"
    front = [
        (title, "notice"),
        ("演府发〔2023〕1号", "notice"),
        (f"各县（市、区）人民政府，{report.place.short}演示新区管委会：", "notice"),
        ("现将《政府工作报告》印发给你们，请认真贯彻落实。（此件公开发布）", "notice"),
        (f"{name}人民政府", "notice"),
        ("2023年2月8日", "notice"),
    ]
    return _page(title, report, [*front, *_pairs(report.lines)])


def draft_page() -> tuple[str, Gold]:
    """A draft for comments: the same year, another stage."""
    report = county_report(CODE, 2024)
    title = f"{report.title}（征求意见稿）"
    lines = [(title, "title"), *_pairs(report.lines[1:])]
    return _page(title, report, lines, title=title, stage="draft")


def newspaper_page(part: int) -> tuple[str, Gold]:
    """One of two pages of a newspaper: 下转 on the first, 上接 on the second."""
    report = county_report(CODE, 2022)
    half = len(report.lines) // 2
    if part == 1:
        lines = [*_pairs(report.lines[:half]), ("（下转第四版）", "continued_mark")]
        return _page(report.title, report, lines)
    title = "政府工作报告"
    lines = [(title, "title"), ("（上接第一版）", "continued_mark"), *_pairs(report.lines[half:])]
    html, gold = _page(title, report, lines)
    absent = dict.fromkeys(("session", "speaker"), (None, "absent"))
    return html, Gold("piece", gold.lines, absent, original=gold.original, works=gold.works)


def _pairs(lines: Sequence[Line]) -> list[tuple[str, str]]:
    return [(line.text, line.kind) for line in lines]


def cover_page() -> tuple[str, Gold]:
    """A page with nothing but links to attachments."""
    sheet = Sheet()
    sheet.line("政府工作报告（附件）", "open", "title", tag="h1")
    sheet.line(NOTE, "open", "demonstration_note", tag="p")
    for path in attached():
        sheet.line(path, "open", "attachment_link", html=f'<a href="{path}">{path}</a>', tag="p")
    return sheet.document("政府工作报告"), Gold("cover", tuple(sheet.lines))


def _file(
    make: Callable[[Sequence[str]], bytes], year: int, kind: str, shape: str = "attachment"
) -> Page:
    def gold() -> Gold:
        report = county_report(CODE, year)
        lines = tuple(GoldLine(line.text, "keep", line.kind) for line in report.lines)
        return Gold(shape, lines, read_identity(report), original=report.texts,
                    works=((CODE, year),))  # fmt: skip

    def answer(_: object) -> Answer:
        return Answer(make(county_report(CODE, year).texts), headers=(("Content-Type", kind),))

    return Page(answer, gold)


def _zipped(paragraphs: Sequence[str]) -> bytes:
    return attachments.archive(
        [
            ("政府工作报告.docx", attachments.docx(paragraphs)),
            ("说明.txt", "演示文本,内容均为虚构".encode("gb18030")),
        ]
    )


def _html_as_doc(paragraphs: Sequence[str]) -> bytes:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return f"<html><head><meta charset='utf-8'></head><body>{body}</body></html>".encode()


def _unreadable(body: bytes, outcome: str = "ok") -> Page:
    headers = (("Content-Type", "application/octet-stream"),)
    return Page(
        lambda _: Answer(body, headers=headers), lambda: Gold("unreadable", outcome=outcome)
    )


@lru_cache(maxsize=1)
def attached() -> dict[str, Page]:
    """The attachments, by path."""
    word = "application/msword"
    return {
        "/files/baogao.pdf": _file(attachments.pdf, 2021, "application/pdf"),
        "/files/baogao.docx": _file(attachments.docx, 2021, "application/octet-stream"),
        "/files/baogao.ofd": _file(attachments.ofd, 2021, "application/ofd"),
        "/files/baogao.zip": _file(_zipped, 2019, "application/zip", "container"),
        "/files/docx-called.doc": _file(attachments.docx, 2020, word),
        "/files/html-called.doc": _file(_html_as_doc, 2020, word),
        "/files/old.doc": _unreadable(attachments.ole(("演示文本",))),
        "/files/old.wps": _unreadable(attachments.ole(("演示文本",))),
        "/files/error-called.pdf": _unreadable(_MISSING.encode(), "gone"),
    }


@lru_cache(maxsize=1)
def site() -> Site:
    """The host."""
    pages: dict[str, Page] = {
        "/": fixed(home),
        "/wenjian/": fixed(home),
        "/wenjian/tongzhi.html": fixed(notice_page),
        "/wenjian/caoan.html": fixed(draft_page),
        "/baozhi/a1.html": fixed(partial(newspaper_page, 1)),
        "/baozhi/a4.html": fixed(partial(newspaper_page, 2)),
        "/wenjian/fujian.html": fixed(cover_page),
        **attached(),
    }
    return Site(HOST, "文件", pages)


def home() -> tuple[str, Gold]:
    """The list of the host's pages."""
    sheet = Sheet()
    for path in (
        "/wenjian/tongzhi.html", "/wenjian/caoan.html", "/baozhi/a1.html", "/baozhi/a4.html",
        "/wenjian/fujian.html",
    ):  # fmt: skip
        sheet.line(path, "junk", "list_item", html=f'<a href="{path}">{path}</a>', tag="li")
    return sheet.document("文件"), Gold("index", tuple(sheet.lines))
