"""Derivations in Parquet files: made by one machine, written to the archive by another.

A row is a text with its digests; one that came out the same as in the archive has nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from archive.errors import DamagedFileError, UsageError
from archive.extras import how_to_install
from archive.model import canonical_json, sha256
from archive.store.partitions import Partition
from archive.store.texts import MadeText, TextRows

VERSION: Final = "1"
ROWS_AT_ONCE: Final = 100

_KEY: Final = ("payload_sha256", "context_sha256", "derivation_sha256")
_ROWS: Final = ("visible", "text_json", "partition_json", "identities_json", "flags_json",
                "uses_json")  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileOfTexts:
    """What a file says of itself: the ruleset of its texts."""

    path: Path
    ruleset: str


@dataclass(frozen=True, slots=True)
class SameText:
    """A text that came out as it is in the archive: digests of payload, context, derivation."""

    payload_sha256: str
    context_sha256: str
    derivation_sha256: str


def need_parquet() -> Any:
    """Return pyarrow.parquet.

    Raises:
        UsageError: it is not installed.
    """
    try:
        from pyarrow import parquet  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise UsageError(f"Parquet needs pyarrow: {how_to_install('export')}") from error
    return parquet


def write(path: Path, texts: Iterable[MadeText | SameText], ruleset: str) -> None:
    """Write texts of one ruleset to a file."""
    parquet = need_parquet()
    import pyarrow as pa  # noqa: PLC0415  (an extra)

    fields = [pa.field(name, pa.string()) for name in (*_KEY, *_ROWS)]
    about = {"baogao_texts": VERSION, "ruleset": ruleset}
    schema = pa.schema(fields, metadata=about)
    rows = map(_row, texts)
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        while some := list(islice(rows, ROWS_AT_ONCE)):
            writer.write_table(pa.Table.from_pylist(some, schema))


def opened(path: Path) -> FileOfTexts:
    """Return what a file says of itself.

    Raises:
        UsageError: there is no such file, or it has no texts of this version.
        DamagedFileError: it is no Parquet file, or cut short.
    """
    parquet = need_parquet()
    from pyarrow import ArrowException  # noqa: PLC0415  (an extra)

    if not path.is_file():
        raise UsageError(f"{path}: no such file")
    try:
        about = parquet.read_schema(path).metadata or {}
    except (ArrowException, OSError) as error:
        raise DamagedFileError(f"{path}: is no Parquet file, or was cut short") from error
    if about.get(b"baogao_texts") != VERSION.encode():
        raise UsageError(f"{path}: has no texts that this version of baogao can take")
    return FileOfTexts(path, about.get(b"ruleset", b"").decode())


def read(file: FileOfTexts) -> Iterator[MadeText | SameText]:
    """Yield the texts of a file, each checked against its digests.

    Raises:
        DamagedFileError: one is not as it was written; those before it are.
    """
    parquet = need_parquet()
    from pyarrow import ArrowException  # noqa: PLC0415  (an extra)

    try:
        with parquet.ParquetFile(file.path) as opened_file:
            for batch in opened_file.iter_batches(ROWS_AT_ONCE):
                for row in batch.to_pylist():
                    yield _text(row, file.ruleset)
    except (ArrowException, OSError, ValueError, TypeError, LookupError) as error:
        raise DamagedFileError(f"{file.path}: a text in it was altered ({error})") from error


def _row(text: MadeText | SameText) -> dict[str, str]:
    if isinstance(text, SameText):
        return dict(zip(_KEY, astuple(text), strict=True))
    rows = text.rows
    return {
        "payload_sha256": text.payload_sha256,
        "context_sha256": text.context_sha256,
        "derivation_sha256": rows.digest(),
        "visible": text.visible,
        "text_json": canonical_json(dict(rows.text)),
        "partition_json": canonical_json(astuple(rows.partition)),
        "identities_json": canonical_json(rows.identities),
        "flags_json": canonical_json(rows.flags),
        "uses_json": canonical_json(text.uses),
    }


def _text(row: dict[str, Any], ruleset: str) -> MadeText | SameText:
    payload, context, digest = (row[name] for name in _KEY)
    if row["visible"] is None:
        return SameText(payload, context, digest)
    rows = TextRows(
        json.loads(row["text_json"]),
        Partition(*json.loads(row["partition_json"])),
        [tuple(each) for each in json.loads(row["identities_json"])],
        [tuple(each) for each in json.loads(row["flags_json"])],
    )
    visible = row["visible"]
    if rows.digest() != digest or sha256(visible.encode()) != rows.text["visible_sha256"]:
        raise ValueError("its digest differs")
    uses = [tuple(each) for each in json.loads(row["uses_json"])]
    return MadeText(payload, context, ruleset, visible, rows, uses)
