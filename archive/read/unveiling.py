"""Finds parts of an article hidden until a script shows them: its second page, 展开全文.

Spam is hidden too, and so is a copy of the article for mobile phones. A part is next to or within
the article. It is prose, does not repeat what is shown, and reads like a report unless its names
say that it belongs there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Final

from archive.known import Knowledge
from archive.read.line_scores import estimate
from archive.read.locating import Located, all_shown, reads_alike, trimmed
from archive.read.shapes import shapes_of
from archive.read.walking import Node, Outline

_WHOLE: Final = frozenset({"hidden", "body"})
"""Methods that handle hidden lines themselves."""
_SHORTEST: Final = 60
"""Characters of the shortest part."""
_HOLDS: Final = 0.9
"""Share of the article from which an element contains it."""
_PROSE: Final = 0.5
_REPEATED: Final = 0.3
_DIGITS: Final = str.maketrans("", "", "0123456789")


def unveiled(made: Outline, found: Located, knowledge: Knowledge) -> Located:
    """Return `found` with the hidden parts of its article shown."""
    if found.method in _WHOLE or not found.lines:
        return found
    if sum([line.solid for line in made.lines if line.hidden]) < _SHORTEST:
        return found
    lines = set(found.lines)
    for part, sure in _parts(made, found):
        its = _text_of(made, part, knowledge)
        if _is_new(made, its, lines) and (sure or reads_alike(made, its, knowledge)):
            lines.update(its)
    for number in lines - found.lines:
        made.lines[number].hidden = False
    return replace(found, lines=frozenset(lines))


def _parts(made: Outline, found: Located) -> Iterator[tuple[Node, bool]]:
    """Yield hidden elements next to and in the article, and whether their names identify them."""
    holders = _holders(made, found)
    around = {node.parent: node for node in holders}
    first, stop = min(found.lines), max(found.lines) + 1
    for node in _hidden_nodes(made):
        if sum(line.solid for line in made.lines[node.first : node.stop]) < _SHORTEST:
            continue
        twin = around.get(node.parent)
        if twin is not None and twin is not node and _are_alike(node, twin):
            yield node, any(name.startswith(".") for name in node.names)
        elif first <= node.first < stop or made.nodes[node.parent] is holders[0]:
            yield node, False


def _holders(made: Outline, found: Located) -> list[Node]:
    """Return the elements that contain the article, from the innermost outwards."""
    sizes = [made.lines[n].solid if n in found.lines else 0 for n in range(len(made.lines))]
    held = [0, *accumulate(sizes)]
    least = held[-1] * _HOLDS
    holding = [node for node in made.nodes if held[node.stop] - held[node.first] >= least]
    return holding[::-1]


def _hidden_nodes(made: Outline) -> Iterator[Node]:
    """Return the elements of which nothing is shown; neighbours in one element are merged."""
    shown = [0, *accumulate(not line.hidden for line in made.lines)]
    joined: Node | None = None
    for node in made.nodes:
        if node.stop == node.first or shown[node.stop] > shown[node.first]:
            continue
        if joined is not None and node.first < joined.stop:
            continue
        if joined is not None and (node.parent, node.first) == (joined.parent, joined.stop):
            joined = replace(joined, stop=node.stop)
            continue
        if joined is not None:
            yield joined
        joined = node
    if joined is not None:
        yield joined


def _are_alike(one: Node, other: Node) -> bool:
    """Whether two neighbouring elements are alike: the same tag and a common class."""
    if one.tag != other.tag:
        return False
    if not (one.names and other.names):
        return one.names == other.names
    return bool({name.translate(_DIGITS) for name in one.names}.intersection(
        name.translate(_DIGITS) for name in other.names
    ))  # fmt: skip


def _text_of(made: Outline, part: Node, knowledge: Knowledge) -> Sequence[int]:
    """Return the lines of `part` that are text, if most of it is."""
    shown = all_shown(made)
    odds = estimate(shown, shapes_of(knowledge), part.first, part.stop)
    total = sum(line.solid for line in shown.lines[part.first : part.stop])
    held = sum(shown.lines[n].solid * odds[n] for n in range(part.first, part.stop))
    if held < total * _PROSE:
        return ()
    return sorted(trimmed(shown, odds, part.first, part.stop))


def _is_new(made: Outline, part: Sequence[int], lines: set[int]) -> bool:
    """Whether most of `part` is not yet in the article."""
    there = {made.lines[n].text for n in lines}
    again = sum(made.lines[n].solid for n in part if made.lines[n].text in there)
    return bool(part) and again <= _REPEATED * sum(made.lines[n].solid for n in part)
