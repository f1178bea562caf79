"""Which of several articles on a page is the one, and what belongs to it."""

import pytest

from archive.known import shipped
from archive.model import Capture
from archive.read import read

REPORT = [
    "各位代表：",
    "现在，我代表市人民政府，向大会报告工作，请予审议，并请各位政协委员提出意见。",
    "一、2030年工作回顾",
    "过去一年，我们坚持稳中求进工作总基调，全市经济运行总体平稳，地区生产总值增长百分之五。",
    "民生福祉不断增进。城镇新增就业八千人，新增养老床位四百张，办好群众关心的十件实事。",
    "二、2031年工作安排",
    "今年主要预期目标是：地区生产总值增长百分之六左右，固定资产投资增长百分之十。",
    "扎实推进乡村振兴。新建高标准农田十二万亩，完善农村供水工程，壮大村级集体经济。",
    "各位代表！让我们更加紧密地团结起来，开拓进取，真抓实干，为谱写全市发展新篇章而努力奋斗！",
]
TREES = [
    "本报讯 昨日上午，全市春季植树活动在城南公园启动，市领导与三百多名志愿者一道挥锹培土。",
    "据介绍，今年全市计划造林绿化三万亩，重点实施城郊森林、道路林网和村庄绿化三项工程。",
    "市林业局负责人表示，将把任务落实到山头地块，确保栽一片、活一片、绿一片，让群众受益。",
]
FAIR = [
    "记者从市文旅局获悉，本届民俗文化节将于下月初开幕，届时将推出非遗展演、美食市集等活动。",
    "为方便游客出行，公交公司将增开三条旅游专线，并在主要景点增设临时停车位两千余个。",
]
GLOSSARY = [
    "名词解释",
    "1.乡村振兴：指实施乡村振兴战略、建设宜居宜业和美乡村的各项工作。",
    "2.村级集体经济：指村级集体所有、由全体村民共同受益的经济。",
]
NAV = "<div class=t><a href=/>首页</a> <a href=/a>政务公开</a> <a href=/b>互动交流</a></div>"
FOOT = "<div class=f>主办：演示市人民政府办公室 备案号：京ICP备00000000号</div>"
BYLINE = "<div class=i>发布时间：2031-01-12 来源：市政府办公室</div>"
HEADING = f"<h1>政府工作报告</h1>{BYLINE}"
OTHER = f"<h1>全市植树活动启动</h1>{BYLINE}"
TITLE = "政府工作报告_演示市人民政府"


def p(lines):
    return "".join(f"<p>{line}</p>" for line in lines)


def read_body(body, title=TITLE):
    source = f"<html><head><title>{title}</title></head><body>{NAV}{body}{FOOT}</body></html>"
    page = read(Capture.from_bytes(source.encode()), shipped())
    return [page.words(block) for block in page.blocks if block.main], page


@pytest.mark.parametrize(
    "body",
    [
        f"<div>{OTHER}{p(TREES * 3)}</div><div>{HEADING}{p(REPORT)}</div>",
        f"{OTHER}{p(TREES * 3)}{HEADING}{p(REPORT)}",
        f"<div>{HEADING}{p(REPORT)}</div><div>{OTHER}{p(TREES * 4)}</div>",
        f"{HEADING}{p(REPORT)}{OTHER}{p(TREES * 6)}",
        f"{HEADING}{p(REPORT)}<h2>全市植树活动启动</h2>{BYLINE}{p(TREES * 3)}",
        f"<h1>演示市人民政府</h1><div>{p(TREES)}</div>{HEADING}{p(REPORT)}",
        "".join(f"<h3><a href=/{n}>新闻一则</a></h3><p>{line}</p>" for n, line in enumerate(TREES))
        + f"<div>{HEADING}{p(REPORT)}</div>",
    ],
)
def test_another_article_before_or_behind_is_none_of_it(body):
    assert read_body(body)[0] == REPORT


