"""Front matter, speech and appendix; headings and both halves."""

import pytest

from archive import Capture, derive
from archive.clean import clean
from archive.identify.structure import outline
from archive.known import shipped
from archive.read import read

HEAD = """2024年宜兴市政府工作报告
——2024年1月9日在宜兴市第十八届人民代表大会第三次会议上
市长 甘示例
"""
SPEECH = """各位代表：
现在，我代表市人民政府，向大会报告工作，请予审议。
一、2023年工作回顾
过去一年，我们坚持稳中求进，经济运行稳中向好。
（一）产业发展提质。全年工业增加值增长百分之六，结构更优。
（二）城乡面貌改善。改造老旧小区三十个，农村公路提档。
二、2024年工作安排
今年是关键一年，我们将重点抓好以下工作。
（一）办好民生实事。全力办好十件实事。
1.改造农贸市场。
三、加强政府自身建设
坚持依法行政，接受人大监督。
各位代表！让我们团结一心、开拓创新，为建设美好宜兴而努力奋斗！
"""
NOTES = "名词解释\n1.和美乡村：宜居宜业的乡村。\n2.高效办成一件事：优化政务服务。\n"


def parts_of(text):
    return [(p.part, p.text) for p in derive(Capture.from_bytes(text.encode())).passages]


def test_the_speech_begins_at_its_salutation():
    found = parts_of(HEAD + SPEECH)
    assert [part for part, _ in found[:3]] == ["front"] * 3
    assert {part for part, _ in found[3:]} == {"body"}


@pytest.mark.parametrize(
    "appendix",
    [
        NOTES,
        "附件：2024年民生实事项目\n1.改造农贸市场。\n2.新建停车场。\n",
        "[1]和美乡村：宜居宜业的乡村。\n[2]一件事：优化政务服务。\n",
        "《政府工作报告》有关名词解释\n和美乡村，是指宜居宜业的乡村。\n",
    ],
)
def test_what_follows_the_closing_words_is_appendix(appendix):
    found = parts_of(HEAD + SPEECH + appendix)
    assert [text for part, text in found if part == "appendix"] == appendix.strip().split("\n")


def test_a_section_about_a_list_is_no_appendix():
    assert "appendix" not in {part for part, _ in parts_of(HEAD + SPEECH)}


def test_a_fragment_keeps_its_list_apart():
    text = (
        "(江苏省)无锡市滨湖区人民政府工作报告(2021年12月20日)\n"
        + "坚持创新驱动，培育高新技术企业八家。\n" * 8
        + "民生实事：\n1.改造老旧小区。\n2.新建停车场。\n"
    )
    found = parts_of(text)
    assert found[0][0] == "front"
    assert next(text for part, text in found if part == "appendix") == "民生实事："


def test_an_address_in_the_middle_closes_nothing():
    middle = SPEECH.replace(
        "二、2024", "各位代表！成绩来之不易，这是全市人民团结奋斗的结果！\n二、2024"
    )
    assert {part for part, _ in parts_of(HEAD + middle)[3:]} == {"body"}


def test_headings_with_level_number_and_half():
    capture = Capture.from_bytes((HEAD + SPEECH + NOTES).encode())
    page = read(capture, shipped())
    found = outline(page, clean(page, shipped()))
    assert [(h.level, h.number, h.half) for h in found] == [
        (1, 1, "review"), (2, 1, "review"), (2, 2, "review"),
        (1, 2, "plan"), (2, 1, "plan"), (3, 1, "plan"), (1, 3, "plan"),
    ]  # fmt: skip
    assert found[1].words == "产业发展提质"
    for heading in found:
        assert page.visible[heading.start : heading.stop].strip()


def test_appendices_of_the_provincial_reports(shared):
    """The five reports whose tail is known to be a glossary or a list, and their shares."""
    shares = {
        "广东省": 0.141,
        "四川省": 0.087,
        "江西省": 0.084,
        "海南省": 0.073,
        "内蒙古自治区": 0.050,
    }
    for name, share in shares.items():
        (path,) = (shared / "reports" / "provinces-2026").glob(f"*{name}*.csv")
        text = path.read_text(encoding="utf-8-sig").split(',"', 1)[1]
        spans = derive(Capture.from_bytes(text.encode())).spans
        got = sum(span.stop - span.start for span in spans if span.part == "appendix") / len(text)
        assert abs(got - share) < 0.01, name


def test_a_salutation_behind_pages_of_prose_opens_nothing():
    prose = (
        "持续推进产业升级，全市工业增加值增长百分之六，新增规模以上工业企业三十家，发展后劲持续增强，"
        * 2
    )
    text = f"{prose}。\n" * 20 + SPEECH
    assert parts_of(text)[0][0] == "body"


def test_an_address_with_prose_behind_it_opens_nothing():
    review = (
        "民生福祉持续增进。城镇新增就业三万人，社会保险扩面提质。\n各位代表！一路走来，风雨兼程。这是省委、省政府和市委"
        "坚强领导的结果，也是市人大、市政协监督支持的结果，我们向大家表示感谢。\n二、2024年工作安排\n今年，我们将办好实事。\n"
    )
    assert {part for part, _ in parts_of(review)} == {"body"}
