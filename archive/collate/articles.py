"""Articles: texts of pages `_2`, `_3` … put back in order behind their first page."""

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
    """A stored text as collation sees it: its id, its identity's values and how good it is.

    `chars` counts the characters of the clean text, `clean` is its digest, `site_kind` is that of
    `SiteFacts`. `weak` names the fields that were not read, which give way to a copy that read
    them; `guessed` those of them that nothing much speaks for. `area` of the identity is the name
    of a functional area without the division that it lies in. `leads` says whether a newspaper
    leads its reader `on` from it to another page, or `back`; `repeats` whether words stood in it
    more than once before it was cleaned. `contradicted` names fields that other words of the text
    speak against.
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
    """The texts of one address in page order, and the pages that are known to be missing.

    `ranges` are the first and last passage of each text, where the article is only a part of
    these texts.
    """

    texts: tuple[Described, ...]
    missing: tuple[int, ...] = ()
    repeated: tuple[int, ...] = ()
    ranges: tuple[tuple[int, int], ...] = ()

    @property
    def first(self) -> Described:
        """The text of the first page that is there."""
        return self.texts[0]

    @property
    def url(self) -> str:
        """The address of the first page that is there."""
        return self.first.url

    @property
    def family(self) -> str:
        """Path and query: what clones of one site have in common."""
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def chars(self) -> int:
        """The characters of all its clean texts."""
        return sum(text.chars for text in self.texts)

    @property
    def words(self) -> tuple[str, ...]:
        """What stands for its words: the digests of its texts, and which part of them it is."""
        digests = tuple(text.clean or str(text.text_id) for text in self.texts)
        return (*digests, str(self.ranges)) if self.ranges else digests

    @property
    def place(self) -> str | None:
        """What names of works call it by: a code, or of a functional area or town its name."""
        code, within, area = (self.value(name) for name in ("place_code", "within", "area"))
        if within is not None and area is not None:
            return f"{within}{AREA_MARK}{area}"
        return None if code is None else str(code)

    @property
    def place_field(self) -> str:
        """The field of the identity that says the place."""
        return "place" if self.value("place_code") is None else "place_code"

    @property
    def states(self) -> tuple[str, str]:
        """The completeness of its first text and of its last."""
        return _state(self.texts[0]), _state(self.texts[-1])

    @property
    def extent(self) -> str:
        """How much of a report it is, as its completeness says: whole, part or unknown."""
        if self.missing or self.first.shape == MANY_REPORTS:
            return "part"
        _, last = self.states
        if len(self.texts) > 1 and not self.ranges:
            return "whole" if last in ("complete", "head_missing") else "part"
        return {"complete": "whole", "unknown": "unknown"}.get(last, "part")

    def value(self, name: str) -> Any:
        """The value of an identity's field: of the first page that knows it, read ones first."""
        if len(self.texts) == 1:
            return self.texts[0].identity.get(name)
        known = [text for text in self.texts if text.identity.get(name) is not None]
        known.sort(key=lambda text: name in text.weak)
        return known[0].identity[name] if known else None

    def is_weak(self, name: str) -> bool:
        """Whether no page says it: what is known of the field was not read."""
        return all(name in text.weak for text in self.texts if text.identity.get(name) is not None)

    def is_contradicted(self, name: str) -> bool:
        """Whether other words of any page speak against what is known of the field."""
        return any(name in text.contradicted for text in self.texts)

    def is_guessed(self, name: str) -> bool:
        """Whether nothing much speaks for what is known of the field."""
        known = [text for text in self.texts if text.identity.get(name) is not None]
        return bool(known) and all(name in text.guessed for text in known)


def _state(text: Described) -> str:
    completeness = text.identity.get("completeness") or {}
    state = completeness.get("state") if isinstance(completeness, Mapping) else None
    return str(state or "unknown")


def articles(texts: Iterable[Described]) -> tuple[Article, ...]:
    """The articles of `texts`, ordered by their first text.

    Pages are joined where the address without its number is there as well, or where the page
    itself says which page it is. A text that came again from the same address is left out, unless
    other facts came with it: then the newer speaks. An older state of an address is an article of
    its own.
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
    """The addresses that the article of a page may have: its own, and without the number."""
    base = _without_number(url)
    return (url,) if base is None else (url, base)


def is_page_of(url: str, base: str) -> bool:
    """Whether `url` is `base` with the number of a page."""
    return _without_number(url) == base


def starts_of_pages(base: str) -> tuple[tuple[str, int], ...]:
    """How the addresses of an article's pages begin, and how many characters they have at most."""
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
    """Whether the same words came again with other facts: a table's column, a site file."""
    return before.identity != text.identity or before.site_kind != text.site_kind


def _base(text: Described, addresses: Container[str]) -> str:
    """The address of the article that `text` is a page of: its own, where it is alone."""
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
