"""Where a report begins and ends in a text that was pasted with all that stood around it."""

import random
import sys
from pathlib import Path

import pytest

from archive.clean import clean
from archive.model import kept_words

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from bench_pasted import kept, pasted

HEAD = """武安市2031年政府工作报告
——2031年1月9日在武安市第十八届人民代表大会第二次会议上
武安市人民政府市长 钱某某
"""
SPEECH = """各位代表：
现在，我代表市人民政府，向大会报告工作，请予审议，并请各位政协委员提出意见。
一、2030年工作回顾
过去一年，我们坚持稳中求进工作总基调，全市经济运行总体平稳，地区生产总值增长百分之五。
民生福祉不断增进。城镇新增就业八千人，新增养老床位四百张，办好群众关心的十件实事。
二、2031年工作安排
今年主要预期目标是：地区生产总值增长百分之六左右，固定资产投资增长百分之十。
扎实推进乡村振兴。新建高标准农田十二万亩，完善农村供水工程，壮大村级集体经济。
各位代表！让我们更加紧密地团结起来，开拓进取，真抓实干，为谱写全市发展新篇章而努力奋斗！
"""
NEXT_SPEECH = """各位代表：
我代表市人民政府，向大会报告政府工作，请予审查。
一、过去一年的工作
面对多重困难，全市上下迎难而上，工业增加值增长百分之七，四条生产线建成投产。
新修农村公路八十公里，三所学校改造完工，一千二百户居民搬进新居，空气质量继续好转。
城乡居民收入分别增长百分之五和百分之六，社会大局保持稳定，群众安全感稳步提高。
二、2032年的工作
围绕产业升级，支持企业技术改造，新开工项目四十个，力争工业投资增长百分之十二。
围绕生态治理，完成河道整治三十公里，造林两万亩，让天更蓝、水更清、城乡更整洁。
各位代表！奋斗成就伟业。让我们携手并肩，锐意进取，为建设繁荣和谐的家园作出更大贡献！
"""
LETTER = """武安市人民政府关于印发政府工作报告的通知
武政发〔2031〕1号
各县、区人民政府，市政府各部门：
现将《政府工作报告》印发给你们，请结合实际认真贯彻落实。
武安市人民政府
2031年1月12日
"""
NOTES = """名词解释
1.四好农村路：建好、管好、护好、运营好农村公路。
2.R&D：研究与试验发展。
3.糀糕：当地一种米糕，逢年过节做来待客。
"""
TABLE = """2031年民生实事项目清单
序号
项目名称
牵头单位
1
新建社区食堂十二处
市民政局
2
新修乡村道路三十公里
市交通局
"""
MENU = "首页\n新闻\n评论\n本地新闻\n邮箱大师\n快速导航\n王某某\n"
COMMENTS = """收藏
我要跟帖
小飞侠sk 14小时前
这篇写得真好哈哈，点个赞先！
热新闻
女排高喊加油！朱某当选最佳球员，颜某王某入选最佳阵容
"""
EXCERPT = (
    "政府工作报告——2031年1月9日在武安市第十八届人民代表大会第二次会议上"
    "武安市人民政府市长 钱某某各位代表：现在，我代表市人民政府……"
)
MIRROR_HEAD = f"""工作报告
武安市2031年政府工作报告
时间：2031-03-30????\t\t作者：某某县域????\t\t阅读：
175
评论：
0
内容摘要：
{EXCERPT}
政府工作报告
——2031年1月9日在武安市第十八届人民代表大会第二次会议上
武安市人民政府市长 钱某某
"""
MIRROR_TAIL = (
    "分享到：\n开心网\n和讯\n上一篇：\n武安市2030年政府工作报告\n相关文章\n"
    + "".join(f"甲{n}县2031年政府工作报告\n03-3{n}\n" for n in range(9))
    + "本栏最新\n阅读排行\n"
    + "".join(f"乙{n}县2031年统计公报\n" for n in range(9))
    + "标签云\n国民经济\n人民政府\n"
)


def cleaned(words, page_of, known):
    return "".join(kept_words(clean(page_of(words), known).spans, words))


@pytest.mark.parametrize("above", ["", MENU, COMMENTS, MENU + COMMENTS])
@pytest.mark.parametrize("below", ["", MENU, COMMENTS, MIRROR_TAIL])
@pytest.mark.parametrize("report", [HEAD + SPEECH, SPEECH, HEAD + SPEECH + NOTES, SPEECH + TABLE])
def test_furniture_around_a_report_is_dropped(page_of, known, above, below, report):
    assert cleaned(above + report + below, page_of, known) == report


