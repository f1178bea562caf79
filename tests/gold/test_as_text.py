"""The same pages as plain texts, one block on each line, as earlier scrapers stored them.

There are no elements to identify a menu, only words, shape and position.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

import pytest

import baogao_practice as practice
from archive import Capture, derive

LEAST_OUT = 0.95
SHAPES = {"report", "piece", "compilation"}


@lru_cache(maxsize=1)
def fates():
    """For each host: the number of lines by label, the kept lines lost, the others that remain."""
    count, lost, stay = Counter(), Counter(), Counter()
    for host in practice.hosts(behaving=True):
        for url in practice.urls(host):
            gold = practice.gold(url)
            if gold["shape"] not in SHAPES:
                continue
            lines = [(line["text"], line["label"]) for line in gold["lines"]]
            for (text, label), kept in zip(lines, kept_lines(lines), strict=True):
                if label == "keep":
                    count[host, "keep"] += 1
                    lost[host, text] += not kept
                elif label != "open":
                    count[host, "out"] += 1
                    stay[host, text] += kept
    return count, lost, stay


def kept_lines(lines):
    text = "\n".join(line for line, _ in lines)
    characters = [False] * len(text)
    for span in derive(Capture.from_bytes(text.encode(), filename="text.txt")).spans:
        if span.action != "drop":
            characters[span.start : span.stop] = [True] * (span.stop - span.start)
    at = 0
    for line, _ in lines:
        yield any(characters[at : at + len(line)])
        at += len(line) + 1


@pytest.fixture(params=practice.hosts(behaving=True))
def host(request):
    if not fates()[0][request.param, "keep"]:
        pytest.skip(f"{request.param} has indexes and attachments only")
    return request.param


def test_no_kept_line_is_lost(host):
    assert {text for (at, text), n in fates()[1].items() if at == host and n} == set()


def test_most_junk_and_meta_lines_are_out():
    count, _, stay = fates()
    every = sum(n for (_, label), n in count.items() if label == "out")
    share = 1 - stay.total() / every
    print(f"{share:.3f} of {every} junk and meta lines out")  # noqa: T201
    assert share >= LEAST_OUT, [(n, *at) for at, n in stay.most_common(30) if n]
