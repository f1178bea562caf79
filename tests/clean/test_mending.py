"""Damage that is provable: lost capitals, lost plus signs, cut sentences, watermarks."""

import re
import tomllib
from types import SimpleNamespace

import pytest

from archive.clean import clean
from archive.clean.joining import is_heading, joined_lines
from archive.clean.lines import lines_of
from archive.known.lexica import load_lexicon
from archive.model import kept_words

PARAGRAPHS = [
    "过去一年，全市上下同心同德，完成造林三百亩，新修道路二十条，城乡面貌有了明显改善。",
    "围绕产业升级，启动技改项目五十一个，培育骨干企业十六家，新增就业岗位一万二千个。",
    "围绕民生改善，建成口袋公园九处，改造老旧管网四十公里，居民收入增长百分之六点二。",
]


def cleaned(words, page_of, known):
    return "".join(kept_words(clean(page_of(words), known).spans, words))


def flags(words, page_of, known):
    return {(flag.kind, flag.words) for flag in clean(page_of(words), known).flags}


@pytest.fixture(scope="session")
def casing(known):
    return load_lexicon(known.folder / "lexica" / "casing.toml")


@pytest.mark.parametrize(
    ("damaged", "right"),
    [
        ("开展vocs、nox协同治理，完成ccer项目备案。", "开展VOCs、NOx协同治理，完成CCER项目备案。"),
        ("推行epc模式，新增aaaa级、2a级景区3处。", "推行EPC模式，新增AAAA级、2A级景区3处。"),
        ("r&d经费增长，a股上市，ai应用落地。", "R&D经费增长，A股上市，AI应用落地。"),
        ("g331改建，装机35gw、储能12.5gwh。", "G331改建，装机35GW、储能12.5GWh。"),
        ("实施“1+n”方案，劣ⅴ类断面清零，ⅲ类水达标。", "实施“1+N”方案，劣Ⅴ类断面清零，Ⅲ类水达标。"),
        ("1.reits：不动产基金。2.ccer：减排量。", "1.REITs：不动产基金。2.CCER：减排量。"),
    ],
)  # fmt: skip
def test_terms_of_a_lowercased_page_get_their_capitals_back(page_of, known, damaged, right):
    assert cleaned(damaged, page_of, known) == right


@pytest.mark.parametrize(
    "words",
    [
        "完成GDP统计，公布ccer、nox数据。",
        "公布ccer成交量。",
        "全长12km，面积3ha，扬程30m，时速350km/h。",
        "网址www.vocs-gdp.cn，邮箱gdp@example.cn。",
        "主题为green gdp and ccer for all的论坛开幕。",
    ],
)
def test_an_author_s_small_letters_are_left(page_of, known, words):
    assert cleaned(words, page_of, known) == words


def test_unknown_terms_of_a_lowercased_page_are_flagged(page_of, known):
    words = "加强vocs治理，推广qzxt平台，pm2.5浓度下降，全长12km。"
    page = clean(page_of(words), known)
    told = [(flag.kind, flag.words, flag.proposals) for flag in page.flags]
    assert told == [("term-case-unknown", "qzxt", ("QZXT",))]


def test_every_term_of_the_list_is_found_in_small_letters(page_of, known, casing):
    """Those that are no frequent ones are found because others stand beside them."""
    terms = [term for term in casing["terms"] if term.lower() not in casing["small"]]
    words = "、".join(terms) + "等"
    assert cleaned(words.lower(), page_of, known) == words


def test_the_list_has_counts_and_no_form_twice(casing):
    terms = casing["terms"]
    assert len(terms) >= 250
    assert min(terms.values()) >= 2
    assert len({term.lower() for term in terms}) == len(terms)
    assert {"VOCs", "NOx", "CCER", "EPC", "AAAA", "PM2.5", "R&D"} <= set(terms)
    assert all(re.search("[A-Z]", term) for term in terms)


