"""Documents glued into one text: where each one begins, and what is no beginning."""

import pytest
from clean.pasting import derived, pasted, text_of

from archive.clean import cleaned
from archive.clean.beginnings import beginnings
from archive.clean.sections import BEGINS, UNSURE
from archive.known import shipped
from archive.model import Capture, passages
from archive.read import read

PLACES = (
    "凌海市",
    "和县",
    "武安市",
    "兴城市",
    "北票市",
    "东港市",
    "灯塔市",
    "调兵山市",
    "开原市",
    "凤城市",
)
REPORTS = [text_of(place, 2010 + n, seed=40 + n, paragraphs=14) for n, place in enumerate(PLACES)]
UNCERTAIN = {"with_fragment"}
LEFT_OUT = {"with_news"}


def sections(text):
    page = read(Capture.from_bytes(text.encode(), filename="text.txt"), shipped())
    return cleaned(page, shipped()).sections


def flags(derivation, kind):
    return [flag for flag in derivation.flags if flag.kind == kind]


@pytest.mark.parametrize("maker", pasted.GLUINGS, ids=lambda maker: maker.__name__)
def test_each_document_begins_at_its_first_character(maker):
    text, starts = pasted.glued(maker(REPORTS))
    found = sections(text)
    if maker.__name__ in UNCERTAIN:
        assert [section.sure for section in found] == [True, False]
        return
    if maker.__name__ in LEFT_OUT:
        assert [section.start for section in found] == [0]
        assert derived(text).text == derived(text[: starts[1]]).text
        return
    assert [section.start for section in found] == [0, *starts[1:]]
    assert all(section.sure for section in found)
    assert found[-1].stop == len(text)


def test_two_reports_in_one_line_are_known_to_be_two_and_not_where():
    text, starts = pasted.glued(["".join(text.splitlines()) for text in REPORTS[:2]], between="")
    made = derived(text)
    (flag,) = flags(made, UNSURE)
    assert flag.start == starts[1]
    assert made.shape == "compilation"
    assert flags(made, BEGINS) == []


def test_each_further_document_is_flagged_with_what_told_it():
    text, starts = pasted.glued(REPORTS[:3])
    made = derived(text)
    assert [flag.start for flag in flags(made, BEGINS)] == starts[1:]
    assert flags(made, BEGINS)[0].words == REPORTS[1].splitlines()[0]
    assert "title, session, salutation, opening" in flags(made, BEGINS)[0].evidence
    assert made.text.replace("\n", "") == text.replace("\n", "")


def test_a_report_with_another_document_keeps_its_identity_and_its_words():
    alone = derived(REPORTS[0])
    text, starts = pasted.glued(pasted.planned(REPORTS))
    made = derived(text)
    for name in ("place_code", "report_year", "session", "speaker", "delivered_on", "kind"):
        assert made.identity[name] == alone.identity[name], name
    assert made.identity["completeness"].value == alone.identity["completeness"].value
    body = [passage for passage in made.passages if passage.part == "body"]
    assert [passage.text for passage in body] == [
        p.text for p in alone.passages if p.part == "body"
    ]
    assert {p.part for p in made.passages if p.start >= starts[1]} == {"appendix"}


def test_of_several_reports_each_has_its_front_and_its_body():
    text, starts = pasted.glued(REPORTS[:2])
    passages = derived(text).passages
    second = [passage.part for passage in passages if passage.start >= starts[1]]
    assert second[:3] == ["front"] * 3
    assert set(second[3:]) == {"body"}


def test_a_page_keeps_what_it_prints_around_its_documents():
    text, _ = pasted.glued(pasted.translated(REPORTS))
    made = derived(f"发布时间：2024-02-03\n{text}")
    assert made.identity["published_on"].value == "2024-02-03"
    assert made.identity["report_year"].value == 2010


@pytest.mark.parametrize(
    "tail",
    [
        ["名词解释", "1.“三桥”行动：指新建的三座桥梁。", "2.“十路”行动：指改造的十条道路。"],
        [
            "附件：2024年民生实事",
            "一、新建幼儿园三所。",
            "二、改造老旧小区十个。",
            "三、新增停车位五百个。",
        ],
        ["《政府工作报告》有关用语说明", "1、财政总收入：包括国税收入和地税收入。" * 6],
        ["2024年主要指标测算说明", "一、生产总值", "增长动力来自商贸和其他服务业的贡献。" * 6],
        ["相关附件", "2024年政府工作报告.docx", "一图读懂2024年政府工作报告"],
    ],
    ids=lambda tail: tail[0],
)
def test_an_appendix_is_no_document(tail):
    assert len(sections("\n".join([REPORTS[0], *tail]))) == 1


