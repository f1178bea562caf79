"""Detects the type of a file by its bytes; its name only decides between types of text."""

from __future__ import annotations

import re
import zipfile
from pathlib import PurePath
from typing import BinaryIO, Final

from archive.read import media
from archive.read.documents.found import DAMAGE, package_kind

_HEAD: Final = 8_192
_TABLE_NAMES: Final = {".csv": "csv", ".tsv": "csv", ".xls": "csv", ".jsonl": "jsonl",
                       ".ndjson": "jsonl", ".json": "json"}  # fmt: skip
_NAMED: Final = {".xlsx": "xlsx", ".xlsm": "xlsx", ".zip": "zip", ".mht": "mhtml",
                 ".mhtml": "mhtml", ".parquet": "parquet", ".dta": "stata"}  # fmt: skip
"""Names that promise a container; if the bytes do not match, that is reported in words."""
_OLD_STATA: Final = frozenset({104, 105, 108, 110, 111, 113, 114, 115})
_RECORD: Final = re.compile(rb'(?:\[\s{0,20})?\{\s{0,20}"[^"]{1,200}"\s{0,20}:')
_PACKED: Final = frozenset({"7z", "rar", "bzip2", "xz", "gzip"})


def kind_of(name: str, file: BinaryIO) -> str | None:
    """Return the type of container, or None for a file that is a single document.

    Args:
        name: its name.
        file: its content, read from the beginning and rewound.
    """
    head = file.read(_HEAD)
    file.seek(-min(4, file.seek(0, 2)), 2)
    tail = file.read(4)
    file.seek(0)
    suffix = PurePath(name).suffix.lower()
    if head.startswith(b"PK"):
        return _package(file, suffix)
    if head.startswith(b"<stata_dta>") or (suffix == ".dta" and head[:1] and head[0] in _OLD_STATA):
        return "stata"
    if head.startswith(b"PAR1"):
        return "parquet" if tail == b"PAR1" or suffix == ".parquet" else None
    medium = media.sniff(head)
    if medium == "mhtml" or medium in _PACKED:
        return medium
    if medium is None:
        return _text(head, suffix) or _NAMED.get(suffix)
    promised = _NAMED.get(suffix) or _TABLE_NAMES.get(suffix)
    return promised if medium in {"empty", "binary"} else None


def _package(file: BinaryIO, suffix: str) -> str | None:
    try:
        with zipfile.ZipFile(file) as package:
            kind = package_kind(package)
    except DAMAGE:
        kind = _NAMED.get(suffix, "")
    finally:
        file.seek(0)
    return kind if kind in {"zip", "xlsx"} else None


def _text(head: bytes, suffix: str) -> str | None:
    """Return the type of table of a text; markup is a page, whatever its name."""
    shown = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    named = _TABLE_NAMES.get(suffix)
    if named == "csv" and suffix == ".xls" and shown.startswith(b"<"):
        return None
    if named is None and _RECORD.match(shown):
        return "json"
    return named
