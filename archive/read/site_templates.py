"""What the pages of one site share: the usual container of its articles, and repeated lines.

Both are votes. A learnt container is one candidate among others. A repeated line is slightly less
likely to belong to the article, and only lines outside a sure container are considered. Reports are
formulaic: no line is ever dropped because it is repeated.
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
from archive.read.shapes import SiteTemplate
from archive.read.walking import Outline, TooManyLinesError
from archive.urls import host_of

_LEXICON: Final = "sites"
_MOST_PAGES: Final = 60
"""The most pages of a site that are read; more add nothing."""
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


def template_of(knowledge: Knowledge, url: str) -> SiteTemplate | None:
    """Return what `knowledge` has learnt of the site of `url`, if anything."""
    sites = knowledge.lexicon(_LEXICON).get("site")
    found = sites.get(host_of(url)) if isinstance(sites, dict) else None
    if not isinstance(found, dict):
        return None
    names, lines = found.get("containers", ()), found.get("lines", ())
    return SiteTemplate(frozenset(map(str, names)), frozenset(map(str, lines)))


def learn_templates(captures: Iterable[Capture], knowledge: Knowledge) -> dict[str, SiteTemplate]:
    """Learn the template of each site with enough pages in `captures` (with payloads)."""
    tallies: dict[str, _Tally] = defaultdict(_Tally)
    for capture in captures:
        tally = tallies[host_of(capture.url)]
        if tally.pages < _MOST_PAGES and capture.payload and (page := _outline(capture, knowledge)):
            _count(tally, *page)
    found = {host: _template(tally) for host, tally in sorted(tallies.items()) if host}
    return {
        host: templates
        for host, templates in found.items()
        if templates.containers or templates.lines
    }


def write_templates(templates: Mapping[str, SiteTemplate], path: Path) -> None:
    """Write `templates` as the lexicon that `template_of` reads."""
    lines = ["# What the pages of each site share: votes for locating (docs/reading.md)."]
    for host, found in sorted(templates.items()):
        lines += ["", f"[site.{_quoted(host)}]"]
        lines += [f"containers = [{', '.join(map(_quoted, sorted(found.containers)))}]"]
        lines += [f"lines = [{', '.join(map(_quoted, sorted(found.lines)))}]"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    # JSON strings are TOML strings, except that TOML requires DEL to be escaped
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
    """Return names used for only one element, one that contains just the article."""
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


def _template(tally: _Tally) -> SiteTemplate:
    least = max(_LEAST_PAGES, tally.pages * _LEAST_SHARE)
    return SiteTemplate(
        frozenset(name for name, pages in tally.names.items() if pages >= least),
        frozenset(line for line, pages in tally.lines.items() if pages >= least),
    )
