"""Texts without a header: a place only with a margin, a year never from mere vocabulary."""

import pytest

from archive.identify.dated import candidates
from archive.identify.weigh import weigh
from archive.known import shipped

DISTRICT = (
    "奋力打造美丽滨湖。强化太湖治理，全区水质持续改善。滨湖区坚持生态优先，全区新增绿地二十公顷，"
    "建成滨湖生态科创城，幸福滨湖、平安滨湖建设取得新成效。融入无锡都市圈，全区居民收入增长百分之六。"
    "各位代表，今年我们将继续办好民生实事，区委、区政府将推动滨湖发展。"
)
PROVINCE = (
    "全省上下深入实施创新驱动，省委部署的重大项目加快推进。支持南京、苏州、无锡建设产业科技创新中心，"
    "推动徐州、连云港、宿迁跨越发展，全省粮食总产创新高，我省主要指标好于全国。"
)


@pytest.mark.parametrize(("text", "code"), [(DISTRICT, "320211"), (PROVINCE, "320000")])
def test_a_place_by_its_own_names(text, code):
    found = weigh(text, shipped())
    assert found.decided
    assert found.ranked[0][0].code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "我们坚持稳中求进，推动高质量发展，和安全发展统筹，友好合作，解放思想，惠民利民。",
        "学习上海、北京、深圳、杭州经验，赴广东、浙江招商，加强与四川、重庆合作。",
        "我国国民经济保持增长，我国对外开放扩大，各地区协调发展，支持西藏、新疆发展。",
    ],
)
def test_common_words_and_far_places_are_no_answer(text):
    assert not weigh(text, shipped()).decided


def test_an_undecided_place_keeps_its_candidates(identity_of):
    found = identity_of("各位代表，今年我们将在湄潭和贵阳办好民生实事，请予审议。")
    assert found["place"] is None
    assert found["place_code"] is None or found["place_code"].value is None


def test_the_year_is_null_with_candidates(identity_of):
    found = identity_of(DISTRICT + "落实疫情防控“动态清零”机制，外防输入、内防反弹，推进“双减”。")
    assert found["report_year"].value is None
    assert 2022 in [each.value for each in found["report_year"].candidates[:2]]
    assert found["reviewed_year"] is None


@pytest.mark.parametrize(("year", "sure"), [(1982, False), (2022, True)])
def test_a_heading_alone_is_no_sure_year_of_an_older_report(identity_of, year, sure):
    words = "各位代表：\n现在，我代表市人民政府，向大会报告工作，请予审议。\n"
    found = identity_of(f"{words}二、{year}年的主要任务\n今年，我们要办好民生实事。\n")
    assert found["report_year"].value == year
    assert (found["report_year"].confidence > 0.8) is sure


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("发展新质生产力，落实二十届三中全会精神。", 2025),
        ("开展“三严三实”，适应经济发展新常态。", 2016),
    ],
)
def test_dated_words(text, year):
    assert year in [each.value for each in candidates(text, shipped())[:2]]


def test_no_dated_word_no_candidate():
    assert candidates("我们坚持把发展作为第一要务。", shipped()) == ()


def test_the_seeds_alone(shared, identity_of):
    for seed, code in (("000", "210300"), ("004", "330411")):
        (path,) = (shared / "seeds").glob(f"{seed}_*.txt")
        found = identity_of(path.read_bytes())
        assert (found["place_code"].value, found["place_code"].method) == (code, "weighed")
        assert found["place_code"].candidates
    assert found["report_year"].value is None
    assert 2022 in [each.value for each in found["report_year"].candidates[:2]]


def test_a_text_that_may_be_of_the_province_or_of_a_county_is_neither():
    text = (
        "推进和美乡村建设，支持湄潭做强茶产业，对接贵阳市场，双桥镇、望河镇、金盆镇连片治理，"
        "改造农村公路，建成农贸市场，新增停车泊位，引进茶叶企业。"
    ) * 12
    assert not weigh(text, shipped()).decided


def test_a_province_that_names_itself_is_meant():
    text = "推动湖南高质量发展，建设长沙科技城，支持株洲、湘潭、岳阳做强产业，打造湖南品牌。" * 4
    found = weigh(text, shipped())
    assert found.decided
    assert found.ranked[0][0].code == "430000"
