"""Hijack flags: brands of the lexicon, changed templates, and both verdicts."""

from dataclasses import replace

import pytest

from archive.clean import clean
from archive.judge import judge
from archive.judge.hijack import insertions
from archive.model import Capture, Meta, Value


def judged(page, known):
    return judge(page, clean(page, known), {}, Capture(""), known)


REPORT = """2021年某县人民政府工作报告

各位代表:

一年来,在{}、省政府和市委的坚强领导下,我们全面完成了各项目标任务,取得了新的成绩。

{}人民政府工作报告的各项任务已经全部分解落实到位,责任到人,限期完成。
"""


@pytest.mark.parametrize("brand", ["乐鱼体育", "365体育投注_365体育直播-竞猜网投", "PP电子娱乐"])
def test_a_listed_brand_is_flagged_with_its_place_and_changes_nothing(page_of, known, brand):
    page = page_of(REPORT.format(brand, brand))
    cleaning = clean(page, known)
    judgement = judged(page, known)
    assert [page.visible[f.start : f.stop] for f in judgement.flags] == [brand, brand]
    assert {f.kind for f in judgement.flags} == {"hijack"}
    assert all(f.words == brand and "brand" in f.evidence for f in judgement.flags)
    assert (judgement.verdict, judgement.page_verdict) == ("hijacked", "hijacked")
    kept = "".join(page.visible[s.start : s.stop] for s in cleaning.spans if s.action == "keep")
    assert kept.count(brand) == 2


def test_what_stands_beside_each_occurrence_is_no_part_of_a_listed_brand(page_of, known):
    line = "在必赢体育、省政府和市委的领导下，我们又修了一座桥。\n"
    judgement = judged(page_of(REPORT.format("省委", "某县") + line * 4), known)
    assert [flag.words for flag in judgement.flags] == ["必赢体育"] * 4


@pytest.mark.parametrize("name", ["皇冠国际城市综合体", "金沙县", "银河集团", "永利村", "云顶国际"])
def test_a_genuine_name_is_no_brand(page_of, known, name):
    judgement = judged(
        page_of(REPORT.format("省委", "某县") + f"推进{name}等项目建设,完成投资十亿元。"), known
    )
    assert judgement.flags == ()
    assert (judgement.verdict, judgement.page_verdict) == ("clean", "clean")


def test_a_brand_in_dropped_lines_leaves_the_text_clean(page_of, known):
    judgement = judged(
        page_of(REPORT.format("省委", "某县") + "\n版权所有:开云体育人民政府"), known
    )
    assert [f.words for f in judgement.flags] == ["开云体育"]
    assert (judgement.verdict, judgement.page_verdict) == ("clean", "hijacked")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("鼎鑫体育人民政府办公室", "鼎鑫体育"),
        ("主办单位：鼎鑫娱乐", "鼎鑫娱乐"),
        ("版权所有 鼎鑫棋牌", "鼎鑫棋牌"),
        ("在鼎鑫电竞市委的坚强领导下，我们又修了一座桥。", "鼎鑫电竞"),
    ],
)
def test_a_name_made_like_a_brand_is_no_public_body_even_once(page_of, known, line, words):
    judgement = judged(page_of(f"{REPORT.format('省委', '某县')}\n{line}\n"), known)
    assert [(flag.kind, flag.words) for flag in judgement.flags] == [("hijack", words)]
    assert judgement.page_verdict == "hijacked"


@pytest.mark.parametrize(
    "line",
    [
        "主办单位：某县体育局", "群众体育、县委重点工作同步推进。",
        "规范棋牌娱乐场所，县人民政府挂牌督办。",
        "文化体育娱乐业增加值增长8%。",
    ],
)  # fmt: skip
def test_public_bodies_and_regulated_trades_are_no_brands(page_of, known, line):
    judgement = judged(page_of(f"{REPORT.format('省委', '某县')}\n{line}\n"), known)
    assert (judgement.flags, judgement.page_verdict) == ((), "clean")


LEADS = (
    "在{}、省政府和市委的领导下，",
    "认真落实{}、省政府部署，",
    "按照{}、市政府的要求，",
    "{}、省政府给予肯定，",
)


@pytest.mark.parametrize("brand", ["鼎鑫集团体育", "卡塔尔棋牌", "大鼎家彩票"])
def test_endings_that_are_joined_and_countries_hide_no_brand(page_of, known, brand):
    lines = "".join(f"{lead.format(brand)}我们又修了一座桥。\n" for lead in LEADS)
    judgement = judged(page_of(REPORT.format("省委", "某县") + lines), known)
    assert [flag.words for flag in judgement.flags] == [brand] * len(LEADS)


