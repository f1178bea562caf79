"""Turns pictures into pages of glyphs, each character at its position in its line."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from archive.known import Knowledge
from archive.model import Flag
from archive.read.documents.found import ReadDocument, Unreadable, document_flag
from archive.read.documents.layout import Glyph, GlyphPage, Laid, lay_out
from archive.read.ocr.engine import Engine, RecognisedLine, engine

if TYPE_CHECKING:
    from PIL.Image import Image

MOST_PIXELS: Final = 120_000_000
"""The most pixels of one picture: an A4 page at 1,000 dpi has 97 million."""
MOST_FRAMES: Final = 2_000
POINTS: Final = 1_800
"""Pixels of the longer side of a drawn PDF page: an A4 page at 155 dpi."""
_LONG: Final = 3.2
"""Ratio of height to width from which a picture is a screenshot, and is read in pieces."""
_PIECE: Final = 1.5
_SEARCHED: Final = 0.25
_ALIKE: Final = 0.3
_NARROW: Final = 0.55
_FLAGS_SHOWN: Final = 50


@dataclass(slots=True)
class Sight:
    """Everything recognised in the pictures of one document."""

    how: str
    doubt: float
    least: float
    lines: list[tuple[int, RecognisedLine]] = field(default_factory=list)
    pages: int = 0
    empty: list[int] = field(default_factory=list)

    @property
    def mean(self) -> float:
        """The mean confidence of all lines, weighted by characters."""
        chars = sum(len(seen.words) for _, seen in self.lines)
        weighed = sum(len(seen.words) * seen.confidence for _, seen in self.lines)
        return weighed / chars if chars else 0.0

    def look(self, eye: Engine, picture: Image, page: int) -> GlyphPage:
        """Return what a page shows as glyphs in pixels; lines of low confidence are `aside`."""
        glyphs: list[Glyph] = []
        aside: list[str] = []
        reached = 0.0
        width = 0
        for piece in _pieces(picture):
            seen, turned = eye.look(piece)
            width = max(width, turned.width)
            self.lines += [(page, line) for line in seen]
            sure = [line for line in seen if line.confidence >= self.least]
            aside += [line.words for line in seen if line.confidence < self.least]
            glyphs += _glyphs(sure, reached)
            reached += turned.height
        self.pages += 1
        if not glyphs:
            self.empty.append(page)
        return GlyphPage(width, reached, glyphs, aside)

    def flags(self, visible: str) -> Iterator[Flag]:
        """Yield a flag that the text comes from OCR, and one for the doubtful lines."""
        doubtful = [(page, seen) for page, seen in self.lines if seen.confidence < self.doubt]
        yield document_flag(
            "ocr",
            f"{self.pages} pages were read from pictures, mean confidence {self.mean:.4f}, "
            f"{len(doubtful)} of {len(self.lines)} lines below {self.doubt}",
        )
        if self.empty:
            named = ", ".join(map(str, self.empty[:_FLAGS_SHOWN]))
            yield document_flag("pages_unread", f"{len(self.empty)} pages show no words: {named}")
        at = 0
        for page, seen in doubtful[:_FLAGS_SHOWN]:
            start = visible.find(seen.words, at)
            start = visible.find(seen.words) if start < 0 else start
            stop = start + len(seen.words) if start >= 0 else 0
            at = max(start, at)
            where = f"{seen.left:.0f},{seen.top:.0f}–{seen.right:.0f},{seen.bottom:.0f}"
            why = f"page {page}, box {where}: confidence {seen.confidence:.2f}"
            yield Flag("ocr_doubt", max(start, 0), stop, seen.words, why)


def sight(knowledge: Knowledge) -> tuple[Sight, Engine]:
    """Return an empty result, and the engine.

    Raises:
        Unreadable: the extra `ocr` is not installed, or a model is missing.
    """
    try:
        eye = engine(knowledge)
    except RuntimeError as error:
        raise Unreadable(str(error)) from error
    known: dict[str, Any] = knowledge.lexicon("ocr")
    return Sight(eye.how, known["doubt"], known["least"]), eye


def read_picture(payload: bytes, knowledge: Knowledge) -> ReadDocument:
    """Read the words in a picture, or in all pages of a TIFF.

    Raises:
        Unreadable: it is damaged or too large, shows no words, or the extra is not installed.
    """
    seen, eye = sight(knowledge)
    sheets = [seen.look(eye, frame, n) for n, frame in enumerate(frames(payload), 1)]
    return found_of(lay_out(sheets), seen)


def found_of(
    laid: Laid, seen: Sight, more: tuple[Flag, ...] = (), *, how: str = ""
) -> ReadDocument:
    """Return the document of the recognised words.

    Raises:
        Unreadable: there are none.
    """
    if not any(line.words for line in laid.lines if not line.aside):
        raise Unreadable("its pictures show no words that can be read")
    visible = "\n".join(line.words for line in laid.lines)
    flags = (*more, *seen.flags(visible))
    names = f"{how}; {seen.how}" if how else seen.how
    return ReadDocument(laid.lines, "ocr", names, flags, "ocr", round(seen.mean, 4))


def frames(payload: bytes) -> Iterator[Image]:
    """Yield the pictures in a file, rotated as the camera recorded."""
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError  # noqa: PLC0415

    try:
        with _opened(payload) as opened:
            for number, frame in enumerate(ImageSequence.Iterator(opened), 1):
                if number > MOST_FRAMES:
                    raise Unreadable(f"it has more than {MOST_FRAMES} pictures")
                if frame.width * frame.height > MOST_PIXELS:
                    raise Unreadable(f"the picture has more than {MOST_PIXELS} pixels")
                yield _flat(ImageOps.exif_transpose(frame))
    except UnidentifiedImageError as error:
        raise Unreadable("the picture is damaged, or of a kind that is not read") from error
    except Image.DecompressionBombError as error:
        raise Unreadable(f"the picture has more than {MOST_PIXELS} pixels") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unreadable(f"the picture is damaged: {error}") from error


def _opened(payload: bytes) -> Any:
    """Open a picture without decoding it; our own limit replaces Pillow's."""
    from PIL import Image  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        return Image.open(io.BytesIO(payload))


