"""Finds the lines of an outline that are the article.

A candidate is an element, that is, a range of lines. Each line has a probability of belonging to
the article (`line_scores.estimate`), so each range has an expected F1. The best range wins; a known
container and the vote of readability-lxml add weight.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, takewhile
from math import prod
from typing import Final

from archive.known import Knowledge
from archive.known.figures import READS_ALIKE
from archive.read import containers
from archive.read.line_scores import estimate, weaken_shared
from archive.read.shapes import FurniturePatterns, SiteTemplate, shapes_of
from archive.read.walking import Node, Outline, ParsedLine

EDGE: Final = 0.3
"""Probability from which a line at the edge of the article stays: about half of a good F1, the
point below which keeping a line lowers the F1."""
SURE_EDGE: Final = 0.2
"""The same inside a known container, whose lines are more credible."""
_GAP_COST: Final = 0.1
_LONE_LINK: Final = 4
_HOPELESS: Final = 0.1
_LEAST: Final = 40
_SURE: Final = 1.5
_NAMED: Final = 1.12
_VAGUE: Final = 1.05
_SEMANTIC: Final = 1.08
_PAGE: Final = 0.9
_RUN: Final = 0.9
_LEARNT: Final = 2
_NO_TEMPLATE: Final = SiteTemplate(frozenset(), frozenset())
_SURE_LEAST: Final = 100
_SURE_SHARE: Final = 0.1
_SURE_LINKS: Final = 0.3
"""Requirements for an element with a sure name to be accepted without comparison: characters
outside links, their share of the page's, and the most links for each of them."""
_SURE_GAP: Final = 30
"""The most characters between two elements with sure names that belong together."""
_DOUBT: Final = 0.85
"""Expected F1 below which readability-lxml is used too; it costs as much as all the rest."""
_UNKEPT: Final = 0.6
"""Factor for the probability of a line that readability-lxml does not keep."""
_MOST_LINES: Final = 5_000
"""The most lines and elements for readability-lxml, whose time grows faster than the page."""
_REAL_HIDDEN: Final = 300
_MUCH_MORE: Final = 5
_SENTENCE: Final = 25
_PROSE: Final = 0.7
_LITTLE_PROSE: Final = 0.15
_LITTLE_TEXT: Final = 150
_MANY_GAPS: Final = 0.25
_PROSELESS, _SHORT, _TORN = 0.7, 0.8, 0.6
"""What is left of a confidence; on the pages at hand none of a wrong article is left above .5."""
_FURNITURE_LINES: Final = 12
"""The most lines of furniture between an article and its appendix."""
_BEGINNING: Final = 80


@dataclass(frozen=True, slots=True)
class Located:
    """The line numbers of the main part, the method, and the confidence (0 to 1)."""

    lines: frozenset[int]
    method: str
    confidence: float


@dataclass(frozen=True, slots=True)
class RangeCandidate:
    """A range of lines; `score` is its expected F1 times the weight of its name."""

    first: int
    stop: int
    method: str
    score: float
    expected: float
    edge: float = SURE_EDGE


def locate(
    made: Outline,
    knowledge: Knowledge,
    site: Iterable[frozenset[int]] = (),
    template: SiteTemplate | None = None,
) -> Located:
    """Find the article among the lines of `made`.

    Args:
        made: the walked page.
        knowledge: provides the known containers and the patterns of furniture.
        site: the elements (by ordinal) that each of the site's own selectors matches, tried first.
        template: what the site's pages share, if known.
    """
    shapes = shapes_of(knowledge)
    named, method = _by_site(made, site), "site"
    if named is None:
        named, method = _by_sure_name(made, knowledge), "container"
    if named is not None:
        odds = estimate(made, shapes, *named)
        expected = _RangeSums(made, odds).expected(*named)
        chosen = RangeCandidate(*named, method, 1.0, expected)
        return Located(_trimmed(made, odds, chosen), method, _bounded(expected))
    return _by_shape(made, knowledge, template or _NO_TEMPLATE)