@pytest.mark.parametrize("name", ["鼎博科技", "乐鼎体育公园", "鼎品棋牌文化村"])
def test_a_real_thing_that_is_always_named_in_full_is_no_brand(page_of, known, name):
    lines = [f"推进{name}建设，完成投资9亿元。", f"{name}项目开工。", f"依托{name}，带动就业90人。"]
    judgement = judged(page_of(REPORT.format("省委", "某县") + "\n".join(lines * 2)), known)
    assert (judgement.flags, judgement.verdict) == ((), "clean")


def test_a_changed_template_line_is_found_without_any_lexicon(page_of, known):
    disclaimer = (
        "本文仅代表作者观点,不代表本站立场。建议您到相关地区政府某某彩官网浏览或下载完整版本;"
    )
    judgement = judged(page_of(REPORT.format("省委", "某县") + "\n" + disclaimer), known)
    assert [f.words for f in judgement.flags] == ["某某彩"]
    assert "template" in judgement.flags[0].evidence
    assert (judgement.verdict, judgement.page_verdict) == ("clean", "hijacked")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("到政府官网浏览", []),
        ("到政府某某官网浏览", [(3, 5)]),
        ("到政府", []),
        ("官网浏览", []),
        ("", []),
    ],
)
def test_insertions(words, found):
    assert list(insertions(words, "到政府官网浏览")) == found


SLOTS = """2021年某市人民政府工作报告

各位代表:

一年来,在{0}、省政府和市委的坚强领导下,全市上下团结一心,完成了各项目标任务。

我们认真抓好{0}巡视反馈意见整改,深度融入{0}现代化都市圈,发展活力不断增强。

版权所有:{0}人民政府 网站标识码:2100000000
"""


def place(value):
    return Value(value, value, "visible", "read", 1.0)


IDENTITY = {"place_code": place("210300"), "site_id": place("2100000000")}


@pytest.mark.parametrize("brand", ["某丰汇", "金鼎娱乐", "kaili168", "博亿_博亿网"])
def test_an_unlisted_name_in_official_slots_is_flagged_with_readings(page_of, known, brand):
    page = page_of(SLOTS.format(brand))
    judgement = judge(page, clean(page, known), IDENTITY, Capture(""), known)
    assert [(f.words, f.proposals[0]) for f in judgement.flags] == [
        (brand, "省委"),
        (brand, "省委"),
        (brand, "沈阳"),
        (brand, "辽宁省"),
    ]
    assert (judgement.verdict, judgement.page_verdict) == ("hijacked", "hijacked")
    assert all("省委" in flag.evidence for flag in judgement.flags)


@pytest.mark.parametrize("words", ["省委", "鞍山市", "市委", "开原市"])
def test_official_words_and_places_are_not_foreign(page_of, known, words):
    page = page_of(SLOTS.format(words))
    assert judge(page, clean(page, known), IDENTITY, Capture(""), known).flags == ()


def test_without_a_known_place_no_place_is_proposed(page_of, known):
    page = page_of(SLOTS.format("乐鱼体育"))
    judgement = judge(page, clean(page, known), {}, Capture(""), known)
    assert [f.proposals[:1] for f in judgement.flags][2:] == [(), ()]


def test_the_name_of_a_spam_line_is_followed_through_the_page(page_of, known):
    page = page_of("某乐汇,某乐汇下载,某乐汇注册登录\n" + REPORT.format("省委", "某乐汇"))
    judgement = judged(page, known)
    assert {f.words for f in judgement.flags} == {"某乐汇"}
    assert judgement.verdict == "hijacked"


@pytest.mark.parametrize("line", ["某乐棋牌", "欧美日韩免费观看"])
def test_a_line_of_spam_that_repeats_no_name_tells_none(page_of, known, line):
    page = page_of(f"{line}\n" + REPORT.format("省委", "某县"))
    cleaning = clean(page, known)
    kinds = {rule.id: rule.kind for rule in known.rules}
    assert kinds[cleaning.spans[0].rule] == "spam"
    assert judge(page, cleaning, {}, Capture(""), known).flags == ()


def test_a_page_of_nothing_but_spam_is_judged_in_bounded_time(page_of, known):
    judged(page_of("某乐汇、省政府。" * 20_000), known)


def test_the_real_texts(shared, page_of, known):
    found = {}
    for path in sorted((shared / "seeds").glob("*.txt")):
        page = page_of(path.read_bytes().decode())
        judgement = judge(page, clean(page, known), IDENTITY, Capture(""), known)
        words = [flag.words for flag in judgement.flags if flag.kind == "hijack"]
        found[path.name[:3]] = (len(words), set(words), judgement.verdict, judgement.page_verdict)
    assert found == {
        "000": (0, set(), "clean", "clean"),
        "001": (10, {"必赢体育"}, "hijacked", "hijacked"),
        "002": (0, set(), "clean", "clean"),
        "003": (0, set(), "clean", "clean"),
        "004": (1, {"pp电子娱乐"}, "clean", "hijacked"),
    }


