"""Articles: texts of pages `_2`, `_3` … joined in order to their first page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from archive.collate.names import AREA_MARK
from archive.model import MANY_REPORTS

_NUMBERED: Final = re.compile(
    r"^(?P<stem>[^?#]+)_(?P<number>\d{1,3})(?P<extension>\.[A-Za-z]{2,5})?$"
)
_EXTENSION: Final = re.compile(r"\.[A-Za-z]{2,5}$")
_MOST_PAGES: Final = 400
_LONGEST_NUMBER: Final = 3


@dataclass(frozen=True, slots=True)
class Described:
    """A stored text as collation uses it: its id, identity values and quality.

    `chars` counts the characters of the clean text, `clean` is its digest, and `site_kind` is that
    of `SiteFacts`. `weak` names fields that were not read; a copy that read them takes precedence.
    `guessed` names those of them with hardly any evidence. `area` of the identity is the name of a
    functional area without its division. `leads` says whether a newspaper points from it `on` to
    another page, or `back`. `repeats` means that it contained repeated words before cleaning.
    `contradicted` names fields contradicted by other words of the text.
    """

    text_id: int
    identity: Mapping[str, Any]
    url: str
    site_kind: str = "unknown"
    verdict: str = "clean"
    shape: str = "unknown"
    chars: int = 0
    clean: str = ""
    weak: frozenset[str] = frozenset()
    guessed: frozenset[str] = frozenset()
    leads: frozenset[str] = frozenset()
    repeats: bool = False
    contradicted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Article:
    """The texts of one URL in page order, and the pages known to be missing.

    `ranges` are the first and last passage of each text, if the article is only part of these
    texts.
    """

    texts: tuple[Described, ...]
    missing: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def first(self) -> Described:
        """The text of the first available page."""
        return self.texts[0]

    @property
    def url(self) -> str:
        """The URL of the first available page."""
        return self.first.url

    @property
    def family(self) -> str:
        """Path and query, which clones of a site have in common."""
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def chars(self) -> int:
        """The number of characters of all its clean texts."""
        return sum(text.chars for text in self.texts)

    @property
    def words(self) -> tuple[str, ...]:
        """The identity of its words: the digests of its texts, and which part of them it is."""
        digests = tuple(text.clean or str(text.text_id) for text in self.texts)
        return (*digests, str(self.ranges)) if self.ranges else digests

    @property
    def place(self) -> str | None:
        """The place as used in names of works: a code, or the name of a functional area or town."""
        code, within, area = (self.value(name) for name in ("place_code", "within", "area"))
        if within is not None and area is not None:
            return f"{within}{AREA_MARK}{area}"
        return None if code is None else str(code)

    @property
    def place_field(self) -> str:
        """The identity field that gives the place."""
        return "place" if self.value("place_code") is None else "place_code"

    @property
    def states(self) -> tuple[str, str]:
        """The completeness of its first text and of its last."""
        return _state(self.texts[0]), _state(self.texts[-1])

    @property
    def extent(self) -> str:
        """How much of a report it is, from its completeness: whole, part or unknown."""
        if self.missing or self.first.shape == MANY_REPORTS:
            return "part"
        _, last = self.states
        if len(self.texts) > 1 and not self.ranges:
            return "whole" if last in ("complete", "head_missing") else "part"
        return {"complete": "whole", "unknown": "unknown"}.get(last, "part")

    def value(self, name: str) -> Any:
        """Return an identity field from the first page that has it, read values first."""
        if len(self.texts) == 1:
            return self.texts[0].identity.get(name)
        known = [text for text in self.texts if text.identity.get(name) is not None]
        known.sort(key=lambda text: name in text.weak)
        return known[0].identity[name] if known else None

    def is_weak(self, name: str) -> bool:
        """Whether no page states it: the value of the field was not read."""
        return all(name in text.weak for text in self.texts if text.identity.get(name) is not None)

    def is_contradicted(self, name: str) -> bool:
        """Whether other words of any page contradict the value of the field."""
        return any(name in text.contradicted for text in self.texts)

    def is_guessed(self, name: str) -> bool:
        """Whether there is hardly any evidence for the value of the field."""
        known = [text for text in self.texts if text.identity.get(name) is not None]
        return bool(known) and all(name in text.guessed for text in known)


def _state(text: Described) -> str:
    completeness = text.identity.get("completeness") or {}
    state = completeness.get("state") if isinstance(completeness, Mapping) else None
    return str(state or "unknown")


def articles(texts: Iterable[Described]) -> tuple[Article, ...]:
    """Return the articles of `texts`, ordered by their first text.

    Pages are joined if the URL without its number is present as well, or if the page itself says
    which page it is. A text fetched again from the same URL is left out unless its metadata
    changed: then the newer metadata wins. An older state of a URL is an article of its own.
    """
    newest, older = _by_state(texts)
    bases = {text.url: _base(text, newest) for text in newest.values()}
    groups: dict[str, list[Described]] = defaultdict(list)
    for text in newest.values():
        groups[bases[text.url]].append(text)
    joined = [_article(base, pages) for base, pages in groups.items()]
    loose = [Article((text,)) for text in older]
    return tuple(sorted((*joined, *loose), key=lambda article: article.first.text_id))


def bases(url: str) -> tuple[str, ...]:
    """Return the URLs that a page's article may have: its own, and the one without the number."""
    base = _without_number(url)
    return (url,) if base is None else (url, base)


