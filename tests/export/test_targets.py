"""Targets: bounds and phrasing as printed, with the words and their offset."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from archive import Archive, derive
from archive.export.targets import target_rows
from archive.identify.targets import targets
from archive.intake import captures_of, gather
from archive.known import shipped
from archive.model import Capture

COMMA, SEMICOLON, COLON = "\uff0c", "\uff1b", "\uff1a"


def read(text):
    return {target.indicator: target for target in targets(text, shipped())}


def bounds(text, indicator="gdp_growth"):
    found = read(f"今年经济社会发展主要预期目标是:{text}。")[indicator]
    return found.low, found.high, found.bound


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("地区生产总值增长5%左右", (5, 5, "about")),
        ("地区生产总值增长5%", (5, 5, "exactly")),
        ("全市生产总值增长6.5%以上", (6.5, None, "at_least")),
        ("经济增长不低于6%", (6, None, "at_least")),
        ("地区生产总值增长5%—5.5%", (5, 5.5, "range")),
        ("地区生产总值增长5-5.5%", (5, 5.5, "range")),
        ("GDP增速5.5%至6%", (5.5, 6, "range")),
        ("生产总值增长5\uff05左右", (5, 5, "about")),
        ("地区生产总值增速高于全国平均水平", (None, None, "in_step")),
    ],
)
def test_growth_in_the_phrasings_seen(words, expected):
    assert bounds(words) == expected


@pytest.mark.parametrize(
    ("words", "indicator", "expected"),
    [
        ("城镇调查失业率控制在5.5%以内", "surveyed_unemployment", (None, 5.5, "at_most")),
        ("城镇登记失业率控制在4%", "registered_unemployment", (None, 4, "at_most")),
        ("城镇新增就业45万人以上", "new_urban_jobs", (45, None, "at_least")),
        ("居民收入增长与经济增长同步", "income_growth", (None, None, "in_step")),
        ("单位地区生产总值能耗下降3%左右", "energy_intensity_fall", (3, 3, "about")),
        ("粮食产量730亿斤以上", "grain_output", (730, None, "at_least")),
        ("固定资产投资增长8%", "investment_growth", (8, 8, "exactly")),
    ],
)
def test_other_indicators(words, indicator, expected):
    text = f"地区生产总值增长5%左右{COMMA}{words}"
    assert bounds(text, indicator) == expected
    assert bounds(text) == (5, 5, "about")


def test_energy_for_each_unit_of_product_is_no_growth():
    found = read("主要预期目标是:地区生产总值增长5%,单位地区生产总值能耗下降3%。")
    assert found["gdp_growth"].low == 5
    assert found["energy_intensity_fall"].low == 3


def test_five_years_are_not_the_year():
    text = (
        "“十五五”时期经济社会发展主要目标是:地区生产总值年均增长6%以上。\n"
        f"今年主要预期目标是{COLON}地区生产总值增长5%左右{SEMICOLON}居民消费价格涨幅2%左右。"
    )
    assert read(text)["gdp_growth"].words == "地区生产总值增长5%左右"


def test_what_was_reached_is_no_target():
    assert read("一年来,地区生产总值增长5.2%,固定资产投资增长8%。") == {}


def test_words_stand_where_they_say():
    text = "前言。\n今年经济社会发展的主要预期目标是:地区生产总值增长5%左右,城镇新增就业3万人。"
    for target in targets(text, shipped()):
        assert text[target.start : target.stop] == target.words


def test_two_figures_for_two_groups_are_no_one_figure():
    found = read("主要预期目标是:地区生产总值增长5%,城乡居民人均可支配收入分别增长5%、6%。")
    assert "income_growth" not in found


def test_a_line_of_a_million_characters():
    (target,) = targets("主要预期目标是" + "地区生产总值增长" * 120_000, shipped())
    assert (target.low, target.bound) == (None, "unquantified")
    assert len(target.words) <= 700


def test_rows_lead_back_to_the_archive(tmp_path, baogao):
    text = (
        "武安市2023年政府工作报告\n——2023年1月7日在武安市第九届人民代表大会第二次会议上\n"
        "市长 演示甲\n各位代表:\n现在,我代表市人民政府向大会报告工作,请予审议。\n"
        "二、2023年工作安排\n今年主要预期目标是:地区生产总值增长7%左右,粮食产量稳定。\n"
    )

    capture = Capture(url="http://x.test/a.txt", payload=text.encode(), filename="a.txt")
    with Archive.open(tmp_path / "x.db", create=True) as archive, archive.run("backfill") as run:
        run.text(run.capture(capture), derive(capture))
        archive.collate(run.id)
    shown = baogao("targets", "x.db", "-o", "t.csv")
    assert shown.returncode == 0, shown.stderr.decode()
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        growth, grain = csv.DictReader(file)
    assert (growth["low"], growth["bound"], grain["low"]) == ("7.0", "about", "")
    at = int(growth["paragraph_start"]) + int(growth["start"])
    assert text[at : at + len(growth["words"])] == growth["words"]
    assert baogao("targets", "x.db", "-o", "t.dta").returncode == 0
    frame = pd.read_stata(tmp_path / "t.dta")
    assert frame["low"][0] == 7
    assert pd.isna(frame["low"][1])
    assert frame["words"][0] == growth["words"]
    assert baogao("targets", "x.db", "-o", "t.doc").returncode == 2


# Growth targets of the 31 provincial reports of 2026 (low, high, bound), read by eye in the texts.
GROWTH_2026 = {
    "上海市": (5, 5, "about"), "云南省": (4.5, 4.5, "about"), "内蒙古自治区": (5, 5, "about"),
    "北京市": (5, 5, "about"), "吉林省": (5, 5, "about"), "四川省": (5.5, 5.5, "about"),
    "天津市": (4.5, 4.5, "exactly"), "宁夏回族自治区": (5, 5, "about"),
    "安徽省": (5, 5.5, "range"), "山东省": (5, None, "at_least"), "山西省": (4.5, 5, "range"),
    "广东省": (4.5, 5, "range"), "广西壮族自治区": (5, 5, "about"),
    "新疆维吾尔自治区": (5.5, 6, "range"), "江苏省": (5, 5, "exactly"),
    "江西省": (5, 5.5, "range"), "河北省": (5, None, "at_least"), "河南省": (5, 5, "about"),
    "浙江省": (5, 5.5, "range"), "海南省": (6, 6, "about"), "湖北省": (5.5, 5.5, "about"),
    "湖南省": (5, 5, "about"), "甘肃省": (5.5, 5.5, "about"), "福建省": (5, 5, "about"),
    "西藏自治区": (7, None, "at_least"), "贵州省": (5, 5, "about"), "辽宁省": (4.5, 4.5, "about"),
    "重庆市": (5, None, "at_least"), "陕西省": (5, 5, "about"), "青海省": (4.5, 4.5, "about"),
    "黑龙江省": (4.5, 5, "range"),
}  # fmt: skip


def test_growth_targets_of_the_provinces(shared):
    folder = shared / "reports" / "provinces-2026"
    right = 0
    for path in gather([str(folder)]):
        (capture,) = captures_of(path)
        found = read(capture.payload.decode()).get("gdp_growth")
        expected = GROWTH_2026[path.name.split("_")[1]]
        right += found is not None and (found.low, found.high, found.bound) == expected
    assert right == len(GROWTH_2026) == 31


def test_no_report_no_rows():
    assert list(target_rows([], shipped())) == []
