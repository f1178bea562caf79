"""Measures cleaning: lines kept and dropped, damage found, a second cleaning, and the cost.

    python bench/bench_cleaning.py [../shared]

Lines and damage: every page of the practice web against its own gold. Cost: line and inline
stages, and hijack evidence, beside readability-lxml on the same saved pages, interleaved.
"""

from __future__ import annotations

import gzip
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

from measuring import interval, page_of
from readability import Document

import baogao_practice as practice
from archive.clean import clean
from archive.judge.hijack import evidence
from archive.known import Knowledge, shipped
from archive.model import Capture, Cleaning, Page, kept_words
from archive.read import read

REPEATS = 3


def squeezed(words: str) -> str:
    """Without white space."""
    return "".join(words.split())


def answers(server: practice.Server) -> Iterator[tuple[dict[str, object], Capture]]:
    """Each page of the practice web that answers, with its gold."""
    for host in practice.hosts():
        for url in practice.urls(host):
            gold = practice.gold(url)
            if gold["lines"]:
                capture = _captured(server, host, url)
                if capture is not None:
                    yield gold, capture


def _captured(server: practice.Server, host: str, url: str) -> Capture | None:
    address = f"http://127.0.0.1:{server.port}{url.split(host, 1)[1]}"
    request = urllib.request.Request(address, headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310
            body, headers = answer.read(), dict(answer.headers)
    except OSError:
        return None
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return Capture.from_bytes(body, url=url, headers=headers)


def kept_lines(page: Page, cleaning: Cleaning) -> Iterator[tuple[str, bool]]:
    """Each line that is not blank, and whether a character of it is kept."""
    starts = {span.start for span in cleaning.spans if span.action != "drop"}
    for index, block in enumerate(page.blocks):
        words = page.words(block)
        if words.strip():
            stop = page.line_stop(index)
            yield words, any(place in starts for place in range(block.start, stop))


def lines_of_practice(known: Knowledge) -> None:
    """Junk out, kept lines in, and a second cleaning, over the practice web."""
    counts: Counter[str] = Counter()
    with practice.Server() as server:
        for gold, capture in answers(server):
            page = read(capture, known)
            if page.medium != "html":
                continue
            cleaning = clean(page, known)
            _count(gold["lines"], dict(_by_words(page, cleaning)), counts)
            once = "".join(kept_words(cleaning.spans, page.visible))
            again = page_of(once)
            counts["pages"] += 1
            counts["stable"] += once == "".join(kept_words(clean(again, known).spans, once))
    print("pages:", counts["pages"])
    print("kept lines that stayed:", interval(counts["keep in"], counts["keep"]))
    print("junk and meta lines out:", interval(counts["junk out"], counts["junk"]))
    print("a second cleaning changes nothing:", interval(counts["stable"], counts["pages"]))


def _by_words(page: Page, cleaning: Cleaning) -> Iterator[tuple[str, bool]]:
    found: dict[str, bool] = {}
    for words, kept in kept_lines(page, cleaning):
        found[squeezed(words)] = found.get(squeezed(words), False) or kept
    yield from found.items()


def _count(lines: object, kept: dict[str, bool], counts: Counter[str]) -> None:
    assert isinstance(lines, list)
    keep = {squeezed(line["text"]) for line in lines if line["label"] == "keep"}
    for line in lines:
        words = squeezed(line["text"])
        if line["label"] == "keep" and words in kept:
            counts["keep"] += 1
            counts["keep in"] += kept[words]
        elif line["label"] in ("junk", "meta") and words in kept and words not in keep:
            counts["junk"] += 1
            counts["junk out"] += not kept[words]


def cost(folder: Path, known: Knowledge) -> None:
    """Milliseconds of CPU a page, and the ratio to readability-lxml, over saved pages."""
    ratios: dict[str, list[float]] = {"line and inline stages": [], "hijack evidence": []}
    times: dict[str, list[float]] = {name: [] for name in (*ratios, "readability")}
    for path in sorted((folder / "pages").glob("*.html")):
        content = path.read_bytes()
        page = read(Capture.from_bytes(content, filename=path.name), known)
        cleaning = clean(page, known)
        source = content.decode("utf-8", "replace")
        work: dict[str, Callable[[], object]] = {
            "readability": lambda source=source: Document(source).summary(),
            "line and inline stages": lambda page=page: clean(page, known),
            "hijack evidence": lambda page=page, c=cleaning: evidence(page, c, known),
        }
        spent = {name: min(_timed(f) for _ in range(REPEATS)) for name, f in work.items()}
        for name, milliseconds in spent.items():
            times[name].append(milliseconds)
        for name, shares in ratios.items():
            shares.append(spent[name] / spent["readability"])
    for name, spent_on in times.items():
        print(f"{name}: median {median(spent_on):.1f} ms a page, sum {sum(spent_on):.0f} ms")
    for name, shares in ratios.items():
        total = sum(times[name]) / sum(times["readability"])
        print(f"{name} / readability: median {median(shares):.2f}, of all time {total:.2f}")


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def main(shared: str = "../shared") -> None:
    """Measure and print."""
    known = shipped()
    lines_of_practice(known)
    if Path(shared).is_dir():
        cost(Path(shared), known)
    else:
        print(f"{shared} is absent: the cost beside readability-lxml was not measured")


if __name__ == "__main__":
    main(*sys.argv[1:])
