"""A tree → lines and the elements that hold them: the lossless block walker.

Every character that is not markup, script, style or comment comes out in exactly one line.
All later decisions (which element is the main part, what is trimmed) are ranges of lines, so
no decision can lose a character.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
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
    "object video audio svg canvas head ucapcontent"
)
"""Elements that begin and end a line. All others are taken for inline, unknown ones too."""
_SILENT: Final = _words("script style title")
_UNSHOWN: Final = _words(
    "noscript noframes template iframe object video audio svg canvas head datalist"
)
"""Elements whose text a browser with scripts does not show: kept as hidden lines."""
_AS_TYPED: Final = _words("pre textarea listing xmp plaintext")
_CELLS: Final = _words("td th")

_STYLED: Final = re.compile(
    r"(?P<gone>display\s*:\s*none|(?:left|top|text-indent|margin-left|margin-top)\s*:\s*-\d{3,}"
    r"|font-size\s*:\s*0(?:px|pt|em|%)?\s*(?:;|!|$))"
    r"|(?P<veiled>visibility\s*:\s*hidden|opacity\s*:\s*0(?:\.0+)?\s*(?:;|!|$))"
    r"|(?P<block>display\s*:\s*(?:block|list-item|table|flex|grid))",
    re.IGNORECASE,
)
_WIDE: Final = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u2018-\u201d"
_WRAP: Final = re.compile(rf"(?<=[{_WIDE}])[ \t\f]*[\r\n][ \t\r\n\f]*(?=[{_WIDE}])")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_REAL_VEILED: Final = 200
"""Characters from which a veiled element (`visibility:hidden`) holds real text: pages unveil
their article by script, while what is veiled for good is a button or a tip."""


@dataclass(slots=True)
class Line:
    """A line of the visible text; `owner` is the index of the innermost node around it.

    `solid` counts the characters that are no white space, `link_chars` those inside links.
    """

    text: str
    owner: int
    solid: int
    link_chars: int = 0
    hidden: bool = False


@dataclass(slots=True)
class Node:
    """An element that begins and ends lines: the lines `first:stop` stand in it.

    `element` is its place in the tree, `names` its `#id` and `.class`es in lower case.
    """

    tag: str
    parent: int
    element: Any
    names: tuple[str, ...]
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
        return sum(line.solid for line in self.lines) + solid(self.title)


def solid(text: str) -> int:
    """The number of characters of `text` that are no white space."""
    return len("".join(text.split()))


def outline(root: Any, blocks: Container[str] = ()) -> Outline:
    """Walk the tree under `root` once.

    Args:
        root: an lxml element.
        blocks: names (`#id`, `.class`) whose elements are taken for blocks whatever their tag.
    """
    walker = _Walker(blocks)
    for event, element in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        if event == "start":
            walker.start(element)
        elif event == "end":
            walker.end(element)
        elif element.tail:
            walker.say(element.tail)
    walker.flush()
    return walker.finished()


@dataclass(slots=True)
class _Open:
    """What an open element changed, to be undone at its end."""

    block: bool = False
    gone: bool = False
    veiled: bool = False
    set_aside: tuple[list[str], int] | None = None


_PLAIN: Final = _Open()


class _Walker:
    """The state of one walk. A line grows in `parts` until a block border flushes it."""

    def __init__(self, blocks: Container[str]) -> None:
        self.blocks = blocks
        self.made = Outline()
        self.parts: list[str] = []
        self.links = 0
        self.path: list[_Open] = []
        self.owners: list[int] = [-1]
        self.in_link = 0
        self.silent = 0
        self.hidden = 0
        self.typed = 0
        self.veils: list[tuple[int, int]] = []
        self.cells: list[list[tuple[int, int]]] = []

    def start(self, element: Any) -> None:
        tag = element.tag
        if tag in _SILENT:
            self.path.append(_PLAIN)
            self._title(element)
            self.silent += 1
            return
        self.path.append(self._opened(tag, element))
        if tag == "br":
            self.flush()
        elif tag == "a":
            self.in_link += 1
        elif tag in _AS_TYPED:
            self.typed += 1
        if element.text:
            self.say(element.text)

    def end(self, element: Any) -> None:
        tag = element.tag
        opened = self.path.pop()
        if tag in _SILENT:
            self.silent -= 1
        elif opened is not _PLAIN:
            self._closed(tag, opened)
        if tag == "a":
            self.in_link -= 1
        elif tag in _AS_TYPED:
            self.typed -= 1
        if element.tail:
            self.say(element.tail)

    def finished(self) -> Outline:
        """The outline, with small veiled elements hidden and large ones left in sight."""
        for first, stop in self.veils:
            veiled = self.made.lines[first:stop]
            if sum(line.solid - line.link_chars for line in veiled) < _REAL_VEILED:
                for line in veiled:
                    line.hidden = True
        return self.made

    def _title(self, element: Any) -> None:
        if element.tag != "title":
            return
        words = " ".join((element.text or "").split())
        if not self.made.title:
            self.made.title = words
        elif words:
            # A second title comes with an include; browsers show neither.
            self.flush()
            self.made.lines.append(Line(words, self.owners[-1], solid(words), 0, hidden=True))

    def _opened(self, tag: str, element: Any) -> _Open:
        attributes = element.attrib
        names = _names(attributes) if attributes else ()
        block = tag in BLOCKS or any(name in self.blocks for name in names)
        # Markup in a textarea is a template that scripts unpack, not something to be read.
        gone = tag in _UNSHOWN or (tag == "textarea" and "</" in (element.text or ""))
        veiled = False
        if attributes:
            gone = gone or "hidden" in attributes
            for kind in _STYLED.finditer(attributes.get("style", "")):
                gone = gone or kind.lastgroup == "gone"
                veiled = veiled or kind.lastgroup == "veiled"
                block = block or kind.lastgroup == "block"
        if not (block or gone or veiled):
            return _PLAIN
        return self._enter(_Open(block or veiled, gone, veiled), tag, element, names)

    def _enter(self, opened: _Open, tag: str, element: Any, names: tuple[str, ...]) -> _Open:
        if opened.block:
            self.flush()
            node = Node(tag, self.owners[-1], element, names, len(self.made.lines))
            self.made.nodes.append(node)
            self.owners.append(len(self.made.nodes) - 1)
            if tag == "tr":
                self.cells.append([])
        else:
            opened.set_aside = (self.parts, self.links)
            self.parts, self.links = [], 0
        self.hidden += opened.gone
        return opened

    def _closed(self, tag: str, opened: _Open) -> None:
        self.flush()
        self.hidden -= opened.gone
        if opened.set_aside is not None:
            self.parts, self.links = opened.set_aside
            return
        index = self.owners.pop()
        node = self.made.nodes[index]
        node.stop = len(self.made.lines)
        if opened.veiled:
            self.veils.append((node.first, node.stop))
        if tag in _CELLS and self.cells:
            self.cells[-1].append((node.first, node.stop))
        elif tag == "tr":
            self._join_row(index, self.cells.pop())

    def _join_row(self, index: int, cells: list[tuple[int, int]]) -> None:
        """Make one line of a row whose cells have a line each at most."""
        row = self.made.nodes[index]
        lines = self.made.lines[row.first : row.stop]
        if len(lines) < 2 or any(line.hidden for line in lines):  # noqa: PLR2004
            return
        if any(stop - first > 1 for first, stop in cells):
            return
        if sum(stop - first for first, stop in cells) != len(lines):
            return
        texts = [self.made.lines[first].text if stop > first else "" for first, stop in cells]
        links = sum(line.link_chars for line in lines)
        joined = Line("\t".join(texts), index, sum(line.solid for line in lines), links)
        self.made.lines[row.first :] = [joined]
        for node in self.made.nodes[index:]:
            node.first, node.stop = row.first, row.first + 1

    def say(self, text: str) -> None:
        """Add characters to the line that is growing."""
        if self.silent:
            return
        if self.typed and ("\n" in text or "\r" in text):
            for piece in _pieces(text):
                if piece is None:
                    self.flush()
                else:
                    self.say(piece)
            return
        self.parts.append(text)
        if self.in_link:
            self.links += solid(text)

    def flush(self) -> None:
        """End the line that is growing; a line of nothing but white space is no line."""
        if not self.parts:
            return
        text = self.parts[0] if len(self.parts) == 1 else "".join(self.parts)
        self.parts = []
        links, self.links = self.links, 0
        if not self.typed:
            text = _SPACE.sub(" ", _WRAP.sub("", text))
        text = text.strip(" \t\r\n\f")
        if chars := solid(text):
            line = Line(text, self.owners[-1], chars, links, self.hidden > 0)
            self.made.lines.append(line)


def _names(attributes: Any) -> tuple[str, ...]:
    identity = attributes.get("id")
    classes = attributes.get("class")
    if not identity and not classes:
        return ()
    named = [f"#{identity.strip().lower()}"] if identity else []
    if classes:
        named += [f".{name}" for name in classes.lower().split()]
    return tuple(named)


def _pieces(text: str) -> Iterator[str | None]:
    for number, piece in enumerate(_LINE_END.split(text)):
        if number:
            yield None
        yield piece
