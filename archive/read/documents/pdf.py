"""PDF → visual lines, by pypdfium2, with pdftotext as a second opinion on the reading order.

All readers of PDF give the same characters; they differ in the order. pypdfium2 moved the curly
quotes of a text set in two fonts by several characters (286 edits in 14,847), pdftotext none.
"""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from importlib.metadata import version
from importlib.util import find_spec
from typing import Final

from archive.read.documents.found import Found, Line, Unreadable, told

MAX_PAGES: Final = 2_000
DEADLINE_S: Final = 30
"""Seconds for pdftotext: less than a worker has for the whole page."""


def read_pdf(payload: bytes) -> Found:
    """The visual lines of all pages; joining them is cleaning's.

    Raises:
        Unreadable: damaged, encrypted, too long, without a text layer, or no reader is installed.
    """
    first = _by_pdfium(payload) if find_spec("pypdfium2") else None
    second = _by_poppler(payload) if shutil.which("pdftotext") else None
    if first is None and second is None:
        raise Unreadable("reading PDF needs pypdfium2: pip install 'baogao[documents]'")
    lines = second if second is not None else first or ()
    if not any(line.strip() for line in lines):
        raise Unreadable("the PDF has no text layer: its pages are pictures")
    how = "pdftotext" if second is not None else f"pypdfium2 {version('pypdfium2')}"
    doubt = _doubt(first, second)
    flags = (told("reading_order", doubt),) if doubt else ()
    return Found(tuple(map(Line, lines)), "pdf", how, flags)


def _by_pdfium(payload: bytes) -> tuple[str, ...]:
    import pypdfium2  # noqa: PLC0415  (an extra)

    try:
        document = pypdfium2.PdfDocument(payload)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"the PDF cannot be opened: {error}") from error
    try:
        if len(document) > MAX_PAGES:
            raise Unreadable(f"the PDF has {len(document)} pages, more than {MAX_PAGES}")
        return tuple(line for page in document for line in _page_lines(page))
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"the PDF is damaged: {error}") from error
    finally:
        document.close()


def _page_lines(page: object) -> list[str]:
    words = page.get_textpage().get_text_range()  # type: ignore[attr-defined]
    return [line.rstrip() for line in words.replace("\r\n", "\n").replace("\r", "\n").split("\n")]


def _by_poppler(payload: bytes) -> tuple[str, ...] | None:
    """The lines by pdftotext, or None where it fails; it reads stdin and writes stdout only."""
    try:
        shown = subprocess.run(  # noqa: S603  (a fixed program; the payload is its input only)
            ["pdftotext", "-enc", "UTF-8", "-nopgbrk", "-l", str(MAX_PAGES), "-", "-"],  # noqa: S607
            input=payload, capture_output=True, check=True, timeout=DEADLINE_S,
        )  # fmt: skip
    except (subprocess.SubprocessError, OSError):
        return None
    return tuple(line.rstrip() for line in shown.stdout.decode("utf-8", "replace").split("\n"))


def _doubt(first: tuple[str, ...] | None, second: tuple[str, ...] | None) -> str:
    if first is None or second is None:
        return ""
    one, other = ("".join("".join(lines).split()) for lines in (first, second))
    if one == other:
        return ""
    if Counter(one) == Counter(other):
        return "two readers give the same characters in another order"
    return f"two readers give other characters ({len(one)} and {len(other)})"
