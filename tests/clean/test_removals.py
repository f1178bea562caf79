"""No words of the real reports beside the project are removed: each removal has a label."""

import sys
from pathlib import Path

import pytest

from archive.clean import clean
from archive.model import kept_words

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from bench_removals import labels, removals, removals_alone
from corpora import texts

EVERY = 12


def test_every_removal_from_a_sample_of_the_corpora_is_furniture(shared, known):
    labelled = labels()
    wrong = [
        (one.name, one.rule, one.words[:40])
        for number, (name, text) in enumerate(texts(shared))
        if number % EVERY == 0
        for one in (*removals(name, text, known), *removals_alone(name, text, known))
        if labelled.get(one.digest) != "furniture"
    ]
    assert wrong == []


HEAD = "政府工作报告\n各位代表：\n现在，我代表市人民政府，向大会报告工作，请予审议。\n"
END = "各位代表！让我们更加紧密地团结起来，为完成全年任务而努力奋斗！\n"
NOTES = """名词解释
1.[4+2+N]：四个片区，两条走廊，若干节点。
[12]R&D：研究与试验发展。
[^3]: 三区三线，划定边界。
4.多规合一：几种规划放在一张图上。(见第3页)
5.一窗受理：在一个窗口接件。(见第3页)
6.驻村辅导：派人到村里帮忙。(见第3页)
7.糀（huā）糕：当地一种米糕。
[1]5G+：融合应用。
"""
PROJECTS = """附件
2031年民生实事
1.修路。新修乡村道路30公里。
主办单位：市交通局
协办单位：市财政局、各乡镇
单位：万人
2.助餐。新开社区食堂12处。（市民政局负责）
主办单位：市民政局
3.助学。新开幼儿园6所。（市教育局负责）
审核：市教育局
"""


@pytest.mark.parametrize("appendix", [NOTES, PROJECTS])
def test_notes_and_projects_behind_a_report_stay_whole(page_of, known, appendix):
    words = HEAD + END + appendix
    spans = clean(page_of(words), known).spans
    assert "".join(kept_words(spans, words)) == words
