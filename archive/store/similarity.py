"""The index of copies: hashes of texts, and which texts were found to be copies.

A new text looks up its own hashes, so the cost of linking it does not grow with the archive: common
words are looked up in at most `MOST_OF_ONE` texts.
"""

from __future__ import annotations

import sqlite3
from bisect import insort
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Final, NamedTuple

from archive.collate.articles import Article
from archive.collate.keys import sentences_key
from archive.collate.neighbours import Link
from archive.collate.sentences import fingerprints
from archive.collate.similarity import Comparable, Similarity, compare, compare_ends
from archive.store.lists import listed
from archive.store.partitions import passages_of

if TYPE_CHECKING:
    from archive.store.writing import Writer

INDEXED_BY: Final = 4
"""Increased if the same text would now have other hashes or links: the index is then rebuilt."""

MOST_OF_ONE: Final = 64
"""The most texts examined for one hash; words of more texts are a formula or a flood."""

MOST_CANDIDATES: Final = 64
MOST_ENDS: Final = 8
FEWEST_HASHES: Final = 2
FEW: Final = 60
"""Hashes of a text so short that a single one, if `RARE`, is reason to compare."""

RARE: Final = 4
"""The most texts with a hash for it to be evidence for one of them."""

LEAST_PART: Final = 0.18
"""Share of the smaller text's hashes: with 6 % wrong characters a copy still keeps two fifths."""

LEAST_OVERLAP: Final = 0.06
"""Share of the smaller text's hashes from which its ends are compared: halves that overlap by a
tenth of the whole have a sixth in common. Only one pair of 10,000 different reports has that
much."""

LONGEST: Final = 400_000
"""Characters of a text that are hashed; a longer one is noted as partly compared."""

AT_ONCE: Final = 150_000
"""Hashes looked up and written together; with their texts they take some 40 MB."""

_HASHES_OF_A_TEXT: Final = 10
"""Hashes that any text counts in addition, for what it takes however few it has."""

_MOST_REMEMBERED: Final = 8_000_000
"""The most characters of cached keys, at two bytes each."""

_OF_A_TEXT: Final = 500
"""Characters that any cached key counts in addition, for what it takes however short it is."""

_MOST_SPREAD: Final = 1_000_000
"""The most characters of keys whose grams are indexed, at some 200 bytes each."""

_LOW_BITS: Final = 14
_HASH: Final = f"value >> {_LOW_BITS}"
_HOLDERS: Final = f"""
SELECT {_HASH}, (SELECT group_concat(text_id) FROM (
  SELECT text_id FROM copy_hashes WHERE hash = {_HASH} ORDER BY text_id LIMIT {MOST_OF_ONE + 1}))
FROM json_each(?) WHERE EXISTS (SELECT 1 FROM copy_hashes WHERE hash = {_HASH})
"""  # noqa: S608  (numbers of ours)

_INSERT_HASHES: Final = f"""
INSERT INTO copy_hashes SELECT {_HASH}, ? + (value & {2**_LOW_BITS - 1}) FROM json_each(?)
"""  # noqa: S608  (numbers of ours)

_SIZES: Final = """
SELECT text_id, hashes FROM sketches WHERE text_id IN (SELECT value FROM json_each(?))
"""
_LINKS: Final = """
SELECT one, other, shared, ends FROM links
WHERE one IN (SELECT value FROM json_each(?)) ORDER BY one, other
"""


_Row = tuple[int, int, int, float, bool]
"""A row of `links`."""

Compare = Callable[[Comparable, Comparable], Similarity]


class _Sketch(NamedTuple):
    """The index entry of a text, and the data it is compared by."""

    text_id: int
    hashes: frozenset[int]
    comparable: Comparable
    note: str | None