def _by_shape(made: Outline, knowledge: Knowledge, template: SiteTemplate) -> Located:
    """Find the article if no name is sure."""
    known = {**dict.fromkeys(template.containers, _LEARNT), **containers.known_names(knowledge)}
    odds = estimate(made, shapes_of(knowledge))
    weaken_shared(made, odds, template.lines)
    chosen = _best(made, odds, known)
    if chosen and chosen.method == "density" and chosen.expected < _DOUBT:
        odds = _voted(made, odds)
        chosen = _best(made, odds, known, "readability")
    if chosen is None:
        return _revealed(made, knowledge) or _whole(made)
    if _hides_more(made, odds, chosen) and (hidden := _revealed(made, knowledge, alike=True)):
        return hidden
    lines = _with_appendix(made, odds, _trimmed(made, odds, chosen), shapes_of(knowledge))
    doubt = _doubt(made, odds, lines)
    return Located(lines, chosen.method, _bounded(chosen.expected * doubt))


def _bounded(expected: float) -> float:
    return min(max(expected, 0.05), 0.99)


def _voted(made: Outline, odds: Sequence[float]) -> list[float]:
    """Return the probabilities after the vote of readability-lxml."""
    if len(made.lines) > _MOST_LINES or len(made.nodes) > _MOST_LINES:
        return list(odds)
    from archive.read import locator  # noqa: PLC0415  (20 ms that most pages do not need)

    kept = set(locator.survivors(made))
    if sum(made.lines[number].solid for number in kept) < _LEAST:
        return list(odds)
    return [
        probability if n in kept else probability * _UNKEPT for n, probability in enumerate(odds)
    ]


def all_shown(made: Outline) -> Outline:
    """Return the outline with nothing hidden."""
    return Outline([replace(line, hidden=False) for line in made.lines], made.nodes, made.title)


def _hides_more(made: Outline, odds: Sequence[float], chosen: RangeCandidate) -> bool:
    """Whether a page hides much more prose than it shows."""
    sizes = [line.solid for line in made.lines if line.hidden and not _is_link(line)]
    hidden = sum(size for size in sizes if size >= _SENTENCE)
    if hidden < _REAL_HIDDEN:
        return False
    return hidden > _MUCH_MORE * _RangeSums(made, odds).held(chosen.first, chosen.stop)


def _revealed(made: Outline, knowledge: Knowledge, *, alike: bool = False) -> Located | None:
    """Find the article of a page that is hidden until a script shows it.

    Args:
        made: the walked page.
        knowledge: provides the known containers and the patterns of furniture.
        alike: whether the article must read like a report.
    """
    hidden = [number for number, line in enumerate(made.lines) if line.hidden]
    if sum(made.lines[number].solid for number in hidden) < _REAL_HIDDEN:
        return None
    shown = all_shown(made)
    odds = estimate(shown, shapes_of(knowledge))
    chosen = _best(shown, odds, containers.known_names(knowledge), "hidden")
    if chosen is None:
        return None
    lines = _trimmed(shown, odds, chosen)
    if alike and not reads_alike(made, lines, knowledge):
        return None
    for number in lines:
        made.lines[number].hidden = False
    return Located(lines, "hidden", chosen.expected / 2)


def reads_alike(made: Outline, numbers: Iterable[int], knowledge: Knowledge) -> bool:
    """Whether these lines, taken together, read like those of reports."""
    lines = [made.lines[number] for number in numbers]
    bits = [knowledge.figures.bits(line.text[:_BEGINNING]) for line in lines]
    excess = (line.solid * (each - READS_ALIKE) for line, each in zip(lines, bits, strict=True))
    return sum(excess) < 0


def _whole(made: Outline) -> Located:
    return Located(frozenset(range(len(made.lines))), "body", 0.2 if made.lines else 0.0)


