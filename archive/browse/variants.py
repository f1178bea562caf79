"""Where the copies of a report differ: each place once, with what each copy has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from archive.browse.api import json_answer
from archive.browse.datasette_tables import work_address
from archive.browse.reading import asked_work
from archive.browse.spreadsheets import csv_file
from archive.browse.web import Answer, Asked
from archive.store.editions import read_readings

WEIGHTY: Final = ("number", "brand", "word", "missing", "extra")
"""Kinds that change what a report says, most serious first; the others are minor."""

COLUMNS: Final = (
    "seq", "kind", "before", "after", "brand", "host", "rank", "text_id", "words",
)  # fmt: skip
PLACES_SHOWN: Final = 200
HOSTS_SHOWN: Final = 8


def variants_page(asked: Asked) -> Answer:
    """`/variants/CODE/YEAR`: numbers first, then brands and words; minor ones on request."""
    work = asked_work(asked)
    places = read_readings(asked.connection, work["name"])
    everything = "all" in asked.arguments
    shown = [p for p in places if everything or p["kind"] in WEIGHTY]
    shown.sort(key=lambda p: (_weight(p["kind"]), p["seq"]))
    return asked.page(
        "variants.html",
        work=work,
        work_path=work_address(work["name"]),
        counts=sorted(Counter(p["kind"] for p in places).items(), key=lambda kv: _weight(kv[0])),
        places=[{**place, "said": said(place["says"])} for place in shown[:PLACES_SHOWN]],
        left_out=max(0, len(shown) - PLACES_SHOWN),
        everything=everything,
        trifles=len(places) - sum(p["kind"] in WEIGHTY for p in places),
    )


def variants_csv(asked: Asked) -> Answer:
    """`/variants.csv/CODE/YEAR`: one line for each place and copy; `?all=1` with minor ones."""
    lines = (
        [place[name] for name in COLUMNS[:5]] + [copy[name] for name in COLUMNS[5:]]
        for place in _shown(asked)
        for copy in place["says"]
    )
    return csv_file("variants.csv", COLUMNS, lines)


def variants_json(asked: Asked) -> Answer:
    """`/api/variants/CODE/YEAR`: the same, place by place."""
    return json_answer({"variants": [dict(place) for place in _shown(asked)]})


def _shown(asked: Asked) -> list[dict[str, Any]]:
    """Return the places of the asked report, as the page filters them, in the order of the text."""
    places = read_readings(asked.connection, asked_work(asked)["name"])
    return [place for place in places if "all" in asked.arguments or place["kind"] in WEIGHTY]


def said(says: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the distinct readings of a place with their copies; the base's first."""
    by_words = sorted(enumerate(says), key=lambda pair: (pair[1]["words"], pair[0]))
    groups = []
    for words, members in groupby(by_words, key=lambda pair: pair[1]["words"]):
        found = list(members)
        groups.append(
            {
                "words": words,
                "first": found[0][0],
                "witnesses": [witness for _, witness in found[:HOSTS_SHOWN]],
                "more": max(0, len(found) - HOSTS_SHOWN),
            }
        )
    return sorted(groups, key=lambda group: int(group["first"]))


def _weight(kind: str) -> int:
    return WEIGHTY.index(kind) if kind in WEIGHTY else len(WEIGHTY)
