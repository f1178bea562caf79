"""The formats: each writes one table (or folder) of reports into a new folder."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from archive.errors import UsageError
from archive.export.choice import Choice
from archive.export.columns import (
    COLUMNS,
    OF_FOLDER,
    PAGE,
    TEXTS,
    described,
    page_of,
    row,
    texts,
)
from archive.export.files import safe_name, write_csv
from archive.export.sentences import sentences
from archive.export.tables import EXCEL_OPTIONS, TABLE_FORMATS, Column, DataTable, write_cell
from archive.extras import how_to_install
from archive.known import Gazetteer
from archive.spreadsheet_cells import safe_cell
from archive.store.reports import Report

NAME_TEMPLATE: Final = "{year}_{place}"
"""Default name of a text file, a common pattern for folders of reports (`2023_鞍山市.txt`)."""

SENTENCE_COLUMNS: Final[dict[str, str]] = {
    "report_id": COLUMNS["report_id"],
    "part": "front, body or appendix.",
    "paragraph": "Number of the paragraph in the report, from 0.",
    "start": "Offset of the sentence in its paragraph, in characters.",
    "stop": "Where it ends.",
    "sentence": "The sentence.",
    "text_id": "The text in the archive that the paragraph comes from.",
    "paragraph_start": "Offset of the paragraph in the visible text of that text.",
    "page": PAGE,
    "url": COLUMNS["url"],
    "payload_sha256": COLUMNS["payload_sha256"],
}


@dataclass(frozen=True, slots=True)
class Job:
    """An export: chosen reports to be written into `folder`.

    `of_folder` is whether they come from a folder of archives, so that each row names its archive.
    """

    reports: Iterable[Report]
    folder: Path
    choice: Choice
    gazetteer: Gazetteer
    template: str = NAME_TEMPLATE
    of_folder: bool = False

    @property
    def columns(self) -> dict[str, str]:
        """The columns of facts, with their meaning."""
        return COLUMNS | OF_FOLDER if self.of_folder else COLUMNS

    def rows(self, *, with_texts: bool) -> Iterator[dict[str, Any]]:
        """The rows of all reports."""
        for report in self.reports:
            found = row(report, self.gazetteer, self.columns)
            yield found | texts(report, self.choice.parts) if with_texts else found

    @property
    def text_columns(self) -> list[str]:
        """The text columns of the selected parts."""
        return list(self.choice.parts or TEXTS)


def write_txt(job: Job) -> int:
    """Write a folder of `.txt` files with templated names, and `manifest.csv`."""
    folder = job.folder / "texts"
    folder.mkdir()
    taken: set[str] = set()

    def rows() -> Iterator[dict[str, Any]]:
        for report in job.reports:
            found = row(report, job.gazetteer, job.columns)
            name = _text_name(report, found, job, taken)
            path = folder / name
            path.write_text(report.words(*job.choice.parts) + "\n", "utf-8", errors="replace")
            yield {"file": f"texts/{name}"} | found

    return write_csv(job.folder / "manifest.csv", ["file", *job.columns], rows())


def write_csv_format(job: Job) -> int:
    """Write one CSV with the texts, in UTF-8 with BOM."""
    return write_csv(
        job.folder / "reports.csv", [*job.columns, *job.text_columns], job.rows(with_texts=True)
    )


def write_jsonl(job: Job) -> int:
    """Write one JSON object a line, with the texts."""
    count = 0
    with (job.folder / "reports.jsonl").open("w", encoding="utf-8", errors="replace") as file:
        for found in job.rows(with_texts=True):
            file.write(json.dumps(found, ensure_ascii=False) + "\n")
            count += 1
    return count


def write_sentences(job: Job) -> int:
    """Write one row a sentence, with offsets. Returns the number of reports."""
    count = 0
    with (job.folder / "sentences.csv").open(
        "w", encoding="utf-8-sig", newline="", errors="replace"
    ) as file:
        writer = csv.writer(file)
        writer.writerow([*SENTENCE_COLUMNS, *(OF_FOLDER if job.of_folder else ())])
        for report in job.reports:
            count += 1
            for each in sentences(report, job.choice.parts):
                writer.writerow([
                    report.work, each.part, each.paragraph, each.start, each.stop,
                    safe_cell(each.text), each.text_id, each.paragraph_start,
                    page_of(report, each.paragraph), report.url, report.payload_sha256,
                    *([report.archive] if job.of_folder else []),
                ])  # fmt: skip
    return count


def write_xlsx(job: Job) -> int:
    """Write a workbook of facts; a text too long for a cell becomes a linked file."""
    import xlsxwriter  # noqa: PLC0415  (an extra)

    folder = job.folder / "texts"
    folder.mkdir()
    taken: set[str] = set()
    columns = [*job.columns, "text_file"]
    with xlsxwriter.Workbook(str(job.folder / "reports.xlsx"), EXCEL_OPTIONS) as book:
        sheet = book.add_worksheet("reports")
        sheet.freeze_panes(1, 1)
        sheet.write_row(0, 0, columns)
        count = 0
        for count, report in enumerate(job.reports, 1):
            found = row(report, job.gazetteer, job.columns)
            name = _text_name(report, found, job, taken)
            (folder / name).write_text(
                report.words(*job.choice.parts) + "\n", "utf-8", errors="replace"
            )
            for column, value in enumerate(found.values()):
                write_cell(sheet, count, column, value)
            sheet.write_url(count, len(job.columns), f"external:texts/{name}", string=name)
    return count


def write_dta(job: Job) -> int:
    """Write Stata 118 (Unicode), with long texts as strL."""
    return _write_table(job, ".dta")


def write_parquet(job: Job) -> int:
    """Write one Parquet file with the texts, in row groups."""
    return _write_table(job, ".parquet")


def _write_table(job: Job, ending: str) -> int:
    columns = described(job.columns, job.columns)
    columns += [Column(part, TEXTS[part]) for part in job.text_columns]
    table = DataTable(columns, "Government work reports", {})
    path = job.folder / f"reports{ending}"
    return TABLE_FORMATS[ending].write(path, table, job.rows(with_texts=True))


@dataclass(frozen=True, slots=True)
class Format:
    """An export format: its function, its requirements, and the columns it documents."""

    write: Callable[[Job], int]
    needs: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=lambda: COLUMNS)

    def check(self) -> None:
        """Check that the required libraries are installed.

        Raises:
            UsageError: one is missing.
        """
        missing = [module for module in self.needs if find_spec(module) is None]
        if missing:
            raise UsageError(
                f"this format needs {' and '.join(missing)}: {how_to_install('export')}"
            )


FORMATS: Final[dict[str, Format]] = {
    "txt": Format(write_txt),
    "csv": Format(write_csv_format),
    "jsonl": Format(write_jsonl),
    "sentences": Format(write_sentences, columns=SENTENCE_COLUMNS),
    "xlsx": Format(write_xlsx, ("xlsxwriter",)),
    "dta": Format(write_dta),
    "parquet": Format(write_parquet, ("pyarrow",)),
}


def _text_name(report: Report, found: Mapping[str, Any], job: Job, taken: set[str]) -> str:
    """Return the file name of a text, with day or session if a place has two in one year.

    If the name is taken, the name of the work is appended.
    """
    own = report.area or found["county"] or found["prefecture"] or found["province"] or report.place
    try:
        name = job.template.format(
            year=report.report_year, place=own, full=report.place, code=report.place_key,
            prov=found["province"] or own, level=report.level or "", id=report.work,
        )  # fmt: skip
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise UsageError(
            f"--name {job.template}: write {{year}}, {{place}}, {{full}}, {{prov}}, {{code}},"
            f" {{level}} or {{id}}"
        ) from error
    if report.work != report.plain and "{id}" not in job.template:
        name += report.work.removeprefix(report.plain)
    chosen = safe_name(name)
    if chosen in taken:
        chosen = safe_name(f"{name}_{report.work}")
    taken.add(chosen)
    return f"{chosen}.txt"
