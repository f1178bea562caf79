"""The review queue: what a person could decide, with the command for each answer."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final
from urllib.parse import unquote

from archive.browse.datasette_tables import work_address
from archive.browse.spreadsheets import csv_file
from archive.browse.web import Answer, Asked, MissingError
from archive.catalogue.review import ReviewQuestion, review
from archive.model import canonical_json

QUESTIONS_A_PAGE: Final = 40
EVIDENCE: Final = 100
"""The most characters of evidence that the page shows; CSV and JSON have all of them."""

COLUMNS: Final = (
    "text_id", "asks", "reason", "now", "confidence", "detail", "answer", "label",
    "answer_confidence", "evidence", "cells", "reports", "copies", "works", "title", "url",
    "command",
)  # fmt: skip


def review_page(asked: Asked) -> Answer:
    """`/review?page=N`: the questions, those first that change most; nothing is decided here."""
    found = review(asked.connection)
    page = _page(asked)
    shown = found[(page - 1) * QUESTIONS_A_PAGE : page * QUESTIONS_A_PAGE]
    if page > 1 and not shown:
        raise MissingError("error.no_more")
    return asked.page(
        "review.html",
        texts=[(text, list(several)) for text, several in groupby(shown, lambda q: q.text_id)],
        questions=len(found),
        cells=len({q.text_id for q in found if q.cells}),
        database=f"{asked.database}.db",
        command=lambda question, value: _command(asked, question.arguments(value)),
        no_report=lambda question: _command(asked, question.is_no_report()),
        address=work_address,
        evidence=lambda words: _evidence(asked, words),
        named=lambda url: unquote(url or ""),
        page=page,
        pages=-(-len(found) // QUESTIONS_A_PAGE),
    )


def review_csv(asked: Asked) -> Answer:
    """`/review.csv`: one row for each answer that is proposed, or for a question without any."""
    rows = (row for question in review(asked.connection) for row in _rows(asked, question))
    return csv_file("review.csv", COLUMNS, rows)


def review_json(asked: Asked) -> Answer:
    """`/api/review`: the questions with the command of each answer."""
    questions = [_as_json(asked, question) for question in review(asked.connection)]
    return Answer(canonical_json({"review": questions}), "application/json; charset=utf-8")


def _evidence(asked: Asked, words: str) -> str:
    """Return the evidence of a candidate in the language of the page: 标题（2023）."""
    what, _, found = words.partition(" (")
    name = asked.words.name("evidence_of", what)
    return f"{name} ({found}"[:EVIDENCE] if found else name[:EVIDENCE]


def _page(asked: Asked) -> int:
    said = asked.arguments.get("page", "1")
    if not said.isdigit() or not 0 < int(said) < 1_000_000:  # noqa: PLR2004  (a page of something)
        raise MissingError("error.no_more")
    return int(said)


def _command(asked: Asked, arguments: list[str]) -> str:
    """Return a command to copy; the reason is left to the person."""
    return shlex.join(["baogao", "decide", f"{asked.database}.db", *arguments, "--why"]) + " '…'"


def _as_json(asked: Asked, question: ReviewQuestion) -> dict[str, Any]:
    row = question.as_json()
    for choice in row["choices"]:
        choice["command"] = _command(asked, question.arguments(choice["value"]))
    return row


def _rows(asked: Asked, question: ReviewQuestion) -> Iterator[list[Any]]:
    before = [question.text_id, question.asks, question.reason, question.now, question.confidence,
              question.detail]  # fmt: skip
    after = [question.cells, question.reports, question.copies, " ".join(question.works),
             question.title, question.url]  # fmt: skip
    for choice in question.choices:
        command = _command(asked, question.arguments(choice.value))
        answer = [choice.value, choice.label, choice.confidence, choice.evidence]
        yield [*before, *answer, *after, command]
    if not question.choices:
        yield [*before, None, None, None, None, *after, _command(asked, question.arguments("…"))]
