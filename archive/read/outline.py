"""A tree → lines and the elements that hold them: the lossless block walker.

Every character that is not markup, script, style or comment comes out in exactly one line.
All later decisions (which element is the main part, what is trimmed) are ranges of lines, so
no decision can lose a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


BLOCKS: Final = _words(
    "address article aside blockquote body caption center dd details dialog dir div dl dt "
    "fieldset figcaption figure footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html "
    "legend li listing main menu nav noframes noscript ol optgroup option p plaintext pre search "
    "section select summary table tbody td template textarea tfoot th thead tr ul xmp iframe "
    "object video audio svg canvas head"
)
"""Elements that begin and end a line. All others are taken for inline, unknown ones too."""
_SILENT: Final = _words("script style title")
_UNSHOWN: Final = _words(
    "noscript noframes template iframe object video audio svg canvas head datalist"
)
"""Elements whose text a browser with scripts does not show: kept as hidden lines."""
_AS_TYPED: Final = _words("pre textarea listing xmp plaintext")
_CELLS: Final = _words("td th")

_GONE: Final = re.compile(
    r"display\s*:\s*none|(?:left|top|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}"
    r"|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$)",
    re.IGNORECASE,
)
_VEILED: Final = re.compile(
    r"visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$)", re.IGNORECASE
)
_BLOCK_STYLE: Final = re.compile(
    r"display\s*:\s*(?:block|list-item|table|flex|grid)", re.IGNORECASE
)
_WIDE: Final = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u2018-\u201d"
_WRAP: Final = re.compile(rf"(?<=[{_WIDE}])[ \t\f]*[\r\n][ \t\r\n\f]*(?=[{_WIDE}])")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class Line:
    """A line of the visible text; `owner` is the index of the innermost node around it."""

    text: str
    owner: int
    link_chars: int = 0
    hidden: bool = False
    veiled: int = -1


@dataclass(slots=True)
class Node:
    """A block element: the lines `first:stop` stand in it. `element` is its place in the tree."""

    tag: str
    parent: int
    element: Any
    first: int
    stop: int = 0


@dataclass(slots=True)
class Outline:
    """The lines of a page and its block elements, both in document order."""

    lines: list[Line] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    title: str = ""

    def count(self) -> int:
        """The characters that are no white space, as `parsing.source_count` counts them."""
        return sum(_solid(line.text) for line in self.lines) + _solid(self.title)


def _solid(text: str) -> int:
    return len("".join(text.split()))


def outline(root: Any) -> Outline:
    """Walk the tree under `root` once."""
    walker = _Walker()
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            walker.start(element)
        elif event == "end":
            walker.end(element)
        elif element.tail:
            walker.say(element.tail)
    walker.flush()
    return walker.made


class _Walker:
    """The state of one walk. A line grows in `parts` until a block border flushes it."""

    def __init__(self) -> None:
        self.made = Outline()
        self.parts: list[str] = []
        self.links = 0
        self.open: list[int] = [-1]
        self.in_link = 0
        self.silent = 0
        self.hidden = 0
        self.typed = 0
        self.veils: list[int] = []
        self.set_aside: list[tuple[list[str], int]] = []
        self.cells: list[list[tuple[int, int]]] = []

    def start(self, element: Any) -> None:
        tag = element.tag
        if tag in _SILENT:
            self.silent += 1
            if tag == "title" and not self.made.title:
                self.made.title = " ".join((element.text or "").split())
            return
        style = element.get("style")
        gone = tag in _UNSHOWN or (style and _GONE.search(style)) or "hidden" in element.attrib
        if tag in BLOCKS or (style and _BLOCK_STYLE.search(style)):
            self._open_block(tag, element)
        elif gone:
            self.set_aside.append((self.parts, self.links))
            self.parts, self.links = [], 0
        if gone:
            self.hidden += 1
        if style and _VEILED.search(style):
            self.veils.append(self.open[-1])
        self._begin(tag)
        if element.text:
            self.say(element.text)

    def _begin(self, tag: str) -> None:
        if tag == "br":
            self.flush()
        elif tag == "a":
            self.in_link += 1
        elif tag in _AS_TYPED:
            self.typed += 1

    def end(self, element: Any) -> None:
        tag = element.tag
        if tag in _SILENT:
            self.silent -= 1
        else:
            self._leave(tag, element)
        if element.tail:
            self.say(element.tail)

    def _leave(self, tag: str, element: Any) -> None:
        style = element.get("style")
        gone = tag in _UNSHOWN or (style and _GONE.search(style)) or "hidden" in element.attrib
        block = tag in BLOCKS or bool(style and _BLOCK_STYLE.search(style))
        if block or gone:
            self.flush()
        if tag == "a":
            self.in_link -= 1
        elif tag in _AS_TYPED:
            self.typed -= 1
        if style and _VEILED.search(style):
            self.veils.pop()
        if gone:
            self.hidden -= 1
        if block:
            self._close_block(tag)
        elif gone:
            self.parts, self.links = self.set_aside.pop()

    def _open_block(self, tag: str, element: Any) -> None:
        self.flush()
        self.made.nodes.append(Node(tag, self.open[-1], element, len(self.made.lines)))
        self.open.append(len(self.made.nodes) - 1)
        if tag == "tr":
            self.cells.append([])

    def _close_block(self, tag: str) -> None:
        index = self.open.pop()
        node = self.made.nodes[index]
        node.stop = len(self.made.lines)
        if tag in _CELLS and self.cells:
            self.cells[-1].append((node.first, node.stop))
        elif tag == "tr":
            self._join_row(index, self.cells.pop())

    def _join_row(self, index: int, cells: list[tuple[int, int]]) -> None:
        """Make one line of a row whose cells have a line each at most."""
        row = self.made.nodes[index]
        lines = self.made.lines[row.first : row.stop]
        if len(lines) < 2 or any(stop - first > 1 for first, stop in cells):  # noqa: PLR2004
            return
        if sum(stop - first for first, stop in cells) != len(lines) or any(
            line.hidden for line in lines
        ):
            return
        texts = [self.made.lines[first].text if stop > first else "" for first, stop in cells]
        joined = Line("\t".join(texts), index, sum(line.link_chars for line in lines))
        joined.veiled = lines[0].veiled
        self.made.lines[row.first :] = [joined]
        for node in self.made.nodes[index:]:
            node.first, node.stop = row.first, row.first + 1

    def say(self, text: str) -> None:
        """Add characters to the line that is growing."""
        if self.silent:
            return
        if self.typed and ("\n" in text or "\r" in text):
            self._say_typed(text)
            return
        self.parts.append(text)
        if self.in_link:
            self.links += _solid(text)

    def _say_typed(self, text: str) -> None:
        for piece in _pieces(text):
            if piece is None:
                self.flush()
            else:
                self.parts.append(piece)
                self.links += _solid(piece) if self.in_link else 0

    def flush(self) -> None:
        """End the line that is growing; a line of nothing but white space is no line."""
        if not self.parts:
            return
        text = "".join(self.parts)
        self.parts = []
        links, self.links = self.links, 0
        if not self.typed:
            text = _SPACE.sub(" ", _WRAP.sub("", text))
        text = text.strip(" \t\r\n\f")
        if text:
            veiled = self.veils[-1] if self.veils else -1
            line = Line(text, self.open[-1], links, self.hidden > 0, veiled)
            self.made.lines.append(line)


def _pieces(text: str) -> Iterator[str | None]:
    for number, piece in enumerate(_LINE_END.split(text)):
        if number:
            yield None
        yield piece
