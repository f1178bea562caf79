"""Container elements that site files and content management systems use for articles."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from lxml import etree

from archive.errors import DataFileError
from archive.known import Knowledge

if TYPE_CHECKING:
    from lxml.cssselect import CSSSelector

_LEXICON: Final = "containers"


SURE: Final = 3
"""The weight of a name that is used only for the text of articles."""


@lru_cache
def known_names(knowledge: Knowledge) -> Mapping[str, int]:
    """Return `#id` and `.class` of the known containers, in lower case, with weights (3 at most).

    Raises:
        DataFileError: the lexicon has the wrong structure.
    """
    listed = knowledge.lexicon(_LEXICON).get("container")
    if not isinstance(listed, list):
        raise DataFileError(f"lexica/{_LEXICON}.toml: expected a list of [[container]] tables")
    return {name.lower(): entry["worth"] for entry in listed for name in entry["select"]}


def selected(source: str, selector: str) -> frozenset[int]:
    """Return the ordinals of the elements of `source` that a site's CSS selector matches.

    Returns None if the selector is invalid. This is the only code that builds a tree, so only sites
    with a selector pay for one.
    """
    compiled = _compiled(selector)
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, no_network=True)
    try:
        root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    except etree.LxmlError:
        return frozenset()
    if compiled is None or root is None:
        return frozenset()
    chosen = set(compiled(root))
    elements = (element for element in root.iter() if isinstance(element.tag, str))
    return frozenset(number for number, element in enumerate(elements) if element in chosen)


@lru_cache(maxsize=256)
def _compiled(selector: str) -> CSSSelector | None:
    from cssselect import SelectorError  # noqa: PLC0415  (only for sites with a selector)
    from lxml.cssselect import CSSSelector  # noqa: PLC0415

    try:
        return CSSSelector(selector, translator="html")
    except (SelectorError, ValueError):
        return None
