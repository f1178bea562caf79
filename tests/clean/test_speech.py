"""Where a speech opens, and what a list behind it may hold."""

from types import SimpleNamespace

import pytest
from read.test_articles import REPORT

from archive.clean.lines import lines_of
from archive.clean.looks import looks_of
from archive.clean.speech import speech_of
from archive.clean.tail import Tail

TITLE, SESSION = "武安市2031年政府工作报告", "武安市第十八届人民代表大会第二次会议"
SALUTATION = "各位代表："
SECTIONS = REPORT[2:8]


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