class _RangeSums:
    """Sums over ranges of lines in constant time."""

    def __init__(self, made: Outline, odds: Sequence[float]) -> None:
        sizes = [0 if line.hidden else line.solid for line in made.lines]
        weighed = (size * probability for size, probability in zip(sizes, odds, strict=True))
        self.sizes = [0, *accumulate(sizes)]
        self.weighed = [0.0, *accumulate(weighed)]

    def expected(self, first: int, stop: int) -> float:
        """Return the expected F1 of taking the lines `first:stop` as the article."""
        hit = self.weighed[stop] - self.weighed[first]
        size = self.sizes[stop] - self.sizes[first]
        total = size + self.weighed[-1]
        return 2 * hit / total if hit else 0.0

    def held(self, first: int, stop: int) -> float:
        """Return the expected number of characters of prose in the lines `first:stop`."""
        return self.weighed[stop] - self.weighed[first]


def _by_site(made: Outline, site: Iterable[frozenset[int]]) -> tuple[int, int] | None:
    """Return the lines of the element that the site's own selectors match, if it has any."""
    for chosen in site:
        for node in made.nodes:
            if node.ordinal in chosen and node.stop > node.first:
                return node.first, node.stop
    return None


def _by_sure_name(made: Outline, knowledge: Knowledge) -> tuple[int, int] | None:
    """Return the lines of elements with a sure name, if they have enough text outside links."""
    known = containers.known_names(knowledge)
    nodes = [node for node in made.nodes if _worth(node, known) == containers.SURE]
    if not nodes:
        return None
    links = [0 if line.hidden else line.link_chars for line in made.lines]
    sizes = [0 if line.hidden else line.solid for line in made.lines]
    unlinked = [0, *accumulate(size - link for size, link in zip(sizes, links, strict=True))]
    first, stop = _joined(nodes, unlinked)
    held = unlinked[stop] - unlinked[first]
    enough = held >= _SURE_LEAST and held >= unlinked[-1] * _SURE_SHARE
    return (first, stop) if enough and sum(links[first:stop]) <= held * _SURE_LINKS else None


def _joined(nodes: Sequence[Node], unlinked: Sequence[int]) -> tuple[int, int]:
    """Return the largest of `nodes` joined with nodes that almost touch it.

    Some editors save one article as several elements of the same name.
    """
    best = max(nodes, key=lambda node: unlinked[node.stop] - unlinked[node.first])
    first, stop = best.first, best.stop
    for node in reversed(nodes):
        if node.stop <= first and unlinked[first] - unlinked[node.stop] <= _SURE_GAP:
            first = node.first
    for node in nodes:
        if node.first >= stop and unlinked[node.first] - unlinked[stop] <= _SURE_GAP:
            stop = node.stop
    return first, stop


def _worth(node: Node, known: Mapping[str, int]) -> int:
    return max((known[name] for name in node.names if name in known), default=0)


def _best(
    made: Outline, odds: Sequence[float], known: Mapping[str, int], method: str = "density"
) -> RangeCandidate | None:
    """Return the best candidate; `method` is used if no known name supports it."""
    ranges = _RangeSums(made, odds)
    found = [*_candidates(made, ranges, known, method), *_run(made, odds, ranges, method)]
    return max(found, key=lambda candidate: candidate.score, default=None)


def _run(
    made: Outline, odds: Sequence[float], ranges: _RangeSums, method: str
) -> Iterator[RangeCandidate]:
    """Return the best run of lines regardless of elements, for flat pages."""
    first, stop = _heaviest(made, odds, RangeCandidate(0, len(made.lines), method, 0, 0, EDGE))
    if ranges.held(first, stop) >= _LEAST:
        expected = ranges.expected(first, stop)
        yield RangeCandidate(first, stop, method, expected * _RUN, expected, EDGE)


def _candidates(
    made: Outline, ranges: _RangeSums, known: Mapping[str, int], unnamed: str
) -> Iterator[RangeCandidate]:
    for node in made.nodes:
        expected = ranges.expected(node.first, node.stop)
        if not expected or ranges.held(node.first, node.stop) < _LEAST:
            continue
        worth = _worth(node, known)
        factor = (1.0, _VAGUE, _NAMED, _SURE)[worth]
        if node.tag in {"article", "main"}:
            factor = max(factor, _SEMANTIC)
        elif node.tag in {"body", "html"}:
            factor = _PAGE
        method = "container" if worth > 1 else unnamed
        edge = SURE_EDGE if worth == containers.SURE else EDGE
        yield RangeCandidate(node.first, node.stop, method, expected * factor, expected, edge)


