"""Where a speech opens, and what a list behind it may hold."""

from types import SimpleNamespace

import pytest

from archive.clean.lines import lines_of
from archive.clean.looks import looks_of
from archive.clean.speech import speech_of
from archive.clean.tail import Tail

TITLE, SESSION = "武安市2031年政府工作报告", "武安市第十八届人民代表大会第二次会议"
SALUTATION = "各位代表："
SECTIONS = [
    "一、2030年工作回顾",
    "过去一年，我们坚持稳中求进工作总基调，全市经济运行总体平稳，地区生产总值增长百分之五。",
    "民生福祉不断增进。城镇新增就业八千人，新增养老床位四百张，办好群众关心的十件实事。",
    "二、2031年工作安排",
    "今年主要预期目标是：地区生产总值增长百分之六左右，固定资产投资增长百分之十。",
    "扎实推进乡村振兴。新建高标准农田十二万亩，完善农村供水工程，壮大村级集体经济。",
]


@pytest.mark.parametrize(
    ("head", "opening"),
    [([TITLE, SESSION, SALUTATION], 2), ([TITLE, SESSION], 2), ([TITLE], 2), ([], 1)],
    ids=["a salutation", "a session", "a title", "nothing"],
)
def test_a_speech_opens_with_its_salutation_or_below_its_session(page_of, known, head, opening):
    """Without both the first paragraph opens it, because a heading may be that of anything."""
    page = page_of("\n".join([*head, *SECTIONS]))
    lines = lines_of(page)
    speech = speech_of(looks_of(page, lines, [()] * len(lines), known))
    assert speech is not None
    assert speech.opening == opening


@pytest.mark.parametrize(("cell", "belongs"), [("1", True), ("2031", True), ("20310", False)])
def test_a_number_in_a_list_has_at_most_four_digits(cell, belongs):
    """Longer ones are counts of readers, or telephone numbers."""
    assert (Tail._cell(None, SimpleNamespace(words=cell)) > 0) is belongs
