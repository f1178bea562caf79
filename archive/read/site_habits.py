"""What the pages of one site share: the usual container of its articles, and repeated lines.

Both are votes. A learnt container is one candidate among others; a repeated line is a little
less likely to be the article's, and only what stands outside a sure container is asked at all.
Reports are formulaic: no line is ever dropped because it is repeated.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Final

from archive.known import Knowledge
from archive.model import Capture
from archive.read import media
from archive.read.containers import known_names
from archive.read.decoding import decode
from archive.read.locating import Located, locate
from archive.read.parsing import parse
from archive.read.shapes import Habits
from archive.read.walking import Outline, TooManyLinesError
from archive.urls import host_of

_LEXICON: Final = "sites"
_MOST_PAGES: Final = 60
"""Pages of a site that are looked at; more teach nothing new."""
_LEAST_PAGES: Final = 4
_LEAST_SHARE: Final = 0.6
_LONGEST_LINE: Final = 60
_SAME: Final = 0.9
"""Share of characters in which an element and the located article must agree."""


@dataclass(slots=True)
class _Tally:
    pages: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)


def habits_of(knowledge: Knowledge, url: str) -> Habits | None:
    """What `knowledge` has learnt of the site of `url`, if anything."""
    sites = knowledge.lexicon(_LEXICON).get("site")
    found = sites.get(host_of(url)) if isinstance(sites, dict) else None
    if not isinstance(found, dict):
        return None
    names, lines = found.get("containers", ()), found.get("lines", ())
    return Habits(frozenset(map(str, names)), frozenset(map(str, lines)))


def learn_habits(captures: Iterable[Capture], knowledge: Knowledge) -> dict[str, Habits]:
    """The habits of each site that `captures` (with payloads) show often enough."""
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for capture in captures:
        tally = tallies[host_of(capture.url)]
        if tally.pages < _MOST_PAGES and capture.payload and (page := _outline(capture, knowledge)):
            _count(tally, *page)
    found = {host: _habits(tally) for host, tally in sorted(tallies.items()) if host}
    return {host: habits for host, habits in found.items() if habits.containers or habits.lines}


def write_habits(habits: Mapping[str, Habits], path: Path) -> None:
    """Write `habits` as the lexicon that `habits_of` reads."""
    lines = ["# What the pages of each site share: votes for locating (docs/reading.md)."]
    for host, found in sorted(habits.items()):
        lines += ["", f"[site.{_quoted(host)}]"]
        lines += [f"containers = [{', '.join(map(_quoted, sorted(found.containers)))}]"]
        lines += [f"lines = [{', '.join(map(_quoted, sorted(found.lines)))}]"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    # Strings of JSON are strings of TOML, but for DEL, which TOML wants escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _outline(capture: Capture, knowledge: Knowledge) -> tuple[Outline, Located] | None:
    payload = capture.payload or b""
    if media.sniff(payload) is not None:
        return None
    text = decode(payload, capture.header("Content-Type"))[0]
    if not media.is_markup(text, called=""):
        return None
    try:
        made = parse(text, known_names(knowledge)).outline
    except TooManyLinesError:
        return None
    found = locate(made, knowledge)
    return None if found.method == "body" else (made, found)


def _count(tally: _Tally, made: Outline, found: Located) -> None:
    tally.pages += 1
    outside = {
        line.text
        for number, line in enumerate(made.lines)
        if number not in found.lines and len(line.text) <= _LONGEST_LINE
    }
    tally.lines.update(outside)
    tally.names.update(set(_fitting_names(made, found)))


def _fitting_names(made: Outline, found: Located) -> Iterator[str]:
    """The names that are given to one element, and to one that holds just the article."""
    given = Counter(name for node in made.nodes for name in node.names)
    sizes = [0, *accumulate(line.solid for line in made.lines)]
    inside = [
        0,
        *accumulate(line.solid * (n in found.lines) for n, line in enumerate(made.lines)),
    ]
    for node in made.nodes:
        held = sizes[node.stop] - sizes[node.first]
        both = inside[node.stop] - inside[node.first]
        if both and both >= max(held, inside[-1]) * _SAME:
            yield from (name for name in node.names if given[name] == 1)


def _habits(tally: _Tally) -> Habits:
    least = max(_LEAST_PAGES, tally.pages * _LEAST_SHARE)
    return Habits(
        frozenset(name for name, pages in tally.names.items() if pages >= least),
        frozenset(line for line, pages in tally.lines.items() if pages >= least),
    )