@pytest.mark.parametrize(
    ("damaged", "right"),
    [
        ("发布“4 4 3”产业图谱。", "发布“4+4+3”产业图谱。"),
        ("构建“8 N”体系。", "构建“8+N”体系。"),
        ("构建“8 n”体系。", "构建“8+N”体系。"),
        ("构建“1 3 N”体系。", "构建“1+3+N”体系。"),
        ("打造“20 8”集群。", "打造“20+8”集群。"),
        ("推进“互联网 医疗健康”。", "推进“互联网+医疗健康”。"),
        ("大力推进互联网 政务服务，办事更快。", "大力推进互联网+政务服务，办事更快。"),
    ],
)
def test_a_plus_is_put_back_where_reports_write_one(page_of, known, damaged, right):
    assert cleaned(damaged, page_of, known) == right


@pytest.mark.parametrize(
    ("words", "flagged"),
    [
        ("纪念“9 3”活动。", {("lost-plus", " ")}),
        ("开展“3 15”行动。", {("lost-plus", " ")}),
        ("建设“智慧医保 未来社区”。", {("lost-plus", " ")}),
        ("实施“5+1”工程，推进“互联网 医疗健康”。", set()),
        ("弘扬“自力更生 艰苦奋斗”精神，实施“1+3”计划。", set()),
    ],
)
def test_a_plus_that_is_not_proven_is_left(page_of, known, words, flagged):
    assert cleaned(words, page_of, known) == words
    assert flags(words, page_of, known) == flagged


def wrapped(paragraphs, width, indent="　　"):
    return "\n".join(
        "\n".join((indent + words)[at : at + width] for at in range(0, len(indent + words), width))
        for words in paragraphs
    )


def paragraphs_with_a_stop_at(place, width):
    """Each has a full stop at a place of its first line, and ends in a short line."""
    aims = ["产业升级", "民生改善", "城乡建设", "科技创新"]
    made = []
    for number, aim in enumerate(aims):
        first = f"一年来我们围绕{aim}这个中心扎扎实实做了大量的工作成效明显"[: place - 1] + "。"
        goals = [f"{aim}第{n}项任务完成{n * 7 + number}个点位" for n in range(1, 5)]
        made.append(first + "，".join(goals)[: width * 2 + 5 + number * 3] + "了。")
    return made


def test_a_line_that_ends_at_a_full_stop_goes_on_where_paragraphs_are_indented(page_of, known):
    width = 26
    paragraphs = paragraphs_with_a_stop_at(width - 2, width)
    lines = wrapped(paragraphs, width).split("\n")
    assert sum(line.endswith("。") and len(line) == width for line in lines) >= 4
    assert cleaned("\n".join(lines), page_of, known) == "\n".join(paragraphs)


def test_a_full_line_ends_a_paragraph_where_nothing_sets_paragraphs_apart(page_of, known):
    width = 26
    paragraphs = paragraphs_with_a_stop_at(width, width)
    lines = wrapped(paragraphs, width, "").split("\n")
    kept = cleaned("\n".join(lines), page_of, known).split("\n")
    assert sum(line.endswith("。") and len(line) == width for line in kept) >= len(paragraphs)


def joined(page_of, lines, indents=None, furniture=None):
    """The numbers of the lines that the next one continues; `furniture`: number → rule."""
    all_lines = lines_of(page_of("\n".join(lines)))
    fates = [()] * len(lines)
    for number, rule in (furniture or {}).items():
        fates[number] = (SimpleNamespace(rule=SimpleNamespace(id=rule)),)
    kept = [line for line in all_lines if not fates[line.index] and not line.blank]
    return joined_lines(kept, fates, indents or [0] * len(kept))


def wide(*widths):
    """Lines of these widths, which end within a sentence."""
    words = "我们围绕产业升级和民生改善做了大量工作并且取得明显成效" * 6
    return [words[:width] for width in widths]


