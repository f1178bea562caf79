"""What cleaning removes from real reports: every removal is labelled, and none is report text.

    python bench/bench_removals.py [../shared] [--show] [--label furniture|report]

Each text of the corpora is cleaned, and each line of them is shown alone to every line rule, as
if it stood at a margin. Whatever is removed or replaced has a label in `removal_labels.tsv`, by
the digest of its line and its words; no word of a text stands there. `--show` prints removals
that have no label yet; after they were looked at, `--label` writes one for all of them.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

from corpora import SHARED, texts  # noqa: E402  (the paths must be set first)

from archive.clean import clean  # noqa: E402
from archive.clean.rulebook import rulebook  # noqa: E402
from archive.known import Knowledge, shipped  # noqa: E402
from archive.model import Decoding, Page, sha256  # noqa: E402
from archive.read.plain import lines  # noqa: E402

LABELS = Path(__file__).with_name("removal_labels.tsv")
LAYOUT = {"layout-blank", "layout-indent"}


@dataclass(frozen=True)
class Removal:
    """Words that `rule` removes from `line` of the text `name`, or replaces by `by`."""

    name: str
    rule: str
    line: str
    words: str
    by: str | None = None

    @property
    def digest(self) -> str:
        """The key of its label."""
        return sha256(f"{self.line}\x1f{self.words}\x1f{self.by}".encode())[:16]


def removals(name: str, text: str, known: Knowledge) -> Iterator[Removal]:
    """Return what cleaning a text removes or replaces; a line end belongs to the line before it."""
    page = Page(text, lines(text), Decoding("utf-8", "bench"), "text")
    block = 0
    for span in clean(page, known).spans:
        while span.start >= page.line_stop(block):
            block += 1
        if span.action != "keep" and span.rule not in LAYOUT:
            words = text[span.start : span.stop].strip("\n")
            line = page.words(page.blocks[block]).strip()
            yield Removal(name, span.rule, line, words, span.replacement)


def removals_alone(name: str, text: str, known: Knowledge) -> Iterator[Removal]:
    """Return what line rules would remove from each line if it were alone and at a margin."""
    book = rulebook(known)
    for line in text.split("\n"):
        words = line.strip()
        fields = book.fields(words, "any") if words else ()
        if any(field.rule.action != "keep" for field in fields):
            rules = "+".join(field.rule.id for field in fields)
            yield Removal(name, f"{rules} (alone)", words, words)


def labels() -> dict[str, str]:
    """The labels by digest."""
    if not LABELS.exists():
        return {}
    rows = (line.split("\t") for line in LABELS.read_text("utf-8").splitlines())
    return {digest: label for digest, label in rows}  # noqa: C416  (a row that has more is an error)


def main() -> int:
    """Clean, compare with the labels, print the counts; 1 where a report line is removed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", nargs="?", type=Path, default=SHARED)
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--label", choices=("furniture", "report"))
    chosen = parser.parse_args()
    known, labelled = shipped(), labels()
    found: dict[str, Removal] = {}
    counts: Counter[str] = Counter()
    for name, text in texts(chosen.shared):
        counts["texts"] += 1
        counts["lines"] += sum(bool(line.strip()) for line in text.split("\n"))
        for one in (*removals(name, text, known), *removals_alone(name, text, known)):
            counts[labelled.get(one.digest, "without a label")] += 1
            found[one.digest] = one
    for digest, one in found.items():
        label = labelled.get(digest)
        if label == "report" or (chosen.show and label is None):
            by = "" if one.by is None else f" → {one.by[:60]}"
            print(
                f"{label or '?'}\t{one.rule}\t{one.name}\t{one.words[:80]}{by}\t| {one.line[:60]}"
            )
    print(f"{counts['texts']} texts, {counts['lines']} lines")
    for label in ("furniture", "report", "without a label"):
        print(f"removed, {label}: {counts[label]}")
    if chosen.label:
        new = {digest: chosen.label for digest in found if digest not in labelled}
        rows = sorted((labelled | new).items())
        LABELS.write_text("".join(f"{digest}\t{label}\n" for digest, label in rows), "utf-8")
    return int(bool(counts["report"] or counts["without a label"]))


if __name__ == "__main__":
    sys.exit(main())
