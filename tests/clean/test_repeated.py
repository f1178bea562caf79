"""What stands twice in a text is dropped for what stays; what a report itself says twice is not."""

import random
import time

import pytest
from clean.pasting import bodies, derived, pasted, text_of, twice_in
from collate.made_up import BRAND

from archive.clean.repeated import RULE
from archive.model import check_partition

REPORT = text_of()
ONCE = derived(REPORT)
CHANGES_LITTLE = {"with_chrome", "six_times"}
"""Makers that put page furniture into the text; the rules drop it or keep it as ever."""


def chance(seed):
    return random.Random(seed)  # noqa: S311  (no secret)


def repeated(derivation):
    return [span for span in derivation.spans if span.rule == RULE]


def kept(derivation):
    found = bytearray(len(derivation.visible))
    for span in derivation.spans:
        if span.action != "drop":
            found[span.start : span.stop] = b"\x01" * (span.stop - span.start)
    return found


def test_a_report_that_occurs_twice_is_there_once():
    twice = derived(f"{REPORT}\n{REPORT}")
    assert twice.text == ONCE.text + "\n" * (not ONCE.text.endswith("\n"))
    assert [flag.kind for flag in twice.flags] == [RULE]
    assert twice.flags[0].start == len(REPORT) + 1
    assert "0 of them changed" in twice.flags[0].evidence


def test_each_dropped_piece_says_where_the_words_stay():
    twice = derived(f"{REPORT}\n首页\n{REPORT}")
    spans = repeated(twice)
    assert len(spans) == len(REPORT.splitlines())
    stays = kept(twice)
    for span in spans:
        first, last = map(int, span.basis.split("-"))
        assert twice.visible[first:last].strip() == twice.visible[span.start : span.stop].strip()
        assert stays[first:last].count(0) == 0


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("maker", pasted.DOUBLINGS, ids=lambda maker: maker.__name__)
def test_however_it_was_pasted_nothing_is_lost_and_nothing_said_twice(maker, seed):
    made = derived(maker(REPORT, chance(seed)))
    check_partition(made.spans, made.visible)
    assert repeated(made)
    assert twice_in(made) == []
    left, own = bodies(made.text), bodies(ONCE.text)
    for sentence in filter(None, map(bodies, ONCE.text.replace("。", "。\n").splitlines())):
        assert sentence in left, sentence
    if maker.__name__ not in CHANGES_LITTLE:
        assert len(left) <= len(own) + 60


@pytest.mark.parametrize("maker", pasted.NOT_DOUBLED, ids=lambda maker: maker.__name__)
def test_what_a_report_says_twice_itself_stays(maker):
    made = derived(maker(REPORT, chance(1)))
    assert repeated(made) == []
    assert bodies(made.visible).endswith(bodies(REPORT)[-40:]) or bodies(REPORT)[:40] in bodies(
        made.text
    )


def test_a_list_that_quotes_the_report_stays():
    lines = REPORT.splitlines()
    annex = "\n".join(["附件：2024年民生实事", *lines[8:12]])
    assert repeated(derived(f"{REPORT}\n{annex}")) == []
    assert repeated(derived(f"{REPORT}\n" + "\n".join(lines[8:12])))


def test_a_paragraph_that_comes_again_alone_stays():
    lines = REPORT.splitlines()
    again = [*lines[:20], lines[9], *lines[20:]]
    made = derived("\n".join(again))
    assert repeated(made) == []
    assert made.text.count(lines[9]) == 2


def test_two_years_that_share_their_formulas_are_no_copies():
    other = text_of(year=2025, seed=6).splitlines()
    formulas = REPORT.splitlines()[9:11]
    made = derived("\n".join([REPORT, *other[:12], *formulas, *other[12:]]))
    assert repeated(made) == []


def test_a_menu_that_occurs_twice_is_no_report():
    menu = [f"栏目{n}政务公开信息目录" for n in range(80)]
    assert repeated(derived("\n".join([*menu, *menu, REPORT]))) == []


def test_the_copy_with_the_head_stays():
    lines = REPORT.splitlines()
    made = derived("\n".join([*lines[3:], *lines]))
    assert made.text.startswith(lines[0])
    assert made.text == ONCE.text
    assert repeated(made)[0].start == 0


def test_the_whole_stays_and_not_its_end():
    made = derived(f"{REPORT[len(REPORT) // 2 :]}\n{REPORT}")
    assert made.text == ONCE.text


def test_the_copy_that_lost_nothing_stays():
    lines = REPORT.splitlines()
    lossy = [line for n, line in enumerate(lines) if n not in (10, 19)]
    made = derived("\n".join([*lossy, *lines]))
    assert made.text == ONCE.text


def test_a_brand_in_the_second_copy_does_not_count_as_the_report_s():
    made = derived(f"{REPORT}\n{REPORT.replace('省委', BRAND, 8)}")
    assert (made.verdict, made.page_verdict) == ("clean", "hijacked")


def test_what_occurs_twice_counts_once():
    hijacked = REPORT.replace("省委", BRAND, 8)
    once, twice = derived(hijacked), derived(f"{hijacked}\n{hijacked}")
    flags = [flag for flag in twice.flags if flag.kind == "hijack"]
    assert len(flags) == len([flag for flag in once.flags if flag.kind == "hijack"]) > 0
    assert all("stands 8 times" in flag.evidence for flag in flags)
    assert twice.identity == once.identity


def test_offsets_hold_where_marks_and_spaces_differ():
    other = REPORT.replace("，", ", ").replace("。", ".\n\u3000\u3000")
    made = derived(f"{REPORT}\n{other}")
    assert bodies(made.text) == bodies(ONCE.text)


@pytest.mark.parametrize(
    "piece",
    [
        "一句话说了又说，说了再说。",
        "各位代表！\n",
        "全市工业增加值增长百分之六，发展后劲持续增强。\n",
    ],
)
def test_a_text_of_nothing_but_repeats_is_read_in_linear_time(piece):
    def seconds(times):
        start = time.process_time()
        derived(piece * times)
        return time.process_time() - start

    seconds(100)
    # four times the length may take eight times as long; a quadratic search takes sixteen
    assert seconds(12_000) < 8 * seconds(3_000) + 0.3


def test_sixty_copies_cost_what_they_are_long():
    start = time.process_time()
    made = derived("\n".join([REPORT] * 60))
    assert made.text.strip() == ONCE.text.strip()
    assert time.process_time() - start < 6


def test_real_texts_that_stand_twice_are_there_once(shared):
    folder = shared / "corpus" / "shenzhen"
    for year in (2023, 2024, 2025):
        made = derived((folder / f"国务院政府工作报告_{year}年.txt").read_text("utf-8"))
        assert len(made.text) < 0.52 * len(made.visible)
        assert twice_in(made) == []
        assert made.identity["report_year"].value == year


def test_report_is_long_enough_to_be_distinguished_from_formulas():
    assert len(bodies(REPORT)) > 5000