@pytest.mark.parametrize(
    ("widths", "are_wrapped"),
    [
        ([30] * 6 + [12, 16, 20, 24], True),
        ([30] * 5 + [12, 16, 20, 24, 27], False),
        ([30] * 4 + [28, 32, 12, 16, 20, 24], True),
        ([30] * 4 + [27, 33, 12, 16, 20, 24], False),
        ([30] * 8, True),
        ([30] * 7, False),
        ([30] * 7 + [9], False),
        ([10] * 8, True),
        ([120] * 8, True),
        ([121] * 8, False),
    ],
    ids=[
        "six of ten",
        "half",
        "nearly as wide",
        "less so",
        "eight",
        "seven",
        "seven long ones",
        "narrow",
        "wide",
        "too wide",
    ],
)
def test_a_page_is_hard_wrapped_if_most_of_its_long_lines_are_as_wide(page_of, widths, are_wrapped):
    """Six in ten of at least eight lines, and no wider than a page of paper."""
    assert bool(joined(page_of, wide(*widths))) is are_wrapped


def test_a_line_goes_on_if_it_lacks_no_more_than_two_characters(page_of):
    lines = wide(*[30] * 9, 28, 30, 27, 30, 30)
    assert joined(page_of, lines) == {*range(len(lines) - 1)} - {11}


def test_lines_of_figures_are_as_wide_as_their_columns(page_of):
    """An editor that wraps by columns sets twice as many figures as characters in a line."""
    lines = [line[: 30 - n] + "12" * n for n, line in enumerate(wide(*[30] * 10))]
    assert len({len(line) for line in lines}) > 5
    assert joined(page_of, lines) == {*range(len(lines) - 1)}


@pytest.mark.parametrize(("stops", "are_wrapped"), [(5, True), (6, False)])
def test_a_page_whose_lines_mostly_end_sentences_is_not_wrapped(page_of, stops, are_wrapped):
    lines = [line + "。" for line in wide(*[30] * stops)] + wide(*[31] * (10 - stops))
    assert bool(joined(page_of, lines)) is are_wrapped


STOPPED, SHORT = wide(29)[0] + "。", wide(20)[0] + "。"


def paragraphs_of(count, *, indent=0, blank=False):
    """Lines of paragraphs that begin with a full line that ends a sentence, and their indents."""
    lines = [STOPPED, *wide(30, 30, 30, 30), SHORT]
    return (lines + [""] * blank) * count, [indent, 0, 0, 0, 0, 0] * count


@pytest.mark.parametrize("apart", [{"indent": 1}, {"indent": 2}, {"blank": True}])
@pytest.mark.parametrize(("paragraphs", "goes_on"), [(4, True), (3, False)])
def test_full_stops_end_no_paragraph_if_three_show_how_paragraphs_begin(
    page_of, paragraphs, apart, goes_on
):
    """Behind the short lines that certainly end a paragraph, the next is indented or set apart."""
    lines, indents = paragraphs_of(paragraphs, **apart)
    assert (0 in joined(page_of, lines, indents)) is goes_on


@pytest.mark.parametrize(("others", "goes_on"), [(1, True), (2, False)])
def test_nine_of_ten_paragraphs_show_how_paragraphs_begin(page_of, others, goes_on):
    lines, indents = paragraphs_of(11, indent=2)
    for number in range(1, others + 1):
        indents[6 * number] = 0
    assert (0 in joined(page_of, lines, indents)) is goes_on


def test_a_short_line_ends_its_paragraph_at_a_page_number_too(page_of):
    lines, _ = paragraphs_of(4, blank=True)
    lines[6] = "- 2 -"
    assert {0, 5} & joined(page_of, lines, furniture={6: "print-page-number"}) == {0}