def test_a_byline_tells_the_heading_where_the_title_is_that_of_the_site():
    report = f"<h1>演示市2031年政府工作报告</h1>{BYLINE}{p(REPORT)}"
    body = f"<div>{p(TREES + FAIR)}</div><div>{report}</div>"
    assert read_body(body, "演示市人民政府门户网站")[0] == REPORT


def test_headings_of_sections_and_of_a_compilation_are_no_borders():
    chapters = "".join(
        f"<h1>{line}</h1>" if line[1] == "、" else f"<p>{line}</p>" for line in REPORT
    )
    assert read_body(HEADING + chapters)[0] == REPORT
    plain = chapters.replace("一、2030年工作回顾", "过去的工作").replace(
        "二、2031年工作安排", "今年"
    )
    assert {"过去的工作", "今年", REPORT[-1]} <= set(read_body(HEADING + plain)[0])
    counties = "".join(
        f"<h1>{name}县政府工作报告</h1>{BYLINE}{p(REPORT)}" for name in ("甲", "乙", "丙")
    )
    assert read_body(counties, "甲县政府工作报告")[0].count(REPORT[-1]) == 3


@pytest.mark.parametrize("href", ["#s1", "javascript:void(0)", "javascript:;", "/s1.html"])
def test_headings_that_are_anchors_stay(href):
    body = "".join(
        f"<p><a href='{href}'>{line}</a></p>" if line[1] == "、" else f"<p>{line}</p>"
        for line in REPORT
    )
    assert read_body(f"{HEADING}<div>{body}</div>")[0] == REPORT


def test_anchors_that_lead_nowhere_are_no_links_but_buttons_are():
    long, button = (
        "<a href='#a'>现在，我代表市人民政府，向大会报告工作。</a>",
        "<a href='#'>分享</a>",
    )
    away = "<a href=\"javascript:goto('x.html')\">二〇三一年的政府工作报告</a>"
    page = read_body(f"<p>{long}</p><p>{button}</p><p>{away}</p>")[1]
    links = {page.words(block): block.link_chars for block in page.blocks}
    assert links["现在，我代表市人民政府，向大会报告工作。"] == 0
    assert links["分享"] == 2
    assert links["二〇三一年的政府工作报告"] == 12


@pytest.mark.parametrize(
    "end", ["相关阅读", "相關閱讀", "延伸閱讀：", "推薦閱讀", "熱門新聞", "◆相關新聞"]
)
def test_what_follows_the_line_that_ends_articles_is_none_of_it(end):
    others = f"<p>{end}</p>{p(TREES)}<p>{end}</p>{p(FAIR)}"
    assert read_body(f"{HEADING}<div>{p(REPORT)}{others}</div>")[0] == REPORT


@pytest.mark.parametrize(
    "between",
    [
        "<div>上一篇：没有了</div><div>下一篇：年度报告</div>",
        "<p>相关阅读</p><p><a href=/1>新闻一则</a></p>",
        "<div>责任编辑：某某</div><div>分享到：</div>",
        "<div>上一則：無</div>",
    ],
)
@pytest.mark.parametrize("inside", [True, False])
def test_a_glossary_behind_the_end_belongs_to_it(between, inside):
    glossary = p(GLOSSARY) if inside else f"</div><div>{p(GLOSSARY)}"
    main = read_body(f"{HEADING}<div>{p(REPORT)}{between}{glossary}</div>")[0]
    assert [line for line in main if line in REPORT + GLOSSARY] == REPORT + GLOSSARY


def test_confidence_warns():
    teasers = "".join(
        f"<h3><a href=/{n}>新闻一则</a></h3><p>{line}</p>"
        for n, line in enumerate(TREES + FAIR * 2)
    )
    assert read_body(f"<div>{teasers}</div>", "新闻中心")[1].confidence < 0.5
    player = "".join(
        f"<li>{words}</li>" for words in ("播放速度", "2.0X", "超清", "标清", "循环播放") * 3
    )
    assert read_body(f"<div class=x><ul>{player}</ul></div>", "视频")[1].confidence < 0.5
    assert read_body(f"{HEADING}<div>{p(REPORT)}</div>")[1].confidence > 0.9
