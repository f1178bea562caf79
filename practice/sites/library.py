"""A library of model texts: single articles with a declared count, and a 15-in-1 compilation.

The reading time is always `ceil(characters / 300)`; quotes are straight; the compilation is cut
into pages at any paragraph, and the same number stands on every page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from practice.damage import halved, straight_quotes
from practice.page import Damage, Gold, Page, Sheet, Site, fixed
from practice.sites.government import county_report, read_identity
from practice.writer import Line, Report

HOST = "www.tingtao.test"
TITLE = "听涛文库"
SLOGAN = "听涛观海皆文章 — — 听涛文库◆收藏我,常来看看~"
WIDGET = "306412"
COMPILATION = "/gongzuozongjie/2024/03/4120"
COMPILED_PAGES = 9
COMPILED = (
    "130600", "341500", "411500", "510800", "431200", "520300", "360400", "420800",
    "450300", "610600", "371100", "140500", "530500", "620700", "350700",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Single:
    """A single article; `share` of the report's paragraphs are there, all are declared."""

    number: int
    month: str
    code: str
    year: int
    share: float = 1.0

    @property
    def path(self) -> str:
        """The path of the article."""
        return f"/gongzuozongjie/{self.month}/{self.number}.html"

    def report(self) -> Report:
        """The report that it copies."""
        return county_report(self.code, self.year)


SINGLES = (
    Single(2811, "2023/04", "130481", 2023),
    Single(2907, "2023/05", "220500", 2023, 0.8),
    Single(3355, "2024/02", "320800", 2024),
    Single(3402, "2024/02", "130283", 2024, 0.8),
)


def as_printed(text: str) -> str:
    """A paragraph as this template prints it."""
    return straight_quotes(halved(text))


def count(texts: Sequence[str]) -> int:
    """Characters without white space: what the template declares."""
    return sum(len("".join(text.split())) for text in texts)


def share_bar(declared: int) -> str:
    """The line that declares the characters and the minutes."""
    minutes = -(-declared // 300)
    return f"admin 分享 时间: 加入收藏 共计{declared}个字,预计阅读时长{minutes}分钟"


def single_page(single: Single) -> tuple[str, Gold]:
    """The HTML of a single article and its gold."""
    report = single.report()
    lines = report.lines[: round(len(report.lines) * single.share)]
    declared = count([as_printed(text) for text in report.texts])
    title = f"{single.year}年{report.place.name}人民政府工作报告(全文)"
    sheet = Sheet()
    _top(sheet, title, "keep", "title", declared)
    sheet.line(title, "junk", "duplicate_title", tag="p")
    damage = _body(sheet, lines[1:])
    _bottom(sheet)
    identity = read_identity(report) | {
        "title": (title, "read"), "declared_chars": (declared, "read"),
        "published_on": (None, "absent"),
    }  # fmt: skip
    return sheet.document(f"{title}-{TITLE}"), Gold(
        "report", tuple(sheet.lines), identity, damage,
        original=tuple(line.text for line in lines),
        works=((single.code, single.year),),
    )  # fmt: skip


def _top(sheet: Sheet, title: str, label: str, kind: str, declared: int) -> None:
    sheet.line(SLOGAN, "junk", "site_slogan_header")
    sheet.line(title, "keep" if label == "keep" else "junk", kind, tag="h1")
    sheet.line(share_bar(declared), "junk", "share_bar_meta")
    sheet.raw('<div class="content">')


def _body(sheet: Sheet, lines: Sequence[Line]) -> tuple[Damage, ...]:
    damage: list[Damage] = []
    for line in lines:
        shown = as_printed(line.text)
        sheet.line(shown, "keep", line.kind, tag="p")
        if '"' in shown:
            damage.append(Damage(shown, '"', "“”", "curly_quotes_to_straight"))
    return tuple(damage)


def _bottom(sheet: Sheet) -> None:
    sheet.raw("</div>")
    sheet.line(WIDGET, "junk", "numeric_widget_id")
    sheet.line("领取福利", "junk", "promo_button")
    sheet.line("微信扫码领取福利", "junk", "promo_qr")
    sheet.line("微信扫码分享", "junk", "share_qr")


@lru_cache(maxsize=1)
def compiled() -> tuple[Report, ...]:
    """The fifteen reports of the compilation."""
    return tuple(county_report(code, 2024) for code in COMPILED)


@lru_cache(maxsize=1)
def compiled_pages() -> tuple[tuple[tuple[str, Line], ...], ...]:
    """The paragraphs of each page, each with the code of its place."""
    lines = [(report.place.code, line) for report in compiled() for line in report.lines]
    total = sum(len(line.text) for _, line in lines)
    pages: list[list[tuple[str, Line]]] = [[] for _ in range(COMPILED_PAGES)]
    reached = 0
    for code, line in lines:
        pages[reached * COMPILED_PAGES // total].append((code, line))
        reached += len(line.text)
    return tuple(map(tuple, pages))


def compilation_path(page: int) -> str:
    """The path of a page of the compilation, counted from 1."""
    return COMPILATION + (".html" if page == 1 else f"_{page}.html")


def compilation_page(page: int) -> tuple[str, Gold]:
    """The HTML of a page of the compilation and its gold."""
    declared = sum(count([as_printed(text) for text in report.texts]) for report in compiled())
    title = f"2024年市政府工作报告-{len(COMPILED)}篇(第{page}/{COMPILED_PAGES}页)"
    sheet = Sheet()
    _top(sheet, title, "junk", "listing_title_with_page_marker", declared)
    if page == 1:
        for index, report in enumerate(compiled()):
            entry = f"{index + 1}. {report.title} {5 + index * 14}"
            sheet.line(entry, "junk", "toc_entry", tag="p")
    piece = compiled_pages()[page - 1]
    damage = _body(sheet, [line for _, line in piece])
    sheet.links(
        [(compilation_path(n), str(n)) for n in range(1, COMPILED_PAGES + 1)]
        + ([(compilation_path(page + 1), "下一页")] if page < COMPILED_PAGES else []),
        "pager",
    )
    _bottom(sheet)
    codes = dict.fromkeys(code for code, _ in piece)
    identity = {
        "page_no": (page, "read"), "page_count": (COMPILED_PAGES, "read"),
        "declared_chars": (declared, "read"), "published_on": (None, "absent"),
    }  # fmt: skip
    return sheet.document(f"{title}-{TITLE}"), Gold(
        "compilation", tuple(sheet.lines), identity, damage,
        original=tuple(line.text for _, line in piece),
        works=tuple((code, 2024) for code in codes),
    )  # fmt: skip


def home() -> tuple[str, Gold]:
    """The list of all articles."""
    sheet = Sheet()
    sheet.line(SLOGAN, "junk", "site_slogan_header")
    for path, title in [
        *((single.path, single.report().title) for single in SINGLES),
        (compilation_path(1), f"2024年市政府工作报告-{len(COMPILED)}篇"),
    ]:
        sheet.line(title, "junk", "list_item", html=f'<a href="{path}">{title}</a>', tag="li")
    return sheet.document(TITLE), Gold("index", tuple(sheet.lines))


@lru_cache(maxsize=1)
def site() -> Site:
    """The library."""
    pages: dict[str, Page] = {"/": fixed(home), "/gongzuozongjie/": fixed(home)}
    for single in SINGLES:
        pages[single.path] = fixed(partial(single_page, single))
    for number in range(1, COMPILED_PAGES + 1):
        pages[compilation_path(number)] = fixed(partial(compilation_page, number))
    return Site(HOST, TITLE, pages)
