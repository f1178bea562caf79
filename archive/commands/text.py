"""`baogao text`: clean one saved page or text; the pipeline in one command, no database."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archive.console import json_option, print_json
from archive.errors import UsageError


@click.command(name="text")
@click.argument("file")
@click.option("--url", default="", help="The address the page was saved from, if known.")
@json_option
def text(file: str, url: str, *, as_json: bool) -> None:
    """Clean one saved page or text (FILE, or - for stdin) and print the clean text.

    \b
    With --json: the whole derivation, every span with its rule, every field with its words.
    Example: baogao text page.html --url http://www.example.gov.cn/art_1.html --json
    """
    from archive.derivation import derive
    from archive.model import Capture

    name = None if file == "-" else Path(file).name
    derivation = derive(Capture.from_bytes(_payload(file), url=url, filename=name))
    if as_json:
        print_json(derivation.as_json())
    else:
        click.echo(
            derivation.text.encode("utf-8", "replace"), nl=not derivation.text.endswith("\n")
        )
        for flag in derivation.flags:
            click.echo(f"{flag.kind}: {flag.words[:60]} — {flag.evidence}", err=True)


def _payload(file: str) -> bytes:
    try:
        payload = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"{file}: cannot be read: {error.strerror}") from error
    if not payload:
        raise UsageError(f"{file}: is empty, there is nothing to clean")
    return payload