def test_the_real_hijack_under_an_unlisted_brand(shared, page_of, known):
    (path,) = (shared / "seeds").glob("001_*.txt")
    page = page_of(path.read_bytes().decode().replace("必赢体育", "汇丰源"))
    judgement = judge(page, clean(page, known), IDENTITY, Capture(""), known)
    readings = [flag.proposals[0] for flag in judgement.flags]
    assert {flag.words for flag in judgement.flags} == {"汇丰源"}
    assert readings == ["省委", "沈阳", *["省委"] * 3, "沈阳", "省委", "辽宁省", "辽宁省", "沈阳"]
    assert judgement.verdict == "hijacked"


def test_words_that_a_long_report_always_has_are_missed(page_of, known):
    long = (
        SLOTS.format("汇丰源") + "全市上下团结一心,各项事业取得新的进步,人民生活不断改善。\n" * 200
    )
    page = page_of(long)
    judgement = judge(page, clean(page, known), IDENTITY, Capture(""), known)
    assert "absent: 省委、沈阳、辽宁省" in judgement.flags[0].evidence
    assert "surprise: " in judgement.flags[0].evidence


def test_a_brand_in_the_title_of_a_clean_page_is_flagged(page_of, known):
    page = replace(
        page_of(REPORT.format("省委", "某县")),
        metas=(Meta("title", "某乐娱乐_某乐娱乐官网"), Meta("meta:keywords", "开云体育,体育")),
    )
    judgement = judged(page, known)
    assert {flag.words for flag in judgement.flags} == {"某乐娱乐", "开云体育"}
    assert all((flag.start, flag.stop) == (0, 0) for flag in judgement.flags)
    assert (judgement.verdict, judgement.page_verdict) == ("clean", "hijacked")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("预料增长百分之八,让农夫得到实惠,建设华蜜家园。", "预料增长、农夫、华蜜 (3 times, 2 make"),
        ("xx县人民政府、xx镇和20XX年的工作,以及××村。", "xx、20XX、×× (4 times, 3 make"),
        ("In /kloc-0 the output value grew.", "/kloc-0 (1 times, 1 make"),
    ],
)
def test_a_text_altered_by_a_program_is_suspect_and_says_why(page_of, known, words, why):
    judgement = judged(page_of(REPORT.format("省委", "某县") + "\n" + words), known)
    assert (judgement.verdict, judgement.page_verdict) == ("suspect", "suspect")
    (told,) = [flag for flag in judgement.flags if flag.kind == "suspect"]
    assert why in told.evidence
    assert "cleared by a copy of the report" in told.evidence


def test_a_few_blanked_names_make_no_text_suspect(page_of, known):
    judgement = judged(page_of(REPORT.format("省委", "某县") + "\nxx镇和××村。"), known)
    assert judgement.verdict == "clean"
    assert judgement.flags == ()


def test_a_page_full_of_foreign_names_is_judged_in_bounded_time(page_of, known):
    names = [chr(0x4E00 + 37 * i % 20000) + chr(0x4E00 + 91 * i % 20000) for i in range(9000)]
    judged(page_of("、".join(names * 2)), known)


HONEST = """2021年某市人民政府工作报告

各位代表:

一年来,在省委、省政府和市委的坚强领导下,{0}建设取得新的成效,群众十分满意。

加快{0}项目进度,与{0}合作不断深化,{0}投入使用,打造{0}品牌,办好{0}活动。
"""


@pytest.mark.parametrize(
    "name",
    [
        "体育彩票", "福彩公益金", "电竞小镇", "光彩事业", "彩虹湖", "七彩云谷", "凤凰国际",
        "万象平台", "龙腾集团", "学校官网", "文博园", "奥体健身馆", "南果梨", "C919", "冰雪体育",
        "海锦凌云水库", "星光娱乐广场", "巧手匠人会", "皇冠国际", "冰雪嘉年华", "梦乐城",
    ],
)  # fmt: skip
def test_an_honest_local_name_that_comes_back_is_no_hijack(page_of, known, name):
    assert judged(page_of(HONEST.format(name)), known).flags == ()


def test_in_a_page_of_spam_the_frequent_names_are_still_found(page_of, known):
    """Most of its unknown pairs are not examined, but those of the injected brand are."""
    noise = [chr(0x4E00 + 37 * i % 20000) + chr(0x4E00 + 91 * i % 20000) for i in range(9000)]
    praise = ["在海锦凌云娱乐、市委的坚强领导下", "由海锦凌云娱乐、市委统一领导"]
    lines = [
        f"{word}。{praise[n // 100 % 2]}" if n % 100 == 0 else word for n, word in enumerate(noise)
    ]
    judgement = judged(page_of("。".join(lines * 2)), known)
    assert {flag.words for flag in judgement.flags if flag.kind == "hijack"} == {"海锦凌云娱乐"}
