"""Compares texts with their gold: twins in many variants, and all pages of the practice web.

Usage: bench_gold.py [VARIANTS]  (default 60). Prints a table a set; figures go to docs/practice.md.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import baogao_practice as practice
from archive import Capture, Derivation, derive
from baogao_practice import twins
from baogao_practice.page import Request
from baogao_practice.sites import hijacked
from baogao_practice.web import sites

FIELDS = {
    "region": "place", "division_code": "place_code", "review_year": "reviewed_year",
    "date": "delivered_on", "speaker_title": "office", "published": "published_on",
    "page_index": "page_no",
}  # fmt: skip
OK = 200
SHAPES = {"report", "piece", "compilation", "other"}


@dataclass(frozen=True)
class Case:
    """A text to derive, with its gold."""

    capture: Capture
    lines: tuple[tuple[str, str], ...]
    identity: Mapping[str, tuple[Any, str]]
    branded: bool


def of_twins(variants: int) -> Iterator[Case]:
    """The twins of so many variants."""
    for number in range(variants):
        for twin in twins.twins(number):
            labels = tuple((label, text) for text, (label, _) in zip(twin.texts, twin.labels))  # noqa: B905
            known = {FIELDS.get(k, k): (v["value"], v["how"]) for k, v in twin.metadata.items()}
            brand = any(damage["kind"].startswith("brand") for damage in twin.damage)
            body = twin.content().encode()
            yield Case(Capture.from_bytes(body, filename="text.txt"), labels, known, brand)


def of_pages() -> Iterator[Case]:
    """The pages of the practice web that hold a text."""
    for url in (url for host in practice.hosts(behaving=True) for url in practice.urls(host)):
        gold, parts = practice.gold(url), urlsplit(url)
        page = sites()[parts.hostname or ""].page(parts.path, parts.query)
        if gold["shape"] not in SHAPES or page is None or gold["outcome"] != "ok":
            continue
        answer = page.answer(Request(parts.hostname or "", parts.path, parts.query))
        labels = tuple((line["label"], line["text"]) for line in gold["lines"])
        known = {name: (facts["value"], facts["how"]) for name, facts in gold["identity"].items()}
        if answer.status == OK:
            capture = Capture.from_bytes(answer.body, url=url, headers=dict(answer.headers))
            yield Case(capture, labels, known, gold["hijacked"])


def of_texts() -> Iterator[Case]:
    """The same pages as plain texts, one block a line; no title, meta tag or address to read."""
    for case in of_pages():
        body = "\n".join(text for _, text in case.lines).encode()
        shown = case.branded and hijacked.HEADS_HOST not in case.capture.url
        yield Case(Capture.from_bytes(body, filename="text.txt"), case.lines, {}, shown)


def squeezed(text: str) -> str:
    """`text` without white space."""
    return "".join(text.split())


def kept_lines(derivation: Derivation) -> Counter[str]:
    """The lines of the visible text of which anything is kept."""
    fates = [False] * len(derivation.visible)
    for span in derivation.spans:
        if span.action != "drop":
            fates[span.start : span.stop] = [True] * (span.stop - span.start)
    kept, at = Counter[str](), 0
    for line in derivation.visible.split("\n"):
        if any(fates[at : at + len(line)]):
            kept[squeezed(line)] += 1
        at += len(line) + 1
    return kept


def wanted(case: Case, *labels: str) -> Counter[str]:
    """The gold lines with these labels."""
    return Counter(squeezed(text) for label, text in case.lines if label in labels and text.strip())


def judged(case: Case, derivation: Derivation) -> Counter[str]:
    """Return what is right and wrong in one derivation."""
    kept = kept_lines(derivation)
    keep, out = wanted(case, "keep"), wanted(case, "junk", "meta")
    stays = (kept - wanted(case, "keep", "open")) & out
    found = Counter(
        {
            "kept lines": keep.total(), "kept lines lost": (keep - kept).total(),
            "junk and meta lines": out.total(), "junk and meta lines that stay": stays.total(),
        }
    )  # fmt: skip
    shown = derivation.as_json()["identity"]
    for name, (value, how) in case.identity.items():
        got = shown[name] and shown[name]["value"]
        state = "right" if got == value else "null" if got is None else "wrong"
        found[f"{how} fields {state}"] += 1
    flagged = derivation.page_verdict == "hijacked"
    found[f"{'hijacked' if case.branded else 'clean'} texts"] += 1
    if flagged is not case.branded:
        found["hijacked texts missed" if case.branded else "clean texts called hijacked"] += 1
    return found


def main(variants: int) -> None:
    """Print the figures."""
    sets = (("twins", of_twins(variants)), ("pages", of_pages()), ("pages as texts", of_texts()))
    for name, made in sets:
        cases = list(made)
        total, begun = Counter[str](), time.perf_counter()
        derivations = [derive(case.capture) for case in cases]
        spent = (time.perf_counter() - begun) * 1000 / len(cases)
        for case, derivation in zip(cases, derivations, strict=True):
            total += judged(case, derivation)
        print(f"\n{name}: {len(cases)} texts, {spent:.0f} ms each\n")
        print("| what | count |\n|---|---|")
        for what in sorted(total):
            print(f"| {what} | {total[what]:,} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)
