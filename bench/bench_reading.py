"""Compares our extraction with other extractors, on the same pages, in one run.

    python bench/bench_reading.py [--old-readability DIR] [--rounds 5] [--made 1] [--quick]
        [--speed-only]

F1 of character 4-grams, F1 of lines, pages under .5; then speed as the ratio to
readability-lxml 0.9 in CPU time, interleaved, the median of the rounds.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from urllib.parse import urlsplit  # noqa: E402  (the paths must be set first)

from extraction import GoldPage, Score, development_pages, mean, score  # noqa: E402
from made_pages import made_pages  # noqa: E402
from peers import Extractor, our_page, ours, peers  # noqa: E402
from transplants import transplanted  # noqa: E402

import baogao_practice as practice  # noqa: E402
from archive.read.decoding import decode  # noqa: E402
from baogao_practice.page import Request  # noqa: E402
from baogao_practice.web import sites  # noqa: E402

PAGES = Path(__file__).parents[2] / "shared" / "pages"
BASE = "readability-lxml 0.9"
REPORTS = {"report", "piece", "compilation"}


def practice_pages() -> list[GoldPage]:
    """The pages of the practice web that hold a report; a title may stay or go."""
    return [page for host in practice.hosts(behaving=True) for page in _pages_of(host)]


def _pages_of(host: str) -> Iterable[GoldPage]:
    for url in practice.urls(host):
        parts = urlsplit(url)
        page = sites()[host].page(parts.path, parts.query)
        gold = practice.gold(url) if page else {"shape": "none"}
        if page is None or gold["shape"] not in REPORTS:
            continue
        answer = page.answer(Request(host, parts.path, parts.query))
        if answer.status == 200 and b"<" in answer.body[:200]:
            kept = [line for line in gold["lines"] if line["label"] == "keep"]
            open_ones = [line["text"] for line in gold["lines"] if line["label"] == "open"]
            text = tuple(line["text"] for line in kept if line["kind"] != "title")
            titles = [line["text"] for line in kept if line["kind"] == "title"]
            yield GoldPage(url, "practice", answer.body, text, (*titles, *open_ones))


def scored(extract: Extractor, pages: Sequence[GoldPage]) -> list[Score]:
    """The score of each page; a page on which an extractor fails scores nothing."""
    found = []
    for page in pages:
        try:
            lines = extract(decode(page.source)[0])
        except Exception:  # noqa: BLE001  (what a peer raises is its score)
            lines = []
        found.append(score(lines, page))
    return found


def table(extractors: dict[str, Extractor], groups: dict[str, list[GoldPage]]) -> None:
    """Print F1, line F1 and failures of each extractor on each group."""
    heads = [f"{name} ({len(pages)})" for name, pages in groups.items()]
    print("| extractor | " + " | ".join(heads) + " |")
    print("|---|" + "---|" * len(groups))
    for name, extract in extractors.items():
        cells = []
        for pages in groups.values():
            scores = scored(extract, pages)
            text, line = mean(one.text for one in scores), mean(one.line for one in scores)
            cells.append(f"{text:.4f} / {line:.3f} / {sum(one.text < 0.5 for one in scores)}")
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def speed(extractors: dict[str, Extractor], pages: Sequence[GoldPage], rounds: int) -> None:
    """Print the speed of each extractor relative to readability-lxml 0.9, page by page in turn."""
    sources = [decode(page.source)[0] for page in pages]
    ratios: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        spent: Counter[str] = Counter()
        for source in sources:
            for name, extract in extractors.items():
                spent[name] += _nanoseconds(extract, source)
        for name, used in spent.items():
            ratios[name].append(spent[BASE] / used)
    for name, values in ratios.items():
        print(f"| {name} | {median(values):.2f} | {min(values):.2f} to {max(values):.2f} |")


def _nanoseconds(extract: Extractor, source: str) -> int:
    began = time.process_time_ns()
    with suppress(Exception):  # a failure takes time too
        extract(source)
    return max(time.process_time_ns() - began, 1)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--old-readability", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--made", type=int, default=1, help="seeds of the made pages")
    parser.add_argument("--quick", action="store_true", help="ours and the base only")
    parser.add_argument("--speed-only", action="store_true", help="leave out the F1 table")
    return parser.parse_args()


def _main() -> None:
    chosen = _arguments()
    extractors: dict[str, Extractor] = {"ours": ours}
    for name, found in peers(chosen.old_readability):
        if isinstance(found, str):
            print(f"left out: {name}: {found}")
        elif not chosen.quick or name == BASE:
            extractors[name] = found
    groups: dict[str, list[GoldPage]] = defaultdict(list)
    for page in development_pages(PAGES) if PAGES.exists() else []:
        groups[page.group].append(page)
    real = [page for pages in groups.values() for page in pages]
    groups["transplanted"] = list(transplanted(real))
    groups["transplanted, short"] = list(transplanted(real, 7))
    groups["practice"] = practice_pages()
    groups["made"] = list(made_pages(range(chosen.made)))
    groups["made, disguised"] = list(made_pages(range(chosen.made), disguised=True))
    if not chosen.speed_only:
        table(extractors, groups)
    timed = real or groups["made"][::7]
    methods = {page.name: our_page(decode(page.source)[0]).method for page in timed}
    print(f"\nmethods on the {len(timed)} timed pages: {dict(Counter(methods.values()))}")
    parts = {"all": timed, "a container hit": [p for p in timed if methods[p.name] == "container"]}
    for part, pages in parts.items():
        print(f"\n| speed, {part} ({len(pages)} pages) | median | spread |\n|---|---|---|")
        speed(extractors, pages, chosen.rounds)


if __name__ == "__main__":
    _main()
