"""The real texts beside the project, as they are and altered: line decisions are exact."""

import json
import re

import pytest

from archive.clean import clean

NAMES = ("000", "001", "002", "003", "004")


def gold(shared, name):
    seed = json.loads((shared / "seeds" / "gold.json").read_text(encoding="utf-8"))["seeds"][name]
    visible = (shared / "seeds" / seed["file"]).read_bytes().decode("utf-8")
    return visible, [line["label"] for line in seed["lines"]]


def kept_lines(page, known):
    cleaning = clean(page, known)
    kept = set()
    for span in cleaning.spans:
        if span.action != "drop":
            kept |= {
                i
                for i, block in enumerate(page.blocks)
                if block.start <= span.start < page.line_stop(i)
            }
    return kept


ALTERED = {
    "as it is": (),
    "another slogan": ((r"文似观山不喜平.*", "书山有路 — — 某某文库◆常来坐坐,资料更多~"),),
    "another number": ((r"(?m)^221381$", "90817"), (r"267273", "81000"), (r"13074", "9001")),
    "another page": ((r"第38/95页", "第7/12页"), (r"-15篇", "-8篇")),
    "another place": ((r"凌海", "某河"), (r"鞍山", "某岭"), (r"望花", "某塘"), (r"秀洲", "某洲")),
    "another brand": ((r"必赢体育", "乐鱼体育"), (r"pp电子娱乐", "开云体育")),
    "another mirror": ((r"博县网", "某报告网"), (r"/baogao/\w+/\d+", "/wenku/12/77")),
    "Windows line ends": ((r"\n", "\r\n"),),
}


@pytest.mark.parametrize("alteration", ALTERED)
@pytest.mark.parametrize("name", NAMES)
def test_each_line_is_kept_or_dropped_as_labelled(shared, page_of, known, name, alteration):
    visible, labels = gold(shared, name)
    for pattern, other in ALTERED[alteration]:
        visible = re.sub(pattern, other, visible)
    page = page_of(visible)
    kept = kept_lines(page, known)
    wrong = [
        (number + 1, label, page.words(page.blocks[number])[:40])
        for number, label in enumerate(labels)
        if label != "blank" and (label == "keep") != (number in kept)
    ]
    assert wrong == []
