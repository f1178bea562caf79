"""Pages for a crawl to fetch: bare reports, the same in page furniture, and real saved pages.

The furniture has the size and structure of real pages around a report: over 40 pages the median
is 98,000 bytes (mean 128,000) with 8,500 (19,000) of scripts in 33 elements, 5,000 (24,000) of
styles, 700 (1,700) of comments, 170 links, 62 list items, 115 `div` and 705 tags in all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from random import Random

from baogao_practice import Report, write_report

A_LIST = 50
PLACES = ("130600", "130800", "130123", "331181", "510800", "620700")
SAVED = Path(__file__).parents[2] / "shared" / "pages"
"""Real pages, if available; they are not part of the project."""

WORDS = (
    "概况", "动态", "公开", "服务", "互动", "专题", "数据", "旅游", "投资", "人事",
    "财政", "规划", "环保", "教育", "医疗", "社保", "就业", "住房", "交通", "农业",
)  # fmt: skip


def bare(count: int) -> Iterator[bytes]:
    """Reports of real length with a line above and a line below."""
    for number in range(count):
        report = _report(number)
        yield (
            f"<html><head><title>{report.title}</title></head><body><div>首页 &gt; 政务公开</div>"
            f"<h1>{report.title}</h1><p>发布时间：2023年1月31日</p><div class='TRS_Editor'>"
            f"{_body(report)}</div><div>主办：人民政府 第{number}号</div></body></html>"
        ).encode()


def furnished(count: int) -> Iterator[bytes]:
    """The same reports as a government's site shows them: menus, lists of links, scripts, CSS."""
    for number in range(count):
        report = _report(number)
        yield in_furniture(report.title, _body(report), number)


def in_furniture(title: str, body: str, number: int) -> bytes:
    """A report, as paragraphs of HTML, in the furniture of a site; `number` makes it differ."""
    dice = Random(number)
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{title}</title>"
        f"<meta name='ArticleTitle' content='{title}'>{_styles()}{_scripts(dice, 14)}"
        f"</head><body><div class='wrap'><div class='top'>{_menu(dice, 8, 9)}</div>"
        f"<div class='path'>您的位置：<a href='/zwgk/'>首页</a> &gt; 政务公开</div>"
        f"<div class='main'><div class='left'>{_lists(dice, 4, 12)}</div>"
        f"<div class='article'><h1>{title}</h1><p>发布时间：2023年1月31日</p>"
        f"<div class='TRS_Editor'>{body}</div></div></div>{_scripts(dice, 9)}"
        f"<div class='foot'>{_menu(dice, 4, 10)}主办：人民政府 第{number}号</div></div>"
        f"{_scripts(dice, 10)}</body></html>"
    ).encode()


def saved(count: int) -> Iterator[bytes]:
    """The real pages, over and over; a comment at the end makes each a page of its own."""
    pages = [path.read_bytes() for path in sorted(SAVED.glob("*.html"))]
    return (pages[n % len(pages)] + b"<!-- %d -->" % n for n in range(count if pages else 0))


KINDS: dict[str, Callable[[int], Iterator[bytes]]] = {
    "bare": bare,
    "furnished": furnished,
    "saved": saved,
}


def site(kind: str, count: int) -> dict[str, bytes]:
    """Path → page of a site with lists of so many articles of a kind."""
    articles = KINDS[kind](count)
    found = {f"/{kind}/202301/t20230131_{n}.html": page for n, page in enumerate(articles)}
    paths, lists = iter(list(found)), -(-len(found) // A_LIST)
    for index in range(lists):
        links = "".join(f'<a href="{path}">x</a>' for path in islice(paths, A_LIST))
        others = "".join(f'<a href="/{kind}/index_{n}.html">{n}</a>' for n in range(1, lists))
        name = "index.html" if index == 0 else f"index_{index}.html"
        found[f"/{kind}/{name}"] = f"<html><body>{links}{others}</body></html>".encode()
    return found


def _report(number: int) -> Report:
    return write_report(PLACES[number % len(PLACES)], 2019 + number // len(PLACES) % 7)


def _body(report: Report) -> str:
    return "".join(f"<p>　　{line}</p>" for line in report.texts[1:])


def _styles() -> str:
    rules = (
        f".m{n} .item-{n} a:hover{{color:#{n * 4111 % 0xFFFFFF:06x};margin:{n}px auto 0;"
        "background:url(/images/bg.png) no-repeat 0 -20px;float:left}\n"
        for n in range(130)
    )
    return f"<style type='text/css'>{''.join(rules)}</style>"


def _scripts(dice: Random, count: int) -> str:
    lines = (
        f"var v{n}=document.getElementById('box{dice.randrange(999)}');"
        f"if(v{n}&&v{n}.offsetWidth<{dice.randrange(1999)}){{v{n}.style.display='none';}}\n" * 3
        for n in range(count)
    )
    return "".join(
        f"<script type='text/javascript'>{line}</script><!-- column -->" for line in lines
    )


def _menu(dice: Random, columns: int, entries: int) -> str:
    return "".join(
        f"<div class='nav-col col-{column}'><h3 class='nav-title'><span>{_words(dice, 1)}</span>"
        f"</h3><ul>{_entries(dice, entries, 2)}</ul></div>"
        for column in range(columns)
    )


def _lists(dice: Random, boxes: int, entries: int) -> str:
    return "".join(
        f"<div class='box'><div class='hd'><div class='tit'>{_words(dice, 2)}</div></div>"
        f"<div class='bd'><ul class='list'>{_entries(dice, entries, 7)}</ul></div></div>"
        for _ in range(boxes)
    )


def _entries(dice: Random, count: int, words: int) -> str:
    return "".join(
        f"<li class='item-{n}'><div class='cell'><a href='/zwgk/jcxxgk/{dice.randrange(9999)}/c_"
        f"{dice.randrange(10**8)}.html' target='_blank' title='{(text := _words(dice, words))}'"
        f" class='link' style='text-decoration:none;font-size:14px'><span>{text}</span></a>"
        "</div></li>\n"
        for n in range(count)
    )


def _words(dice: Random, count: int) -> str:
    return "".join(dice.choice(WORDS) for _ in range(count))
