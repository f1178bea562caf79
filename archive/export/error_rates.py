"""Error rates of a hand check: the labels of a sample, by stratum and weighted to the archive."""

from __future__ import annotations

import csv
import io
import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from archive.errors import DataFileError
from archive.export.sample import QUESTIONS, questions_of

RIGHT: Final = frozenset({"1", "1.0", "y", "yes", "true", "right", "是", "对"})
WRONG: Final = frozenset({"0", "0.0", "n", "no", "false", "wrong", "否", "错"})
ALL: Final = "all, weighted"
_ITEM: Final = re.compile(r"\d{1,15}:\d{1,9}-\d{1,9}")
_NEEDED: Final = ("item", "stratum", "stratum_chars", "words")
_Z95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Labelled:
    """A row of a sample with its labels: question → whether the claim is right."""

    line: int
    item: str
    stratum: str
    chars: int
    words: str
    labels: Mapping[str, bool]


def wilson(wrong: float, checked: float) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson's score interval).

    >>> tuple(round(bound, 4) for bound in wilson(0, 10)), wilson(10, 10)[1]
    ((0.0, 0.2775), 1.0)
    """
    share, z2 = wrong / checked, _Z95**2
    middle = share + z2 / (2 * checked)
    half = _Z95 * math.sqrt(share * (1 - share) / checked + z2 / (4 * checked**2))
    scale = 1 + z2 / checked
    low, high = (middle - half) / scale, (middle + half) / scale
    return (low if wrong else 0.0), (high if wrong < checked else 1.0)


def read_labels(path: Path) -> list[Labelled]:
    """Read a sample with labels.

    Raises:
        DataFileError: the file cannot be read, a column is missing, a label is none, an item stands
            twice, or nothing is labelled; the message names the line.
    """
    rows = csv.reader(io.StringIO(_decoded(path), newline=""))
    header = next(rows, [])
    missing = [name for name in (*_NEEDED, *QUESTIONS) if name not in header]
    if missing:
        raise DataFileError(f"{path} line 1: there is no column {' and no '.join(missing)}")
    found: dict[tuple[str, str], Labelled] = {}
    line = 2
    for cells in rows:
        if any(cells):
            if len(cells) != len(header):
                raise DataFileError(
                    f"{path} line {line}: has {len(cells)} cells, the header has {len(header)}"
                )
            row = _labelled(dict(zip(header, cells, strict=True)), f"{path} line {line}", line)
            key = row.stratum, row.item
            if key in found:
                before = found[key].line
                raise DataFileError(f"{path} line {line}: {row.item} stands in line {before} too")
            found[key] = row
        line = rows.line_num + 1
    if not any(row.labels for row in found.values()):
        raise DataFileError(
            f"{path}: nothing is labelled; write 1 or 0 below {', '.join(QUESTIONS)}"
        )
    return list(found.values())


def _decoded(path: Path) -> str:
    """Return the words of a file; Excel on Chinese Windows saves GB 18030."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read: {error.strerror}") from error
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataFileError(f"{path}: is no CSV in UTF-8 or GB 18030")


def _labelled(row: Mapping[str, str], where: str, line: int) -> Labelled:
    stratum, chars = row["stratum"], row["stratum_chars"].partition(".")[0]
    if not _ITEM.fullmatch(row["item"]):
        raise DataFileError(f"{where}: item is {row['item']!r}; it was changed since the sample")
    if not questions_of(stratum) or not chars.isdecimal() or not int(chars):
        raise DataFileError(f"{where}: stratum or stratum_chars was changed since the sample")
    labels = {name: _label(row[name], name, where) for name in questions_of(stratum)}
    for name in QUESTIONS:
        if name not in labels and row[name].strip():
            raise DataFileError(f"{where}: {name} is not asked of {stratum}; leave it empty")
    known = {name: label for name, label in labels.items() if label is not None}
    return Labelled(line, row["item"], stratum, int(chars), row["words"], known)


def _label(value: str, name: str, where: str) -> bool | None:
    written = value.strip().lower()
    if written in RIGHT or written in WRONG:
        return written in RIGHT
    if written:
        raise DataFileError(f"{where}: {name} is {value!r}; write 1 (right), 0 (wrong) or nothing")
    return None


def error_rates(rows: Sequence[Labelled]) -> Iterator[dict[str, Any]]:
    """Yield for each question the error rate of each stratum, then of all, weighted.

    The weighted rate is that of a character of the archive. Its interval is Wilson's for as many
    checks as a simple sample of the same precision would need, 1 / Σ weight² / checks; the stratum
    `flagged` is a part of the others and has no weight of its own.
    """
    for question in QUESTIONS:
        by_stratum: dict[str, list[bool]] = defaultdict(list)
        sizes: dict[str, int] = {}
        for row in rows:
            if question in row.labels:
                by_stratum[row.stratum].append(row.labels[question])
                sizes[row.stratum] = row.chars
        for stratum, labels in sorted(by_stratum.items()):
            yield _rate(question, stratum, len(labels), labels.count(False))
        weighed = {name: labels for name, labels in by_stratum.items() if name != "flagged"}
        if weighed:
            yield _weighted(question, weighed, sizes)


def _rate(question: str, stratum: str, checked: int, wrong: int) -> dict[str, Any]:
    low, high = wilson(wrong, checked)
    return {
        "question": question.removesuffix("_ok"), "stratum": stratum, "checked": checked,
        "wrong": wrong, "error_rate": round(wrong / checked, 4),
        "low": round(low, 4), "high": round(high, 4),
    }  # fmt: skip


def _weighted(
    question: str, labels: Mapping[str, Sequence[bool]], sizes: Mapping[str, int]
) -> dict[str, Any]:
    total = sum(sizes[name] for name in labels)
    weights = {name: sizes[name] / total for name in labels}
    rate = sum(weights[name] * found.count(False) / len(found) for name, found in labels.items())
    effective = 1 / sum(weights[name] ** 2 / len(found) for name, found in labels.items())
    low, high = wilson(rate * effective, effective)
    return {
        "question": question.removesuffix("_ok"), "stratum": ALL,
        "checked": sum(map(len, labels.values())),
        "wrong": sum(found.count(False) for found in labels.values()),
        "error_rate": round(rate, 4), "low": round(low, 4), "high": round(high, 4),
    }  # fmt: skip
