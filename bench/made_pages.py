"""Pages made for measuring extraction: page skeletons x body markups, with their gold.

The reports are those of the practice web, invented and marked as demonstration texts. The
skeletons imitate families of real templates (portal, mirror, table layout, news site, …);
`disguise` gives every id and class a meaningless name, as built sites do, so that only the
shape of a page is left to go by.
"""

# ruff: noqa: ARG001, SIM905  (all markups have one shape; the dice keep no secret)
from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

from extraction import GoldPage

import baogao_practice as practice
from baogao_practice.places import places

SPAM = (
    "星辉娱乐 | 星辉娱乐官网 | 星辉娱乐平台登录",
    "金樽棋牌 - 注册送38元 - 金樽棋牌app下载",
    "天际体育在线投注_天际体育直播",
)
SKELETONS = {
    path.stem: path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "skeletons").glob("*.html"))
}
"""Page templates with slots: {{title}}, {{body}}, {{links 9 li}}, {{teasers 8}}, {{foot}} …."""
OLD_ENCODING = {"asp_table", "old_font"}
LINK_WORDS = "概况 动态 公开 服务 互动 专题 数据 旅游 投资 人事 财政 规划 环保 教育".split()


LENGTHS = (40, 12, 90)
"""Paragraphs of the articles made with seeds 0, 1, 2, …: a page, a note, a whole report."""


def made_pages(seeds: Sequence[int] = (0,), *, disguised: bool = False) -> Iterator[GoldPage]:
    """Every skeleton with every markup, once for each seed."""
    for seed in seeds:
        for skeleton in SKELETONS:
            for markup in MARKUPS:
                yield made_page(skeleton, markup, seed, disguised=disguised)


def made_page(skeleton: str, markup: str, seed: int = 0, *, disguised: bool = False) -> GoldPage:
    """One page; the same arguments give the same bytes."""
    dice = Random(f"{skeleton} {markup} {seed}")
    code = dice.choice(sorted(places()))
    report = practice.write_report(code, 2024, seed=dice.randrange(99), length=2500)
    title, *lines = report.texts[: LENGTHS[seed % len(LENGTHS)]]
    body, gold = MARKUPS[markup](lines, dice)
    source = _filled(SKELETONS[skeleton], title, body, dice)
    if disguised:
        source = disguise(source)
    encoding = "gb18030" if skeleton in OLD_ENCODING else "utf-8"
    group = "made, disguised" if disguised else "made"
    name = f"{skeleton}/{markup}/{seed}{'/disguised' if disguised else ''}"
    return GoldPage(name, group, source.encode(encoding), tuple(gold), (title,))


_NAME = re.compile(r"\b(id|class)=\"([^\"]*)\"")


def disguise(source: str) -> str:
    """`source` with ids and classes that mean nothing."""

    def hidden(match: re.Match[str]) -> str:
        names = (
            "c" + hashlib.sha256(name.encode()).hexdigest()[:6].translate(_DIGITS)
            for name in match[2].split()
        )
        return f'{match[1]}="{" ".join(names)}"'

    return _NAME.sub(hidden, source)


_DIGITS = str.maketrans("0123456789", "ghijkmnqxz")


# ---- body markups: paragraphs → markup and the lines it shows

Markup = tuple[str, Sequence[str]]


def _p(lines: Sequence[str], dice: Random) -> Markup:
    return "".join(f'<p style="text-indent:2em">{line}</p>\n' for line in lines), lines


def _p_indented(lines: Sequence[str], dice: Random) -> Markup:
    return "".join(f"<p>\u3000\u3000{line}</p>" for line in lines), lines


def _br_br(lines: Sequence[str], dice: Random) -> Markup:
    return "<br><br>\n".join(f"&nbsp;&nbsp;&nbsp;&nbsp;{line}" for line in lines), lines


def _br(lines: Sequence[str], dice: Random) -> Markup:
    return "<br/>".join(f"\u3000\u3000{line}" for line in lines), lines


