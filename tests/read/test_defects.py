"""The known defects of extractors on Chinese pages, one small page each (D1 to D12)."""

import pytest

from archive.known import shipped
from archive.model import Capture
from archive.read import read

PARAGRAPHS = [
    "过去一年，全市上下攻坚克难，地区生产总值增长百分之六，一般公共预算收入增长百分之五。",
    "一、工作回顾",
    "项目建设提速增效，全年开工重点项目一百二十个，完成投资三百亿元，超额完成年度任务。",
    "各位代表：",
    "民生福祉持续改善，新增城镇就业三万人，改造老旧小区六十个，群众的获得感更加充实。",
    "二、下步安排",
    "我们将坚定信心、真抓实干，推动经济实现质的有效提升和量的合理增长，请予审议。",
]
NAV = "<ul>" + "".join(f"<li><a href=/{n}>栏目{n}</a></li>" for n in range(12)) + "</ul>"
FOOT = "<div>主办：演示市人民政府办公室 网站标识码：0000000000</div>"


def read_page(body):
    page = read(Capture.from_bytes(body.encode()), shipped())
    return page, [page.words(block) for block in page.blocks if block.main]


def main_of(body):
    return read_page(f"<html><body>{NAV}{body}{FOOT}</body></html>")[1]


def p(lines=PARAGRAPHS):
    return "".join(f"<p>{line}</p>" for line in lines)


def test_d1_an_early_end_of_the_page_ends_nothing():
    body = f"<html><body>{NAV}</body></html>\n<div class=x>{p()}</div>{FOOT}</body></html>"
    assert read_page(body)[1] == PARAGRAPHS


def test_d2_chinese_commas_count():
    short = [f"第{n}项工作，已经完成，群众满意，社会认可。" for n in range(9)]
    rows = "".join(f"<section><div>{line}</div></section>" for line in short)
    assert main_of(f"<div>{rows}</div>") == short


def test_d3_short_blocks_stay():
    body = "".join(f"<section><p><span>{line}</span></p></section>" for line in PARAGRAPHS)
    assert main_of(f"<section>{body}</section>") == PARAGRAPHS


@pytest.mark.parametrize("style", ["visibility:hidden", "visibility: hidden; opacity: 0;"])
def test_d4_an_article_that_a_script_unveils_is_read(style):
    body = f'<div id="js_content" style="{style}">{p(PARAGRAPHS * 2)}</div>'
    assert main_of(body) == PARAGRAPHS * 2


def test_d4_a_veiled_tip_stays_hidden():
    page, main = read_page(f"<html>{p()}<div style='visibility:hidden'>复制成功</div></html>")
    assert main == PARAGRAPHS
    assert [page.words(block) for block in page.blocks if block.hidden] == ["复制成功"]


def test_d4_an_article_that_only_a_script_shows_is_read():
    _, main = read_page(
        f"<html><p>加载中</p><div style='display:none'>{p(PARAGRAPHS * 3)}</div></html>"
    )
    assert main == PARAGRAPHS * 3


@pytest.mark.parametrize("name", ["footnote", "foot-notes", "related", "tool-text", "contact"])
def test_d5_notes_are_text_whatever_their_class(name):
    notes = ["名词解释", "[1] 两不愁：指不愁吃、不愁穿。", "[2] 双随机：指随机抽取、随机选派。"]
    body = f"<div>{p()}<div class={name}>{p(notes)}</div></div>"
    assert main_of(body) == PARAGRAPHS + notes


@pytest.mark.parametrize("frame", ["<form><table><tr><td>{}</td></tr></table></form>", "<td>{}"])
def test_d6_lines_parted_by_breaks_in_a_layout(frame):
    meta = "<table><tr><td>日期：2012-2-1 点击：88 次</td></tr></table>"
    body = meta + frame.format("<br><br>&nbsp;&nbsp;".join(PARAGRAPHS))
    assert [line.strip("\xa0 ") for line in main_of(body)] == PARAGRAPHS


def test_d7_borders_of_paragraphs_stay():
    assert main_of("<div>" + "<br>".join(PARAGRAPHS) + "</div>") == PARAGRAPHS
    assert main_of(f"<table><tr><td>{p()}</td></tr></table>") == PARAGRAPHS


def test_d7_a_table_of_data_keeps_its_rows():
    rows = [("指标", "单位", "数量"), ("粮食", "万吨", "120"), ("", "万亩", "30")]
    table = "".join(f"<tr>{''.join(f'<td><p>{c}</p></td>' for c in row)}</tr>" for row in rows)
    main = main_of(f"<div>{p(PARAGRAPHS[:3])}<table>{table}</table>{p(PARAGRAPHS[3:])}</div>")
    assert main == [*PARAGRAPHS[:3], *("\t".join(row) for row in rows), *PARAGRAPHS[3:]]


def test_d8_the_whole_and_not_its_densest_piece():
    dense = f"<div><p>{PARAGRAPHS[0] * 6}</p></div>"
    assert main_of(f"<div>{p()}{dense}</div>") == [*PARAGRAPHS, PARAGRAPHS[0] * 6]


def test_d9_bare_text_between_blocks_stays():
    body = (
        f"<div>{PARAGRAPHS[0]}<h3>{PARAGRAPHS[1]}</h3>{PARAGRAPHS[2]}<div>{PARAGRAPHS[3]}</div>"
        f"{PARAGRAPHS[4]}<hr><b>{PARAGRAPHS[5]}</b><p>{PARAGRAPHS[6]}</p></div>"
    )
    assert main_of(body) == PARAGRAPHS