def test_a_page_of_a_mirror_pasted_as_text(page_of, known):
    text = cleaned(MIRROR_HEAD + SPEECH + MIRROR_TAIL, page_of, known)
    assert text == "武安市2031年政府工作报告\n" + MIRROR_HEAD.split(f"{EXCERPT}\n")[1] + SPEECH
    rules = {span.rule for span in clean(page_of(MIRROR_HEAD + SPEECH), known).spans}
    assert "preface-excerpt" in rules


@pytest.mark.parametrize(
    "more",
    [
        "谢谢大家！\n",
        "特此报告。\n武安市人民政府\n2031年1月9日\n",
        "（武安日报）\n",
        "注：报告中的数据为快报数。\n",
        "附件：\n1．主要指标完成情况.doc\n2．责任分解表.doc\n",
        "市十八届人大二次会议秘书处 2031年1月9日印\n",
        "四好农村路：建好、管好、护好、运营好农村公路，方便群众出行。\n" * 4,
        "[^1]: 三区三线：划定城镇、农业、生态空间。\n",
    ],
)
def test_what_belongs_to_a_report_stays_behind_it(page_of, known, more):
    assert cleaned(HEAD + SPEECH + more, page_of, known) == HEAD + SPEECH + more


@pytest.mark.parametrize(
    "letter",
    [
        LETTER,
        "目 录\n一、2030年工作回顾\n二、2031年工作安排\n",
    ],
)
def test_a_letter_or_a_table_of_contents_above_the_title_stays(page_of, known, letter):
    assert cleaned(letter + HEAD + SPEECH, page_of, known) == letter + HEAD + SPEECH


def test_a_piece_without_beginning_and_end_keeps_every_line(page_of, known):
    lines = SPEECH.splitlines(keepends=True)[3:8]
    text = "".join(lines)
    assert cleaned(text, page_of, known) == text
    assert cleaned(MENU + text + COMMENTS, page_of, known) == text


def test_a_short_sentence_ends_a_piece_as_well(page_of, known):
    text = "".join(SPEECH.splitlines(keepends=True)[3:8]) + "在省委的领导下奋力前进。\n"
    assert cleaned(text, page_of, known) == text


def test_a_speech_does_not_close_where_its_numbers_go_on(page_of, known):
    lines = SPEECH.splitlines(keepends=True)
    thanks = "各位代表！这些成绩归功于全市人民的团结奋斗，我向大家表示感谢，愿我们再创辉煌！\n"
    furniture = "上一篇：没有了\n网站地图 联系我们\n下一篇：办事指南\n"
    review, plan = "".join([*lines[:5], thanks]), "".join(lines[5:8])
    text = cleaned(review + furniture + plan, page_of, known)
    assert text.startswith(review)
    assert text.endswith(plan)


def test_furniture_around_a_report_of_another_kind_is_dropped_too(page_of, known):
    text = "各位代表：\n关于武安市第十六个五年规划纲要的报告\n" + SPEECH.split("\n", 1)[1]
    assert cleaned(MENU + text + COMMENTS, page_of, known) == text


def test_short_closing_words_stay_and_a_short_comment_goes(page_of, known):
    speech = "".join(SPEECH.splitlines(keepends=True)[:-1])
    closing, comment = "让我们为美好的明天而奋斗！\n", "让我们一起加油！\n"
    assert cleaned(HEAD + speech + closing, page_of, known) == HEAD + speech + closing
    assert cleaned(HEAD + SPEECH + COMMENTS + comment, page_of, known) == HEAD + SPEECH


@pytest.mark.parametrize(
    "more",
    [
        "我们深信，糀城粄市的翌晨定会愈加绚丽，糀城儿女定会昂首阔步跨进新纪元！\n",
        "名词解释\n一网通办：指政务服务事项一个网站办理。\n糀粄粿饎：蒸糀、捣粄、煎粿、酿饎。\n",
    ],
)
def test_unusual_words_behind_the_closing_ones_stay(page_of, known, more):
    assert cleaned(HEAD + SPEECH + more, page_of, known) == HEAD + SPEECH + more


def test_a_last_section_without_closing_words_stays(page_of, known):
    text = HEAD + SPEECH + (
        "三、重点任务\n主要抓好以下糀粄粿饎：\n新建标准厂房十二万平方米，完善园区供水供电设施。\n"
        "结束语\n各位代表！\n实现全市繁荣富强，是全市人民的共同愿望。今年的任务光荣而艰巨。\n"
    )  # fmt: skip
    assert cleaned(text + MIRROR_TAIL, page_of, known) == text


def test_a_glossary_behind_other_things_stays_where_the_speech_has_its_terms(page_of, known):
    between = "相关阅读\n本市新闻一则\n上一篇：没有了\n"
    notes = "名词解释\n1.乡村振兴：指实施乡村振兴战略的各项工作。\n2.老旧小区：指建成较早的小区。\n"
    assert cleaned(HEAD + SPEECH + between + notes, page_of, known) == HEAD + SPEECH + notes
    others = "名词解释\n1.网络红人：指在网上走红的人。\n2.追星一族：指追捧明星的人。\n"
    assert cleaned(HEAD + SPEECH + between + others, page_of, known) == HEAD + SPEECH


