"""`baogao text`: cleans one saved page or text; the pipeline in one command, no database."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from archive.commands.opening import deadline_option
from archive.commands.pictures import ocr_option, with_pictures
from archive.console import Console, json_option, print_json, shortened
from archive.errors import UsageError

if TYPE_CHECKING:
    from archive.derive_many import Outcome
    from archive.model import Capture, Derivation, Flag

WORDS_COLUMNS = 60
EVIDENCE_COLUMNS = 90
CONTEXT_CHARS = 6
SURE = 0.5
"""Confidence below which the choice of a page's article is reported as doubtful."""


@click.command(name="text")
@click.argument("file")
@click.option("--url", default="", help="URL that the page was saved from, if known.")
@ocr_option
@deadline_option
@json_option
def text(file: str, url: str, deadline: float, *, ocr: bool | None, as_json: bool) -> None:
    """Clean one saved page or text (FILE, or - for stdin) and print the clean text.

    \b
    Reads every file type that `backfill files` reads. A table or package gives several texts, with
    their names on stderr. With --json: the whole derivation, every span with its rule and every
    field with its words, one line for each text.
    Example: baogao text page.html --url http://www.example.gov.cn/art_1.html --json
    """
    from archive.model import Derivation

    console = Console()
    made = _derived(file, url, deadline)
    is_whole, is_first = True, True
    for _, capture, outcome in with_pictures(made, console, wanted=ocr):
        if not isinstance(outcome, Derivation):
            is_whole = False
            why = outcome or capture.error or capture.outcome
            click.echo(f"{_named(file, capture)}: {why}", err=True)
            continue
        if capture.member is not None:
            click.echo(f"{_named(file, capture)}:", err=True)
        _print(outcome, as_json=as_json, gap=not is_first)
        is_first = False
    if not is_whole:
        raise click.exceptions.Exit(1)


def _named(file: str, capture: Capture) -> str:
    """Return the name of a text: the file, and the member of a table or package."""
    return file if capture.member is None else f"{file} {capture.member}"


def _print(derivation: Derivation, *, as_json: bool, gap: bool) -> None:
    if as_json:
        print_json(derivation.as_json())
        return
    if gap:
        click.echo()
    words = derivation.text
    click.echo(words.encode("utf-8", "replace"), nl=not words.endswith("\n"))
    for line in (*findings(derivation), *_doubts(derivation)):
        click.echo(line, err=True)


def _derived(file: str, url: str, deadline_s: float) -> Iterator[tuple[None, Capture, Outcome]]:
    """Yield the texts of a file: that of a page or text, or those of a table or package."""
    from archive.derive_many import derived, derived_file
    from archive.model import Capture

    path = None if file == "-" else Path(file)
    name = path.name if path else None
    made = derived_file(
        path, lambda: Capture.from_bytes(_payload(file), url=url, filename=name), deadline_s
    )
    if made is not None:
        yield None, *made
    elif path is not None:
        members = ((None, member) for member in _members(path, deadline_s))
        yield from derived(members, 1, deadline_s=deadline_s)


def _members(path: Path, deadline_s: float) -> Iterator[Capture]:
    from archive.intake import TASK, Columns, all_pieces
    from archive.model import Capture
    from archive.workers import Workers

    workers = Workers(TASK, 1, deadline_s=deadline_s)
    try:
        for piece, _ in all_pieces([path], Columns(), workers):
            if isinstance(piece, Capture):
                yield piece
    finally:
        workers.close(at_once=True)


def findings(derivation: Derivation) -> Iterator[str]:
    """Yield the flags for people: one line for each word, with places and proposals counted.

    A flag about the whole text has no words; its evidence is printed in full.
    """
    alike: dict[tuple[str, str], list[Flag]] = {}
    for flag in derivation.flags:
        alike.setdefault((flag.kind, _shown(flag, derivation.visible)), []).append(flag)
    for (kind, words), flags in alike.items():
        times = f" ×{len(flags)}" if len(flags) > 1 else ""
        readings = Counter(flag.proposals[0] or "nothing" for flag in flags if flag.proposals)
        readings_shown = ", ".join(f"{words} ×{count}" for words, count in readings.most_common())
        proposed = f" — proposed: {readings_shown}" if readings_shown else ""
        evidence = flags[0].evidence
        if words:
            evidence = f"{words}{proposed} — {shortened(evidence, EVIDENCE_COLUMNS)}"
        yield f"{kind}{times}: {evidence}"


def _doubts(derivation: Derivation) -> Iterator[str]:
    """Yield a warning if the article may be the wrong one, or if nothing is left of a text."""
    if derivation.medium == "html" and 0 < derivation.confidence < SURE:
        yield (
            f"doubtful: confidence {derivation.confidence:.2f} ({derivation.method}) — "
            "the article may be other lines of the page; see --json"
        )
    if not derivation.text.strip() and not derivation.flags:
        yield f"empty: nothing is left of {len(derivation.visible)} characters; see --json"


def _shown(flag: Flag, visible: str) -> str:
    """Return the words; a single blank or mark is shown with its neighbours."""
    words = shortened(" ".join(flag.words.split()), WORDS_COLUMNS)
    if any(character.isalnum() for character in words) or not flag.stop:
        return words
    before = visible[max(0, flag.start - CONTEXT_CHARS) : flag.start].replace("\n", " ")
    after = visible[flag.stop : flag.stop + CONTEXT_CHARS].replace("\n", " ")
    return f"…{before}[{flag.words}]{after}…"


def _payload(file: str) -> bytes:
    try:
        payload = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    if not payload:
        raise UsageError(f"{file}: is empty, there is nothing to clean")
    return payload