def is_page_of(url: str, base: str) -> bool:
    """Whether `url` is `base` with the number of a page."""
    return _without_number(url) == base


def starts_of_pages(base: str) -> tuple[tuple[str, int], ...]:
    """Return prefixes of the URLs of an article's pages, and their greatest length."""
    extension = _EXTENSION.search(base)
    starts = [f"{base}_"] if extension is None else [f"{base}_", f"{base[: extension.start()]}_"]
    return tuple((start, len(base) + 1 + _LONGEST_NUMBER) for start in starts)


def _without_number(url: str) -> str | None:
    found = _NUMBERED.match(url)
    if found is None or not 0 < int(found["number"]) <= _MOST_PAGES:
        return None
    return found["stem"] + (found["extension"] or "")


def _by_state(texts: Iterable[Described]) -> tuple[dict[str, Described], list[Described]]:
    newest: dict[str, Described] = {}
    older: dict[tuple[str, str], Described] = {}
    for text in sorted(texts, key=lambda text: text.text_id):
        before = newest.get(text.url)
        if before is not None and before.clean != text.clean:
            older[before.url, before.clean] = before
        if before is None or before.clean != text.clean or _says_else(before, text):
            newest[text.url] = text
    now = {(text.url, text.clean) for text in newest.values()}
    return newest, [text for key, text in older.items() if key not in now]


def _says_else(before: Described, text: Described) -> bool:
    """Whether the same words came again with other metadata: a table column, a site file."""
    return before.identity != text.identity or before.site_kind != text.site_kind


def _base(text: Described, addresses: Container[str]) -> str:
    """Return the URL of the article that `text` is a page of; its own if it is alone."""
    found, base = _NUMBERED.match(text.url), _without_number(text.url)
    if found is None or base is None:
        return text.url
    said = text.identity.get("page_no") in (int(found["number"]), int(found["number"]) + 1)
    return base if said or base in addresses else text.url


def _article(base: str, pages: list[Described]) -> Article:
    numbered = sorted((_number(page, base), page.text_id, page) for page in pages)
    kept: list[Described] = []
    repeated = []
    for number, _, page in numbered:
        if kept and page.clean and page.clean in {other.clean for other in kept}:
            repeated.append(number)
        else:
            kept.append(page)
    present = {number for number, _, _ in numbered}
    counts = [page.identity.get("page_count") for page in pages]
    last = max([*present, *(int(count) for count in counts if count and len(pages) > 1)])
    missing = tuple(n for n in range(1, min(last, _MOST_PAGES) + 1) if n not in present)
    return Article(tuple(kept), missing if len(pages) > 1 else (), tuple(repeated))


def _number(page: Described, base: str) -> int:
    said = page.identity.get("page_no")
    if isinstance(said, int):
        return said
    found = _NUMBERED.match(page.url)
    return 1 if page.url == base or found is None else int(found["number"])
