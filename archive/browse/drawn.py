"""Draws a captured page as harmless HTML, with what was removed from it marked in place.

Of the page only the names of a few elements, a few attributes with values from short lists, and its
words, escaped, are passed on. Styles, scripts, links, forms, pictures and everything unknown never
get in. It runs in a worker process, because it parses what sites sent.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from typing import Final, Literal

from archive.known import shipped
from archive.model import Capture
from archive.read.drawing import Closed, Drawing, Event, Opened, Words, drawings
from archive.read.walking import BLOCKS, solid

TASK: Final = "archive.browse.drawn:draw"

Fate = Literal["keep", "drop", "replace", "flag"]

_LISTED: Final = (
    "address b big blockquote br caption center code dd div dl dt em h1 h2 h3 h4 h5 h6 hr i li ol"
    " p pre rp rt ruby s small strong sub sup table tbody td tfoot th thead tr tt u ul"
)
_ELEMENTS: Final = frozenset(_LISTED.split())
_VOID: Final = frozenset({"br", "hr"})
_ROOTS: Final = frozenset({"html", "body", "head", "frameset"})
_TYPED: Final = frozenset({"textarea", "listing", "xmp", "plaintext"})
_NUMBER: Final = re.compile(r"[1-9]\d{0,2}")
_SIDE: Final = re.compile("left|right|center|justify")
_VALUES: Final[Mapping[str, re.Pattern[str]]] = {
    "align": _SIDE,
    "valign": re.compile("top|middle|bottom|baseline"),
    "colspan": _NUMBER,
    "rowspan": _NUMBER,
    "start": _NUMBER,
    "dir": re.compile("ltr|rtl|auto"),
}
"""The attributes that are passed on, and the values that they may have."""


@dataclass(frozen=True, slots=True)
class MarkedRange:
    """A range of the visible text with one fate.

    `why` names the rule in a few words, `says` explains it; `passage` is the number of the passage
    that the range lies in, 0 for none.
    """

    start: int
    stop: int
    fate: Fate
    why: str = ""
    says: str = ""
    passage: int = 0


@dataclass(frozen=True, slots=True)
class WantedPicture:
    """What to draw: a payload with its type, the text made of it, and the fate of each range.

    `chosen` is the number of the passage to point out.
    """

    payload: bytes
    content_type: str
    visible: str
    runs: tuple[MarkedRange, ...]
    chosen: int = 0


def draw(wanted: WantedPicture) -> str | None:
    """Return the body of the picture; None if the page is not read today as it was then."""
    headers = {"Content-Type": wanted.content_type} if wanted.content_type else None
    capture = Capture.from_bytes(wanted.payload, headers=headers)
    words = "".join(wanted.visible.split())
    fitting = (made for made in drawings(capture, shipped()) if made.solid == words)
    made = next(fitting, None)
    return None if made is None else "".join(_Painter(wanted).paint(made))


def draw_text(wanted: WantedPicture) -> str:
    """Return the visible text with its marks, for what has no picture."""
    words = Words(wanted.visible, 0)
    return "<pre>" + "".join(_Painter(wanted).paint(Drawing((words,), ""))) + "</pre>"


class _Painter:
    """Writes a drawing as HTML."""

    def __init__(self, wanted: WantedPicture) -> None:
        before = [0, *accumulate(not c.isspace() for c in wanted.visible)]
        self._runs = [run for run in wanted.runs if before[run.stop] > before[run.start]]
        self._starts = [before[run.start] for run in self._runs]
        self._chosen = wanted.chosen
        self._anchored = 0
        self._last: MarkedRange | None = None
        self._named = ""

    def paint(self, drawing: Drawing) -> Iterator[str]:
        """Yield the HTML of a drawing in pieces."""
        for event in drawing.events:
            yield from self._words(event) if isinstance(event, Words) else _tag(event)

    def _words(self, words: Words) -> Iterator[str]:
        if words.text.isspace():
            yield words.text
        elif words.at is not None:
            for text, run in self._cut(words.text, words.at):
                yield self._marked(text, run)

    def _cut(self, text: str, at: int) -> Iterator[tuple[str, MarkedRange]]:
        """Yield a text in pieces, each with the run it belongs to."""
        first = bisect_right(self._starts, at) - 1
        last = bisect_left(self._starts, at + solid(text))
        offsets = [n for n, c in enumerate(text) if not c.isspace()] if last - first > 1 else []
        cuts = [offsets[start - at] for start in self._starts[first + 1 : last]]
        for run, start, stop in zip(
            self._runs[first:last], (0, *cuts), (*cuts, len(text)), strict=True
        ):
            yield text[start:stop], run

    def _marked(self, text: str, run: MarkedRange) -> str:
        names = " ".join(name for name, given in self._names(run) if given)
        anchor = ""
        if run.passage > self._anchored:
            self._anchored = run.passage
            anchor = f' id="p{run.passage}"'
        label = f' data-why="{escape(run.why)}"' if run.why and not self._is_told(run) else ""
        self._last = run
        if not names and not anchor:
            return escape(text)
        tag = "del" if run.fate == "drop" else "span"
        names = f' class="{names}"' if names else ""
        title = f' title="{escape(run.says)}"' if run.says else ""
        return f"<{tag}{anchor}{names}{label}{title}>{escape(text)}</{tag}>"

    def _is_told(self, run: MarkedRange) -> bool:
        """Whether the rule of a cut is the one named last: by its neighbour, or in running text."""
        if run.fate != "drop":
            return False
        before, self._named = self._named, run.why
        neighbours = self._last is not None and self._last.fate == "drop"
        return before == run.why and (neighbours or run.passage > 0)

    def _names(self, run: MarkedRange) -> Sequence[tuple[str, bool]]:
        is_here = run.fate != "drop" and run.passage > 0 and run.passage == self._chosen
        return (run.fate, run.fate != "keep"), ("here", is_here)


def _tag(event: Event) -> Iterator[str]:
    """Yield a tag of the picture for one of the page, or nothing."""
    assert isinstance(event, Opened | Closed)  # noqa: S101  (for the type checker)
    name = _element(event.tag)
    if not name or (name in _VOID and isinstance(event, Closed)):
        return
    if isinstance(event, Closed):
        yield f"</{name}>"
        return
    kept = (
        f' {key}="{value}"'
        for key, form in _VALUES.items()
        if form.fullmatch(value := event.attributes.get(key, "").strip().lower())
    )
    yield f"<{name}{''.join(kept)}>"


def _element(tag: str) -> str:
    if tag in _ELEMENTS:
        return tag
    if tag in _TYPED:
        return "pre"
    return "div" if tag in BLOCKS - _ROOTS else ""
