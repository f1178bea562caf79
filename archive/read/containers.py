"""The elements that site files and content management systems hold an article in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final

from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from archive.errors import DataFileError
from archive.known import Knowledge
from archive.read.outline import Node

_LEXICON: Final = "containers"


def known_names(knowledge: Knowledge) -> Mapping[str, int]:
    """`#id` and `.class` of the known containers, lower case, with their rank (0 is surest).

    Raises:
        DataFileError: the lexicon has another shape.
    """
    listed = knowledge.lexicon(_LEXICON).get("container")
    if not isinstance(listed, list):
        raise DataFileError(f"{_LEXICON}.toml: expected a list of [[container]] tables")
    return {
        name.lower(): rank
        for rank, entry in enumerate(listed)
        for name in (entry.get("select", []) if isinstance(entry, dict) else [])
    }


def names_of(element: Any) -> Iterator[str]:
    """`#id` and each `.class` of an element, lower case."""
    identity = element.get("id")
    if identity:
        yield f"#{identity.strip().lower()}"
    for name in (element.get("class") or "").lower().split():
        yield f".{name}"


def rank_of(node: Node, names: Mapping[str, int]) -> int | None:
    """The best rank of `node` among the known containers, or None."""
    ranks = [names[name] for name in names_of(node.element) if name in names]
    return min(ranks, default=None)


def selected(root: Any, selector: str) -> list[Any]:
    """The elements under `root` that a site's CSS selector picks; none where it is no selector."""
    compiled = _compiled(selector)
    return [] if compiled is None else list(compiled(root))


@lru_cache(maxsize=256)
def _compiled(selector: str) -> CSSSelector | None:
    try:
        return CSSSelector(selector, translator="html")
    except (SelectorError, ValueError):
        return None
