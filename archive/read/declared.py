"""What a page says about itself outside its text: title, meta elements, JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from archive.model import Meta
from archive.read.walking import Outline

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_MOST: Final = 200
_LONGEST: Final = 4_000
_DEEPEST: Final = 6
"""The most levels of JSON-LD that are read: graph, node, author, name."""


def find_metas(made: Outline) -> tuple[Meta, ...]:
    """Return the title, the named meta elements and the plain values of JSON-LD, in this order.

    Values are as found, except for the white space around and in them. Empty values and everything
    after the first 200 are left out.
    """
    return tuple(islice(_all(made), _MOST))


def _all(made: Outline) -> Iterator[Meta]:
    if title := _value(made.title):
        yield Meta("title", title)
    for attributes in made.metas:
        name = attributes.get("name") or attributes.get("property")
        value = _value(attributes.get("content", ""))
        if name and value:
            yield Meta(f"meta:{name.strip()}", value)
    for text in made.linked_data:
        try:
            yield from _leaves(json.loads(text), "", 0)
        except (ValueError, RecursionError):
            continue


def _leaves(thing: Any, name: str, depth: int) -> Iterator[Meta]:
    if depth > _DEEPEST:
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
    shown = " ".join(text.split())[:_LONGEST]
    return shown.encode("utf-8", "replace").decode() if _SURROGATE.search(shown) else shown