def test_d10_a_sidebar_is_not_the_article():
    teaser = "<div><a href=/t>热点话题引发关注</a><p>有关部门表示，将尽快公布结果。</p></div>"
    body = f"<div><div>{p()}</div><div>{teaser * 9}</div></div>"
    assert main_of(body) == PARAGRAPHS


def test_d11_preformatted_lines_and_forms():
    assert main_of(f"<pre>{chr(10).join(PARAGRAPHS)}</pre>") == PARAGRAPHS
    assert main_of(f"<form><div>{p()}</div></form>") == PARAGRAPHS


def test_d11_references_stay_in_their_line():
    linked = PARAGRAPHS[0] + '<a href="#n1"><sup>[1]</sup></a>'
    assert main_of(f"<div><p>{linked}</p>{p(PARAGRAPHS[1:])}</div>")[0] == PARAGRAPHS[0] + "[1]"


@pytest.mark.parametrize("depth", [300, 3_000])
def test_d12_what_lies_deep_is_read(depth):
    body = "".join(f"<p>{'<font>' * (depth // 7)}{line}</p>" for line in PARAGRAPHS)
    page, main = read_page(f"<html><div>{body}</div></html>")
    assert main == PARAGRAPHS
    assert "parser_loss" not in {flag.kind for flag in page.flags}


def test_d12_a_loss_is_noticed_and_made_good():
    page, _ = read_page(
        f'<html><body><p>甲段落。</p><a href="/x><p>{PARAGRAPHS[0]}</p></body></html>'
    )
    assert PARAGRAPHS[0] in page.visible
    assert [flag.kind for flag in page.flags] == ["parser_loss"]
    assert "0 are missing" in page.flags[0].evidence


def test_a_pager_and_spam_links_inside_the_text_are_not_main():
    spam = '<p><a href="http://spam.invalid/">星辉娱乐官网</a></p>'
    off = '<div style="position:absolute;left:-9999px"><a href=/s>星辉娱乐</a></div>'
    pager = "<div><span>1</span> <a href=2>2</a> <a href=2>下一页</a> <a href=9>尾页</a></div>"
    body = f"<div>{p(PARAGRAPHS[:3])}{spam}{p(PARAGRAPHS[3:])}{pager}{off}</div>"
    page, main = read_page(f"<html>{NAV}{body}{FOOT}</html>")
    assert main == PARAGRAPHS
    assert "星辉娱乐官网" in page.visible
    assert [page.words(block) for block in page.blocks if block.hidden] == ["星辉娱乐"]


def test_attachments_at_the_end_stay():
    files = '<p>附件：<a href="a.doc">1.名词解释.doc</a></p>'
    assert main_of(f"<div class=TRS_Editor>{p()}{files}</div>")[-1] == "附件：1.名词解释.doc"


def test_title_and_byline_are_not_the_text():
    title = "演示市政府工作报告"
    head = (
        f"<h1>{title}</h1><div>发布时间：2024-01-05 来源：演示日报 字体：<a>大</a> <a>小</a></div>"
    )
    body = f"<html><head><title>{title}_演示网</title></head><div>{head}{p()}</div>{FOOT}</html>"
    assert read_page(body)[1] == PARAGRAPHS


def test_a_wrapped_source_line_is_one_line_of_text():
    page, _ = read_page("<html><p>新时代中国特色社\n    会主义，a\nb</p></html>")
    assert page.visible == "新时代中国特色社会主义，a b"


def test_the_comments_of_a_system_bracket_its_text():
    text = f"<!--ZJEG_RSS.content.begin-->{p()}<!--ZJEG_RSS.content.end-->"
    assert main_of(f"<td>信息来源：演示办{text}打印</td>") == PARAGRAPHS


def test_an_article_in_several_containers_is_one():
    piece = f"<div class=TRS_Editor>{p(PARAGRAPHS)}</div><div>图片</div>"
    far = f"<div>{NAV * 3}</div><p>{PARAGRAPHS[0] * 9}</p><div class=TRS_Editor>{p()}</div>"
    for body in (piece * 3, piece * 3 + far):
        assert [line for line in main_of(body) if line != "图片"] == PARAGRAPHS * 3


def test_an_anchor_without_address_or_end_makes_no_link():
    assert main_of(f'<div><a name="top">{p(PARAGRAPHS * 2)}</div>') == PARAGRAPHS * 2
    assert main_of(f'<div><a href="#top">{p(PARAGRAPHS * 2)}</div>') == PARAGRAPHS * 2


@pytest.mark.parametrize(
    "style",
    [
        "position:absolute;left:50%;margin-left:-500px;width:1000px",
        "font-size:0",
        "margin-top:-120px",
        "text-indent:-2em",
    ],
)
def test_a_layout_trick_hides_nothing(style):
    body = f'<div style="{style}"><div>{p(PARAGRAPHS * 2)}</div></div>'
    page, main = read_page(f"<html><body>{NAV}{body}{FOOT}</body></html>")
    assert main == PARAGRAPHS * 2
    assert not any(block.hidden for block in page.blocks)


@pytest.mark.parametrize("style", ["left:-9999px", "text-indent:-999px", "margin-left:-10000px"])
def test_what_is_put_off_the_page_is_hidden(style):
    page, _ = read_page(f'<html>{p()}<div style="{style}">星辉娱乐</div></html>')
    assert [page.words(block) for block in page.blocks if block.hidden] == ["星辉娱乐"]
