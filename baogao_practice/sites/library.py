"""A library of model texts: single articles with a declared count, and a 15-in-1 compilation.

The reading time is always `ceil(characters / 300)`; quotes are straight; the compilation is cut
into pages at any paragraph, and every page has the same number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

from baogao_practice.damage import halved, straight_quotes
from baogao_practice.page import Damage, Gold, Page, Sheet, Site, fixed
from baogao_practice.report import Line, Report
from baogao_practice.sites.government import county_report, read_identity

HOST = "www.tingtao.test"
TWIN_HOST = "www.yanyu.test"
COMPILATION = "/gongzuozongjie/2024/03/4120"
COMPILED_PAGES = 9
COMPILED = (
    "130600", "341500", "411500", "510800", "431200", "520300", "360400", "420800",
    "450300", "610600", "371100", "140500", "530500", "620700", "350700",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Imprint:
    """What the domains of one template print of their own."""

    title: str
    slogan: str
    widget: str


IMPRINTS = {
    HOST: Imprint("听涛文库", "听涛观海皆文章 — — 听涛文库◆收藏我,常来看看~", "306412"),
    TWIN_HOST: Imprint("烟雨公文网", "YANYU.TEST —— 专注党政公文写作范文", "88157"),
}


@dataclass(frozen=True, slots=True)
class Single:
    """A single article with `share` of the report's paragraphs; the declared count is of all."""

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


TWIN_SINGLES = (
    Single(92179, "2024/08", "320800", 2024),
    Single(92204, "2024/08", "610600", 2024),
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


def single_page(single: Single, imprint: Imprint) -> tuple[str, Gold]:
    """The HTML of a single article and its gold."""
    report = single.report()
    lines = report.lines[: round(len(report.lines) * single.share)]
    declared = count([as_printed(text) for text in report.texts])
    title = f"{single.year}年{report.place.name}人民政府工作报告(全文)"
    sheet = Sheet()
    _top(sheet, imprint, title, declared)
    sheet.line(title, "junk", "duplicate_title", tag="p")
    damage = _body(sheet, lines[1:])
    _bottom(sheet, imprint)
    identity = read_identity(report) | {
        "title": (title, "read"), "declared_chars": (declared, "read"),
        "published_on": (None, "absent"),
    }  # fmt: skip
    return sheet.document(f"{title}-{imprint.title}"), Gold(
        "report", tuple(sheet.lines), identity, damage,
        original=tuple(line.text for line in lines),
        works=((single.code, single.year),),
    )  # fmt: skip


def _top(
    sheet: Sheet, imprint: Imprint, title: str, declared: int, *, listing: bool = False
) -> None:
    sheet.line(imprint.slogan, "junk", "site_slogan_header")
    if listing:
        sheet.line(title, "junk", "listing_title_with_page_marker", tag="h1")
    else:
        sheet.line(title, "keep", "title", tag="h1")
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


def _bottom(sheet: Sheet, imprint: Imprint) -> None:
    sheet.raw("</div>")
    sheet.line(imprint.widget, "junk", "numeric_widget_id")
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
    _top(sheet, IMPRINTS[HOST], title, declared, listing=True)
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
    _bottom(sheet, IMPRINTS[HOST])
    codes = dict.fromkeys(code for code, _ in piece)
    identity = {
        "page_no": (page, "read"), "page_count": (COMPILED_PAGES, "read"),
        "declared_chars": (declared, "read"), "published_on": (None, "absent"),
    }  # fmt: skip
    return sheet.document(f"{title}-{IMPRINTS[HOST].title}"), Gold(
        "compilation", tuple(sheet.lines), identity, damage,
        original=tuple(line.text for _, line in piece),
        works=tuple((code, 2024) for code in codes),
    )  # fmt: skip


def _singles(host: str) -> tuple[Single, ...]:
    return SINGLES if host == HOST else TWIN_SINGLES


def home(host: str) -> tuple[str, Gold]:
    """The list of all articles of a host."""
    sheet = Sheet()
    imprint = IMPRINTS[host]
    sheet.line(imprint.slogan, "junk", "site_slogan_header")
    listed = [(single.path, single.report().title) for single in _singles(host)]
    if host == HOST:
        listed.append((compilation_path(1), f"2024年市政府工作报告-{len(COMPILED)}篇"))
    for path, title in listed:
        sheet.line(title, "junk", "list_item", html=f'<a href="{path}">{title}</a>', tag="li")
    return sheet.document(imprint.title), Gold("index", tuple(sheet.lines))


@lru_cache(maxsize=2)
def site(host: str = HOST) -> Site:
    """The library, or its twin on another domain with the same template."""
    listing = fixed(partial(home, host))
    pages: dict[str, Page] = {"/": listing, "/gongzuozongjie/": listing}
    for single in _singles(host):
        pages[single.path] = fixed(partial(single_page, single, IMPRINTS[host]))
    for number in range(1, COMPILED_PAGES + 1) if host == HOST else ():
        pages[compilation_path(number)] = fixed(partial(compilation_page, number))
    return Site(host, IMPRINTS[host].title, pages)
