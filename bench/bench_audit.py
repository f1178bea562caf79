"""The time of an audit compared with readability-lxml on pages of the same texts.

`python bench/bench_audit.py [FOLDER]`: every text of FOLDER (32 reports of the practice web, when
none is named) is audited, and the same text as a plain HTML page (one paragraph a line) is
summarised by readability-lxml; interleaved, five rounds, CPU seconds, medians.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from html import escape

from measuring import row
from readability import Document

import baogao_practice as practice
from archive.audit import audit
from archive.intake import captures_of, gather
from archive.known import shipped
from archive.model import Capture

ROUNDS = 5


def as_page(text: str) -> str:
    """A plain page, one paragraph a line."""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    return f"<html><head><title>x</title></head><body><div>{paragraphs}</div></body></html>"


def practice_reports() -> list[Capture]:
    """Invented reports, as text files."""
    return [
        Capture.from_bytes(
            "\n".join(practice.write_report(code, year).texts).encode(), filename=f"{year}.txt"
        )
        for code in ("130123", "130283", "130481", "130600")
        for year in range(2018, 2026)
    ]


def timed(work: Callable[[], object]) -> float:
    """CPU seconds."""
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    captures = [c for path in gather(sys.argv[1:]) for c in captures_of(path)] or practice_reports()
    pages = [as_page(c.payload.decode("utf-8", "replace")) for c in captures if c.payload]
    list(audit(captures[:1], shipped()))  # knowledge is loaded before the clock runs
    seconds: dict[str, list[float]] = {"audit": [], "readability-lxml": []}
    for _ in range(ROUNDS):
        seconds["audit"].append(timed(lambda: list(audit(captures, shipped()))))
        seconds["readability-lxml"].append(
            timed(lambda: [Document(page).summary() for page in pages])
        )
    base = statistics.median(seconds["readability-lxml"])
    row("audit", base / statistics.median(seconds["audit"]))
    for name, taken in seconds.items():
        print(
            f"{name:20} {statistics.median(taken):6.2f} s  {statistics.median(taken) / base:5.2f} x"
        )
    print(f"{len(captures)} texts, median of {ROUNDS} interleaved rounds")


main()
