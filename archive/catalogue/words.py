"""Counts words in reports: the only counter."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, starmap
from operator import methodcaller
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archive.collate.condition import han
from archive.errors import DataFileError
from archive.known.characters import tables_digest, to_simplified
from archive.known.segmenter import segmenter, segmenter_digest
from archive.model import canonical_json, sha256
from archive.store.search import may_overlap, quickly_found

if TYPE_CHECKING:
    from jieba import Tokenizer

    from archive.store.token_cache import TokenCache

NA: Final = "NA"
"""Placeholder where no count can be given; R and pandas read it as missing."""

# jieba cuts each run of these characters by itself (`re_han_default` of jieba 0.42.1), so cutting
# only the runs that hold a term gives the very tokens that cutting the whole text gives.
_RUN: Final = re.compile(r"[一-鿕a-zA-Z0-9+#&._%\-]+")
_HAN_ONLY: Final = re.compile(r"[㐀-鿿]+")

_SEPARATORS: Final = re.compile(r"[,;\u3001\uff0c\uff1b\s]+")
_LONGEST_TERM: Final = 40


@dataclass(frozen=True)
class TermGroups:
    """Column names with the terms that each counts; a single term is a group of one."""

    groups: Mapping[str, tuple[str, ...]]

    @cached_property
    def terms(self) -> tuple[str, ...]:
        """Every term once, in order of first mention."""
        return tuple(dict.fromkeys(term for terms in self.groups.values() for term in terms))


class Counting:
    """Counts words in texts; with `by_jieba` also the tokens that jieba segments.

    `remembered` has the tokens of texts that were counted before. `alone` says that no other
    counter is needed in this process, which saves memory.

    This is the only counter: panels, trends, search results and the API use it. Texts are compared
    in simplified script, so that 经济 counts 經濟, and capitals count as small letters. Numbers and
    Latin words count as a whole, as in the search index. In a group no character counts twice:
    环境保护 in a group of 环境 and 环境保护 counts once.

    The terms are added to jieba's dictionary: without them it gives 高质量发展 no token in 522
    occurrences of the seeds and the provincial reports of 2026.
    """

    def __init__(
        self,
        words: TermGroups,
        *,
        by_jieba: bool = True,
        remembered: TokenCache | None = None,
        alone: bool = False,
    ) -> None:
        self.words = words
        self.by_jieba = by_jieba
        self._remembered = remembered
        self._alone = alone
        self._plain = {term: to_simplified(term) for term in words.terms}
        self._wanted = tuple(dict.fromkeys(self._plain.values()))
        self._tokens_of = {
            name: tuple(dict.fromkeys(self._plain[term] for term in terms))
            for name, terms in words.groups.items()
        }
        self._ways = {name: self._way(terms) for name, terms in self._tokens_of.items()}
        self._any = self._pattern(self._wanted)
        self._within = re.compile("|".join(map(re.escape, self._wanted)))

    @classmethod
    def of_term(cls, term: str) -> Counting:
        """Return a counter of one term, named after it."""
        return cls(TermGroups({term: (term,)}))

    @property
    def columns(self) -> list[str]:
        """Return the columns of counts for each word: exact, jieba, per 10,000 Han characters."""
        return [
            f"{name}_{way}"
            for name in self.words.groups
            for way in (("exact", "jieba", "per_10k") if self.by_jieba else ("exact", "per_10k"))
        ]

    @property
    def digest(self) -> str:
        """The digest of all that decides the counts: jieba, its dictionary, terms, characters."""
        about = [segmenter_digest(self.words.terms), dict(self.words.groups), tables_digest()]
        return sha256(canonical_json(about).encode())

    def has_any(self, text: str) -> bool:
        """Whether `text` contains any of the terms."""
        return self._any.search(to_simplified(text)) is not None

    def count(self, name: str, text: str) -> int:
        """Return how often the terms of group `name` occur in `text`, without overlaps."""
        return self._ways[name](to_simplified(text))

    def counts(self, text: str, han_chars: int | None = None) -> dict[str, Any]:
        """Return the counts in `text`, by the names of `columns`.

        `han_chars` is the number of its Han characters, if it is known.
        """
        plain = to_simplified(text)
        tokens = self._tokens(plain) if self.by_jieba else {}
        denominator = han(text) if han_chars is None else han_chars
        found: dict[str, Any] = {}
        for name, way in self._ways.items():
            exact = way(plain)
            found[f"{name}_exact"] = exact
            if self.by_jieba:
                found[f"{name}_jieba"] = sum(tokens.get(t, 0) for t in self._tokens_of[name])
            found[f"{name}_per_10k"] = round(exact * 10_000 / denominator, 4) if denominator else NA
        return found

    def tokens(self, text: str) -> Counter[str]:
        """Return how often jieba segments each term as one token."""
        found = self._tokens(to_simplified(text))
        return Counter({term: found.get(plain, 0) for term, plain in self._plain.items()})

    def _tokens(self, plain: str) -> Mapping[str, int]:
        """Return how often jieba segments each term, in simplified script, as one token."""
        if self._remembered is None:
            return self._cut(plain)
        return self._remembered.counts(self._segmented_by, self._wanted, plain, self._cut)

    def _cut(self, plain: str) -> Mapping[str, int]:
        counted: Counter[str] = Counter()
        wanted = frozenset(self._wanted)
        for run in _RUN.findall(plain):
            if self._within.search(run):
                counted.update(filter(wanted.__contains__, self._tokenizer.cut(run)))
        return counted

    def _way(self, terms: Sequence[str]) -> Callable[[str], int]:
        """Return a function that counts a group in a text in simplified script."""
        if len(terms) > 1 and any(starmap(may_overlap, combinations(terms, 2))):
            return _matches(self._pattern(terms))
        ways = [way for term in terms for way in _ways_of(term)]
        return ways[0] if len(ways) == 1 else lambda plain: sum([way(plain) for way in ways])

    @staticmethod
    def _pattern(terms: Iterable[str]) -> re.Pattern[str]:
        longest_first = sorted(terms, key=len, reverse=True)
        return re.compile("|".join(chain.from_iterable(map(quickly_found, longest_first))))

    @cached_property
    def _segmented_by(self) -> str:
        # in this order: the frequency that jieba gives a term depends on those added before it
        return sha256(canonical_json([segmenter_digest(self._wanted), self._wanted]).encode())

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return segmenter(self._wanted, alone=self._alone)


def _ways_of(term: str) -> list[Callable[[str], int]]:
    """Return functions whose results add up to the occurrences of `term`."""
    if _HAN_ONLY.fullmatch(term):
        return [methodcaller("count", term)]
    patterns = quickly_found(term)
    if may_overlap(term, term):
        patterns = ["|".join(patterns)]
    return [_matches(re.compile(pattern)) for pattern in patterns]


def _matches(pattern: re.Pattern[str]) -> Callable[[str], int]:
    return lambda plain: len(pattern.findall(plain))


def read_words(path: Path) -> TermGroups:
    """Read `path`: one term a line, or `group = term, term`; in TOML `"group" = ["term", …]`.

    Raises:
        DataFileError: the file cannot be read, contains no term, or has an invalid line.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
        groups = _toml(content) if path.suffix == ".toml" else _lines(content)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataFileError(f"{path}: cannot be read as a list of words: {error}") from error
    except ValueError as error:
        raise DataFileError(f"{path}: {error}") from error
    if not groups:
        raise DataFileError(f"{path}: holds no term; write one a line, or: group = term, term")
    return TermGroups(groups)


