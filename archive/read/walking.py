"""The lossless block walker: turns markup into lines and the elements that contain them.

libxml2 calls the walker for each tag and text as it parses; no tree is built. A tree takes 10 to 18
times the size of the page, as much again to walk, and ends at 2,048 levels. Every character that is
not markup, script, style or comment appears in exactly one line. All later decisions (which element
is the main part, what is trimmed) are ranges of lines, so no decision can lose a character.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
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
"""Elements that begin and end a line. All others count as inline, including unknown ones."""
_SILENT: Final = _words("script style title")
_UNSHOWN: Final = _words(
    "noscript noframes template iframe object video audio svg canvas head datalist"
)
"""Elements whose text a browser with scripts does not show; kept as hidden lines."""
_AS_TYPED: Final = _words("pre textarea listing xmp plaintext")
_SPECIAL: Final = _SILENT | _AS_TYPED | _words("a br meta")
"""Elements that need special handling."""
_CELLS: Final = _words("td th")

_GONE: Final = re.compile(
    r"display\s*:\s*none"
    r"|(?<![\w-])(?:left|top|right|bottom|text-indent)\s*:\s*-(?:[5-9]\d\d|\d{4})"
    r"|margin-(?:left|top)\s*:\s*-\d{4}",
    re.IGNORECASE,
)
"""Styles that remove an element from sight; half a page's width (-500px) centres a layout."""
_VEILED: Final = re.compile(
    r"visibility\s*:\s*hidden|(?:opacity\s*:\s*0(?:\.0+)?|font-size\s*:\s*0(?:px|pt|em|%)?)"
    r"\s*(?:;|!|$)",
    re.IGNORECASE,
)
"""Styles that may hide an element, or be undone by a script or a descendant."""
_BLOCK: Final = re.compile(r"display\s*:\s*(?:block|list-item|table|flex|grid)", re.IGNORECASE)
_WIDE: Final = "\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\u2018-\u201d"
_WRAP: Final = re.compile(rf"(?<=[{_WIDE}])[ \t\f]*[\r\n][ \t\r\n\f]*(?=[{_WIDE}])")
_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_UNTIDY: Final = re.compile(r"[\t\r\n\f]|  ")
_NOWHERE: Final = re.compile(r"\s*(?:#|javascript\s*:(?!.*['\"][^'\"]*[./]))", re.IGNORECASE)
_MAY_LEAD_NOWHERE: Final = "#jJ \t\r\n"
"""URLs of the page itself, and their prefixes; a script that names a file is a real target."""
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_TEMPLATES: Final = _words("text/html text/plain text/template text/x-template")
_LINKED_DATA: Final = "ld+json"
MOST_LINES: Final = 300_000
"""Lines from which a page is not a document; a page of 10 MB of prose has a third of them."""
_LARGEST_ROW: Final = 100
"""Elements in a table row from which it is layout, not a row of data."""
_LONGEST_LINK: Final = 8
"""The most lines of a link: a teaser has a headline, a summary, a source and a date."""
_LONGEST_BUTTON: Final = 6
"""The most characters of a link without target that counts as a button: 分享, 展开全文."""
_REAL_VEILED: Final = 200
"""Characters from which a veiled element (`visibility:hidden`) contains real text: pages unveil
their article by script, while permanently veiled elements are buttons or tips."""


@dataclass(slots=True)
class ParsedLine:
    """A line of the visible text; `owner` is the index of the innermost node around it.

    `solid` counts the characters that are not white space, `link_chars` those inside links.
    """

    text: str
    owner: int
    solid: int
    link_chars: int = 0
    hidden: bool = False


@dataclass(slots=True)
class Node:
    """An element that begins and ends lines; it contains the lines `first:stop`.

    `parent` is the index of the node around it or -1, `names` are its `#id` and `.class`es in lower
    case, `ordinal` is its position among all elements of the page.
    """

    tag: str
    parent: int
    names: tuple[str, ...]
    ordinal: int
    first: int
    stop: int = 0