class SimilarityIndex:
    """Writes and reads the index of copies of one archive."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._connection = writer.connection
        self._made: OrderedDict[int, Comparable] = OrderedDict()
        self._remembered = 0
        self._spread: OrderedDict[int, Comparable] = OrderedDict()
        self._chars_spread = 0
        self._sizes: dict[int, int] = {}

    def links(self, texts: Iterable[int]) -> Iterable[Link]:
        """Return every pair of `texts` that are copies, in whole or in part."""
        among = set(texts)
        rows = self._connection.execute(_LINKS, (listed(among),))
        return (Link(*row) for row in rows if row[1] in among)

    def alike(self, one: Article, other: Article) -> bool:
        """Whether the words of two articles, or of parts of them, are those of one report."""
        keys = [article_key(self._connection, each) for each in (one, other)]
        mine, theirs = (fingerprints([key]) for key in keys)
        fewer = min(len(mine), len(theirs))
        if fewer >= FEW and len(mine & theirs) < LEAST_OVERLAP * fewer:
            return False
        return compare(*map(Comparable, keys)).copies

    def add(self, new: Iterable[int]) -> int:
        """Index texts and link each with earlier ones, a batch in each transaction.

        Returns the number of pairs.
        """
        pairs = hashes = 0
        waiting: list[_Sketch] = []
        for text_id in new:
            waiting.append(self._sketch(text_id))
            hashes += _HASHES_OF_A_TEXT + len(waiting[-1].hashes)
            if hashes >= AT_ONCE:
                pairs += self._add(waiting)
                waiting, hashes = [], 0
        return pairs + (self._add(waiting) if waiting else 0)

    def forget(self, stale: Iterable[int]) -> None:
        """Remove texts from the index, before their passages are removed."""
        many = self._connection.executemany
        for text_id in stale:
            hashes = fingerprints([key_of(self._connection, text_id)])
            many(
                "DELETE FROM copy_hashes WHERE hash = ? AND text_id = ?",
                ((each, text_id) for each in sorted(hashes)),
            )
            self._connection.execute("DELETE FROM links WHERE ? IN (one, other)", (text_id,))
            self._connection.execute("DELETE FROM sketches WHERE text_id = ?", (text_id,))

    def forget_all(self) -> None:
        """Empty the index."""
        for table in ("copy_hashes", "sketches", "links"):
            self._connection.execute(f"DELETE FROM {table}")  # noqa: S608  (names of ours)

    def _add(self, sketches: Sequence[_Sketch]) -> int:
        hashes = dict(_packed(sketches))
        holders = self._holders(sketches, hashes.values())
        found: list[_Row] = []
        for sketch in sketches:
            found.extend(self._linked(sketch, holders))
            for each in holders.keys() & sketch.hashes:
                insort(holders[each], sketch.text_id)
            self._sizes[sketch.text_id] = len(sketch.hashes)
        with self._writer.transaction():
            self._write(sketches, found, hashes)
        return len(found)

    def _sketch(self, text_id: int) -> _Sketch:
        key, note = _key(self._connection, text_id)
        comparable = self._remember(text_id, key)
        return _Sketch(text_id, fingerprints([key]), comparable, note)

    def _holders(self, sketches: Iterable[_Sketch], hashes: Iterable[str]) -> dict[int, list[int]]:
        """Return the indexed texts of hashes that may link texts, in order.

        These are the hashes that are in the index, with up to one more than `MOST_OF_ONE` texts, or
        in several of the sketches. Most hashes are in one text only.
        """
        counts = Counter(chain.from_iterable(each.hashes for each in sketches))
        holders: dict[int, list[int]] = {each: [] for each, count in counts.items() if count > 1}
        for some in hashes:
            for each, texts in self._connection.execute(_HOLDERS, (some,)):
                holders[each] = list(map(int, texts.split(",")))
        return holders

    def _linked(self, sketch: _Sketch, holders: Mapping[int, Sequence[int]]) -> Iterator[_Row]:
        one = sketch.text_id
        for other, method in self._candidates(sketch.hashes, holders):
            found = method(sketch.comparable, self._comparable(other))
            self._free_places((one, sketch.comparable), (other, self._comparable(other)))
            if found.copies:
                yield min(one, other), max(one, other), found.shared, found.share, found.ends

    def _candidates(
        self, hashes: frozenset[int], holders: Mapping[int, Sequence[int]]
    ) -> Iterator[tuple[int, Compare]]:
        """Yield texts that share hashes, most first, each with the comparison to use."""
        found = [texts for each in holders.keys() & hashes if (texts := holders[each])]
        rare = [texts for texts in found if len(texts) <= MOST_OF_ONE]
        counts = Counter(chain.from_iterable(rare))
        if 2 * (len(found) - len(rare)) > len(hashes):
            # where most hashes are common, there are countless copies, or only formulas
            flood = (texts[:MOST_OF_ONE] for texts in found if len(texts) > MOST_OF_ONE)
            counts.update(chain.from_iterable(flood))
        rarest = set(chain.from_iterable(texts for texts in rare if len(texts) <= RARE))
        likely = [t for t, count in counts.items() if count >= FEWEST_HASHES or t in rarest]
        smaller = {t: min(len(hashes), size) for t, size in self._sizes_of(likely).items()}
        parts = {t: counts[t] / max(1, smaller[t]) for t in likely}
        whole = {
            t
            for t, part in parts.items()
            if (counts[t] >= FEWEST_HASHES and part >= LEAST_PART)
            or (t in rarest and smaller[t] < FEW)
        }
        ends = {t for t, part in parts.items() if part >= LEAST_OVERLAP} - whole
        for some, most, way in ((whole, MOST_CANDIDATES, compare), (ends, MOST_ENDS, compare_ends)):
            for text_id in sorted(some, key=lambda t: (-parts[t], t))[:most]:
                yield text_id, way

    def _sizes_of(self, texts: Collection[int]) -> Mapping[int, int]:
        """Return how many hashes the index has of each text."""
        unknown = [text_id for text_id in texts if text_id not in self._sizes]
        if unknown:
            self._sizes |= dict.fromkeys(unknown, 0)
            self._sizes |= dict(self._connection.execute(_SIZES, (listed(unknown),)).fetchall())
        return {text_id: self._sizes[text_id] for text_id in texts}

    def _comparable(self, text_id: int) -> Comparable:
        if text_id not in self._made:
            return self._remember(text_id, _key(self._connection, text_id)[0])
        self._made.move_to_end(text_id)
        return self._made[text_id]

    def _remember(self, text_id: int, key: str) -> Comparable:
        self._made[text_id] = made = Comparable(key)
        self._remembered += _OF_A_TEXT + len(key)
        while self._remembered > _MOST_REMEMBERED and len(self._made) > 1:
            _, forgotten = self._made.popitem(last=False)
            self._remembered -= _OF_A_TEXT + len(forgotten.key)
        return made

    def _free_places(self, *compared: tuple[int, Comparable]) -> None:
        """Keep as many recent indexes of grams as memory allows."""
        for text_id, comparable in compared:
            if comparable.is_spread and self._spread.pop(text_id, None) is None:
                self._chars_spread += len(comparable.key)
            if comparable.is_spread:
                self._spread[text_id] = comparable
        while self._chars_spread > _MOST_SPREAD and len(self._spread) > 1:
            _, oldest = self._spread.popitem(last=False)
            self._chars_spread -= len(oldest.key)
            oldest.free_places()

    def _write(
        self, sketches: Sequence[_Sketch], links: Sequence[_Row], hashes: Mapping[int, str]
    ) -> None:
        self._connection.executemany("INSERT INTO links VALUES (?, ?, ?, ?, ?)", sorted(links))
        self._connection.executemany(
            "INSERT INTO sketches VALUES (?, ?, ?, ?, NULL)",
            ((s.text_id, len(s.hashes), len(s.comparable.key), s.note) for s in sketches),
        )
        self._connection.executemany(_INSERT_HASHES, hashes.items())


def _packed(sketches: Iterable[_Sketch]) -> Iterator[tuple[int, str]]:
    """Yield all hashes as lists in the order of the index, in JSON, each with a text's id.

    A number combines a hash and its text's id minus that id. One statement for a list takes a third
    of the time of one for each hash.
    """
    near = defaultdict(list)
    for sketch in sketches:
        near[sketch.text_id >> _LOW_BITS << _LOW_BITS].append(sketch)
    for first, some in near.items():
        yield (
            first,
            listed(
                each << _LOW_BITS | sketch.text_id - first
                for sketch in some
                for each in sketch.hashes
            ),
        )


def article_key(connection: sqlite3.Connection, article: Article) -> str:
    """The key of an article's passages: of all its texts, as far as they are its own."""
    ranges = article.ranges or ((0, None),) * len(article.texts)
    words = [
        passage.text
        for text, (first, last) in zip(article.texts, ranges, strict=True)
        for passage in passages_of(connection, text.text_id, first, last)
    ]
    return sentences_key("\n".join(words)[:LONGEST])


def key_of(connection: sqlite3.Connection, text_id: int) -> str:
    """Return the key of a text, of which its hashes are made."""
    return _key(connection, text_id)[0]


def _key(connection: sqlite3.Connection, text_id: int) -> tuple[str, str | None]:
    """The key of a text's passages, and a note where not all of them were taken."""
    text = "\n".join(passage.text for passage in passages_of(connection, text_id))
    note = None
    if len(text) > LONGEST:
        note = f"compared by its first {LONGEST} of {len(text)} characters only"
    key = sentences_key(text[:LONGEST])
    return key, note or (None if key else "nothing to compare")
