"""Hijack flags: brands of the lexicon, changed templates, and both verdicts."""

import pytest

from archive.clean import clean
from archive.judge import judge
from archive.judge.hijack import insertions
from archive.model import Capture


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