@dataclass(slots=True)
class Outline:
    """The lines of a page and its block elements, both in document order.

    `metas` are the attributes of its meta elements, `linked_data` the texts of its JSON-LD; `packs`
    means that it stores markup as text for a script to unpack.
    """

    lines: list[ParsedLine] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    title: str = ""
    metas: list[Mapping[str, str]] = field(default_factory=list)
    linked_data: list[str] = field(default_factory=list)
    packs: bool = False

    def count(self) -> int:
        """The number of characters without white space, as `parsing.source_count` counts."""
        return sum(line.solid for line in self.lines) + solid(self.title)

    def tag(self, line: ParsedLine) -> str:
        """The tag of the element that holds `line`."""
        return self.nodes[line.owner].tag if line.owner >= 0 else "body"


class TooManyLinesError(Exception):
    """The page has more lines than any document; parsing was abandoned."""


def solid(text: str) -> int:
    """Count the characters of `text` that are not white space."""
    return len("".join(text.split()))


def walk(source: str, blocks: Iterable[str] = ()) -> Outline:
    """Parse `source` in one pass.

    Args:
        source: the decoded and repaired page.
        blocks: names (`#id`, `.class`, `<!--begin-->`) whose elements count as blocks, whatever
            their tag.

    Raises:
        TooManyLinesError: parsing would use more memory than any real page is worth.
    """
    return walked(source, Walker(blocks))


def walked(source: str, walker: Walker) -> Outline:
    """Parse `source` for `walker`; raises as `walk` does."""
    target: Any = walker
    parser = etree.HTMLParser(target=target, encoding="utf-8", huge_tree=True)
    # what fails here is not markup; the caller counts what is missing
    with suppress(etree.LxmlError):
        etree.fromstring(source.encode("utf-8", "replace"), parser)
    return walker.finished()


_Style = tuple[bool, bool, bool]

_UNSEEN: Final = ("?",)

# changes by an open element, undone at its end
_NOTHING: Final = 0
_IS_BLOCK: Final = 1
_IS_GONE: Final = 2
_IS_VEILED: Final = 4


