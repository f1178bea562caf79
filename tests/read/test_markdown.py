"""Markdown files: marks are layout, front matter is what stands beside the text."""

import pytest

from archive import Capture, derive
from archive.known import shipped
from archive.model import Meta, Page
from archive.read import read

REPORT = """---
title: "澜州市2031年政府工作报告"
source: http://www.lanzhou-practice.test/art_1.html
---

# 政府工作报告

**——2031年1月9日在澜州市第五届人民代表大会第二次会议上**

**市长　钱有为**

<!-- 市长钱有为作报告 -->

各位代表：

现在，我代表市人民政府，向大会报告工作，请予审议。

**一、2030年工作回顾**

**（一）项目建设：**完成投资**12.5亿元**，规格5*3*2，公式[链接](http://example.test/a)。
这一行接着上一行，
再接一行。

1. 建成学校3所
2. 建成医院1所

- 财政收入
- 5.2%的赤字

| 指标 | 数值 |
|------|------|
| 粮食<br>产量 | 3 |

[1]: 名词解释在这里

    缩进的一段

**二、2031年工作安排**
"""


def page_of(body: str, filename: str = "report.md") -> Page:
    return read(Capture.from_bytes(body.encode(), filename=filename), shipped())


def lines_of(page: Page) -> list[str]:
    return [words for block in page.blocks if (words := page.words(block))]


def test_marks_are_no_text_and_numbers_of_lists_are():
    page = page_of(REPORT)
    assert page.medium == "markdown"
    assert lines_of(page) == [
        "政府工作报告",
        "——2031年1月9日在澜州市第五届人民代表大会第二次会议上",
        "市长　钱有为",
        "各位代表：",
        "现在，我代表市人民政府，向大会报告工作，请予审议。",
        "一、2030年工作回顾",
        "（一）项目建设：完成投资12.5亿元，规格5*3*2，公式链接。",
        "这一行接着上一行，",
        "再接一行。",
        "1. 建成学校3所",
        "2. 建成医院1所",
        "财政收入",
        "- 5.2%的赤字",
        "指标\t数值",
        "粮食 产量\t3",
        "[1]: 名词解释在这里",
        "缩进的一段",
        "二、2031年工作安排",
    ]
    assert page.visible == "\n".join(page.words(block) for block in page.blocks)
    assert page.blocks[0].tag == "h1"
    assert sum(block.link_chars for block in page.blocks) == len("链接")


def test_front_matter_and_comments_stand_beside_the_text():
    assert page_of(REPORT).metas == (
        Meta("frontmatter:title", "澜州市2031年政府工作报告"),
        Meta("frontmatter:source", "http://www.lanzhou-practice.test/art_1.html"),
        Meta("comment", "市长钱有为作报告"),
    )


def test_marks_are_never_damage():
    derivation = derive(Capture.from_bytes(REPORT.encode(), filename="report.md"))
    assert [flag for flag in derivation.flags if flag.kind == "blanked"] == []
    assert derivation.verdict == "clean"


@pytest.mark.parametrize(
    "body",
    [
        REPORT,
        "**一、回顾**\n\n成绩。\n\n**二、安排**\n\n目标。\n",
        "# 报告\n\n## 一、回顾\n\n成绩。\n",
    ],
)
def test_markdown_under_another_name_is_told_by_its_marks(body):
    assert page_of(body, "report.txt").medium == "markdown"
    assert page_of(body, "").medium == "markdown"


@pytest.mark.parametrize(
    "body",
    [
        "2031年**市政府工作报告\n\n代表张**、李**发言。\n",
        "**市2031年政府工作报告\n\n各位代表：\n",
        "# 一行\n\n文字。\n",
        "——回顾\n---\n文字\n---\n",
    ],
)
def test_stars_that_stand_for_words_make_no_markdown(body):
    page = page_of(body, "report.txt")
    assert page.medium == "text"
    assert page.visible == body


def test_stars_in_place_of_a_name_stay_in_markdown():
    page = page_of("# 报告\n\n代表张**、李**发言。\n\n**市的成绩。\n\n2031年**县增长。\n")
    assert lines_of(page)[1:] == ["代表张**、李**发言。", "**市的成绩。", "2031年**县增长。"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**一、标题：**正文", ["一、标题：正文"]),
        ("**第一行\n第二行**", ["第一行", "第二行"]),
        ("**没有合上", ["没有合上"]),
        ("1\\. 不是列表", ["1. 不是列表"]),
        ("涨幅&nbsp;3%&mdash;5%", ["涨幅\xa03%—5%"]),
        ("> 引用的一段", ["引用的一段"]),
        ("> 50%的企业", ["> 50%的企业"]),
        ("<table><tr><td>甲</td><td>乙</td></tr></table>", ["甲\t乙"]),
        ("上行<br>下行", ["上行", "下行"]),
        ("```\n代码 **原样**\n```", ["代码 **原样**"]),
        ("一行\n---\n另一行", ["一行", "另一行"]),
        ("![图](a.png)文字", ["文字"]),
        ("<新市民计划>实施", ["<新市民计划>实施"]),
    ],
)
def test_each_mark(written, shown):
    assert lines_of(page_of(written)) == shown


def test_what_the_parser_loses_is_read_as_typed_with_a_flag(monkeypatch):
    monkeypatch.setattr("archive.read.markdown._inline", lambda *_: iter(()))
    page = page_of(REPORT)
    assert page.visible == REPORT
    assert [flag.kind for flag in page.flags] == ["parser_loss"]


def test_an_empty_file_and_a_flood_of_marks_are_pages():
    assert page_of("\n\n").flags[0].kind == "empty_payload"
    assert page_of("---\ntitle: 题\n---\n").visible == ""
    assert len(page_of("*" * 50_000 + "文" + "[" * 20_000).visible) > 0
