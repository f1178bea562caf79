"""Where reports may begin on a page."""

import pytest

from archive.known import shipped
from archive.model import Border, Capture
from archive.read import read
from archive.read.borders import kind_of


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("  政 府 工 作 报 告", "title"),
        ("2024年演示市政府工作报告", "title"),
        ("(演示省)演示县人民政府工作报告(2022年12月14日)", "title"),
        ("演示市人民政府2024年工作报告", "title"),
        ("各位代表：", "salutation"),
        ("各位代表!", "salutation"),
        ("12. 2024年演示市政府工作报告 161", "toc"),
        ("会议听取和审议了市长所作的政府工作报告，并作出决议。", None),
        ("各位代表！过去一年，我们经受了考验。", None),
        ("一、2023年工作回顾", None),
        ("", None),
    ],
)
def test_a_border_is_told_by_its_shape(words, kind):
    assert kind_of(words) == kind


def test_a_compilation_is_kept_whole_and_its_borders_are_marked():
    text = (
        "甲市政府工作报告\n各位代表：\n甲市的工作。\n乙市政府工作报告\n各位代表：\n乙市的工作。\n"
    )
    page = read(Capture.from_bytes(text.encode()), shipped())
    assert page.visible == text
    assert page.borders == (
        Border(0, "title"),
        Border(1, "salutation"),
        Border(3, "title"),
        Border(4, "salutation"),
    )
