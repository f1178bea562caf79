"""Automatic numbers: the label that a word processor shows before a paragraph.

The text of a paragraph does not contain its number. The paragraph names a list and a level, and the
list defines how the numbers of that level are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from archive.read.documents.found import attribute, local
from archive.read.documents.numerals import formatted

_PLACE: Final = re.compile(r"%([1-9])")
_CLOSED: Final = tuple("、．。，）】〕》：" + "章节条款项部分")
_DEEPEST_STYLE: Final = 20


@dataclass(frozen=True, slots=True)
class Level:
    """How the numbers of one level of a list are written; `text` has `%1` for the first level."""

    start: int = 1
    format: str = "decimal"
    text: str = ""
    legal: bool = False
    restarts: int | None = None
    follow: str = "tab"


@dataclass(slots=True)
class Counter:
    """The last number used on each level of a list, 0 for none yet."""

    reached: list[int | None] = field(default_factory=lambda: [None] * 9)

    def next(self, depth: int, levels: Mapping[int, Level]) -> list[int]:
        """Count one paragraph on level `depth`. Returns the numbers of all levels down to it."""
        for above in range(depth):
            if self.reached[above] is None:
                self.reached[above] = levels.get(above, Level()).start
        last = self.reached[depth]
        self.reached[depth] = levels.get(depth, Level()).start if last is None else last + 1
        for below in range(depth + 1, 9):
            bound = levels.get(below, Level()).restarts
            if bound is None or 0 < depth + 1 <= bound:
                self.reached[below] = None
        return [number or 0 for number in self.reached[: depth + 1]]


def label(level: Level, numbers: list[int], levels: Mapping[int, Level]) -> str:
    """Return the label of a paragraph with these numbers, and its separator."""
    if level.format == "bullet":
        words = _bullet(level.text)
    else:
        words = _PLACE.sub(lambda place: _number(int(place[1]) - 1, level, numbers, levels),
                           level.text)  # fmt: skip
    if not words or level.follow == "nothing" or words.endswith(_CLOSED):
        return words
    return f"{words} "


def _number(depth: int, level: Level, numbers: list[int], levels: Mapping[int, Level]) -> str:
    if depth >= len(numbers):
        return ""
    return formatted(numbers[depth], "decimal" if level.legal else levels[depth].format)


def _bullet(text: str) -> str:
    """Return the bullet; a private-use character of a symbol font becomes a dot."""
    return "•" if any("\ue000" <= each <= "\uf8ff" for each in text) else text


@dataclass(slots=True)
class _List:
    levels: dict[int, Level] = field(default_factory=dict)
    by_style: dict[str, int] = field(default_factory=dict)
    link: str = ""


@dataclass(slots=True)
class _Use:
    """A numbered list as used by paragraphs: an abstract list and its overrides."""

    of: str
    levels: dict[int, Level] = field(default_factory=dict)
    starts: dict[int, int] = field(default_factory=dict)
    begun: bool = False


class Numbering:
    """The labels of the paragraphs of one document, to be requested in document order.

    Args:
        numbering: the part `numbering.xml`, or None if the document has no lists.
        styles: the part `styles.xml`, or None.
    """

    def __init__(
        self, numbering: etree._Element | None = None, styles: etree._Element | None = None
    ) -> None:
        self._lists: dict[str, _List] = {}
        self._uses: dict[str, _Use] = {}
        self._styles: dict[str, tuple[str | None, str | None, int | None]] = {}
        self._counters: dict[str, Counter] = {}
        self._default_style: str | None = None
        if numbering is not None:
            self._read_lists(numbering)
        if styles is not None:
            self._read_styles(styles)

    def label(self, paragraph: etree._Element) -> str:
        """Return the label of a paragraph, or an empty string, and count it."""
        properties = child(paragraph, "pPr")
        literal = _literal(properties)
        if literal is not None:
            return literal
        number, depth = self._of(properties)
        use = self._uses.get(number or "")
        if use is None or depth is None or not 0 <= depth < 9:  # noqa: PLR2004
            return ""
        levels = self._levels(use)
        if depth not in levels:
            return ""
        counter = self._counters.setdefault(use.of, Counter())
        if not use.begun:
            use.begun = True
            for at, start in use.starts.items():
                counter.reached[at] = start - 1
        return label(levels[depth], counter.next(depth, levels), levels)

    def _levels(self, use: _Use) -> dict[int, Level]:
        found = self._lists.get(use.of, _List())
        if not found.levels and found.link:
            of = next((n for n, style in self._styles.items() if n == found.link and style[1]), "")
            linked = self._uses.get(self._styles[of][1] or "") if of else None
            found = self._lists.get(linked.of, _List()) if linked else found
        return {**found.levels, **use.levels}

    def _of(self, properties: etree._Element | None) -> tuple[str | None, int | None]:
        """Return the list and level of a paragraph: its own, otherwise those of its style."""
        named = child(properties, "numPr")
        style = value(child(properties, "pStyle")) or self._default_style
        number, depth = _named(named)
        if number is None:
            number, inherited = self._of_style(style)
            depth = inherited if depth is None else depth
        return (None, None) if number in {None, "0"} else (number, depth or 0)

    def _of_style(self, style: str | None) -> tuple[str | None, int | None]:
        name = style
        for _ in range(_DEEPEST_STYLE):
            if name is None or name not in self._styles:
                return None, None
            parent, number, depth = self._styles[name]
            if number is not None:
                use = self._uses.get(number)
                levels = self._lists.get(use.of, _List()).by_style if use else {}
                return number, levels.get(style or "", depth)
            name = parent
        return None, None

    def _read_lists(self, part: etree._Element) -> None:
        for each in part:
            if local(each) == "abstractNum":
                self._lists[attribute(each, "abstractNumId") or ""] = _list(each)
            elif local(each) == "num":
                use = _Use(value(child(each, "abstractNumId")) or "")
                for override in children(each, "lvlOverride"):
                    _override(use, override)
                self._uses[attribute(each, "numId") or ""] = use

    def _read_styles(self, part: etree._Element) -> None:
        for style in children(part, "style"):
            name = attribute(style, "styleId") or ""
            number, depth = _named(child(child(style, "pPr"), "numPr"))
            self._styles[name] = (value(child(style, "basedOn")), number, depth)
            if attribute(style, "type") == "paragraph" and attribute(style, "default") in _ON:
                self._default_style = name


_ON: Final = ("1", "true", "on")


def is_on(element: etree._Element | None) -> bool:
    """Whether a boolean property is present and on."""
    return element is not None and (value(element) or "1") in _ON


def child(element: etree._Element | None, name: str) -> etree._Element | None:
    """Return the first child `name`, or None; also None for None."""
    return None if element is None else next(children(element, name), None)


def children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Return the children `name`."""
    return (each for each in element if local(each) == name)