def _divs(lines: Sequence[str], dice: Random) -> Markup:
    return "".join(f"<div>{line}</div>" for line in lines), lines


def _td(lines: Sequence[str], dice: Random) -> Markup:
    inner = "<br>".join(lines)
    return f"<table width=100%><tbody><tr><td>{inner}</td></tr></tbody></table>", lines


def _sections(lines: Sequence[str], dice: Random) -> Markup:
    body = "".join(
        f"<section><section><p><span>{line}</span></p></section></section>" for line in lines
    )
    return f"<section>{body}</section>", lines


def _short(lines: Sequence[str], dice: Random) -> Markup:
    pieces = [piece for line in lines for piece in re.findall("[^。；]{1,24}[。；]?", line)]
    return "".join(f"<p>{piece}</p>" for piece in pieces), pieces


def _mixed(lines: Sequence[str], dice: Random) -> Markup:
    shapes = ("<p>{}</p>", "<div>{}</div>", "{}<br>", "<div><p>{}</p></div>", "{}<hr>")
    return "".join(
        f"<h3>{line}</h3>" if len(line) < 20 else dice.choice(shapes).format(line) for line in lines
    ), lines


def _list_tail(lines: Sequence[str], dice: Random) -> Markup:
    head, tail = lines[:-8], lines[-8:]
    items = "".join(f"<li>{line}</li>" for line in tail)
    return _p(head, dice)[0] + f"<ol>{items}</ol>", lines


def _notes(lines: Sequence[str], dice: Random) -> Markup:
    marked = [f"{line}[{number}]" if number % 5 == 2 else line for number, line in enumerate(lines)]
    notes = [
        f"[{number}] 名词{number}：指本报告为演示而写的一个说法。"
        for number in range(2, len(lines), 5)
    ]
    linked = [
        re.sub(r"\[(\d+)\]$", r'<a href="#n\1" id="r\1"><sup>[\1]</sup></a>', line)
        for line in marked
    ]
    foot = "".join(f"<p>{note}</p>" for note in notes)
    body = "".join(f"<p>{line}</p>" for line in linked)
    return f'{body}<div class="footnote"><h4>名词解释</h4>{foot}</div>', [
        *marked, "名词解释", *notes,
    ]  # fmt: skip


def _table(lines: Sequence[str], dice: Random) -> Markup:
    rows = [("指标", "单位", "2023年", "增长")] + [
        (f"指标{n}", "亿元", str(dice.randrange(100, 999)), f"{dice.randrange(1, 9)}%")
        for n in range(6)
    ]
    cells = "".join(
        "<tr>" + "".join(f"<td><p>{cell}</p></td>" for cell in row) + "</tr>" for row in rows
    )
    half = len(lines) // 2
    table = f'<table border="1">{cells}</table>'
    shown = ["\t".join(row) for row in rows]
    body = _p(lines[:half], dice)[0] + table + _p(lines[half:], dice)[0]
    return body, [*lines[:half], *shown, *lines[half:]]


def _pager(lines: Sequence[str], dice: Random) -> Markup:
    links = " ".join(f'<a href="x_{n}.html">{n}</a>' for n in range(2, 7))
    return _p(lines, dice)[0] + f'<div class="pages"><span>1</span> {links} ' + (
        '<a href="x_2.html">下一页</a> <a href="x_6.html">尾页</a></div>'
    ), lines


def _spam(lines: Sequence[str], dice: Random) -> Markup:
    body = [f"<p>{line}</p>" for line in lines]
    for words in SPAM:
        link = f'<p><a href="http://spam.invalid/">{words}</a></p>'
        body.insert(dice.randrange(2, len(body)), link)
    hidden = "".join(f"<a href=/s{n}>星辉娱乐{n}</a>" for n in range(9))
    body.append(f'<div style="position:absolute;left:-9999px">{hidden}</div>')
    return "".join(body), lines


def _pre(lines: Sequence[str], dice: Random) -> Markup:
    return "<pre>" + "\n\n".join(f"\u3000\u3000{line}" for line in lines) + "</pre>", lines


