"""OCR of words in pictures (the extra `ocr`): lines with boxes and confidence."""

from archive.read.ocr.asking import ASKED, asked, needs_it, with_ocr
from archive.read.ocr.engine import Engine, RecognisedLine, engine, missing, watched

__all__ = [
    "ASKED", "Engine", "RecognisedLine", "asked", "engine", "missing", "needs_it", "watched",
    "with_ocr",
]  # fmt: skip
