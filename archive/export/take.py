"""A panel as files: the table, its codebook, and the sentence behind every count."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from archive.catalogue.coverage import Absences
from archive.catalogue.crosswalk import LAST, Boundaries
from archive.catalogue.words import Counting
from archive.export.aligned import ABOUT, ALIGNED_COLUMNS, AlignedPanel
from archive.export.choice import Choice
from archive.export.columns import OF_FOLDER, described
from archive.export.files import new_file, write_csv
from archive.export.panel import (
    BODY,
    EVIDENCE,
    corpus_digest,
    evidence,
    panel,
    panel_columns,
    units,
)
from archive.export.tables import DataTable, table_format
from archive.known import Gazetteer, shipped
from archive.spreadsheet_cells import safe_cell
from archive.store.collection import Collection
from archive.store.progress import Progress, plainly
from archive.store.reports import Report, number_of_works, reports
from archive.store.together import Readable

_CODEBOOK: Final = """# Code book of {name}

Written by baogao {version} with jieba {jieba}. A row is a place in a year.
Missing is {missing}, never zero; the column `reason` says why. Counted: {parts}.

Dictionary `{dictionary}` is the digest of jieba, its dictionary and the words below.
Corpus `{corpus}` is the digest of the texts counted; the same archive and words give the same
file.

{about}{columns}

{words}
"""

_MISSING: Final = {
    ".csv": "`NA` in a count, an empty cell elsewhere",
    ".dta": "a missing value (`.`, or an empty string)",
    ".parquet": "null",
    ".xlsx": "an empty cell",
}


def take_panel(
    collection: Collection,
    counting: Counting,
    choice: Choice,
    output: Path,
    *,
    sentences: Path | None = None,
    corpus: Path | None = None,
    boundaries: Boundaries | None = None,
    progress: Progress[Report] = plainly,
) -> tuple[dict[str, Any], list[str]]:
    """Write the panel to `output`, its codebook beside it, and the evidence to `sentences`.

    The reports that are counted are listed in `corpus`. With `boundaries` the units are the
    divisions of one year.

    Returns the number of rows, the reports counted, and both digests; and the reports' names.

    Raises:
        UsageError: the ending of `output` names no format, or its library is not installed.
        StorageError: a file cannot be written; existing files are unchanged.
    """
    form = table_format(output)
    gazetteer, archives = shipped().gazetteer, collection.readable
    absences = Absences(archives, kind=choice.kind)
    with ExitStack() as stack:
        stack.enter_context(collection.snapshot())
        aligned = boundaries and AlignedPanel(archives, choice, boundaries, absences)
        counted = list(aligned.counted if aligned else _counted(archives, choice, gazetteer))
        if corpus is not None:
            write_csv(stack.enter_context(new_file(corpus)), CORPUS_COLUMNS, _corpus(counted))
        corpus_sha256 = corpus_digest((name, text) for name, text, _ in counted)
        digests = {"dictionary_sha256": counting.digest, "corpus_sha256": corpus_sha256}
        lines = EVIDENCE | (OF_FOLDER if collection.is_folder else {})
        see = None
        if sentences is not None:
            see = _evidence_to(stack, sentences, lines, counting, choice)
        found = progress(reports(archives), "reports", number_of_works(archives))
        rows = (
            aligned.rows(found, counting, gazetteer, see)
            if aligned
            else panel(found, counting, choice, gazetteer, absences, see=see)
        )
        columns = panel_columns(counting, ALIGNED_COLUMNS if aligned else ())
        columns += described(OF_FOLDER, OF_FOLDER) if collection.is_folder else []
        table = DataTable(columns, f"Panel of words, {output.name}", names_of(counting))
        path = stack.enter_context(new_file(output))
        count = form.write(path, table, (row | digests for row in rows))
        book = stack.enter_context(new_file(output.with_name(f"{output.stem}.codebook.md")))
        about = ABOUT.format(year=boundaries.year, last=LAST) if boundaries else ""
        words = _codebook(output, table, counting, choice, digests, about=about)
        book.write_text(words, encoding="utf-8")
    return {"rows": count, "counted": len(counted), **digests}, [name for name, *_ in counted]


def _counted(archives: Readable, choice: Choice, gazetteer: Gazetteer) -> Iterator[Counted]:
    """Yield the reports that will be counted; their words are not read."""
    for _, found in units(reports(archives), choice, gazetteer):
        if len(found) == 1 and not found[0].unfit:
            yield found[0].work, found[0].text_sha256, found[0].payload_sha256


CORPUS_COLUMNS: Final = ("report_id", "text_sha256", "payload_sha256")
Counted = tuple[str, str, str]
"""Name and digests of a report that is counted."""


def _corpus(counted: Iterable[Counted]) -> Iterator[dict[str, str]]:
    return (dict(zip(CORPUS_COLUMNS, each, strict=True)) for each in counted)


def _evidence_to(
    stack: ExitStack, output: Path, columns: Iterable[str], counting: Counting, choice: Choice
) -> Callable[[Report], None]:
    """Return a function that writes the sentences of each counted report to `output`."""
    names = list(columns)
    path = stack.enter_context(new_file(output))
    file = stack.enter_context(path.open("w", encoding="utf-8-sig", newline="", errors="replace"))
    writer = csv.writer(file)
    writer.writerow(names)

    def see(report: Report) -> None:
        for line in evidence(counting, report, choice):
            writer.writerow([safe_cell(line[name]) for name in names])

    return see


def names_of(counting: Counting) -> dict[str, str]:
    """Return what stands for each word in a name of Stata: its number among the words."""
    return {name: f"w{number}" for number, name in enumerate(counting.words.groups, 1)}


def _codebook(
    output: Path,
    table: DataTable,
    counting: Counting,
    choice: Choice,
    digests: Mapping[str, str],
    *,
    about: str,
) -> str:
    return _CODEBOOK.format(
        name=output.name,
        version=version("baogao"),
        jieba=version("jieba"),
        missing=_MISSING[output.suffix.lower()],
        parts=", ".join(choice.parts or BODY),
        dictionary=digests["dictionary_sha256"],
        corpus=digests["corpus_sha256"],
        about=f"{about}\n" if about else "",
        columns=_table_of(_columns(output, table)),
        words=_table_of(_words(counting)),
    )


def _columns(output: Path, table: DataTable) -> Iterator[tuple[str, ...]]:
    """Yield the lines of the table of columns; for Stata with the names that it has there."""
    stata = table.stata_names if output.suffix.lower() == ".dta" else None
    yield ("column", *(["in Stata"] if stata else []), "unit", "meaning")
    for each in table.columns:
        name = f"`{each.name}`"
        yield (name, *([f"`{stata[each.name]}`"] if stata else []), each.unit, each.meaning)


def _words(counting: Counting) -> Iterator[tuple[str, ...]]:
    yield "word", "terms"
    for group, terms in counting.words.groups.items():
        yield group, "、".join(terms)


def _table_of(lines: Iterable[tuple[str, ...]]) -> str:
    first, *rest = (
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |" for line in lines
    )
    return "\n".join([first, "|---" * (first.count(" | ") + 1) + "|", *rest])
