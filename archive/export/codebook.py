"""Files of every export: the codebook and the citation."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from archive.export.columns import TEXTS, UNITS
from archive.model import canonical_json

_CODEBOOK = """# Code book

Written by baogao {version}. {count} reports; one row is one report ({unit}), never a page.
Missing values are empty: no value is ever guessed, and no missing report is counted as zero.
Cells that begin with = + - @ carry an apostrophe before them, so that no program runs them.

Chosen: `{chosen}`

Ledger head of the archive: `{head}`
(keep it: it proves later that the archive was not altered since; it does not prove that the
pages were genuine)

| column | unit | meaning |
|---|---|---|
{columns}
"""

_CITATION = """cff-version: 1.2.0
message: Please cite the archive and the reports' publishers.
title: "{title}"
type: dataset
authors:
  - name: The keepers of this archive
version: "{version}"
date-released: {day}
"""


def citation(title: str, version_: str, day: str) -> str:
    """Return a `CITATION.cff` for data of an archive whose newest capture is of `day`."""
    return _CITATION.format(title=title, version=version_, day=day)


def write_codebook(
    folder: Path,
    columns: Mapping[str, str],
    *,
    count: int,
    chosen: Mapping[str, Any],
    head: str,
    day: str,
) -> None:
    """Write `codebook.md` and `CITATION.cff` into `folder`.

    `head` is that of the ledger, `day` the day of the newest capture.
    """
    explained = {**columns, **TEXTS} if "sentence" not in columns else dict(columns)
    lines = "\n".join(
        f"| `{name}` | {UNITS.get(name, '')} | {meaning} |" for name, meaning in explained.items()
    )
    unit = "a work" if "sentence" not in columns else "cut into sentences"
    (folder / "codebook.md").write_text(
        _CODEBOOK.format(
            version=version("baogao"), count=count, unit=unit, head=head,
            chosen=canonical_json(dict(chosen)), columns=lines,
        ),
        encoding="utf-8",
    )  # fmt: skip
    cited = citation("Chinese government work reports, export of a baogao archive", head, day)
    (folder / "CITATION.cff").write_text(cited, encoding="utf-8")