class Walker:
    """The target of the parser. A line is collected in `parts` until a block border flushes it."""

    def __init__(self, blocks: Iterable[str]) -> None:
        self.blocks = frozenset(blocks)
        self.made = Outline()
        self.lines = self.made.lines
        self.nodes = self.made.nodes
        self.parts: list[str] = []
        self.links = 0
        self.path: list[int] = []
        self.set_aside: list[tuple[list[str], int]] = []
        self.owners: list[int] = [-1]
        self.ordinal = -1
        self.in_link = 0
        self.anchors: list[tuple[int, int]] = []
        self.silent = 0
        self.hidden = 0
        self.typed = 0
        self.veils: list[tuple[int, int]] = []
        self.cells: list[list[tuple[int, int]]] = []
        self.in_title = False
        self.in_data = False
        self.brackets: dict[str, Node] = {}
        self.styles: dict[str, _Style] = {}
        self.classes: dict[str, tuple[str, ...]] = {}

    # called by the parser: start, end, data, comment, pi, close

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element."""
        self.ordinal += 1
        if attributes:
            self.path.append(self._opened(tag, attributes))
        elif tag in BLOCKS:
            self.path.append(self._enter(_IS_BLOCK | _IS_GONE * (tag in _UNSHOWN), tag, ()))
        else:
            self.path.append(_NOTHING)
        if tag in _SPECIAL:
            self._begin(tag, attributes)

    def end(self, tag: str) -> None:
        """Close an element."""
        if opened := self.path.pop():
            self._closed(tag, opened)
        if tag in _SPECIAL:
            self._finish(tag)

    def _begin(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "a":
            address = attributes.get("href")
            links = address is not None or not ("name" in attributes or "id" in attributes)
            nowhere = address and address[0] in _MAY_LEAD_NOWHERE and _NOWHERE.match(address)
            self.anchors.append((len(self.lines) if links else -1, self.links if nowhere else -1))
            self.in_link += links
        elif tag == "br":
            self.flush()
        elif tag in _AS_TYPED:
            self.typed += 1
        elif tag == "meta":
            self.made.metas.append(dict(attributes))
        else:
            self.silent += 1
            self.in_title = tag == "title"
            kind = attributes.get("type", "").lower()
            self.in_data = _LINKED_DATA in kind
            self.made.packs = self.made.packs or (tag == "script" and kind in _TEMPLATES)

    def _finish(self, tag: str) -> None:
        if tag == "a":
            self._close_link(*self.anchors.pop())
        elif tag in _AS_TYPED:
            self.typed -= 1
        elif tag in _SILENT:
            self.silent -= 1
            self.in_title = self.in_data = False

    def _close_link(self, first: int, before: int) -> None:
        """End a link. A link over many lines was never closed, and does not count as one.

        Neither does a link without target, except for the few words of a button. `before` is the
        number of link characters in the current line when it began, -1 for a link with a target.
        """
        if first < 0:
            return
        self.in_link -= 1
        if len(self.lines) - first > _LONGEST_LINK:
            self.links = 0
        elif before >= 0 and (len(self.lines) > first or self.links - before > _LONGEST_BUTTON):
            self.links = before if len(self.lines) == first else 0
        else:
            return
        for line in self.lines[first:]:
            line.link_chars = 0

    def data(self, text: str) -> None:
        """Add characters to the current line."""
        if self.silent:
            if self.in_title:
                self._title(text)
            elif self.in_data:
                self.made.linked_data.append(text)
            return
        if self.typed and ("\n" in text or "\r" in text):
            for piece in typed_lines(text):
                if piece is None:
                    self.flush()
                else:
                    self.data(piece)
            return
        if not self.parts and text.isspace():
            return  # the indentation of the source, most of all texts
        self.parts.append(text)
        if self.in_link:
            self.links += solid(text)

    def comment(self, text: str) -> None:
        """Treat a pair of comments that is a known container as an element around its lines."""
        said = text.strip().lower()
        if said in self.brackets:
            self.flush()
            node = self.brackets.pop(said)
            node.stop = len(self.lines)
        elif f"<!--{said}-->" in self.blocks:
            self.flush()
            names = (f"<!--{said}-->",)
            node = Node("comment", self.owners[-1], names, -1, len(self.lines))
            self.nodes.append(node)
            self.brackets[_closing(said)] = node

    def close(self) -> None:
        """End the page."""
        self.flush()

    def finished(self) -> Outline:
        """Return the outline, with small veiled elements hidden and large ones shown."""
        self.flush()
        for node in self.nodes:
            node.stop = node.stop or len(self.lines)
        for first, stop in self.veils:
            veiled = self.lines[first:stop]
            if sum(line.solid - line.link_chars for line in veiled) < _REAL_VEILED:
                for line in veiled:
                    line.hidden = True
        return self.made

    def _title(self, text: str) -> None:
        words = " ".join(text.split())
        if not self.made.title:
            self.made.title = words
        elif words:
            # a second title comes from an include; browsers show neither
            self.flush()
            self.lines.append(ParsedLine(words, self.owners[-1], solid(words), 0, hidden=True))

    def _opened(self, tag: str, attributes: Mapping[str, str]) -> int:
        block = tag in BLOCKS
        style = attributes.get("style")
        gone = tag in _UNSHOWN or "hidden" in attributes
        names = self._names(attributes)
        veiled = False
        if style:
            unseen, veiled, styled = self._style(style)
            gone = gone or unseen
            block = block or styled or veiled
        if not block and names:
            block = not self.blocks.isdisjoint(names)
        if not (block or gone):
            return _NOTHING
        opened = _IS_BLOCK * block | _IS_GONE * gone | _IS_VEILED * veiled
        return self._enter(opened, tag, names)

    def _names(self, attributes: Mapping[str, str]) -> tuple[str, ...]:
        identity = attributes.get("id")
        listed = attributes.get("class")
        names = self.classes.get(listed, _UNSEEN) if listed else ()
        if names is _UNSEEN:
            names = tuple(f".{name}" for name in str(listed).lower().split())
            self.classes[str(listed)] = names
        return (f"#{identity.strip().lower()}", *names) if identity else names

    def _style(self, style: str) -> _Style:
        known = self.styles.get(style)
        if known is None:
            known = (
                bool(_GONE.search(style)),
                bool(_VEILED.search(style)),
                bool(_BLOCK.search(style)),
            )
            self.styles[style] = known
        return known

    def _enter(self, opened: int, tag: str, names: tuple[str, ...]) -> int:
        if opened & _IS_BLOCK:
            if self.parts:
                self.flush()
            node = Node(tag, self.owners[-1], names, self.ordinal, len(self.lines))
            self.owners.append(len(self.nodes))
            self.nodes.append(node)
            if tag == "tr":
                self.cells.append([])
        else:
            self.set_aside.append((self.parts, self.links))
            self.parts, self.links = [], 0
        if opened & _IS_GONE:
            self.hidden += 1
        return opened

    def _closed(self, tag: str, opened: int) -> None:
        if self.parts:
            self.flush()
        if opened & _IS_GONE:
            self.hidden -= 1
        if not opened & _IS_BLOCK:
            self.parts, self.links = self.set_aside.pop()
            return
        index = self.owners.pop()
        node = self.nodes[index]
        node.stop = len(self.lines)
        if opened & _IS_VEILED:
            self.veils.append((node.first, node.stop))
        if tag == "textarea":
            self._hide_template(node)
        if tag in _CELLS and self.cells:
            self.cells[-1].append((node.first, node.stop))
        elif tag == "tr" and self.cells:
            self._join_row(index, self.cells.pop())

    def _hide_template(self, node: Node) -> None:
        """Hide markup left in a textarea, which is a template for scripts, not text."""
        lines = self.lines[node.first : node.stop]
        if any("</" in line.text or "<p" in line.text or "<br" in line.text for line in lines):
            self.made.packs = True
            for line in lines:
                line.hidden = True

    def _join_row(self, index: int, cells: list[tuple[int, int]]) -> None:
        """Make one line of a row whose cells have at most one line each."""
        row = self.nodes[index]
        if len(self.nodes) - index > _LARGEST_ROW or row.stop - row.first > len(cells):
            return
        lines = self.lines[row.first : row.stop]
        if len(lines) < 2 or any(line.hidden for line in lines):  # noqa: PLR2004
            return
        if any(stop - first > 1 for first, stop in cells):
            return
        if sum(stop - first for first, stop in cells) != len(lines):
            return
        texts = [self.lines[first].text if stop > first else "" for first, stop in cells]
        links = sum(line.link_chars for line in lines)
        joined = ParsedLine("\t".join(texts), index, sum(line.solid for line in lines), links)
        self.lines[row.first :] = [joined]
        for node in self.nodes[index:]:
            node.first, node.stop = row.first, row.first + 1

    def flush(self) -> None:
        """End the current line; white space alone is not a line."""
        parts = self.parts
        text = parts[0] if len(parts) == 1 else "".join(parts)
        self.parts = []
        links, self.links = self.links, 0
        text = text.strip(" \t\r\n\f")
        chars = solid(text)
        if not chars:
            return
        if not self.typed and _UNTIDY.search(text):
            text = _SPACE.sub(" ", _WRAP.sub("", text))
        self.lines.append(ParsedLine(text, self.owners[-1], chars, links, self.hidden > 0))
        if len(self.lines) > MOST_LINES:
            raise TooManyLinesError


def _closing(opening: str) -> str:
    return opening.replace("begin", "end") if "begin" in opening else f"/{opening}"


def typed_lines(text: str) -> Iterator[str | None]:
    """Yield the lines of a text that is shown as typed, with None between them."""
    for number, piece in enumerate(_LINE_END.split(text)):
        if number:
            yield None
        yield piece
