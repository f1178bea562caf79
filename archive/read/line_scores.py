"""Estimates how likely each line of an outline belongs to the article, from 0 to 1.

The values were set by hand and checked on the development pages and on generated ones. What matters
is their order, and on which side of `locating.EDGE` they are.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate, takewhile
from typing import Final

from archive.known.genre import CLAUSE_ENDS
from archive.known.han import HAN
from archive.read.shapes import FurniturePatterns
from archive.read.walking import Outline, ParsedLine

_MARKS: Final = re.compile(r"[，。！？；：、,.;:?!](?:(?<=[，。！？；：、])|(?=[\s”\"’')]|$))")
_SENTENCE_ENDS: Final = frozenset(f'{CLAUSE_ENDS}”…）."')
_WIDE: Final = re.compile(f"[{HAN}]+")
_WIDTH_OF_PROSE: Final = 56
"""Columns from which a line with punctuation is prose; a Chinese character takes two."""
_LISTED: Final = frozenset({"li", "option", "dd", "dt", "label", "button", "select", "caption"})
_TITLES: Final = frozenset({"h1", "h2"})
_WHOLE: Final = frozenset({"html", "body"})
_FRAMES: Final = frozenset({"nav", "footer", "aside", "select", "menu"})

_PROSE: Final = 0.95
_SENTENCES: Final = 0.8
_NEUTRAL: Final = 0.45
_LIST_ITEM: Final = 0.35
_LINKED: Final = 0.03
_FURNITURE: Final = 0.03
_BEFORE_TITLE: Final = 0.15
_AFTER_END: Final = 0.3
_IN_FRAME: Final = 0.2
_MOSTLY: Final = 0.5
_REACH: Final = 3
"""The number of lines before and after that count as neighbours."""
_ALONE: Final = 0.3
"""Factor for the probability of a line whose neighbours are unlikely."""
_LINK_COST: Final = 2
_SHARED: Final = 0.5
_SOME: Final = 0.3
_PURE: Final = 0.9
"""Share of prose from which an element named as a frame is more likely a misnamed article."""
_MOST_BEFORE: Final = 0.2
"""Share of a page's prose that may precede its heading. With more, the heading is one of a list
that repeats that of the article."""
_SHORTEST_TITLE: Final = 4
_HEADER_LINES: Final = 8
"""Lines after a heading in which article metadata still belongs to it."""
_SECTION_BEGINS: Final = frozenset("一二三四五六七八九十(（第 \u3000")
_BYLINE_LINES: Final = 3
_ALIKE_TITLES: Final = 4
"""The number of equal final characters in the titles of a compilation."""
_NO_WORD: Final = re.compile(r"\W+")
_TITLE_BREAK: Final = re.compile(r"[-_|—–·]|--")


def estimate(
    made: Outline, shapes: FurniturePatterns, first: int = 0, stop: int | None = None
) -> list[float]:
    """Return the probability of each line; 0 for hidden lines and lines outside `first:stop`."""
    chosen = made.lines[first:stop]
    found = [0.0] * len(made.lines)
    found[first:stop] = _among_neighbours([_alone(line, made, shapes) for line in chosen])
    _weaken_frames(made, shapes, found)
    _weaken_outside(made, shapes, found)
    return found


def weaken_shared(made: Outline, found: list[float], shared: Container[str]) -> None:
    """Lower the probability of lines that are on most pages of a site."""
    for number, line in enumerate(made.lines):
        if line.text in shared:
            found[number] *= _SHARED


def _alone(line: ParsedLine, made: Outline, shapes: FurniturePatterns) -> float:
    """Return the probability from the line itself."""
    if line.hidden:
        return 0.0
    short = len(line.text) <= shapes.longest
    if _is_link(line):
        return _linked(line, shapes)
    probability = _by_shape(line, made)
    # a paragraph that ends in a full stop may contain 来源 or 分享 without being furniture
    is_sentence = probability == _PROSE and line.text.endswith("。")
    if short and not is_sentence and _is_furniture(line.text, shapes):
        return _FURNITURE
    cost = _LINK_COST if made.tag(line) in _LISTED else 1.0
    return probability * (1 - cost * line.link_chars / line.solid)


def _among_neighbours(found: list[float]) -> list[float]:
    """Lower isolated prose among links and furniture, such as the teasers of a list."""
    reach = range(1, _REACH + 1)
    last = len(found) - 1
    lowered = []
    for number, probability in enumerate(found):
        nearby = found[max(0, number - _REACH) : number + _REACH + 1]
        if probability <= _NEUTRAL or min(nearby) > _NEUTRAL:
            lowered.append(probability)
            continue
        around = [found[number - step] for step in reach if number >= step]
        around += [found[number + step] for step in reach if number + step <= last]
        company = sum(around) / len(around) if around else _NEUTRAL
        factor = min(1.0, _ALONE + (1 - _ALONE) * company / _NEUTRAL)
        lowered.append(probability * factor)
    return lowered


def _is_link(line: ParsedLine) -> bool:
    return line.link_chars * 2 >= line.solid


def _is_furniture(text: str, shapes: FurniturePatterns) -> bool:
    return bool(
        shapes.about.search(text)
        or shapes.foot.search(text)
        or shapes.pager.search(text)
        or shapes.end.search(text)
    )


def _linked(line: ParsedLine, shapes: FurniturePatterns) -> float:
    if shapes.attachment.search(line.text) or _heads_section(line, shapes):
        return _NEUTRAL
    return 0.3 if _width(line) > 2 * _WIDTH_OF_PROSE and _marks(line.text) > 1 else _LINKED


def _by_shape(line: ParsedLine, made: Outline) -> float:
    marks = _marks(line.text)
    if marks and (line.solid >= _WIDTH_OF_PROSE or _width(line) >= _WIDTH_OF_PROSE):
        return _PROSE
    if marks and line.text.rstrip()[-1] in _SENTENCE_ENDS:
        return _SENTENCES
    if marks > 1:
        return _MOSTLY + 0.1
    return _LIST_ITEM if made.tag(line) in _LISTED else _NEUTRAL


def _marks(text: str) -> int:
    """Count punctuation marks, up to two."""
    first = _MARKS.search(text)
    if first is None:
        return 0
    return 2 if _MARKS.search(text, first.end()) else 1


def _width(line: ParsedLine) -> int:
    return line.solid + sum(map(len, _WIDE.findall(line.text)))


def prose(made: Outline, found: list[float]) -> Iterator[float]:
    """Return the characters of each line, weighted by probability."""
    return (line.solid * probability for line, probability in zip(made.lines, found, strict=True))


def _weaken_frames(made: Outline, shapes: FurniturePatterns, found: list[float]) -> None:
    """Lower the lines of elements named as frames, unless most of the page's prose is in them."""
    held = [0.0, *accumulate(prose(made, found))]
    sizes = [0, *accumulate(line.solid for line in made.lines)]
    heading = heading_of(made)
    done = 0
    for node in made.nodes:
        if node.first < done or node.stop == node.first or node.tag in _WHOLE:
            continue
        if heading is not None and node.first <= heading < node.stop:
            continue
        inside = held[node.stop] - held[node.first]
        pure = inside >= (sizes[node.stop] - sizes[node.first]) * _PURE
        if inside <= held[-1] * _most_in_frame(node.tag, node.names, shapes, pure=pure):
            for number in range(node.first, node.stop):
                found[number] *= _IN_FRAME
            done = node.stop