def value(element: etree._Element | None) -> str | None:
    """Return the attribute `val` of an element, or None."""
    return None if element is None else attribute(element, "val")


def _named(properties: etree._Element | None) -> tuple[str | None, int | None]:
    depth = value(child(properties, "ilvl"))
    return value(child(properties, "numId")), _int(depth)


def _literal(properties: etree._Element | None) -> str | None:
    """Return the label that Word 2003 wrote next to the list in its XML."""
    shown = child(child(properties, "listPr"), "t")
    words = value(shown)
    if words is None:
        return None
    level = Level(text=words, format="bullet" if _bullet(words) != words else "none")
    return label(level, [], {})


def _list(element: etree._Element) -> _List:
    found = _List(link=value(child(element, "numStyleLink")) or "")
    for each in children(element, "lvl"):
        depth = _int(attribute(each, "ilvl")) or 0
        found.levels[depth] = _level(each)
        if (style := value(child(each, "pStyle"))) is not None:
            found.by_style[style] = depth
    return found


def _override(use: _Use, element: etree._Element) -> None:
    depth = _int(attribute(element, "ilvl")) or 0
    start = _int(value(child(element, "startOverride")))
    if start is not None:
        use.starts[depth] = start
    if (other := child(element, "lvl")) is not None:
        use.levels[depth] = _level(other)


def _level(element: etree._Element) -> Level:
    form = next((each for each in element.iter() if local(each) == "numFmt"), None)
    start = _int(value(child(element, "start")))
    return Level(
        start=0 if start is None else start,
        format=value(form) or "decimal",
        text=value(child(element, "lvlText")) or "",
        legal=is_on(child(element, "isLgl")),
        restarts=_int(value(child(element, "lvlRestart"))),
        follow=value(child(element, "suff")) or "tab",
    )


def _int(words: str | None) -> int | None:
    try:
        return None if words is None else int(words)
    except ValueError:
        return None
