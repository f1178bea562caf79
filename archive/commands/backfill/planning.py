"""Previews an import: captures by kind and outcome, and what their names state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

from archive.audit.names import expected
from archive.identify.beside import claimed
from archive.known import Knowledge, shipped
from archive.model import Capture

if TYPE_CHECKING:
    from archive.store import Archive


def plan(captures: Iterable[Capture], db: str) -> list[dict[str, Any]]:
    """Count each kind and outcome; reads `db` if it exists, and never writes.

    `already_there` counts what would be skipped. `place` and `year` count those for which a name or
    cell states one (`place` if the gazetteer knows it).
    """
    known = shipped()
    rows: dict[tuple[str, str], Counter[str]] = {}
    with _archive(db) as archive:
        for capture in captures:
            row = rows.setdefault((_kind(capture), capture.outcome), Counter())
            row.update(captures=1, bytes=len(capture.payload or b""))
            row.update(already_there=archive is not None and archive.has(capture))
            row.update(_evidence(capture, known))
    columns = ("captures", "bytes", "already_there", "place", "year")
    return [
        {"kind": kind, "outcome": outcome, **{name: row[name] for name in columns}}
        for (kind, outcome), row in sorted(rows.items())
    ]


def _kind(capture: Capture) -> str:
    """Return the extension of the file or member, and whether it is a table row."""
    suffix = PurePath(capture.filename or "").suffix.lower() or "no ending"
    row = (capture.member or "").rpartition("!/")[2].split(" ")[-2:-1]
    return f"{row[0]} of {suffix}" if row and row[0] in {"row", "line", "part"} else suffix


def _evidence(capture: Capture, known: Knowledge) -> dict[str, int]:
    named = expected(capture, known)
    place = bool(named.codes) or any(True for _ in claimed(capture, "place"))
    year = named.year is not None or any(True for _ in claimed(capture, "year"))
    return {"place": place, "year": year}


@contextmanager
def _archive(db: str) -> Iterator[Archive | None]:
    from archive.store import Archive

    if not Path(db).exists():
        yield None
        return
    with Archive.open(db, read_only=True) as archive:
        yield archive
