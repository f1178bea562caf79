"""What a page is: one text, a piece, a compilation, an index, or no text at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

from archive.clean.decide import Fate
from archive.clean.lines import Line, is_body
from archive.model import Page

_SALUTATION = re.compile(r"(?:各位|同志们|代表们)")
_CLOSING = re.compile(r"(?:团结|奋斗|努力|奋进|贡献|前进|谱写|开创)")
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
_FEW_BODY_LINES = 4
_INDEX_LINKS = 0.6


def page_shape(page: Page, lines: Sequence[Line], fates: Sequence[Fate]) -> str:
    """One of the shapes that `Cleaning.shape` names."""
    kept = [line for line in lines if not fates[line.index] and line.block.main and line.words]
    body = [line for line in kept if is_body(line.words)]
    kinds = {field.rule.kind for fate in fates for field in fate}
    if len(body) < _FEW_BODY_LINES and (bad := _no_text(page, kept)):
        return bad
    if "compilation" in kinds:
        return "compilation"
    if not body:
        return "unknown"
    return "report" if _is_whole(body) else "piece"


def _no_text(page: Page, kept: Sequence[Line]) -> str:
    words = page.visible[:4000]
    for pattern, shape in ((_CHALLENGE, "challenge"), (_ERROR, "error"), (_LOGIN, "login")):
        if pattern.search(words):
            return shape
    chars = sum(len(line.words) for line in kept)
    links = sum(line.block.link_chars for line in kept)
    return "index" if chars and links / chars >= _INDEX_LINKS else ""


def _is_whole(body: Sequence[Line]) -> bool:
    opens = any(_SALUTATION.match(line.words) for line in body[:8])
    return opens and bool(_CLOSING.search(body[-1].words))
