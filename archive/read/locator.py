"""readability-lxml as a locator: it decides which lines belong together, never their text.

It gets a skeleton made from the outline, because it edits its input. Each line carries its number,
and the numbers that survive are the result.
"""

from __future__ import annotations

import logging
import re
from typing import Any, Final

from lxml import html as lxml_html
from readability.readability import Document

from archive.read.walking import Outline

_DOCUMENT: Final[Any] = Document
_MARK: Final = re.compile(r'data-line="(\d+)"')
_SHORTEST: Final = 15
"""`min_text_length`: the default of 25 characters is a long sentence in Chinese."""
_UNSAFE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

logging.getLogger("readability.readability").addHandler(logging.NullHandler())


def survivors(made: Outline) -> list[int]:
    """Return the numbers of the lines that readability keeps, in order; empty if it fails."""
    try:
        summary = _DOCUMENT(_skeleton(made), min_text_length=_SHORTEST).summary(html_partial=True)
    except Exception:  # noqa: BLE001  (it wraps every failure of its own in Unparseable, not all)
        return []
    return sorted({int(number) for number in _MARK.findall(summary)})


def _skeleton(made: Outline) -> Any:
    root = lxml_html.fromstring("<html><body></body></html>")
    places: dict[int, Any] = {-1: root[0]}
    number = 0
    for index, node in enumerate(made.nodes):
        number = _add_lines(made, number, node.first, places)
        places[index] = _copied(places, node)
    _add_lines(made, number, len(made.lines), places)
    return root


def _copied(places: dict[int, Any], node: Any) -> Any:
    parent = places.get(node.parent, places[-1])
    if node.tag in {"html", "body", "head"} or node.stop == node.first:
        return parent
    # readability drops forms; old ASP sites wrap the whole page in one
    copy = parent.makeelement("div" if node.tag == "form" else node.tag)
    for mark, attribute in (("#", "id"), (".", "class")):
        named = " ".join(name[1:] for name in node.names if name[0] == mark)
        if named:
            copy.set(attribute, _UNSAFE.sub("", named))
    parent.append(copy)
    return copy


def _add_lines(made: Outline, number: int, stop: int, places: dict[int, Any]) -> int:
    """Add the lines up to `stop` to their owners, each as a paragraph."""
    for current in range(number, stop):
        line = made.lines[current]
        if line.hidden:
            continue
        owner = places.get(line.owner, places[-1])
        paragraph = owner if owner.tag == "p" and not len(owner) else owner.makeelement("p")
        # readability counts only ASCII commas, so Chinese ones are replaced for it
        text = _UNSAFE.sub("", line.text.replace("，", ","))
        paragraph.set("data-line", str(current))
        if line.link_chars:
            link = paragraph.makeelement("a")
            link.text, link.tail = text[: line.link_chars], text[line.link_chars :]
            paragraph.append(link)
        else:
            paragraph.text = text
        if paragraph is not owner:
            owner.append(paragraph)
    return max(number, stop)