def _flat(frame: Any) -> Image:
    """Return a picture without transparency, on white."""
    from PIL import Image  # noqa: PLC0415

    if frame.mode not in {"RGBA", "LA", "PA"} and "transparency" not in frame.info:
        return frame.convert("RGB")  # type: ignore[no-any-return]
    clear = frame.convert("RGBA")
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")


def _pieces(picture: Image) -> Iterator[Image]:
    """Yield a long screenshot cut at rows without ink, any other picture as it is."""
    width, height = picture.size
    if height <= _LONG * width:
        yield picture
        return
    import numpy as np  # noqa: PLC0415  (an extra)

    ink = np.asarray(picture.convert("L")).astype("float32").std(axis=1)
    top = 0
    while top < height:
        stop = min(top + int(_PIECE * width), height)
        if stop < height:
            first = stop - int(_SEARCHED * width)
            blank = ink[first:stop]
            stop = first + int(len(blank) - 1 - blank[::-1].argmin())
        yield picture.crop((0, top, width, max(stop, top + 1)))
        top = max(stop, top + 1)


def _glyphs(lines: list[RecognisedLine], top: float) -> Iterator[Glyph]:
    """Return each character of the lines in its share of the box.

    Its size is that of a Han character of its line: boxes are higher than the type in them, and
    vary. Sizes that differ little are made equal.
    """
    if not lines:
        return
    common = median(_size(line) for line in lines)
    for line in lines:
        size = _size(line)
        half = (common if abs(size - common) < _ALIKE * common else size) / 2
        middle = (line.top + line.bottom) / 2 + top
        left = line.left
        for char in line.words:
            right = left + _share(char) * size
            yield Glyph(char, left, middle - half, right, middle + half)
            left = right


def _size(line: RecognisedLine) -> float:
    return (line.right - line.left) / sum(map(_share, line.words))


def _share(char: str) -> float:
    return _NARROW if char.isascii() else 1.0
