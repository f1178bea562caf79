"""The results for real scraped texts and their invented twins equal the gold.

The twins never skip: the first ones are files, others are generated. The real texts are not part of
the project; if they are absent, their tests skip and say so. Altered texts have another slogan,
brand, place, number and page count. A rule must work on the twin of a text as well, so no rule may
be specific to one of them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from archive import Capture, derive
from baogao_practice import twins

HERE = Path(__file__).parent
SEEDS = HERE.parents[2] / "shared" / "seeds"
NAMES = ("000", "001", "002", "003", "004")
FIELDS = {
    "title": "title", "region": "place", "division_code": "place_code", "level": "level",
    "report_year": "report_year", "review_year": "reviewed_year", "date": "delivered_on",
    "session": "session", "speaker": "speaker", "speaker_title": "office",
    "published": "published_on", "source": "source", "editor": "editor",
    "publisher": "publisher", "police_record": "police_record", "site_id": "site_id",
    "icp": "icp", "email": "email", "page_index": "page_no", "page_count": "page_count",
    "declared_chars": "declared_chars",
}  # fmt: skip
LEAST_OUT = 0.9
VARIANTS = 6

CHANGES = {
    "000": {
        "文似观山不喜平 — — 观山文库◆记住我,来上我~": "腹有诗书气自华 — — 静斋文库◆记得我,常回家~",
        "38/95": "7/141", "-15篇": "-9篇", "267273个": "98341个", "891分钟": "328分钟",
        "221381": "190556", "海城": "凤城", "岫岩": "宽甸", "鞍山": "丹东",
    },
    "001": {
        "必赢体育": "云海棋牌", "鞍山": "丹东", "21010502000372": "21060302000418",
        "2100000037": "2106000012", "05023109": "11007733",
        "mhwz@ln.gov.cn": "webmaster@dd.test", "2023年01月31日": "2023年02月14日",
    },
    "002": {
        "文似观山不喜平 — — 观山文库◆记住我,来上我~": "WENXUAN365.COM —— 专注公文写作范文分享",
        "221381": "77120", "凌海": "北镇", "13074个": "15007个", "44分钟": "51分钟",
    },
    "003": {
        "4095": "15127", "/db/": "/huadong/", "抚顺市望花区": "本溪市明山区", "望花": "明山",
        "博县网": "知县通",
    },
    "004": {
        "pp电子娱乐": "金尊棋牌", "3430": "6127", "/huadong/": "/xn/", "秀洲": "南湖",
        "博县网": "知县通",
    },
}  # fmt: skip
"""Replacements in the altered real texts."""


@dataclass(frozen=True)
class Case:
    """A text with its labelled lines, its damage and its metadata."""

    name: str
    lines: tuple[str, ...]
    labels: tuple[str, ...]
    damage: tuple[dict[str, Any], ...]
    metadata: dict[str, dict[str, Any]]

    @property
    def content(self) -> str:
        return "\n".join(self.lines)

    def altered(self, changes: dict[str, str]) -> Case:
        """Return the text with other words; values inferred from the old words are dropped."""

        def change(thing: Any) -> Any:
            if isinstance(thing, str):
                for old, new in changes.items():
                    thing = thing.replace(old, new)
            return thing

        metadata = {
            name: facts | {"value": altered_value(name, facts["value"], change)}
            for name, facts in self.metadata.items()
            if not facts["how"].startswith("inferred")
        }
        lines = tuple(change(line) for line in self.lines)
        damage = tuple(facts | {"text": change(facts["text"])} for facts in self.damage)
        return Case(f"{self.name} altered", lines, self.labels, damage, metadata)


def altered_value(name: str, value: Any, change: Any) -> Any:
    """Return a gold value after the changes; figures are changed as in their line."""
    figures = {
        "page_index": {38: 7}, "page_count": {95: 141},
        "declared_chars": {267273: 98341, 13074: 15007},
    }  # fmt: skip
    dates = {"2023-01-31": "2023-02-14"}
    if name in figures:
        return figures[name].get(value, value)
    return dates.get(value, value) if name == "published" else change(value)


def load(facts: dict[str, Any], content: str, name: str) -> Case:
    lines = tuple(content.split("\n"))
    labels = tuple(line["label"] for line in facts["lines"])
    assert len(lines) == len(labels)
    return Case(name, lines, labels, tuple(facts["corrupted_spans"]), facts["metadata"])


@lru_cache(maxsize=64)
def gold(variant: int) -> dict[str, Any]:
    return twins.gold(variant)["seeds"]


def twin(name: str, variant: int) -> Case:
    content = twins.twins(variant)[NAMES.index(name)].content()
    return load(gold(variant)[name], content, f"twin {variant} of {name}")


def seed(name: str) -> Case:
    if not SEEDS.is_dir():
        pytest.skip("../shared/seeds is absent: the real texts are not part of the project")
    facts = json.loads((SEEDS / "gold.json").read_text("utf-8"))["seeds"][name]
    return load(facts, (SEEDS / facts["file"]).read_text("utf-8"), f"seed {name}")


@pytest.fixture(params=["seed", "seed altered", *range(VARIANTS)])
def origin(request):
    return request.param


@pytest.fixture(params=NAMES)
def case(request, origin):
    name = request.param
    if isinstance(origin, int):
        return twin(name, origin)
    return seed(name).altered(CHANGES[name]) if origin == "seed altered" else seed(name)


@lru_cache(maxsize=128)
def derived(content: str):
    """Return the derivation of the bytes alone: the file name must not help."""
    return derive(Capture.from_bytes(content.encode(), filename="text.txt"))


def kept(derivation) -> list[bool]:
    """Return for each character of the visible text whether it is kept or replaced."""
    fates = [False] * len(derivation.visible)
    for span in derivation.spans:
        if span.action != "drop":
            fates[span.start : span.stop] = [True] * (span.stop - span.start)
    return fates


def fates(case: Case) -> list[tuple[str, str, bool]]:
    """Return label, text and fate of every line that is not blank."""
    characters, start, found = kept(derived(case.content)), 0, []
    for text, label in zip(case.lines, case.labels, strict=True):
        if text.strip():
            found.append((label, text, any(characters[start : start + len(text)])))
        start += len(text) + 1
    return found


def test_the_first_twins_are_as_committed():
    committed = json.loads((HERE / "gold.json").read_text("utf-8"))
    assert committed == twins.gold()
    for name, facts in committed["seeds"].items():
        content = (HERE / "twins" / f"{name}.txt").read_bytes()
        assert sha256(content).hexdigest() == facts["sha256"]
        assert content.decode() == twin(name, 0).content


def test_no_two_variants_say_the_same():
    for name in NAMES:
        contents = [twin(name, variant).content for variant in range(VARIANTS)]
        assert len(set(contents)) == VARIANTS


def test_the_visible_text_of_a_file_is_the_file(case):
    assert derived(case.content).visible == case.content


def test_no_kept_line_is_lost(case):
    lost = [text for label, text, stays in fates(case) if label == "keep" and not stays]
    assert lost == []


def test_kept_lines_stay_whole(case):
    """Only layout and proven damage may leave a kept line."""
    derivation = derived(case.content)
    allowed = {"layout-blank", "layout-indent", "layout-joined-line"}
    start = 0
    for text, label in zip(case.lines, case.labels, strict=True):
        stop = start + len(text)
        if label == "keep":
            for span in derivation.spans:
                if span.action == "drop" and start <= span.start < stop:
                    inside = case.content[span.start : min(span.stop, stop)]
                    assert span.rule in allowed or not inside.strip(), (span.rule, inside)
        start = stop + 1


def test_junk_and_meta_lines_are_out(case, record_property):
    taken = [(text, not stays) for label, text, stays in fates(case) if label in {"junk", "meta"}]
    share = sum(out for _, out in taken) / len(taken)
    record_property("junk_and_meta_out", f"{share:.2f} of {len(taken)}")
    print(f"{case.name}: {share:.2f} of {len(taken)} junk and meta lines out")  # noqa: T201
    assert share >= LEAST_OUT, [text for text, out in taken if not out]


def test_what_gold_says_was_read_is_right(case):
    identity = derived(case.content).as_json()["identity"]
    wrong = {}
    for name, facts in case.metadata.items():
        field = FIELDS.get(name)
        if field is None or not (facts["how"] == "read" or facts["how"].startswith("read,")):
            continue
        found = identity[field] and identity[field]["value"]
        if found != facts["value"]:
            wrong[field] = (found, facts["value"])
    assert wrong == {}


def test_what_gold_says_is_absent_is_null(case):
    identity = derived(case.content).as_json()["identity"]
    found = {
        field: identity[field]
        for name, facts in case.metadata.items()
        if facts["how"].startswith("absent") and (field := FIELDS.get(name))
    }
    assert all(value is None or value["value"] is None for value in found.values()), found


def test_inferred_values_are_right_or_null(case):
    """The province of a county's report is a wrong value; null is better."""
    identity = derived(case.content).as_json()["identity"]
    wrong = {}
    for name, facts in case.metadata.items():
        field = FIELDS.get(name)
        if field in {"place", "place_code", "level", "report_year"} and facts["how"] == "inferred":
            found = identity[field] and identity[field]["value"]
            if found not in {None, facts["value"]}:
                wrong[field] = (found, facts["value"])
    assert wrong == {}