@lru_cache(maxsize=4096)
def _most_in_frame(
    tag: str, names: tuple[str, ...], shapes: FurniturePatterns, *, pure: bool
) -> float:
    """Return the share of prose up to which an element is a frame, or -1 if it is not one."""
    if any(shapes.talk.search(name) for name in names):
        return _MOSTLY
    if tag in _FRAMES or any(shapes.against.search(name) for name in names):
        return _SOME if pure else _MOSTLY
    return -1.0


def _weaken_outside(made: Outline, shapes: FurniturePatterns, found: list[float]) -> None:
    """Lower lines before the article's title and after its end.

    The end is a line that ends articles, up to the heading of an appendix, or the next article.
    """
    articles = list(_articles(made, shapes, found))
    heading = heading_of(made)
    if heading is None and len(articles) == 1:
        heading = articles[0]
    start = 0 if heading is None else _header_stop(made, shapes, found, heading)
    following = _next_article(made, articles, heading, start)
    weighed = list(prose(made, found))
    total = sum(weighed)
    before = sum(weighed[:start])
    own = sum(weighed[start:following])
    if before < total * _MOST_BEFORE or (heading in articles and own > total * _MOST_BEFORE):
        for number in range(start):
            found[number] *= _BEFORE_TITLE
    held = 0.0
    factor = 1.0
    for number, line in enumerate(made.lines):
        if held > total * 0.3 and len(line.text) <= shapes.longest:
            if shapes.end.search(line.text):
                factor = _AFTER_END
            elif factor < 1 and not _is_link(line) and shapes.appendix.search(line.text):
                factor = 1.0
        held += found[number] * line.solid
        found[number] *= factor if number < following else _AFTER_END