def trimmed(made: Outline, odds: Sequence[float], first: int, stop: int) -> frozenset[int]:
    """Return the lines `first:stop` without furniture at the ends and links between."""
    return _trimmed(made, odds, RangeCandidate(first, stop, "", 0.0, 0.0))


def _trimmed(made: Outline, odds: Sequence[float], chosen: RangeCandidate) -> frozenset[int]:
    """Return the candidate's lines without furniture at the ends and links between."""
    first, stop = _heaviest(made, odds, chosen)
    return frozenset(n for n in range(first, stop) if _stays(made.lines[n], odds[n]))


def _doubt(made: Outline, odds: Sequence[float], lines: frozenset[int]) -> float:
    """Return the factor for an expected F1 when line probabilities are less reliable.

    That is the case if hardly any line is prose, if there is little text at all, or if links lie
    between the lines, as in a list of teasers.
    """
    size = sum(made.lines[n].solid for n in lines)
    prose_size = sum(made.lines[n].solid for n in lines if odds[n] >= _PROSE)
    gaps = sum(n + 1 not in lines for n in lines)
    doubts = (
        (prose_size < size * _LITTLE_PROSE, _PROSELESS),
        (size < _LITTLE_TEXT, _SHORT),
        (gaps > max(2, len(lines) * _MANY_GAPS), _TORN),
    )
    return prod(factor for applies, factor in doubts if applies)


def _with_appendix(
    made: Outline, odds: Sequence[float], lines: frozenset[int], shapes: FurniturePatterns
) -> frozenset[int]:
    """Return `lines` with an appendix that follows them after nothing but furniture."""
    start = max(lines, default=-1) + 1
    below = range(start, min(start + _FURNITURE_LINES, len(made.lines)))
    heading = next((n for n in below if odds[n] >= EDGE and not _is_link(made.lines[n])), None)
    if not start or heading is None or not shapes.appendix.search(made.lines[heading].text):
        return lines
    rest = takewhile(lambda number: odds[number] >= EDGE, range(heading, len(made.lines)))
    return lines.union(rest)


def _heaviest(made: Outline, odds: Sequence[float], chosen: RangeCandidate) -> tuple[int, int]:
    """Return the run of the candidate's lines that gains most over the probability `edge`.

    No stretch of furniture costs more than a share of the total gain, so that text beyond a video
    player or gallery is only cut off if there is little of it.
    """
    gains = [
        (odds[number] - chosen.edge) * _matter(made, number)
        for number in range(chosen.first, chosen.stop)
    ]
    most = sum(gain for gain in gains if gain > 0) * _GAP_COST
    best = (0.0, chosen.first, chosen.stop)
    total, peak, start = 0.0, 0.0, chosen.first
    for number, gain in enumerate(gains, chosen.first):
        if total < 0:
            total, peak, start = 0.0, 0.0, number
        total = max(total + gain, peak - most)
        peak = max(peak, total)
        if total > best[0]:
            best = (total, start, number + 1)
    return best[1], best[2]


def _matter(made: Outline, number: int) -> int:
    """Return the weight of a line at an edge, in characters: a lone link is spam, not a border."""
    line = made.lines[number]
    if not _is_link(line):
        return line.solid
    around = made.lines[max(number - 1, 0) : number + 2]
    alone = sum(map(_is_link, around)) == 1
    return min(line.solid, _LONE_LINK) if alone else line.solid


def _is_link(line: ParsedLine) -> bool:
    return line.link_chars * 2 >= line.solid


def _stays(line: ParsedLine, probability: float) -> bool:
    if line.hidden:
        return False
    return probability > _HOPELESS or not _is_link(line)