def test_read_values_show_their_words(case):
    derivation = derived(case.content)
    for field, value in derivation.as_json()["identity"].items():
        if value and value["value"] is not None and value["source"] == "visible":
            words = derivation.visible[value["start"] : value["stop"]]
            assert words == value["raw"], field


def test_inferred_values_show_their_evidence(case):
    for field, value in derived(case.content).as_json()["identity"].items():
        if value and value["method"] == "inferred":
            assert value["raw"] or value.get("candidates"), field
            assert value["confidence"] < 1, field


def test_clean_and_removed_are_the_whole_text(case):
    derivation = derived(case.content)
    pieces = [case.content[span.start : span.stop] for span in derivation.spans]
    assert "".join(pieces) == case.content
    clean = "".join(
        span.replacement if span.action == "replace" else piece
        for span, piece in zip(derivation.spans, pieces, strict=True)
        if span.action != "drop"
    )
    assert derivation.text == clean


def test_hijack_words_are_flagged_and_never_changed(case):
    """A brand in a kept line stays as it is and is flagged; one in a junk line is flagged too."""
    derivation = derived(case.content)
    characters = kept(derivation)
    starts = [0]
    for text in case.lines:
        starts.append(starts[-1] + len(text) + 1)
    for facts in case.damage:
        if not facts["kind"].startswith("brand"):
            continue
        line = case.lines[facts["line"] - 1]
        for start in occurrences(line, facts["text"], starts[facts["line"] - 1]):
            stop = start + len(facts["text"])
            assert any(f.start <= start and stop <= f.stop for f in derivation.flags), line
            if case.labels[facts["line"] - 1] == "keep":
                assert all(characters[start:stop])
                assert facts["text"] in derivation.text
            assert not any(
                span.action == "replace" and span.start < stop and start < span.stop
                for span in derivation.spans
            )


def occurrences(line: str, words: str, offset: int):
    at = line.find(words)
    while at >= 0:
        yield offset + at
        at = line.find(words, at + 1)


def test_hijacked_texts_get_the_verdict(case):
    hijacked = any(facts["kind"].startswith("brand") for facts in case.damage)
    inside = any(
        facts["kind"].startswith("brand") and case.labels[facts["line"] - 1] == "keep"
        for facts in case.damage
    )
    derivation = derived(case.content)
    assert (derivation.page_verdict == "clean") is not hijacked
    assert (derivation.verdict == "clean") is not inside
