"""The elements that site files and content management systems hold an article in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from cssselect import SelectorError
from lxml.cssselect import CSSSelector

from archive.errors import DataFileError
from archive.known import Knowledge

_LEXICON: Final = "containers"


SURE: Final = 3
"""What a name is worth that is given to an article's text and to nothing else."""


def known_names(knowledge: Knowledge) -> Mapping[str, int]:
    """`#id` and `.class` of the known containers, lower case, with their worth (3 is surest).

    Raises:
        DataFileError: the lexicon has another shape.
    """
    listed = knowledge.lexicon(_LEXICON).get("container")
    if not isinstance(listed, list):
        raise DataFileError(f"lexica/{_LEXICON}.toml: expected a list of [[container]] tables")
    return {name.lower(): entry["worth"] for entry in listed for name in entry["select"]}


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
