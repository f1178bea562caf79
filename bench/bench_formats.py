"""Makes 500 documents of real texts in common formats, and reads them back.

    python bench/bench_formats.py [--shared ../shared] [--scale .1] [--no-scans]

For each format: how many documents are whole (every character of the report is there, in order:
.999 of them, .99 where words are seen in pictures) without a flag that something is missing; whole
with such a flag (false alarm); not whole with a flag (told) and without one (silent loss). Then
whether the counts of the flags are right. `read` judges the lines that reading takes for text,
`clean` the text that comes of the whole pipeline.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any, Final

from made_documents import Made, Makers, browser, corpus_texts

from archive import Capture, derive
from archive.intake import captures_of, is_container
from archive.known import shipped
from archive.read import read
from archive.read.ocr import missing, with_ocr

LOSS: Final = frozenset({
    "unreadable_medium", "empty_payload", "too_large", "no_text", "parser_loss", "decoding_loss",
    "reader_loss", "numbers_lost", "pages_unread", "pictures_unread", "embedded_unread",
    "unmapped_glyphs", "parts_unread", "truncated", "reading_order",
})  # fmt: skip
"""Flags that something of a document is missing, or may be out of order."""

EXACT, SEEN = 0.999, 0.99
ENCODINGS: Final = ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16-le", "utf-16-be")
_MARKS: Final = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}


@dataclass(slots=True)
class Tally:
    """The results for the documents of one format."""

    documents: int = 0
    states: Counter[str] = field(default_factory=Counter)
    read: list[float] = field(default_factory=list)
    clean: list[float] = field(default_factory=list)
    extra: int = 0
    seconds: float = 0.0


def main() -> None:
    """Print a line for each format, and the failures."""
    asked = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    asked.add_argument("--shared", type=Path, default=Path("../shared"))
    asked.add_argument("--scale", type=float, default=1.0, help="share of the documents to make")
    asked.add_argument("--no-scans", action="store_true")
    asked.add_argument("--only", default="", help="formats whose name begins so")
    options = asked.parse_args()
    reports = _reports(list(corpus_texts(options.shared)))
    tallies: dict[str, Tally] = defaultdict(Tally)
    counts: Counter[str] = Counter()
    with browser() as printer:
        for each in formats(Makers(printer)):
            if each.name == SCANNED and (options.no_scans or missing(shipped())):
                continue
            for number in range(max(1, round(each.number * options.scale))):
                paragraphs = next(reports)
                if each.name.startswith(options.only):
                    made = each.make(paragraphs, number)
                    _judge(tallies[each.name], each.name, made, counts)
    _report(tallies, counts)


Make = Callable[[list[str], int], Made]


@dataclass(frozen=True, slots=True)
class Format:
    """A format, how many documents of it are made of all 500, and how one is made."""

    name: str
    number: int
    make: Make


def formats(makers: Makers) -> list[Format]:
    """The formats; those that need a browser only where there is one."""

    def plain(payload: Callable[[list[str]], bytes], name: str) -> Make:
        return lambda paragraphs, _: Made(name, payload(paragraphs), paragraphs)

    found = [Format(f"txt {e}", 15, plain(_text(e), "2020_某市.txt")) for e in ENCODINGS]
    found += [
        Format("md", 30, plain(_markdown, "x.md")),
        Format("html", 40, plain(makers.html, "x.html")),
        Format("docx, tracked, notes", 60, makers.tracked),
        Format("doc, binary", 25, lambda paragraphs, _: makers.binary(paragraphs)),
        Format("doc, RTF", 25, lambda paragraphs, _: makers.rtf(paragraphs)),
        Format("doc, XML of 2003", 20, lambda paragraphs, _: makers.word_2003(paragraphs)),
        Format("doc, HTML", 10, plain(makers.html, "x.doc")),
        Format("mhtml", 10, plain(makers.mhtml, "x.mht")),
        Format("mhtml as doc", 10, plain(makers.mhtml, "x.doc")),
        Format("pdf, not embedded", 30, plain(makers.not_embedded, "x.pdf")),
        Format("ofd", 20, plain(makers.ofd, "x.ofd")),
        Format("xlsx", 14, plain(lambda p: makers.workbook([p]), "x.xlsx")),
        Format("csv, GBK, HTML cells", 13, plain(lambda p: makers.table([p]), "x.csv")),
        Format("zip, GBK names", 13, plain(lambda p: makers.packed(_member(p)), "x.zip")),
    ]
    if makers.can_print:
        found += [
            Format("pdf, embedded", 40, plain(makers.printed, "x.pdf")),
            Format("pdf, two columns", 30, plain(_columns(makers), "x.pdf")),
            Format(SCANNED, 20, lambda paragraphs, _: _scan(makers, paragraphs)),
        ]
    return found


SCANNED: Final = "pdf, scanned"


def _member(paragraphs: list[str]) -> list[tuple[str, bytes]]:
    return [("某市.txt", _text("gbk")(paragraphs))]


def _columns(makers: Makers) -> Callable[[list[str]], bytes]:
    return lambda paragraphs: makers.printed(paragraphs, columns=2)


def _reports(texts: Sequence[tuple[str, list[str]]]) -> Iterator[list[str]]:
    """Texts of all places and years in turn; again from the first where there are not enough."""
    while True:
        for at in range(7):
            yield from (paragraphs for _, paragraphs in texts[at::7])


def _text(encoding: str) -> Callable[[list[str]], bytes]:
    def made(paragraphs: list[str]) -> bytes:
        words = "\r\n".join(paragraphs)
        try:
            return _MARKS.get(encoding, b"") + words.encode(encoding)
        except UnicodeEncodeError:
            return words.encode("gb18030")

    return made


def _markdown(paragraphs: list[str]) -> bytes:
    return ("# " + "\n\n".join(paragraphs) + "\n").encode()


def _scan(makers: Makers, paragraphs: list[str]) -> Made:
    """At most three pages of a report, and the paragraphs that stand on them."""
    short: list[str] = []
    for words in paragraphs:
        if sum(map(len, short)) + len(words) > 1_700:
            break
        short.append(words)
    return Made("x.pdf", makers.scanned(short, pages=3), short)


def _judge(tally: Tally, name: str, made: Made, counts: Counter[str]) -> None:
    began = time.process_time()
    seen = name == SCANNED
    flags, lines, clean = _back(made, ocr=seen)
    tally.seconds += time.process_time() - began
    wanted = _squeezed([*made.paragraphs, *made.notes])
    got, cleaned = _squeezed(lines), _squeezed([clean])
    tally.documents += 1
    tally.read.append(_share(wanted, got))
    tally.clean.append(_share(wanted, cleaned))
    tally.extra += max(0, len(got) - len(wanted))
    whole = tally.read[-1] >= (SEEN if seen else EXACT)
    told = sorted({kind for kind, _ in flags} & LOSS)
    state = ("whole" if not told else "false alarm") if whole else ("told" if told else "silent")
    tally.states[state] += 1
    if state != "whole":
        print(f"{name}: {state}, {tally.read[-1]:.5f} of {len(wanted)}: {told} {made.name}")
    _count(made, flags, lines, counts)


def _back(made: Made, *, ocr: bool) -> tuple[list[tuple[str, str]], list[str], str]:
    """Flags, the lines of the text, and the clean text of a document."""
    flags: list[tuple[str, str]] = []
    lines: list[str] = []
    clean: list[str] = []
    for capture in _captures(made):
        given = with_ocr(capture) if ocr else capture
        if given.payload is None:
            flags.append(("unreadable_medium", given.error or ""))
            continue
        page = read(given, shipped())
        flags += [(flag.kind, flag.evidence) for flag in page.flags]
        lines += [page.words(b) for b in page.blocks if b.main and not b.hidden]
        if not ocr:  # reading pictures twice takes too long
            clean.append(derive(given).text)
    return flags, lines, "\n".join(clean or lines)


def _captures(made: Made) -> Iterator[Capture]:
    with tempfile.TemporaryDirectory() as folder:
        name = made.name if "." in made.name else f"x.{made.name}"
        path = Path(folder) / name
        path.write_bytes(made.payload)
        if is_container(path):
            yield from captures_of(path)
        else:
            yield Capture.from_bytes(made.payload, filename=name)


def _count(
    made: Made, flags: list[tuple[str, str]], lines: list[str], counts: Counter[str]
) -> None:
    """Whether removed words are absent and counted."""
    told = dict(flags)
    shown = _squeezed(lines)
    if made.gone:
        counts["documents with deleted words"] += 1
        chars = sum(map(len, made.gone))
        right = told.get("deleted_text", "").startswith(f"{chars} characters in {len(made.gone)} ")
        counts["deleted words counted right"] += right
        counts["deleted words in the text"] += any(words in shown for words in made.gone)
    for words in made.asides:
        counts["running heads"] += 1
        if words in shown:
            counts["running heads in the text"] += 1
            print(f"a running head in the text: {words} {made.name}")


def _share(wanted: str, got: str) -> float:
    """Return the share of the characters of `wanted` that are in `got`, in order."""
    if wanted in got:
        return 1.0
    blocks: Any = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / max(len(wanted), 1)


def _squeezed(lines: Sequence[str]) -> str:
    return "".join("".join(line.split()) for line in lines)


def _report(tallies: dict[str, Tally], counts: Counter[str]) -> None:
    print("| format | documents | whole | false alarm | told | silent | read | clean | s each |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, tally in tallies.items():
        states = " | ".join(
            str(tally.states[s]) for s in ("whole", "false alarm", "told", "silent")
        )
        read_, clean = (sum(v) / max(len(v), 1) for v in (tally.read, tally.clean))
        each = tally.seconds / max(tally.documents, 1)
        print(f"| {name} | {tally.documents} | {states} | {read_:.5f} | {clean:.5f} | {each:.2f} |")
    states = Counter[str]()
    for tally in tallies.values():
        states.update(tally.states)
    documents = sum(states.values())
    share = states["whole"] / max(documents, 1)
    print(f"\n{documents} documents: {dict(states)}; whole without a flag: {share:.4f}")
    for what, count in counts.items():
        print(f"{what}: {count}")


if __name__ == "__main__":
    main()