@pytest.mark.parametrize(
    ("before", "rule", "goes_on"),
    [
        (wide(10)[0], "print-page-number", True),
        (wide(9)[0], "print-page-number", False),
        (wide(10)[0], "share-line", False),
        ("一、工作回顾和主要成绩", "print-page-number", False),
    ],
)
def test_a_sentence_goes_on_behind_a_page_number_only(page_of, before, rule, goes_on):
    lines = [before, "- 2 -", "并且取得明显成效。"]
    assert bool(joined(page_of, lines, furniture={1: rule})) is goes_on


def test_a_blank_line_ends_a_full_line(page_of):
    lines = wide(*[30] * 10)
    lines.insert(5, "")
    assert joined(page_of, lines) == {*range(10)} - {4, 5}


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        ("一、工作回顾", True),
        ("一、" + "工" * 57, True),
        ("一、" + "工" * 58, False),
        ("工作回顾", False),
    ],
)
def test_a_heading_is_numbered_and_short(words, heading):
    assert is_heading(words) is heading


CUT = """\
各位代表：
过去一年，全市改造
老旧小区
，新修
农村公路
，建成
口袋公园
；认真落实《
优化营商环境条例
》和《
民生实事办法
》。
一、工作回顾
经济运行
稳中有进
，财政收入
稳步增长
。
二、工作安排
加快建设
产业园区
，培育骨干企业。"""

WHOLE = """\
各位代表：
过去一年，全市改造老旧小区，新修农村公路，建成口袋公园；认真落实《优化营商环境条例》和《民生实事办法》。
一、工作回顾
经济运行稳中有进，财政收入稳步增长。
二、工作安排
加快建设产业园区，培育骨干企业。"""


def test_sentences_cut_around_links_are_joined(page_of, known):
    assert cleaned(CUT, page_of, known) == WHOLE


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        ("完成造林三百亩\n，新修道路二十条。", "完成造林三百亩，新修道路二十条。"),
        ("认真落实《\n优化营商环境条例\n》要求。", "认真落实《优化营商环境条例》要求。"),
        ("推进“\n一河两岸\n”建设。", "推进“一河两岸”建设。"),
        ("可吸入颗粒物（PM10\n）浓度下降。", "可吸入颗粒物（PM10）浓度下降。"),
    ],
)
def test_a_mark_never_begins_a_line(page_of, known, cut, whole):
    assert cleaned(cut, page_of, known) == whole


@pytest.mark.parametrize(
    "words",
    [
        "工作回顾\n”十三五“时期，全市上下齐心协力。",
        "完成了全部任务。\n、加快产业升级，培育骨干企业。",
        "产业结构不断优化\n全市新增骨干企业十六家，就业岗位一万个。",
        "产业结构不断优化\n\n全市新增企业\n，就业岗位一万个。",
    ],
)
def test_other_lines_stay_apart(page_of, known, words):
    assert cleaned(words, page_of, known).count("\n") >= 1


@pytest.mark.parametrize("both", [True, False])
def test_watermarks_behind_headings_go(page_of, known, both):
    """Those that stand behind full stops as well, and names of sites behind headings alone."""
    mark = "某某公文网"
    aims = ["产业升级工作", "民生改善工作", "城乡安全工作"]
    lines = []
    for number, aim, body in zip("一二三", aims, PARAGRAPHS, strict=True):
        lines += [f"{number}、扎实做好{aim}{mark}", body + mark * both]
    words = "\n".join(lines)
    assert cleaned(words, page_of, known) == words.replace(mark, "")


def test_common_ends_of_headings_stay(page_of, known):
    words = "\n".join(
        f"{n}、织密{what}社会保障网\n{body}"
        for n, what, body in zip("一二三", ["城市", "农村", "山区"], PARAGRAPHS, strict=True)
    )
    assert cleaned(words, page_of, known) == words


def test_the_tables_are_data(known):
    for name in ("casing", "plus"):
        assert tomllib.loads((known.folder / "lexica" / f"{name}.toml").read_text("utf-8"))
