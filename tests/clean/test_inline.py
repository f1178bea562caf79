"""Damage inside lines: what is applied, what is only flagged, and what is text after all."""

import csv
import json

import pytest

from archive.clean import clean
from archive.clean.shifted import repaired
from archive.model import kept_words


def cleaned(words, page_of, known):
    return "".join(kept_words(clean(page_of(words), known).spans, words))


@pytest.mark.parametrize(
    ("damaged", "right"),
    [
        ("政府⼯作报告，⼈⺠代表⼤会", "政府工作报告，人民代表大会"),
        ("\uf98e年前", "年年前"),
        ("\ufa11县", "\ufa11县"),
        ("政府工作報(bào)告", "政府工作報告"),
        ("政(zheng)(zheng)(zheng)府", "政府"),
        ("國務院辦(ban)公廳關(guan)于工(gong)作", "國務院辦公廳關于工作"),
        ("營(ꦫying)商环境", "營商环境"),
        ("听取意🌃見", "听取意見"),
        ("建設?,F(xiàn)代化", "建設。現代化"),
        ("取得進展?;仡欉^去", "取得進展。回顧過去"),
        ("服務好??h級單位", "服務好。縣級單位"),
        ("。ㄇ刂輩^(qū)的", "(秦州區的"),
        ("走过百年后,,走在前列", "走过百年后,走在前列"),
        ("行业vocs治理,pm2.5下降,ⅲ类水", "行业VOCs治理,PM2.5下降,Ⅲ类水"),
        ("政\u200b府工作", "政府工作"),
        ("% ^1 D; D2 a) \\/ O) C* \\|6 n一、工作回顾", "一、工作回顾"),
    ],
)
def test_repairs_that_are_applied(page_of, known, damaged, right):
    assert cleaned(damaged, page_of, known) == right


def test_a_character_lost_in_a_shifted_run_is_a_gap_with_a_flag(page_of, known):
    words = "。ㄒ唬┙(jīng)濟"
    assert cleaned(words, page_of, known) == "(一)\ufffd濟"
    (flag,) = clean(page_of(words), known).flags
    assert (flag.kind, flag.words) == ("gbk-shift-lost", "┙")
    assert "jīng" in flag.evidence


@pytest.mark.parametrize(
    ("words", "flag"),
    [
        ("“东北大集?某河站”活动", ("question-mark", "?", "·")),
        ("市长? 吕某某", ("lost-space", "?", "")),
        ("探索“智慧医保 未来社区”建设", ("lost-plus", " ", "+")),
        ("纪念“3 15”活动", ("lost-plus", " ", "+")),
        ("xx县人民政府", ("blanked", "xx", None)),
        ("20XX年工作", ("blanked", "20XX", None)),
        ("新冠xiKdqE疫情", ("stray-token", "xiKdqE", "")),
    ],
)
def test_what_cannot_be_proven_is_flagged_and_left(page_of, known, words, flag):
    kind, flagged, proposal = flag
    flags = clean(page_of(words), known).flags
    assert {(flag.kind, flag.words) for flag in flags} == {(kind, flagged)}
    assert cleaned(words, page_of, known) == words
    if proposal is not None:
        assert flags[0].proposals[0] == proposal


@pytest.mark.parametrize(
    "words",
    [
        "Ⅳ类水体占比5‰,见〔5〕、[24]、[实事1]和①。",
        "一、(一) 1.完成2+10行动,PM2.5下降。",
        "ᠮᠣᠩᠭᠣᠯ ᠬᠡᠯᠡ 授课 བོད་ཡིག ئۇيغۇرچە 한국어 学习",
        '"十三五"规划收官,請予審議',
        "怎么办?我们要用行动回答。",
        "发展B超、K12、T恤和4K产业,R&D经费增长",
        "推进“不忘初心 牢记使命”教育,实施“5+1”工程",
        "时速120公里(km)的高铁,推广公私合作(PPP)模式",
    ],
)
def test_characters_of_the_genre_survive(page_of, known, words):
    cleaning = clean(page_of(words), known)
    assert cleaned(words, page_of, known) == words
    assert cleaning.flags == ()


@pytest.mark.parametrize("run", ["?", "?,", "。", "?,Z", "。ㄒ", "?！～"])
def test_what_is_no_shifted_run_is_left(run):
    assert repaired(run)[0] == ""


def test_sentences_cut_by_a_page_number_are_joined(page_of, known):
    words = "全体居民人均可支配收入达到 16883\n- 2 -\n元,同比增长百分之五。\n"
    assert (
        cleaned(words, page_of, known) == "全体居民人均可支配收入达到 16883元,同比增长百分之五。\n"
    )


def test_a_heading_above_a_page_number_is_not_joined(page_of, known):
    words = "一、过去一年工作的主要回顾\n- 2 -\n过去的一年,全市上下共同努力。\n"
    assert "回顾\n过去" in cleaned(words, page_of, known)


def test_hard_wrapped_lines_are_joined(page_of, known):
    paragraph = (
        "面对复杂严峻的外部环境和艰巨繁重的改革发展稳定任务我们坚持以习近平新时代中国特色社会主义思想为指导"
        * 6
    )
    wrapped = "\n".join(paragraph[i : i + 30] for i in range(0, len(paragraph), 30))
    assert cleaned(wrapped, page_of, known) == paragraph


def test_every_damaged_place_of_the_real_texts_is_found(shared, page_of, known):
    gold = json.loads((shared / "seeds" / "gold.json").read_text(encoding="utf-8"))["seeds"]
    missed = []
    for name, seed in gold.items():
        visible = (shared / "seeds" / seed["file"]).read_bytes().decode()
        page = page_of(visible)
        cleaning = clean(page, known)
        found = {(flag.start, flag.stop) for flag in cleaning.flags}
        found |= {(s.start, s.stop) for s in cleaning.spans if s.action == "replace"}
        for place in seed["corrupted_spans"]:
            if place["kind"].startswith("brand"):
                continue
            start = page.blocks[place["line"] - 1].start
            if (start + place["start"], start + place["end"]) not in found:
                missed.append((name, place["text"]))
    assert missed == []


def test_nothing_is_repaired_in_the_provincial_reports(shared, page_of, known):
    csv.field_size_limit(10**9)
    inline = {rule.id for rule in known.rules if rule.scope == "inline"}
    for path in sorted((shared / "reports" / "provinces-2026").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                spans = clean(page_of(row["full_text"]), known).spans
                assert {span.rule for span in spans} & inline == set(), row["province"]
