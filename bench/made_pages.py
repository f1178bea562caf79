"""Pages made for measuring extraction: page skeletons x body markups, with their gold.

The reports are those of the practice web, invented and marked as demonstration texts. The
skeletons imitate families of real templates (portal, mirror, table layout, news site, …);
`disguise` gives every id and class a meaningless name, as built sites do, so that only the
shape of a page is left to go by.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

import practice
from practice.places import places

SPAM = (
    "星辉娱乐 | 星辉娱乐官网 | 星辉娱乐平台登录",
    "金樽棋牌 - 注册送38元 - 金樽棋牌app下载",
    "天际体育在线投注_天际体育直播",
)
LINK_WORDS = "概况 动态 公开 服务 互动 专题 数据 旅游 投资 人事 财政 规划 环保 教育 卫生 科技".split()


LENGTHS = (40, 12, 90)
"""Paragraphs of the articles made with seeds 0, 1, 2, …: a page, a note, a whole report."""


@dataclass(frozen=True)
class MadePage:
    """A page, the lines of its article, and lines that are neither rewarded nor punished."""

    name: str
    source: bytes
    gold: tuple[str, ...]
    optional: tuple[str, ...]


def made_pages(seeds: Sequence[int] = (0,), *, disguised: bool = False) -> Iterator[MadePage]:
    """Every skeleton with every markup, once for each seed."""
    for seed in seeds:
        for skeleton in SKELETONS:
            for markup in MARKUPS:
                yield made_page(skeleton, markup, seed, disguised=disguised)


def made_page(skeleton: str, markup: str, seed: int = 0, *, disguised: bool = False) -> MadePage:
    """One page; the same arguments give the same bytes."""
    dice = Random(f"{skeleton} {markup} {seed}")
    code = dice.choice(sorted(places()))
    report = practice.write_report(code, 2024, seed=dice.randrange(99), length=2500)
    title, *lines = report.texts[: LENGTHS[seed % len(LENGTHS)]]
    body, gold = MARKUPS[markup](lines, dice)
    source = SKELETONS[skeleton](title, body, dice)
    if disguised:
        source = disguise(source)
    encoding = "gb18030" if skeleton in {"asp_table", "old_font"} else "utf-8"
    name = f"{skeleton}/{markup}/{seed}{'/disguised' if disguised else ''}"
    return MadePage(name, source.encode(encoding), tuple(gold), (title,))


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
        f"<h3>{line}</h3>" if len(line) < 20 else dice.choice(shapes).format(line)
        for line in lines
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
        '<p class="MsoNormal"><span style="font-family:仿宋_GB2312;font-size:16pt"><font face="仿宋">'
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


# ---- skeletons: title and body → page


def _links(dice: Random, count: int, *, tag: str = "li") -> str:
    return "".join(
        f'<{tag}><a href="/{n}/">{"".join(dice.sample(LINK_WORDS, 2))}</a></{tag}>'
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
        f'<div class="item"><h4><a href="/t/{n}">{dice.choice(LINK_WORDS)}领域改革再出新举措</a></h4>'
        f"<p>近日，有关部门就{dice.choice(LINK_WORDS)}工作作出安排，明确了时间表、路线图和责任人，要求年内"
        f'见到成效，各县区反响热烈。</p><span>{n}小时前</span><a href="/t/{n}">[详细]</a></div>'
        for n in range(count)
    )


def _comments(dice: Random, count: int) -> str:
    return "".join(
        f'<div class="one"><a href="/u/{n}">网友{dice.randrange(9999)}</a><p>说得好，希望{n}年内都能落实到位，'
        f"老百姓就盼着这些事。</p><span>回复 顶[{n}] 举报</span></div>"
        for n in range(count)
    )


def _page(title: str, head: str, body: str) -> str:
    return (
        "<!DOCTYPE html><html><head><meta charset=utf-8><title>"
        f"{title}{head}</title><style>.a{{color:red}}</style><script>var a='<div>x</div>';</script>"
        f"</head><body>{body}</body></html>"
    )


FOOT = (
    '<div class="footer"><p>主办：演示市人民政府办公室　承办：演示市大数据中心</p>'
    "<p>网站标识码：0000000000　演公网安备00000000000000号　演ICP备00000000号-1</p>"
    "<p>地址：演示市演示路1号　联系电话：000-00000000</p></div>"
)


def _trs(title: str, body: str, dice: Random) -> str:
    return _page(title, "_演示市人民政府", (
        f'<div class="header"><div class="logo">演示市人民政府</div><ul class="nav">{_links(dice, 9)}'
        '</ul></div><div class="position">您现在的位置：<a href="/">首页</a> &gt; <a href="/a/">政府信息公开'
        f'</a> &gt; 政府工作报告</div><div class="main"><h1>{title}</h1><div class="info">发布时间：'
        "2024-02-01 10:21　来源：演示市政府办　浏览次数：<span>321</span>　字体：[<a>大</a> <a>中</a> "
        f'<a>小</a>]</div><div class="TRS_Editor">{body}</div><div class="fx">分享到：<a>微信</a><a>微博'
        f'</a></div><div class="xg"><h3>相关链接</h3><ul>{_headlines(dice, 5)}</ul></div></div>{FOOT}'
    ))  # fmt: skip


def _ucap(title: str, body: str, dice: Random) -> str:
    return _page(title, "", (
        f'<div class="top">{_links(dice, 14, tag="span")}</div><div class="article"><h1 class="article'
        f'-title">{title}</h1><div class="pages-date">2024-01-20 08:30 <span class="font">来源： 演示日报'
        f'</span></div><div class="pages_content" id="UCAP-CONTENT">{body}</div><div class="editor">'
        "责任编辑：演示员</div></div>" + FOOT
    ))  # fmt: skip


def _jcms(title: str, body: str, dice: Random) -> str:
    return _page(title, "", (
        f'<div id="top"><ul>{_links(dice, 10)}</ul></div><table id="article"><tr><td class="title">'
        f"{title}</td></tr><tr><td>信息来源：<!--<$[信息来源]>begin-->演示办<!--<$[信息来源]>end--> 发布日期："
        "2024-01-31 15:00 浏览次数：</td></tr><tr><td><div id=\"zoom\"><!--ZJEG_RSS.content.begin-->"
        f"<meta name=ContentStart>{body}<!--ZJEG_RSS.content.end--><meta name=ContentEnd></div></td>"
        f"</tr><tr><td>【打印本页】【关闭窗口】</td></tr></table>{FOOT}"
    ))  # fmt: skip


def _asp_table(title: str, body: str, dice: Random) -> str:
    menu = "".join(
        f'<tr><td><a href="list.asp?id={n}">{LINK_WORDS[n]}</a></td></tr>' for n in range(12)
    )
    return (
        f"<html><head><meta http-equiv=Content-Type content='text/html; charset=gb2312'><title>{title}"
        '</title></head><body><form name="aspnetForm" method="post"><table width=960><tr><td colspan=2>'
        "<img src=banner.jpg></td></tr><tr><td width=180 valign=top><table>"
        f"{menu}</table></td><td><table><tr><td align=center><b>{title}</b></td></tr><tr><td align="
        f"center>日期：2012-2-1 点击：88 次</td></tr><tr><td class=\"f14\">{body}</td></tr><tr><td align="
        "right>[ <a href=#>打印</a> ] [ <a href=#>关闭</a> ]</td></tr></table></td></tr><tr><td colspan=2 "
        "align=center>版权所有：演示县人民政府　技术支持：演示公司</td></tr></table></form></body></html>"
    )


def _old_font(title: str, body: str, dice: Random) -> str:
    return (
        f"<html><head><title>{title}</title></head><body bgcolor=#ffffff><center><font size=5><b>{title}"
        f"</b></font></center><hr><font size=3>{body}</font><hr><center><a href=index.htm>返回</a> "
        "</center></body></html>"
    )


def _early_end(title: str, body: str, dice: Random) -> str:
    return (
        f"<html><head><title>{title}</title></head><body><div class=top>{_links(dice, 8)}</div></body>"
        f'</html><div class="wrap"><h2>{title}</h2><p class="date">2024年1月5日　来源：演示社</p>'
        f'<div class="detail-text">{body}</div><p>（责任编辑：演示员）</p></div>{FOOT}</body></html>'
    )


def _news(title: str, body: str, dice: Random) -> str:
    return _page(title, "_演示新闻网", (
        f'<div class="nav-top">{_links(dice, 20, tag="span")}</div><div class="left"><h1>{title}</h1>'
        '<div class="post_info">2024-01-18 09:12:44　来源: 演示晚报　<a>举报</a> <a>12跟贴</a></div>'
        f'<div class="post_body">{body}</div><div class="ep-source">本文来源：演示晚报 责任编辑：演示员</div>'
        f'<div class="tie-area"><h3>网友评论</h3>{_comments(dice, 8)}</div><div class="recommend"><h3>'
        f'热门推荐</h3>{_teasers(dice, 8)}</div></div><div class="sidebar"><h3>阅读排行</h3><ol>'
        f"{_headlines(dice, 10)}</ol></div><div class=\"foot\">演示新闻网 版权所有</div>"
    ))  # fmt: skip


def _teaser_wall(title: str, body: str, dice: Random) -> str:
    return _page(title, " - 演示网", (
        f'<header><a href="/">演示网</a><nav>{_links(dice, 12, tag="span")}</nav></header><main><div>'
        f'<div><h1>{title}</h1><div><span>演示号</span><time>2024-01-18</time></div><div>{body}</div></div>'
        f"<div><h3>猜你喜欢</h3>{_teasers(dice, 14)}</div></div><aside>{_teasers(dice, 6)}</aside></main>"
        "<footer>© 2024 演示网 演ICP备00000000号</footer>"
    ))  # fmt: skip


def _blog(title: str, body: str, dice: Random) -> str:
    return _page(title, " | 演示博客", (
        f'<div id="menu">{_links(dice, 7)}</div><article class="post-12 hentry category-news tag-a"><h2 '
        f'class="entry-title">{title}</h2><div class="entry-meta">作者：admin　发布日期：2024-01-02　'
        f'阅读 533</div><div class="entry-content">{body}<p>标签：<a>报告</a> <a>政府</a></p></div></article>'
        f'<div id="comments"><h3>发表评论</h3>{_comments(dice, 3)}</div><p>上一篇：<a href=1>旧文</a></p><p>'
        f"下一篇：<a href=2>新文</a></p>{FOOT}"
    ))  # fmt: skip


def _library(title: str, body: str, dice: Random) -> str:
    return _page(title, "-演示文库", (
        '<div class="hd">演示文库◆专注公文写作</div><div class="crumb"><a href="/">首页</a>&gt;<a href="/z/">'
        f'工作总结</a></div><div class="box"><h1>{title}</h1><div class="mt">admin 分享 时间: 加入收藏 我要投稿 '
        f'共计12345个字,预计阅读时长42分钟。</div><div class="arc">{body}</div><div class="wx">领取福利</div>'
        f'<div class="wx">微信扫码领取福利</div><div>微信扫码分享</div><ul class="rel">{_headlines(dice, 8)}'
        "</ul></div><div>221000</div>"
    ))  # fmt: skip


def _wechat(title: str, body: str, dice: Random) -> str:
    return _page(title, "", (
        f'<div class="rich_media"><h1 class="rich_media_title">{title}</h1><div class="rich_media_meta_list">'
        '<span>演示发布</span> <em>2024-01-08 18:00</em></div><div class="rich_media_content" id="js_content" '
        f'style="visibility: hidden; opacity: 0;">{body}</div><div class="tool">阅读 1000 赞 23</div></div>'
        '<div style="display:none">微信扫一扫 关注该公众号</div>'
    ))  # fmt: skip


def _vsb(title: str, body: str, dice: Random) -> str:
    return _page(title, "-演示大学", (
        f'<div class="nav">{_links(dice, 16)}</div><div class="ny"><div class="left">{_links(dice, 8)}</div>'
        f'<div class="right"><form name="_newscontent_fromname"><h1>{title}</h1><div>发布时间: 2024-03-01 作者'
        f': 浏览次数:<span>10</span></div><div id="vsb_content"><div class="v_news_content">{body}</div></div>'
        "<p>上一条：<a href=a>通知</a></p><p>下一条：<a href=b>公告</a></p></form></div></div>" + FOOT
    ))  # fmt: skip


def _disclosure(title: str, body: str, dice: Random) -> str:
    return _page(title, "", (
        f'<div class="top">{_links(dice, 6)}</div><table class="xxgk"><tr><td>索引号：</td><td>000000/2024-'
        "00001</td><td>发布机构：</td><td>演示县人民政府</td></tr><tr><td>名称：</td><td colspan=3>"
        f"{title}</td></tr><tr><td>文号：</td><td>无</td><td>发布日期：</td><td>2024-01-30</td></tr></table>"
        f'<div class="gkcon">{body}</div><div class="fj">附件：<a href="a.doc">报告.doc</a></div>{FOOT}'
    ))  # fmt: skip


def _side_menu(title: str, body: str, dice: Random) -> str:
    return _page(title, "", (
        f'<div class="w1"><div class="menu">{_links(dice, 60)}</div><div class="c1"><div class="t">{title}'
        f'</div><div class="b">{body}</div></div></div><div class="links">友情链接：{_links(dice, 40)}</div>'
    ))  # fmt: skip


def _disclaimer(title: str, body: str, dice: Random) -> str:
    return _page(title, "", (
        f'<div class="n">{_links(dice, 9)}</div><div class="k"><h1>{title}</h1><div class="content">{body}'
        '</div><div class="sm"><p>免责声明：以上内容为本网站转自其它媒体，相关信息仅为传递更多信息之目的，不代表本网'
        "观点，亦不代表本网站赞同其观点或证实其内容的真实性。</p><p>如稿件版权单位或个人不愿被转载，请来函说明，本网"
        f"将在第一时间删除。</p></div></div>{FOOT}"
    ))  # fmt: skip


def _unclosed(title: str, body: str, dice: Random) -> str:
    return (
        f"<html><head><title>{title}</title><body><div class=nav><ul>{_links(dice, 8)}</ul><div class=mid>"
        f"<div class=tit>{title}<div class=txt>{body}<div class=foot>版权所有 演示县人民政府 演ICP备00000000号"
    )


def _forum(title: str, body: str, dice: Random) -> str:
    return _page(title, "_演示论坛", (
        f'<div id="hd">{_links(dice, 8)}</div><div id="ct"><h1>{title} <a>[复制链接]</a></h1><table id="pid1">'
        '<tr><td class="pls">演示用户<br>TA的每日心情</td><td class="plc"><div class="pi">发表于 2024-1-9 08:00 |'
        f' <a>只看该作者</a></div><div class="t_f">{body}</div><div class="po"><a>回复</a> <a>举报</a></div></td>'
        f"</tr></table>{_comments(dice, 5)}</div>"
    ))  # fmt: skip


def _mobile(title: str, body: str, dice: Random) -> str:
    return _page(title, "", f"<h3>{title}</h3>{body}<p><a href=/>返回首页</a></p>")


SKELETONS: dict[str, Callable[[str, str, Random], str]] = {
    "trs": _trs, "ucap": _ucap, "jcms": _jcms, "asp_table": _asp_table, "old_font": _old_font,
    "early_end": _early_end, "news": _news, "teaser_wall": _teaser_wall, "blog": _blog,
    "library": _library, "wechat": _wechat, "vsb": _vsb, "disclosure": _disclosure,
    "side_menu": _side_menu, "disclaimer": _disclaimer, "unclosed": _unclosed, "forum": _forum,
    "mobile": _mobile,
}  # fmt: skip

if __name__ == "__main__":
    for page in made_pages():
        print(page.name, len(page.source), html.escape(page.gold[0])[:40])
