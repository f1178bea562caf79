"""`baogao text`: clean one saved page or text; the pipeline in one command, no database."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from archive.commands.opening import deadline_option
from archive.console import json_option, print_json, shortened
from archive.errors import UsageError
from archive.model import Capture, Derivation, Flag

WORDS_COLUMNS = 60
EVIDENCE_COLUMNS = 90
CONTEXT_CHARS = 6


@click.command(name="text")
@click.argument("file")
@click.option("--url", default="", help="The address the page was saved from, if known.")
@deadline_option
@json_option
def text(file: str, url: str, deadline: float, *, as_json: bool) -> None:
    """Clean one saved page or text (FILE, or - for stdin) and print the clean text.

    \b
    With --json: the whole derivation, every span with its rule, every field with its words.
    Example: baogao text page.html --url http://www.example.gov.cn/art_1.html --json
    """
    name = None if file == "-" else Path(file).name
    derivation = _derived(Capture.from_bytes(_payload(file), url=url, filename=name), deadline)
    if as_json:
        print_json(derivation.as_json())
    else:
        click.echo(
            derivation.text.encode("utf-8", "replace"), nl=not derivation.text.endswith("\n")
        )
        for line in findings(derivation):
            click.echo(line, err=True)


def _derived(capture: Capture, deadline_s: float) -> Derivation:
    """What comes of a capture, made in a worker: what was saved from anywhere may be anything.

    Raises:
        WorkFailedError: it took too long, or too much memory.
    """
    from archive.deriving import derived

    ((_, _, outcome),) = derived([(None, capture)], 1, deadline_s=deadline_s)
    if isinstance(outcome, Derivation):
        return outcome
    raise outcome or UsageError(f"{capture.url}: holds nothing to clean")


def findings(derivation: Derivation) -> Iterator[str]:
    """The flags for a person: one line for each word, with its places and proposals counted."""
    alike: dict[tuple[str, str], list[Flag]] = {}
    for flag in derivation.flags:
        alike.setdefault((flag.kind, _shown(flag, derivation.visible)), []).append(flag)
    for (kind, words), flags in alike.items():
        times = f" ×{len(flags)}" if len(flags) > 1 else ""
        readings = Counter(flag.proposals[0] or "nothing" for flag in flags if flag.proposals)
        told = ", ".join(f"{words} ×{count}" for words, count in readings.most_common())
        proposed = f" — proposed: {told}" if told else ""
        yield f"{kind}{times}: {words}{proposed} — {shortened(flags[0].evidence, EVIDENCE_COLUMNS)}"


def _shown(flag: Flag, visible: str) -> str:
    """The words; what is a blank or a mark alone is shown with its neighbours."""
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
