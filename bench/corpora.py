"""The corpora beside the project, as plain texts without markup.

Markdown is read first, so that front matter, comments and marks are neither junk nor report.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from archive.read.decoding import decode
from archive.read.markdown import read_markdown

SHARED = Path(__file__).resolve().parents[2] / "shared"


def texts(shared: Path = SHARED) -> Iterator[tuple[str, str]]:
    """The name and the words of each report of the corpora, in a fixed order."""
    for path in sorted((shared / "corpus" / "prefectures").rglob("*.md")):
        made = read_markdown(path.read_text("utf-8"))
        yield f"{path.parent.name}/{path.stem}", "\n".join(line.text for line in made.lines)
    for folder in ("shenzhen", "hailar"):
        for path in sorted((shared / "corpus" / folder).glob("*.txt")):
            yield f"{folder}/{path.stem}", _lines(decode(path.read_bytes())[0])
    csv.field_size_limit(10**9)
    for path in sorted((shared / "reports" / "provinces-2026").glob("*.csv")):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield f"provinces-2026/{row['province']}", _lines(row["full_text"])
    for line in (shared / "reports" / "state-council.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        yield f"state-council/{row['year']}", _lines(row["content"])


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
