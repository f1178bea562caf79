"""Unknown templates: furniture drawn from a long list, in three ways of building a page.

No two articles have the same lines around them. They show how a cleaner with known templates fares
on unknown ones.
"""

from __future__ import annotations

from functools import lru_cache, partial
from html import escape
from random import Random

from baogao_practice.page import Gold, Label, Page, Sheet, Site, fixed
from baogao_practice.phrases import alternatives, fill
from baogao_practice.places import places
from baogao_practice.report import Report
from baogao_practice.sites.government import county_report, read_identity

HOST = "www.zahe.test"
ARTICLES = tuple(
    (code, year)
    for code in ("140500", "320800", "350700", "371100", "420800", "610600", "130481", "361130")
    for year in (2021, 2025, 2026)
)
_BUILDS = ("div", "table", "flat")
_ABBREVIATIONS = {
    "13": "冀", "14": "晋", "32": "苏", "35": "闽", "36": "赣", "37": "鲁", "42": "鄂", "61": "陕",
}  # fmt: skip


def path(number: int) -> str:
    """The path of an article."""
    return f"/a/{number}.html"


class _Mixture:
    """An article in the making: its dice, its words and its sheet."""

    def __init__(self, number: int, report: Report) -> None:
        self.dice = Random(f"motley {number}")  # noqa: S311  (no secret)
        self.build = _BUILDS[number % len(_BUILDS)]
        self.sheet = Sheet()
        code = report.place.code
        serial = f"{self.dice.randint(0, 9999):04}"
        self.words = {
            "name": report.place.name, "short": report.place.short, "year": str(report.year),
            "review": str(report.year - 1), "site_id": code + serial,
            "abbr": _ABBREVIATIONS[code[:2]], "police": f"{code}02{serial}42",
            "day": f"{report.year}-02-{self.dice.randint(10, 28)}",
        }  # fmt: skip

    def furniture(self, heading: str, label: Label, count: int) -> None:
        """Some lines of one kind, in their order in the list."""
        lines = list(enumerate(alternatives("furniture")[heading]))
        for _, line in sorted(self.dice.sample(lines, count)):
            self.line(fill(line, self.words, self.dice), label, heading)

    def line(self, text: str, label: Label, kind: str) -> None:
        """One line, built as this page builds its lines."""
        html = escape(text, quote=False)
        if kind in {"head", "footer"} and self.dice.random() < 0.5:  # noqa: PLR2004
            html = " ".join(f'<a href="#">{word}</a>' for word in html.split(" "))
        if self.build == "table":
            self.sheet.line(text, label, kind, html=f"<td>{html}</td>", tag="tr")
        elif self.build == "flat" and kind == "paragraph":
            self.sheet.line(text, label, kind, html=f"　　{html}", tag="div")
        else:
            self.sheet.line(text, label, kind, html=html, tag="p" if label == "keep" else "div")

    def around(self, opening: str, closing: str) -> tuple[str, str]:
        """The elements around a group of lines."""
        return ("<table>", "</table>") if self.build == "table" else (opening, closing)


def article_page(number: int) -> tuple[str, Gold]:
    """The HTML of an article and its gold."""
    report = county_report(*ARTICLES[number])
    made = _Mixture(number, report)
    sheet, dice = made.sheet, made.dice
    opening, closing = made.around('<div class="top">', "</div>")
    sheet.raw(opening)
    made.furniture("head", "junk", dice.randint(2, 5))
    sheet.raw(closing)
    sheet.line(report.title, "keep", "title", tag="h1" if number % 2 else "h2")
    sheet.raw(opening)
    made.furniture("byline", "meta", 1)
    sheet.raw(closing + ("" if made.build == "table" else f'<div id="c{number}">') + opening)
    for line in report.lines[1:]:
        made.line(line.text, "keep", line.kind)
    made.furniture("open", "open", dice.randint(0, 1))
    made.furniture("signature", "meta", dice.randint(0, 1))
    sheet.raw(closing + opening)
    made.furniture("tail", "junk", dice.randint(3, 6))
    sheet.raw(closing + ("" if made.build == "table" else "</div>") + opening)
    made.furniture("footer", "junk", dice.randint(3, 6))
    sheet.raw(closing)
    return sheet.document(report.title), Gold(
        "report", tuple(sheet.lines), read_identity(report), original=report.texts,
        works=(ARTICLES[number],),
    )  # fmt: skip


def home() -> tuple[str, Gold]:
    """The list of all articles."""
    sheet = Sheet()
    for number, (code, year) in enumerate(ARTICLES):
        title = f"{places()[code].name} {year}"
        html = f'<a href="{path(number)}">{title}</a>'
        sheet.line(title, "junk", "list_item", html=html, tag="li")
    return sheet.document("杂合"), Gold("index", tuple(sheet.lines))


@lru_cache(maxsize=1)
def site() -> Site:
    """The host."""
    pages: dict[str, Page] = {"/": fixed(home)}
    pages |= {path(number): fixed(partial(article_page, number)) for number in range(len(ARTICLES))}
    return Site(HOST, "杂合", pages)
