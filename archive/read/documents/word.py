"""Word → paragraphs and table rows: DOCX by python-docx, DOC and WPS by antiword."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archive.read.documents.found import DAMAGE, Found, Unreadable

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell

DEADLINE_S: Final = 30
"""Seconds for antiword: less than a worker has for the whole page."""
_DEEPEST: Final = 20


def read_docx(payload: bytes) -> Found:
    """Paragraphs and table rows in the order of the document, cells joined by a tab.

    Raises:
        Unreadable: it is damaged, or python-docx is not installed.
    """
    if not find_spec("docx"):
        raise Unreadable("reading DOCX needs python-docx: pip install 'baogao[documents]'")
    import docx  # noqa: PLC0415  (an extra)
    from docx.opc.exceptions import OpcError  # noqa: PLC0415
    from lxml.etree import LxmlError  # noqa: PLC0415

    try:
        lines = tuple(_lines(docx.Document(io.BytesIO(payload)), 0))
    except (OpcError, LxmlError, *DAMAGE, AttributeError, TypeError, IndexError) as error:
        raise Unreadable(f"the DOCX is damaged: {error}") from error
    if not any(line.strip() for line in lines):
        raise Unreadable("the DOCX holds no text")
    return Found(lines, "docx", f"python-docx {version('python-docx')}")


def read_ole(payload: bytes) -> Found:
    """The paragraphs of an old Word or WPS document.

    Raises:
        Unreadable: antiword is not installed, or does not read it.
    """
    program = shutil.which("antiword")
    if program is None:
        raise Unreadable("reading DOC and WPS needs the program antiword")
    with tempfile.NamedTemporaryFile(suffix=".doc") as file:
        file.write(payload)
        file.flush()
        try:
            shown = subprocess.run(  # noqa: S603  (a fixed program; the payload is its input only)
                [program, "-m", "UTF-8.txt", "-w", "0", file.name],
                capture_output=True, check=True, timeout=DEADLINE_S,
                env={"HOME": str(Path(file.name).parent), "LANG": "C.UTF-8"},
            )  # fmt: skip
        except (subprocess.SubprocessError, OSError) as error:
            raise Unreadable("the document is no Word file that antiword reads") from error
    lines = tuple(line.rstrip() for line in shown.stdout.decode("utf-8", "replace").split("\n"))
    if not any(lines):
        raise Unreadable("the document holds no text")
    return Found(lines, "doc", "antiword")


def _lines(part: Document | _Cell, depth: int) -> Iterator[str]:
    """The lines of a document or a cell; tables in tables are walked to a depth."""
    for block in part.iter_inner_content():
        rows: Any = getattr(block, "rows", None)
        if rows is None:
            yield from str(getattr(block, "text", "")).split("\n")
        elif depth < _DEEPEST:
            yield from _rows(block, depth)  # type: ignore[arg-type]


def _rows(table: Table, depth: int) -> Iterator[str]:
    for row in table.rows:
        cells: list[str] = []
        seen: set[object] = set()
        for cell in row.cells:
            if cell._tc in seen:  # noqa: SLF001  (a merged cell is given once for each column)
                continue
            seen.add(cell._tc)  # noqa: SLF001
            cells.append(" ".join(line for line in _lines(cell, depth + 1) if line.strip()))
        yield "\t".join(cells)