def _lines(content: str) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(content.splitlines(), 1):
        words = line.split("#")[0].strip()
        if not words:
            continue
        name, grouped, terms = words.replace("\uff1d", "=").partition("=")
        found = _terms(_SEPARATORS.split(terms) if grouped else [name], f"line {number}")
        _add(groups, name.strip(), found, f"line {number}")
    return groups


def _toml(content: str) -> dict[str, tuple[str, ...]]:
    groups: dict[str, tuple[str, ...]] = {}
    for name, terms in tomllib.loads(content).items():
        listed = [terms] if isinstance(terms, str) else terms
        if not isinstance(listed, list) or not all(isinstance(term, str) for term in listed):
            raise ValueError(f'"{name}" must be a list of terms, such as ["环保", "绿色"]')
        _add(groups, name, _terms(listed, f'"{name}"'), f'"{name}"')
    return groups


def _terms(found: Iterable[str], where: str) -> tuple[str, ...]:
    terms = tuple(dict.fromkeys(term.strip() for term in found if term.strip()))
    if not terms:
        raise ValueError(f"{where} names no term")
    for term in terms:
        if len(term) > _LONGEST_TERM or "\n" in term:
            raise ValueError(f"{where}: {term[:20]}… is too long for a term")
    return terms


def _add(groups: dict[str, tuple[str, ...]], name: str, terms: tuple[str, ...], where: str) -> None:
    if name in groups:
        raise ValueError(f"{where}: {name} stands twice")
    groups[name] = terms
