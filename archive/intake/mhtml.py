"""MHTML: a page saved by a browser or Word with all its parts in one file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from archive.errors import RefusedError
from archive.intake.member import Member
from archive.intake.source import Container, Opened
from archive.read.documents.mhtml import Part, html_parts

MAX_PARTS: Final = 1_000
"""The most HTML parts of one page; frames of frames are some dozens."""


def mhtml_parts(source: Container) -> Iterator[Opened]:
    """Yield the HTML parts of an MHTML page, each with its original URL.

    Raises:
        RefusedError: the file is larger than `MAX_FILE_BYTES`, or contains no HTML.
    """
    found = list(islice(html_parts(source.small()), MAX_PARTS + 1))
    if not found:
        words = f"{source.name}: holds no HTML; is it a page saved as MHTML?"
        raise RefusedError("unreadable", words)
    for number, part in enumerate(found[:MAX_PARTS], 1):
        yield _member(number, part)
    if len(found) > MAX_PARTS:
        name = f"part {len(found)} and what follows"
        yield Member(name, outcome="too_large", error=f"more than {MAX_PARTS} parts")


def _member(number: int, part: Part) -> Member:
    name, claims = f"part {number}", (("url", part.location),) if part.location else ()
    if part.payload is None:
        return Member(
            name, claims=claims, outcome="unreadable", error="named as HTML but is not HTML"
        )
    return Member(name, part.payload, claims, part.content_type)