def test_a_title_that_a_link_cut_in_two_does_not_keep_what_is_pasted_around(page_of, known):
    opening, *others = SPEECH.splitlines(keepends=True)
    cut = "今年，我们讨论《\n关于武安市国民经济和社会发展规划的报告\n》。现在，我代表市人民政府，"
    cut += "向大会报告工作，请予审议，并请各位政协委员提出意见。\n"
    text = opening + cut + "".join(others[1:])
    made = cleaned(MENU + text + COMMENTS, page_of, known)
    assert made.replace("\n", "") == text.replace("\n", "")


def test_a_sentence_between_title_and_salutation_stays(page_of, known):
    remark = "本文稿中的数字均为初步统计数。\n"
    assert cleaned(HEAD + remark + SPEECH, page_of, known) == HEAD + remark + SPEECH


@pytest.mark.parametrize("lines", [1, 2, 3])
def test_a_first_page_that_ends_in_mid_sentence_keeps_it(page_of, known, lines):
    cut = (
        "全市完成老旧小区改造三十五处，投入资金十七亿元，同比增长百分之九；全市新建学校十二所，新增学位\n"
        "城镇新增就业五千人，居民收入稳步提高，新增养老床位二百张；新建农村公路四十公里，改造危桥\n"
        "农业综合生产能力稳步提高，新建高标准农田三万亩，粮食产量达到九万吨，畜禽出栏\n"
    )
    text = HEAD + "".join((SPEECH + cut).splitlines(keepends=True)[:3])
    text += "".join(cut.splitlines(keepends=True)[:lines])
    assert cleaned(text, page_of, known) == text


def test_two_reports_in_one_text_stay_both(page_of, known):
    other = HEAD.replace("2031", "2032") + NEXT_SPEECH
    assert cleaned(HEAD + SPEECH + other, page_of, known) == HEAD + SPEECH + other


def test_an_article_that_is_no_report_is_left_alone(page_of, known):
    article = (
        "国乒包揽冠军\n昨晚，国乒在决赛中以三比零横扫对手，第九次捧起奖杯，球迷在看台上久久不肯离去。\n"
        "赛后，队长接受采访时说：“这一刻我们等了四年，想把奖杯献给家人。”\n换一换\n猜你喜欢什么\n"
    )
    spans = clean(page_of(article), known).spans
    assert "outside-report" not in {span.rule for span in spans}


def test_lines_of_a_printed_page_are_not_weighed(page_of, known):
    wrapped = "\n".join(SPEECH.replace("\n", "")[n : n + 28] for n in range(0, 340, 28))
    spans = clean(page_of(HEAD + wrapped + "\n" + MENU), known).spans
    assert "outside-report" not in {span.rule for span in spans}


@pytest.mark.parametrize("width", [20, 25, 30, 36])
def test_no_paragraph_of_a_wrapped_report_is_lost(page_of, known, width):
    """Strange words and the remnants of paragraphs are no end of it."""
    strange = (
        "全市新落户糀糕作坊三十九家，鼋鼍湾码头、罍街夜市、麴院书屋相继开门，乡亲们拍手叫好。\n"
    )
    paragraphs = (HEAD + SPEECH.replace("各位代表！让", f"{strange}各位代表！让")).split("\n")
    wrapped = [line[n : n + width] for line in paragraphs for n in range(0, len(line), width)]
    page = page_of("\n".join(wrapped))
    words = "".join(kept_words(clean(page, known).spans, page.visible))
    assert "".join(words.split()) == "".join("".join(paragraphs).split())


def test_real_reports_in_the_furniture_of_real_pages(shared, known):
    right = {"keep": [0, 0], "junk": [0, 0], "open": [0, 0]}
    for one in pasted(shared, 36, 7, known):
        for fate, stays in zip(one.fates, kept(one, known), strict=True):
            right[fate][0] += stays is (fate == "keep")
            right[fate][1] += 1
    assert right["keep"][0] >= 0.999 * right["keep"][1] > 1000
    assert right["junk"][0] >= 0.99 * right["junk"][1] > 1000


def test_lines_in_any_order_lose_nothing_in_silence(page_of, known):
    dice = random.Random(3)  # noqa: S311
    lines = (HEAD + SPEECH + NOTES + MENU + COMMENTS).splitlines(keepends=True)
    for _ in range(40):
        dice.shuffle(lines)
        words = "".join(lines)
        spans = clean(page_of(words), known).spans
        assert "".join(words[span.start : span.stop] for span in spans) == words
