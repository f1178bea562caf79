"""Which lines of an outline are the article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from archive.known import Knowledge
from archive.read import containers, locator
from archive.read.outline import Outline

_LEAST: Final = 60
_MOST_LINKS: Final = 0.3
_NEARLY_ALL: Final = 0.9


@dataclass(frozen=True, slots=True)
class Located:
    """The lines of the main part, by number, how they were found and how surely (0 to 1)."""

    lines: frozenset[int]
    method: str
    confidence: float


def locate(made: Outline, knowledge: Knowledge, site: Sequence[str]) -> Located:
    """Find the article among the lines of `made`.

    Args:
        made: the walked page.
        knowledge: gives the known containers.
        site: CSS selectors of the site's own containers, tried first.
    """
    return (
        _by_site(made, site)
        or _by_container(made, knowledge)
        or _by_readability(made)
        or _whole(made)
    )


def _by_site(made: Outline, selectors: Sequence[str]) -> Located | None:
    root = made.nodes[0].element if made.nodes else None
    for selector in selectors if root is not None else ():
        chosen = set(containers.selected(root, selector))
        for node in made.nodes:
            if node.element in chosen and _weight(made, node.first, node.stop):
                return _range(node.first, node.stop, "site", 0.99)
    return None


def _by_container(made: Outline, knowledge: Knowledge) -> Located | None:
    names = containers.known_names(knowledge)
    best: tuple[int, int, int, int] | None = None
    for node in made.nodes:
        rank = containers.rank_of(node, names)
        if rank is None:
            continue
        chars, links = _weight(made, node.first, node.stop)
        if chars < _LEAST or links > chars * _MOST_LINKS:
            continue
        found = (rank, -chars, node.first, node.stop)
        best = found if best is None else min(best, found)
    return _range(best[2], best[3], "container", 0.9) if best else None


def _by_readability(made: Outline) -> Located | None:
    kept = locator.survivors(made)
    total = sum(len(made.lines[number].text) for number in kept)
    if total < _LEAST:
        return None
    inside = set(kept)
    for node in reversed(made.nodes):
        held = sum(len(made.lines[n].text) for n in range(node.first, node.stop) if n in inside)
        if held >= total * _NEARLY_ALL:
            return _range(node.first, node.stop, "readability", 0.7)
    return None


def _whole(made: Outline) -> Located:
    return _range(0, len(made.lines), "body", 0.2 if made.lines else 0.0)


def _weight(made: Outline, first: int, stop: int) -> tuple[int, int]:
    chars = sum(len(line.text) for line in made.lines[first:stop])
    return chars, sum(line.link_chars for line in made.lines[first:stop])


def _range(first: int, stop: int, method: str, confidence: float) -> Located:
    return Located(frozenset(range(first, stop)), method, confidence)
