"""Classifies a page: one text, a fragment, a compilation, an index, or no text at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.clean.lines import VisibleLine
from archive.clean.rulebook import Fate
from archive.model import MANY_REPORTS, Page

_OPENING = re.compile(r"我代表.{2,24}政府|报告(?:政府)?工作.{0,6}请予?.{0,2}审议")
_CLOSING = re.compile(
    r"更加紧密地?团结|让我们.{0,60}团结|奋(?<=(?:努力|不懈|团结|接续)奋)斗[!！。]|"
    r"写(?<=[谱书]写).{0,40}篇章[!！。]|作出.{0,12}贡献[!！。]"
)
_CHALLENGE = re.compile(
    r"(?:安全验证|人机验证|滑动验证|请完成验证|访问(?:过于)?频繁|Just a moment|"
    r"Checking your browser|请开启\s?JavaScript|enable JavaScript|访问被拦截|安全检查)",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"(?:页面不存在|网页不存在|您访问的(?:页面|内容|网页)|404 Not Found|404错误|该页无法显示|"
    r"文章不存在|内容已删除|Internal Server Error|Bad Gateway|403 Forbidden|无权访问)"
)
_LOGIN = re.compile(r"(?:需要?(?:先)?登录|请(?:先)?登录|登录后(?:可|查看|阅读|继续))")
_FIRST_BODY_LINES = 14
_FEW_BODY_LINES = 4
_INDEX_LINKS = 0.5
_LINKED = 3


def page_shape(page: Page, lines: Sequence[VisibleLine], fates: Sequence[Fate]) -> str:
    """Return one of the shapes that `Cleaning.shape` documents."""
    kept = [line for line in lines if not fates[line.index] and line.block.main and line.words]
    body = [line for line in kept if line.reads_like_body]
    kinds = {field.rule.kind for fate in fates for field in fate}
    if len(body) < _FEW_BODY_LINES and (bad := _no_text(page, lines)):
        return bad
    if "compilation" in kinds:
        return MANY_REPORTS
    if not body:
        linked = sum(line.link_share > _INDEX_LINKS for line in lines)
        return "index" if linked >= _LINKED else "unknown"
    return "report" if _is_whole(body) else "piece"


def _no_text(page: Page, lines: Sequence[VisibleLine]) -> str:
    words = page.visible[:4000]
    for pattern, shape in ((_CHALLENGE, "challenge"), (_ERROR, "error"), (_LOGIN, "login")):
        if pattern.search(words):
            return shape
    shown = [line for line in lines if line.words and line.block.main]
    chars = sum(len(line.squeezed) for line in shown)
    links = sum(line.block.link_chars for line in shown)
    return "index" if chars and links / chars >= _INDEX_LINKS else ""


def _is_whole(body: Sequence[VisibleLine]) -> bool:
    opens = any(_OPENING.search(line.words[:200]) for line in body[:_FIRST_BODY_LINES])
    return opens and any(_CLOSING.search(line.words) for line in body[len(body) * 2 // 3 :])
