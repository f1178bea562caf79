"""Splits paragraphs into sentences, with offsets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from archive.known.genre import SENTENCE_ENDS
from archive.model import Part
from archive.store.reports import Report

_CLOSING: Final = '\u201d\u2019\u300d\u300f\uff09)"'
_SENTENCE: Final = re.compile(
    rf"[^{SENTENCE_ENDS}\n]*[{SENTENCE_ENDS}]+[{_CLOSING}]*|[^{SENTENCE_ENDS}\n]+"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence; `paragraph` counts from 0 in the report, `start` in its paragraph."""

    part: Part
    paragraph: int
    start: int
    stop: int
    text: str
    text_id: int
    paragraph_start: int


def sentences(report: Report, parts: tuple[Part, ...] = ()) -> Iterator[Sentence]:
    """Return the sentences of `report`, in order; together they are its paragraphs.

    `paragraph_start` is the offset of the paragraph in the visible text of the text `text_id`.
    """
    for number, passage in enumerate(report.passages):
        if parts and passage.part not in parts:
            continue
        for start, stop in cut(passage.text):
            yield Sentence(
                passage.part, number, start, stop, passage.text[start:stop],
                passage.text_id, passage.start,
            )  # fmt: skip


def cut(paragraph: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the sentences of `paragraph`, a partition."""
    for match in _SENTENCE.finditer(paragraph):
        yield match.span()