def _form(lines: Sequence[str], dice: Random) -> Markup:
    return f'<form id="form1" method="post"><input type=hidden>{_p(lines, dice)[0]}</form>', lines


def _word(lines: Sequence[str], dice: Random) -> Markup:
    soup = "".join(
        '<p class="MsoNormal"><span style="font-family:仿宋_GB2312"><font face="仿宋">'
        f"{line[:9]}</font></span><b><span lang=EN-US><o:p></o:p></span></b><span>{line[9:]}"
        "</span></p>"
        for line in lines
    )
    return soup, lines


MARKUPS: dict[str, Callable[[Sequence[str], Random], Markup]] = {
    "p": _p, "p_indented": _p_indented, "br_br": _br_br, "br": _br, "divs": _divs, "td": _td,
    "sections": _sections, "short": _short, "mixed": _mixed, "list_tail": _list_tail,
    "notes": _notes, "table": _table, "pager": _pager, "spam": _spam, "pre": _pre,
    "form": _form, "word": _word,
}  # fmt: skip


# ---- what skeletons are filled with


def _links(dice: Random, count: int, tag: str = "li") -> str:
    return "".join(
        f'<{tag}><a href="/{n}/">{"".join(dice.sample(LINK_WORDS, 2))}</a></{tag}>'
        for n in range(count)
    )


def _menu(dice: Random, count: int) -> str:
    return "".join(
        f'<tr><td><a href="list.asp?id={n}">{dice.choice(LINK_WORDS)}</a></td></tr>'
        for n in range(count)
    )


def _headlines(dice: Random, count: int) -> str:
    return "".join(
        f'<li><a href="/n/{n}.html">我市召开{dice.choice(LINK_WORDS)}工作推进会部署下一步重点任务'
        f"</a><span>2024-0{dice.randrange(1, 9)}-1{dice.randrange(9)}</span></li>"
        for n in range(count)
    )


def _teasers(dice: Random, count: int) -> str:
    return "".join(
        f'<div class="item"><h4><a href="/t/{n}">{dice.choice(LINK_WORDS)}改革再出新举措</a></h4>'
        f"<p>近日，有关部门就{dice.choice(LINK_WORDS)}工作作出安排，明确了时间表、路线图和责任人，"
        f"要求年内见到成效，各县区反响热烈。</p><span>{n}小时前</span>"
        f'<a href="/t/{n}">[详细]</a></div>'
        for n in range(count)
    )


def _comments(dice: Random, count: int) -> str:
    return "".join(
        f'<div class="one"><a href="/u/{n}">网友{dice.randrange(9999)}</a><p>说得好，希望{n}年内'
        f"都能落实到位，老百姓就盼着这些事。</p><span>回复 顶[{n}] 举报</span></div>"
        for n in range(count)
    )


def _foot(dice: Random) -> str:
    return (
        '<div class="footer"><p>主办：演示市人民政府办公室　承办：演示市大数据中心</p>'
        f"<p>网站标识码：0000000000　演公网安备{dice.randrange(10**9)}号　演ICP备00000000号-1</p>"
        "<p>地址：演示市演示路1号　联系电话：000-00000000</p></div>"
    )


FILLINGS: dict[str, Callable[..., str]] = {
    "links": _links, "menu": _menu, "headlines": _headlines, "teasers": _teasers,
    "comments": _comments, "foot": _foot,
}  # fmt: skip
_SLOT = re.compile(r"\{\{(\w+) ?(\d*) ?(\w*)\}\}")


def _filled(skeleton: str, title: str, body: str, dice: Random) -> str:
    given = {"title": title, "body": body}

    def filling(slot: re.Match[str]) -> str:
        if slot[1] in given:
            return given[slot[1]]
        count = [int(slot[2])] if slot[2] else []
        return FILLINGS[slot[1]](dice, *count, *([slot[3]] if slot[3] else []))

    return _SLOT.sub(filling, skeleton)
