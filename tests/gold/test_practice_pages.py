"""The results for the pages of the practice web equal their gold, host by host."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlsplit

import pytest
from gold.stored_results import derived

import baogao_practice as practice
from archive import Capture, derive, open_package
from baogao_practice.page import Request
from baogao_practice.web import sites

LEAST_OUT = 0.97
SHAPES = {"report", "piece", "compilation", "other"}


def squeezed(text):
    return "".join(text.split())


def kept_and_removed(derivation):
    """Return the lines of the visible text that are kept, even in part, and the others."""
    fates = [False] * len(derivation.visible)
    for span in derivation.spans:
        if span.action != "drop":
            fates[span.start : span.stop] = [True] * (span.stop - span.start)
    stays, goes, at = Counter(), Counter(), 0
    for line in derivation.visible.split("\n"):
        (stays if any(fates[at : at + len(line)]) else goes)[squeezed(line)] += 1
        at += len(line) + 1
    return stays, goes


def pages(host):
    return [
        (url, gold)
        for url in practice.urls(host)
        if (gold := practice.gold(url))["shape"] in SHAPES and derived(url) is not None
    ]


def expected(gold, *labels):
    return Counter(
        squeezed(line["text"]) for line in gold["lines"] if line["label"] in labels
    )  # fmt: skip


@pytest.fixture(params=practice.hosts(behaving=True))
def host(request):
    if not pages(request.param):
        pytest.fail(f"{request.param} serves no page with a text")
    return request.param


def test_no_kept_line_is_lost(host):
    lost = {
        url: list(missing)
        for url, gold in pages(host)
        if (missing := expected(gold, "keep") - kept_and_removed(derived(url))[0])
    }
    assert lost == {}


def test_junk_and_meta_lines_are_out(host):
    stay, all_of_them = Counter(), 0
    for url, gold in pages(host):
        wanted = expected(gold, "keep", "open")
        stay += (kept_and_removed(derived(url))[0] - wanted) & expected(gold, "junk", "meta")
        all_of_them += expected(gold, "junk", "meta").total()
    share = 1 - stay.total() / all_of_them if all_of_them else 1
    print(f"{host}: {share:.3f} of {all_of_them} junk and meta lines out")  # noqa: T201
    assert share >= LEAST_OUT, stay


def test_nothing_is_kept_that_the_page_does_not_have(host):
    for url, gold in pages(host):
        strange = kept_and_removed(derived(url))[0] - expected(gold, "keep", "open", "junk", "meta")
        assert not strange, url


def test_what_can_be_read_is_right_and_what_is_absent_is_null(host):
    wrong = {}
    for url, gold in pages(host):
        identity = derived(url).as_json()["identity"]
        for name, facts in gold["identity"].items():
            found = identity[name] and identity[name]["value"]
            if facts["how"] == "read" and found != facts["value"]:
                wrong[url, name] = (found, facts["value"])
            if facts["how"] == "absent" and found is not None:
                wrong[url, name] = (found, None)
    assert wrong == {}


def test_inferred_values_are_right_or_null(host):
    wrong = {}
    for url, gold in pages(host):
        identity = derived(url).as_json()["identity"]
        for name, facts in gold["identity"].items():
            found = identity[name] and identity[name]["value"]
            if facts["how"] == "inferred" and found not in (None, facts["value"]):
                wrong[url, name] = (found, facts["value"])
    assert wrong == {}


def test_other_pages_are_not_called_reports(host):
    called = {
        url: identity["kind"]["value"]
        for url, gold in pages(host)
        if gold["shape"] == "other"
        and (identity := derived(url).as_json()["identity"])["kind"]
        and identity["kind"]["value"] == "政府工作报告"
    }
    assert called == {}


DOUBTFUL = {"name_blanked", "digits_starred", "spun_synonym", "year_replaced"}
"""Damage that cannot be repaired: such a text is suspect or clean, but not hijacked."""


def test_verdicts_follow_the_damage(host):
    wrong = {}
    for url, gold in pages(host):
        kinds = {damage["kind"] for damage in gold["damage"]}
        verdict = derived(url).verdict
        if any(kind.startswith("brand") for kind in kinds):
            right = verdict == "hijacked"
        else:
            right = verdict == "clean" or (verdict == "suspect" and kinds & DOUBTFUL)
        if not right:
            wrong[url] = (verdict, sorted(kinds))
    assert wrong == {}


def test_page_verdicts_include_chrome_and_head(host):
    wrong = {}
    for url, gold in pages(host):
        if (derived(url).page_verdict == "hijacked") is not gold["hijacked"]:
            wrong[url] = derived(url).page_verdict
    assert wrong == {}


def attachments():
    return [url for url in practice.urls() if practice.gold(url)["shape"] == "attachment"]


@pytest.mark.parametrize("url", attachments())
def test_attachments_hold_the_report(url):
    """Lines of a PDF are visual lines, so words are compared without white space."""
    words = squeezed(derived(url).text)
    assert [text for text in practice.gold(url)["keep"] if squeezed(text) not in words] == []


@pytest.mark.parametrize("url", attachments())
def test_attachments_say_which_report_they_are(url):
    identity = derived(url).as_json()["identity"]
    wrong = {}
    for name, facts in practice.gold(url)["identity"].items():
        found = identity[name] and identity[name]["value"]
        if facts["how"] == "read" and found != facts["value"]:
            wrong[name] = (found, facts["value"])
    assert wrong == {}


def test_a_container_holds_the_report_in_a_member():
    url = next(url for url in practice.urls() if practice.gold(url)["shape"] == "container")
    parts = urlsplit(url)
    answer = sites()[parts.hostname].page(parts.path).answer(Request(parts.hostname, parts.path))
    members = list(open_package(Capture.from_bytes(answer.body, url=url)))
    assert {member.member for member in members} == {"政府工作报告.docx", "说明.txt"}
    report = next(member for member in members if member.member.endswith(".docx"))
    words = squeezed(derive(report).text)
    assert [text for text in practice.gold(url)["keep"] if squeezed(text) not in words] == []


def test_unreadable_files_are_flagged():
    for url in practice.urls():
        gold = practice.gold(url)
        if gold["shape"] == "unreadable":
            derivation = derived(url)
            assert not derivation.text.strip() or derivation.shape == "error", url
            assert derivation.flags or derivation.shape == "error", url
