"""A panel as files: the table, its codebook, and the sentence behind every count."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from archive.catalogue.coverage import Absences
from archive.catalogue.words import Counting
from archive.export.choice import Choice
from archive.export.columns import COLUMNS
from archive.export.files import new_file, write_csv
from archive.export.panel import BODY, EVIDENCE, FACTS, corpus_digest, evidence, panel, units
from archive.known import Gazetteer, shipped
from archive.spreadsheet_cells import safe_cell
from archive.store import Archive
from archive.store.progress import Progress, plainly
from archive.store.reports import Report, number_of_works, reports

_CODEBOOK: Final = """# Code book of {name}

Written by baogao {version} with jieba {jieba}. A row is a place in a year.
`NA` is missing, never zero; the column `reason` says why. Counted: {parts}.

Dictionary `{dictionary}` is the digest of jieba, its dictionary and the words below.
Corpus `{corpus}` is the digest of the texts counted; the same archive and words give the same
file.

| column | meaning |
|---|---|
{columns}
| `WORD_exact` | How often the term stands in the text; a group counts no character twice. |
| `WORD_jieba` | Tokens that jieba cuts, with the terms added to its dictionary; may be fewer. |
| `WORD_per_10k` | The exact count for each 10,000 Han characters of what is counted. |

| word | terms |
|---|---|
{words}
"""


def take_panel(
    archive: Archive,
    counting: Counting,
    choice: Choice,
    output: Path,
    *,
    sentences: Path | None = None,
    progress: Progress[Report] = plainly,
) -> tuple[dict[str, Any], list[str]]:
    """Write the panel to `output`, its codebook beside it, and the evidence to `sentences`.

    Returns the number of rows, the reports counted, and both digests; and the reports' names.

    Raises:
        StorageError: a file cannot be written; existing files are unchanged.
    """
    gazetteer, connection = shipped().gazetteer, archive.connection
    dictionary = counting.digest
    absences = Absences(connection, kind=choice.kind)
    with ExitStack() as stack:
        stack.enter_context(archive.snapshot())
        counted = list(_counted(connection, choice, gazetteer))
        digests = {"dictionary_sha256": dictionary, "corpus_sha256": corpus_digest(counted)}
        see = None if sentences is None else _evidence_to(stack, sentences, counting, choice)
        found = progress(reports(connection), "reports", number_of_works(connection))
        rows = panel(found, counting, choice, gazetteer, absences, see=see)
        columns = [*FACTS, "reason", *counting.columns, *digests]
        path = stack.enter_context(new_file(output))
        count = write_csv(path, columns, (row | digests for row in rows))
        book = stack.enter_context(new_file(output.with_name(f"{output.stem}.codebook.md")))
        book.write_text(_codebook(output.name, counting, choice, digests), encoding="utf-8")
    return {"rows": count, "counted": len(counted), **digests}, [name for name, _ in counted]


def _counted(
    connection: sqlite3.Connection, choice: Choice, gazetteer: Gazetteer
) -> Iterator[tuple[str, str]]:
    """Yield name and digest of the reports that will be counted; their words are not read."""
    for _, found in units(reports(connection), choice, gazetteer):
        if len(found) == 1 and not found[0].unfit:
            yield found[0].work, found[0].text_sha256


def _evidence_to(
    stack: ExitStack, output: Path, counting: Counting, choice: Choice
) -> Callable[[Report], None]:
    """Return a function that writes the sentences of each counted report to `output`."""
    path = stack.enter_context(new_file(output))
    file = stack.enter_context(path.open("w", encoding="utf-8-sig", newline="", errors="replace"))
    writer = csv.writer(file)
    writer.writerow(EVIDENCE)

    def see(report: Report) -> None:
        for line in evidence(counting, report, choice):
            writer.writerow([safe_cell(line[name]) for name in EVIDENCE])

    return see


def _codebook(name: str, counting: Counting, choice: Choice, digests: Mapping[str, str]) -> str:
    explained = {column: COLUMNS[column] for column in FACTS} | {
        "reason": "Why there is no count; empty where there is one."
    }
    return _CODEBOOK.format(
        name=name,
        version=version("baogao"),
        jieba=version("jieba"),
        parts=", ".join(choice.parts or BODY),
        dictionary=digests["dictionary_sha256"],
        corpus=digests["corpus_sha256"],
        columns="\n".join(f"| `{column}` | {words} |" for column, words in explained.items()),
        words="\n".join(
            f"| {group} | {'、'.join(terms)} |" for group, terms in counting.words.groups.items()
        ),
    )