def _articles(made: Outline, shapes: FurniturePatterns, found: list[float]) -> Iterator[int]:
    """Return the headings that are followed, within a few lines, by the source of an article.

    Headings of sections and appendices are not among them.
    """
    for number, probability in enumerate(found):
        if probability <= _FURNITURE or made.tag(made.lines[number]) not in _TITLES:
            continue
        line = made.lines[number]
        if _is_link(line) or _heads_section(line, shapes):
            continue
        if shapes.appendix.search(line.text):
            continue
        below = range(number + 1, min(number + 1 + _BYLINE_LINES, len(made.lines)))
        is_sentence = (made.lines[n] for n in _until_prose(below, found))
        if any(_tells_of_article(line, shapes) and not _is_link(line) for line in is_sentence):
            yield number


def _heads_section(line: ParsedLine, shapes: FurniturePatterns) -> bool:
    return line.text[0] in _SECTION_BEGINS and shapes.section.search(line.text) is not None


def _until_prose(numbers: Iterable[int], found: list[float]) -> Iterator[int]:
    return takewhile(lambda number: found[number] < _SENTENCES, numbers)


def _tells_of_article(line: ParsedLine, shapes: FurniturePatterns) -> bool:
    return len(line.text) <= shapes.longest and bool(shapes.about.search(line.text))


def _next_article(made: Outline, articles: Sequence[int], heading: int | None, start: int) -> int:
    """Return where an article other than that of `heading` begins, or the number of lines.

    The titles of a compilation end alike (…政府工作报告), and all of its articles belong to it.
    """
    if heading is None:
        return len(made.lines)
    end = made.lines[heading].text[-_ALIKE_TITLES:]
    others = (n for n in articles if n >= start and not made.lines[n].text.endswith(end))
    return next(others, len(made.lines))


def _header_stop(made: Outline, shapes: FurniturePatterns, found: list[float], heading: int) -> int:
    """Return the number of the first line after the page's heading and article metadata.

    The heading repeats the page's title. A line of the text may do so too, but it is not followed
    by article metadata.
    """
    below = range(heading + 1, min(heading + _HEADER_LINES, len(made.lines)))
    for number in below:
        if _tells_of_article(made.lines[number], shapes):
            return number
        if found[number] >= _SENTENCES:
            break
    return heading + (made.tag(made.lines[heading]) in _TITLES)


def heading_of(made: Outline) -> int | None:
    """Return the line that repeats the page's title: an `h1` or `h2`, otherwise the first one."""
    wanted = _NO_WORD.sub("", made.title)
    first: int | None = None
    for number, line in enumerate(made.lines):
        if line.hidden or not _repeats(line, made, wanted):
            continue
        if made.tag(line) in _TITLES:
            return number
        if first is None and not line.link_chars:
            first = number
    return first


def _repeats(line: ParsedLine, made: Outline, wanted: str) -> bool:
    """Whether `line` is the page's title or its first part, ignoring marks and spaces."""
    if line.solid < _SHORTEST_TITLE or line.solid > len(made.title):
        return False
    words = _NO_WORD.sub("", line.text)
    leading = len(_NO_WORD.sub("", _TITLE_BREAK.split(made.title, maxsplit=1)[0]))
    return len(words) * 2 > leading and wanted.startswith(words)