@pytest.mark.parametrize(
    "words",
    [
        "各位代表！过去一年成绩来之不易，我代表市人民政府，向全市人民表示衷心的感谢！",
        "坚持向市人大及其常委会报告工作，提请审议法规草案三件，认真办理代表建议和意见。",
        "让我们更加紧密地团结起来，为建设更加美好的凌海而努力奋斗！",
        "《凌海市国民经济和社会发展第十四个五年规划纲要（草案）》已印发会议，请予审议。",
        "各位代表！",
    ],
)
def test_words_amid_a_report_begin_nothing(words):
    lines = REPORTS[0].splitlines()
    middle = len(lines) // 2
    assert len(sections("\n".join([*lines[:middle], words, *lines[middle:]]))) == 1


def test_words_that_were_links_are_no_titles():
    lines = REPORTS[0].splitlines()
    linked = [
        "全面实施",
        "《",
        "国民经济和社会发展第十四个五年规划纲要",
        "》，各项任务取得积极进展。" * 12,
    ]
    closing = "让我们团结一心，为实现发展目标任务，建设更加美好的家园，一步一个脚印，努力奋斗！"
    assert len(sections("\n".join([*lines[:9], closing, *linked, *lines[9:]]))) == 1


def test_the_title_at_the_head_of_a_page_that_goes_on_begins_nothing():
    lines = REPORTS[0].splitlines()
    turned = ["政府工作报告", "（上接第一版）全市扎实推进各项工作，取得了新的成效。"]
    assert len(sections("\n".join([*lines[:9], *turned, *lines[9:]]))) == 1


def test_an_extract_above_the_head_belongs_to_the_report():
    extract = "内容摘要：" + "".join(REPORTS[0].splitlines())[:140] + "……"
    assert len(sections(f"{extract}\n{REPORTS[0]}")) == 1


def test_a_text_in_two_languages_line_by_line_is_one_document():
    lines = REPORTS[0].splitlines()
    both = [each for line in lines for each in (line, pasted.TRANSLATION[2])]
    assert len(sections("\n".join(both))) == 1


def test_a_table_of_contents_begins_no_reports():
    contents = [f"{n}. {place}政府工作报告 {n * 10}" for n, place in enumerate(PLACES, 1)]
    assert len(beginnings([*contents, *REPORTS[0].splitlines()])) == 1


def test_the_first_document_begins_with_the_text():
    assert [each.line for each in beginnings([])] == [0]
    assert [each.line for each in beginnings(["", "各位代表："])] == [0]


def test_real_reports_in_one_text_are_distinguished(shared):
    table = (shared / "corpus" / "tables" / "state-council-1954-2017.tsv").read_text("utf-8")
    reports = [line.split("\t", 1)[1] for line in table.splitlines()]
    text, starts = pasted.glued(reports)
    assert [section.start for section in sections(text)][1:] == starts[1:]


def test_real_reports_are_one_document_each(shared):
    folder = shared / "corpus" / "shenzhen"
    for path in sorted(folder.glob("*罗湖区*.txt")):
        assert len(sections(path.read_text("utf-8"))) == 1, path.name


OTHERS = {
    "court": "凌海市人民法院工作报告\n——2010年1月9日在凌海市第六届人民代表大会第三次会议上\n"
    "院长 甘示例\n各位代表：\n现在，我代表市人民法院，向大会报告工作，请予审议。\n",
    "party": "在中国共产党凌海市第六次代表大会上的报告\n（2010年1月9日）\n甘示例\n同志们：\n"
    "我代表中共凌海市第五届委员会，向大会报告工作，请予审议。\n",
}


@pytest.mark.parametrize("first", [True, False], ids=["before", "behind"])
@pytest.mark.parametrize("other", OTHERS)
def test_the_report_of_another_body_is_not_counted_as_speech(other, first):
    """The words are those of another government's report; only its head is another body's."""
    speech = REPORTS[1][REPORTS[1].index("一、") :]
    both = [REPORTS[0], OTHERS[other] + speech]
    made = derived("\n\n".join(reversed(both) if first else both))
    assert made.identity["kind"].value == "政府工作报告"
    assert made.identity["place"].value.endswith("凌海市")
    assert made.identity["report_year"].value == 2010
    body = "".join(each.text for each in passages(made.spans, made.visible) if each.part == "body")
    lines = [line for line in speech.splitlines() if len(line) > 40]
    assert not [line for line in lines if line.strip() in body]
    assert [line for line in REPORTS[0].splitlines() if len(line) > 40 and line.strip() in body]
