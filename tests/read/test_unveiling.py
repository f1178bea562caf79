"""What a page holds for a script to show: second pages, escaped articles, empty shells."""

from html import escape

import pytest

from archive.known import shipped
from archive.model import Capture
from archive.read import read

FIRST = [
    "各位代表：",
    "现在，我代表市人民政府，向大会报告工作，请予审议，并请各位政协委员提出意见。",
    "一、2030年工作回顾",
    "过去一年，我们坚持稳中求进工作总基调，全市经济运行总体平稳，地区生产总值增长百分之五。",
]
SECOND = [
    "二、2031年工作安排",
    "今年主要预期目标是：地区生产总值增长百分之六左右，固定资产投资增长百分之十。",
    "扎实推进乡村振兴。新建高标准农田十二万亩，完善农村供水工程，壮大村级集体经济。",
    "让我们更加紧密地团结起来，开拓进取，真抓实干，为谱写全市发展新篇章而努力奋斗！",
]
SPAM = "<p>星辉棋牌娱乐城官网注册送彩金，百家乐轮盘老虎机在线试玩，提款秒到账，诚邀加盟。</p>" * 4
NAV = "<div class=top><a href=/>首页</a> <a href=/a>政务公开</a> <a href=/b>互动交流</a></div>"
PAGER = (
    "<div class=pages><a href='javascript:show(1)'>1</a><a href='javascript:show(2)'>2</a></div>"
)
FOOT = "<div class=foot>主办：演示市人民政府办公室</div>"
HIDE = "style='display: none'"


def p(lines):
    return "".join(f"<p>{line}</p>" for line in lines)


def read_body(body):
    source = f"<html><head><title>政府工作报告</title></head><body>{NAV}{body}{FOOT}</body></html>"
    page = read(Capture.from_bytes(source.encode()), shipped())
    return [page.words(block) for block in page.blocks if block.main], page


def kinds(page):
    return [flag.kind for flag in page.flags]


@pytest.mark.parametrize(
    "body",
    [
        f"<div class=tab>{p(FIRST)}</div><div class=tab {HIDE}>{p(SECOND)}</div>{PAGER}",
        f"<div class=tab {HIDE}>{p(FIRST)}</div><div class=tab>{p(SECOND)}</div>{PAGER}",
        f"<div class='page on'>{p(FIRST)}</div>{PAGER}<div class=page hidden>{p(SECOND)}</div>",
        f"<div id=page1>{p(FIRST)}</div><div id=page2 {HIDE}>{p(SECOND)}</div>{PAGER}",
        f"<ul><li><div>{p(FIRST)}</div></li><li {HIDE}><div>{p(SECOND)}</div></li></ul>{PAGER}",
        f"<div id=zoom>{p(FIRST)}<div class=more {HIDE}>{p(SECOND)}</div><a>展开全文</a></div>",
        f"<div class=x>{p(FIRST)}<span {HIDE}>{p(SECOND)}</span></div>",
        f"<table><tr><td>{p(FIRST)}</td></tr><tr {HIDE}><td>{p(SECOND)}</td></tr></table>",
    ],
)
def test_a_hidden_part_of_an_article_is_read_and_told(body):
    main, page = read_body(body)
    assert main == FIRST + SECOND
    assert "unhidden" in kinds(page)


@pytest.mark.parametrize(
    "hidden",
    [
        f"<div {HIDE}>{SPAM}</div>",
        f"<div class=x {HIDE}>{p(FIRST + SECOND)}</div>",
        f"<div class=x {HIDE}><a href=/1>相关新闻一则</a><a href=/2>相关新闻又一则，请看</a></div>",
        f"<div class=x {HIDE}><p>复制成功</p></div>",
    ],
)
def test_hidden_spam_copies_links_and_tips_stay_hidden(hidden):
    main, page = read_body(f"<div class=x>{p(FIRST + SECOND)}{hidden}</div>{hidden}")
    assert main == FIRST + SECOND
    assert "unhidden" not in kinds(page)


def test_an_article_that_is_hidden_below_shown_words_is_read():
    shown = "<p>本网站正在升级改造，如遇页面显示异常，请使用新版浏览器访问，敬请谅解。</p>" * 2
    main, page = read_body(f"<div>{shown}</div><div id=c {HIDE}>{p((FIRST + SECOND) * 3)}</div>")
    assert main[-24:] == (FIRST + SECOND) * 3
    assert page.confidence < 0.5
    spam = read_body(f"<div>{shown}</div><div id=c {HIDE}>{SPAM * 4}</div>")[0]
    assert not any("棋牌" in line for line in spam)


ARTICLE = p(FIRST + SECOND + FIRST)


@pytest.mark.parametrize(
    "packed",
    [
        f"<textarea id=src {HIDE}>{escape(ARTICLE)}</textarea>",
        f"<textarea {HIDE}>{ARTICLE}</textarea>",
        f"<TEXTAREA rows=3>{escape(escape(ARTICLE))}</TEXTAREA>",
        f"<script type='text/template'>{ARTICLE}</script>",
        f"<script id=container name=content type=text/plain>{ARTICLE}</script>",
        f'<input type=hidden id=c value="{escape(ARTICLE)}">',
        f"<div id=content>{escape(ARTICLE)}</div>",
        f"<template>{ARTICLE}</template>",
    ],
)
def test_an_article_that_was_escaped_for_a_script_is_read_as_elements(packed):
    main, page = read_body(f"<div id=app></div>{packed}<script>show()</script>")
    assert main == FIRST + SECOND + FIRST
    assert "parser_loss" not in kinds(page)
    assert "<p" not in page.visible


def test_what_is_typed_in_a_form_and_words_about_tags_stay_as_they_are():
    main, page = read_body(
        f"<div>{p(FIRST)}<p>标记&lt;p&gt;表示段落。</p></div><textarea>留言</textarea>"
    )
    assert main[-1] == "标记<p>表示段落。"
    assert "留言" in page.visible
    assert "escapes" not in kinds(page)


def test_escaped_tags_in_attributes_are_no_tags():
    tip = escape('<p class="a">提示</p><p>又一句</p>')
    main, page = read_body(f'<div data-tip="{tip}" class=x>{p(FIRST)}</div>')
    assert main == FIRST
    assert "提示" not in page.visible


@pytest.mark.parametrize(
    "shell",
    [
        "<div id=app></div>",
        "<noscript>本网站需要启用 JavaScript 才能浏览。</noscript><div id=app></div>",
        "<div id=app><p>加载中…</p></div>",
        "<div id=__nuxt>Loading...</div>",
    ],
)
def test_an_empty_shell_is_reported(shell):
    source = (
        f"<!DOCTYPE html><html><head><title>演示市</title></head><body>{shell}<script src=/a.js>"
    )
    page = read(Capture.from_bytes(f"{source}</script></body></html>".encode()), shipped())
    assert kinds(page) == ["no_text"]
