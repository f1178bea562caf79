"""What a page says about itself outside its text: title, meta elements, JSON-LD."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from archive.model import Meta

_META: Final = re.compile(
    r"<meta\b((?>[^>=]++|=\s*+\"[^\"]*+\"|=\s*+'[^']*+'|=)*+)>", re.IGNORECASE
)
_ATTRIBUTE: Final = re.compile(
    r"([\w:.-]{1,60})\s{0,20}=\s{0,20}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))"
)
_LD_JSON: Final = re.compile(
    r"<script\b[^>]{0,400}application/ld\+json[^>]{0,400}>(.*?)</script", re.IGNORECASE | re.DOTALL
)
_TITLE: Final = re.compile(r"<title\b[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_HEAD: Final = 400_000
"""Characters in which metas are looked for: they stand in the head, now and then later."""
_MOST: Final = 200
_LONGEST: Final = 4_000


def find_metas(source: str) -> tuple[Meta, ...]:
    """The title, the named meta elements and the plain values of JSON-LD, in page order.

    Values are as found apart from character references and the white space around them;
    empty ones are left out, and so is what stands beyond the first 200.
    """
    head = source[:_HEAD]
    found = [*_titles(head), *_named(head), *_linked_data(head)]
    return tuple(found[:_MOST])


def _titles(head: str) -> Iterator[Meta]:
    title = _TITLE.search(head)
    if title and (value := _value(title[1])):
        yield Meta("title", value)


def _named(head: str) -> Iterator[Meta]:
    for element in _META.finditer(head):
        attributes = {
            name.lower(): double or single or bare
            for name, double, single, bare in _ATTRIBUTE.findall(element[1])
        }
        name = attributes.get("name") or attributes.get("property")
        value = _value(attributes.get("content", ""))
        if name and value:
            yield Meta(f"meta:{name}", value)


def _linked_data(head: str) -> Iterator[Meta]:
    for script in _LD_JSON.finditer(head):
        try:
            yield from _leaves(json.loads(script[1]), "", 0)
        except (ValueError, RecursionError):
            continue


def _leaves(thing: Any, name: str, depth: int) -> Iterator[Meta]:
    if depth > 6:  # noqa: PLR2004  (graph, node, author, name: real data is no deeper)
        return
    if isinstance(thing, dict):
        for key, value in thing.items():
            below = name if key == "@graph" else f"{name}.{key}".lstrip(".")
            yield from _leaves(value, below, depth + 1)
    elif isinstance(thing, list):
        for value in thing:
            yield from _leaves(value, name, depth + 1)
    elif isinstance(thing, str | int | float) and name and (value := _value(str(thing))):
        yield Meta(f"jsonld:{name}", value)


def _value(text: str) -> str:
    shown = " ".join(html.unescape(text).split())[:_LONGEST]
    return shown.encode("utf-8", "replace").decode() if _SURROGATE.search(shown) else shown
