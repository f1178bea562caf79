"""A panel as files: the table, its codebook, and the sentence behind every count."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from archive.catalogue.coverage import Absences
from archive.catalogue.words import Counting
from archive.export.choice import Choice
from archive.export.columns import COLUMNS
from archive.export.files import new_file, safe_cell, write_csv
from archive.export.panel import EVIDENCE, FACTS, corpus_digest, evidence, panel
from archive.known import shipped
from archive.store import Archive
from archive.store.reports import Report, reports

Progress = Callable[..., Iterator[Any]]

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
    progress: Progress = lambda things, _label: iter(things),
) -> tuple[dict[str, Any], list[str]]:
    """Write the panel to `output`, its codebook beside it, and the evidence to `sentences`.

    Returns the number of rows, the reports counted, and both digests; and the reports' names.

    Raises:
        StorageError: a file cannot be written; existing files are unchanged.
    """
    known = shipped()
    dictionary = counting.digest
    absences = Absences(archive.connection, kind=choice.kind)
    with ExitStack() as stack:
        see = None if sentences is None else _evidence_to(stack, sentences, counting, choice)
        found = progress(reports(archive.connection), "reports")
        rows = list(panel(found, counting, choice, known.gazetteer, absences, see=see))
        corpus = corpus_digest(rows)
        digests = {"dictionary_sha256": dictionary, "corpus_sha256": corpus}
        columns = [*FACTS, "reason", *counting.columns, *digests]
        path = stack.enter_context(new_file(output))
        write_csv(path, columns, (row | digests for row in rows))
        book = stack.enter_context(new_file(output.with_name(f"{output.stem}.codebook.md")))
        book.write_text(
            _codebook(output.name, counting, choice, dictionary, corpus), encoding="utf-8"
        )
    counted = [row["report_id"] for row in rows if row["reason"] == ""]
    return {"rows": len(rows), "counted": len(counted), **digests}, counted


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


def _codebook(name: str, counting: Counting, choice: Choice, dictionary: str, corpus: str) -> str:
    explained = {column: COLUMNS[column] for column in FACTS} | {
        "reason": "Why there is no count; empty where there is one."
    }
    return _CODEBOOK.format(
        name=name,
        version=version("baogao"),
        jieba=version("jieba"),
        parts=", ".join(choice.parts or ("body",)),
        dictionary=dictionary,
        corpus=corpus,
        columns="\n".join(f"| `{column}` | {words} |" for column, words in explained.items()),
        words="\n".join(
            f"| {group} | {'、'.join(terms)} |" for group, terms in counting.words.groups.items()
        ),
    )
