"""The five real texts: what gold says was read is right, what it says is absent is null."""

import json

import pytest

from archive.known.fields import fields

FIELDS = {
    "date": "delivered_on",
    "review_year": "reviewed_year",
    "speaker_title": "office",
    "page_index": "page_no",
    "division_code": "place_code",
    "region": "place",
    "published": "published_on",
}


def expected(metadata):
    """The fields that gold knows from the page itself, as (field, gold)."""
    for name, gold in metadata.items():
        field = FIELDS.get(name, name)
        if field in fields() and "elsewhere" not in gold["how"] and "only" not in gold["how"]:
            yield field, gold


@pytest.mark.parametrize("seed", ["000", "001", "002", "003", "004"])
def test_seed(seed, shared, identity_of):
    gold = json.loads((shared / "seeds" / "gold.json").read_text())["seeds"][seed]
    found = identity_of((shared / "seeds" / gold["file"]).read_bytes())
    wrong = {}
    for field, want in expected(gold["metadata"]):
        value = found[field]
        read = want["how"].startswith("read") and want["value"] is not None
        got = value and value.value
        if got != want["value"] and (read or got is not None):
            wrong[field] = (got, want["value"])
    assert wrong == {}


@pytest.mark.parametrize(
    ("seed", "code"), [("001", "210300"), ("002", "210781"), ("003", "210404")]
)
def test_place_of_headed_seeds(seed, code, shared, identity_of):
    (path,) = (shared / "seeds").glob(f"{seed}_*.txt")
    found = identity_of(path.read_bytes())
    assert (found["place_code"].value, found["place"].method) == (code, "read")


def test_report_year_is_not_the_year_of_delivery(shared, values_of):
    for seed, delivered, report in (("002", "2019-12-22", 2020), ("003", "2022-12-14", 2023)):
        (path,) = (shared / "seeds").glob(f"{seed}_*.txt")
        found = values_of(path.read_bytes())
        assert (found["delivered_on"], found["report_year"]) == (delivered, report)
