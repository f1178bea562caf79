"""Decides which captures of a shard belong to which province, and so which of its rows do.

A text belongs to the place of its report, or else to the place that it states. A text without
either belongs where a text is of which it is a copy, found by shared sentences in any of the
shards. A capture belongs where its texts do, or else where other captures of its page do, or to the
place of its site. What is left has no province.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from archive.collate.sentences import fingerprints
from archive.collate.similarity import Comparable, compare
from archive.errors import UsageError
from archive.store.lists import listed
from archive.store.merging.rows import Digests
from archive.store.merging.shard import Shard
from archive.store.similarity import FEWEST_HASHES, LEAST_OVERLAP, MOST_OF_ONE

TEXTS_AT_ONCE: Final = 200
CAPTURES_AT_ONCE: Final = 5_000

MOST_COMPARED: Final = 8
"""The most texts that a text without a place is compared with."""

_UNGROUPED: Final = """
SELECT count(*) FROM current_texts WHERE id NOT IN (SELECT text_id FROM sketches)
"""
_TABLES: Final = (
    "CREATE TEMP TABLE text_parts (text_id, part, PRIMARY KEY (text_id, part)) WITHOUT ROWID",
    (
        "CREATE TEMP TABLE capture_parts (part, capture_id, PRIMARY KEY (part, capture_id))"
        " WITHOUT ROWID"
    ),
    "CREATE INDEX temp.parts_of_captures ON capture_parts (capture_id, part)",
)
_OF_REPORTS: Final = """
INSERT OR IGNORE INTO temp.text_parts
SELECT witness_texts.text_id, substr(works.place_key, 1, 2) FROM works
JOIN witnesses ON witnesses.work_id = works.id
JOIN witness_texts ON witness_texts.witness_id = witnesses.id
WHERE works.place_key GLOB '[0-9][0-9]*'
"""
_OF_IDENTITIES: Final = """
INSERT OR IGNORE INTO temp.text_parts
SELECT text_id, substr(json_extract(value_json, '$'), 1, 2) FROM identities
WHERE (field = 'place_code' OR field = 'within') AND json_type(value_json) = 'text'
  AND json_extract(value_json, '$') GLOB '[0-9][0-9]*'
  AND text_id NOT IN (SELECT text_id FROM temp.text_parts)
"""
_UNKNOWN: Final = """
SELECT id FROM current_texts WHERE id NOT IN (SELECT text_id FROM temp.text_parts) ORDER BY id
"""
_HOLDERS: Final = """
SELECT hash, text_id, count(*) OVER (PARTITION BY hash) FROM copy_hashes
WHERE hash IN (SELECT value FROM json_each(?))
  AND text_id IN (SELECT text_id FROM temp.text_parts)
"""
_PARTS_OF: Final = "SELECT part FROM temp.text_parts WHERE text_id = ? ORDER BY part"
_ALL_OF_IT: Final = "INSERT INTO temp.text_parts SELECT id, ? FROM texts"
_ADD_TEXT: Final = "INSERT OR IGNORE INTO temp.text_parts VALUES (?, ?)"
_CAPTURES: Final = (
    # what its texts say
    """
    INSERT OR IGNORE INTO temp.capture_parts
    SELECT part, captures.id FROM temp.text_parts
    JOIN texts ON texts.id = text_parts.text_id
    JOIN captures ON captures.payload_sha256 = texts.payload_sha256
      AND captures.context_sha256 = texts.context_sha256
    """,
    # what other captures of the page say
    """
    INSERT OR IGNORE INTO temp.capture_parts
    SELECT part, captures.id FROM captures
    JOIN captures AS other ON other.page_id = captures.page_id
    JOIN temp.capture_parts ON capture_id = other.id
    WHERE captures.id NOT IN (SELECT capture_id FROM temp.capture_parts)
    """,
    # what the site says
    """
    INSERT OR IGNORE INTO temp.capture_parts
    SELECT substr(place_code, 1, 2), captures.id FROM captures
    JOIN site_facts ON site_facts.id = captures.site_facts_id
    WHERE place_code GLOB '[0-9][0-9]*'
      AND captures.id NOT IN (SELECT capture_id FROM temp.capture_parts)
    """,
    """
    INSERT INTO temp.capture_parts
    SELECT 'unplaced', id FROM captures
    WHERE id NOT IN (SELECT capture_id FROM temp.capture_parts)
    """,
)
_EARLIER: Final = """
INSERT OR IGNORE INTO temp.capture_parts
SELECT part, revisit_of FROM captures JOIN temp.capture_parts ON capture_id = captures.id
WHERE revisit_of NOT NULL
"""
_PARTS: Final = "SELECT DISTINCT part FROM temp.capture_parts ORDER BY part"
_CAPTURES_OF: Final = "SELECT capture_id FROM temp.capture_parts WHERE part = ? ORDER BY 1"
_OF_PART: Final = "(SELECT 1 FROM temp.capture_parts WHERE part = ?2 AND capture_id = captures.id)"
_ASKED: Final = "(SELECT value FROM json_each(?1))"
KEYS: Final = {
    table: select.replace("ASKED", _ASKED).replace("OF_PART", _OF_PART)
    for table, select in {
        "captures": "SELECT id FROM captures WHERE id IN ASKED AND EXISTS OF_PART",
        "redirects": "SELECT id FROM captures WHERE id IN ASKED AND EXISTS OF_PART",
        "pages": """
SELECT id FROM pages WHERE id IN ASKED AND (
  EXISTS (SELECT 1 FROM captures WHERE page_id = pages.id AND EXISTS OF_PART)
  OR EXISTS (SELECT 1 FROM redirects JOIN captures ON captures.id = capture_id
    WHERE redirects.page_id = pages.id AND EXISTS OF_PART))
""",
        "certificate_chains": """
SELECT DISTINCT certificate_chain_sha256 FROM captures
WHERE certificate_chain_sha256 IN ASKED AND EXISTS OF_PART
""",
        "payloads": """
SELECT DISTINCT payload_sha256 FROM captures WHERE payload_sha256 IN ASKED AND EXISTS OF_PART
""",
        "withdrawals": """
SELECT DISTINCT payload_sha256 FROM captures WHERE payload_sha256 IN ASKED AND EXISTS OF_PART
""",
        "texts": """
SELECT texts.id FROM texts WHERE id IN ASKED AND EXISTS (
  SELECT 1 FROM captures WHERE captures.payload_sha256 = texts.payload_sha256
    AND captures.context_sha256 = texts.context_sha256 AND EXISTS OF_PART)
""",
        "pruned_texts": """
SELECT text_id FROM pruned_texts WHERE text_id IN ASKED AND EXISTS (
  SELECT 1 FROM captures WHERE captures.payload_sha256 = pruned_texts.payload_sha256
    AND EXISTS OF_PART)
""",
        "withdrawn_texts": """
SELECT text_id FROM withdrawn_texts WHERE text_id IN ASKED AND EXISTS (
  SELECT 1 FROM captures WHERE captures.payload_sha256 = withdrawn_texts.payload_sha256
    AND EXISTS OF_PART)
""",
        "dictionaries": "SELECT sha256 FROM dictionaries WHERE ?1 IS NULL AND ?2 IS NULL",
    }.items()
}
"""Which of some rows, named by their keys, belong to a part; rows of other tables belong to all.

A dictionary is taken with the first payload that needs it.
"""

_NUMBERED: Final = frozenset(
    {"captures", "redirects", "pages", "texts", "pruned_texts", "withdrawn_texts"}
)
"""The tables whose keys are numbers."""


class Routes:
    """To which parts the rows of one shard belong.

    Args:
        shard: the shard; temporary tables of its connection hold what is found.
        whole: the part to which all its texts belong, if it is an archive of a part.

    Raises:
        UsageError: texts of the shard have not been grouped into reports.
    """

    def __init__(self, shard: Shard, whole: str | None = None) -> None:
        self.shard = shard
        shard.allow_temporary_tables()
        for statement in _TABLES:
            shard.run(statement)
        if whole is not None:
            shard.run(_ALL_OF_IT, whole)
            return
        (waiting,) = shard.rows(_UNGROUPED)[0].values()
        if waiting:
            raise UsageError(
                f"{shard.called}: {waiting} of its texts are not grouped into reports yet; first:"
                f" baogao rederive {shard.called}"
            )
        for statement in (_OF_REPORTS, _OF_IDENTITIES):
            shard.run(statement)

    def add_unknown(self, others: Sequence[Routes]) -> None:
        """Route the texts without a place by the sentences that they share.

        Args:
            others: the routes of all shards, this one included.
        """
        for text_id, part in list(self._by_sentences(others)):
            self.shard.run(_ADD_TEXT, text_id, part)

    def close(self) -> list[str]:
        """Route the captures; returns the parts that have any."""
        for statement in _CAPTURES:
            self.shard.run(statement)
        while self.shard.run(_EARLIER):
            pass
        return [row["part"] for row in self.shard.rows(_PARTS)]

    def selection(self, part: str) -> ShardPart:
        """Return the rows that belong to a part."""
        return ShardPart(self.shard, part)

    def _by_sentences(self, others: Sequence[Routes]) -> Iterator[tuple[int, str]]:
        unknown = (int(row["id"]) for row in self.shard.rows(_UNKNOWN))
        while some := list(islice(unknown, TEXTS_AT_ONCE)):
            keys = {text_id: self.shard.key_of(text_id) for text_id in some}
            hashes = {text_id: fingerprints([key]) for text_id, key in keys.items()}
            asked = listed(each for of_one in hashes.values() for each in of_one)
            holders: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
            for number, other in enumerate(others):
                for one, text_id in other.holders(asked):
                    holders[one].append((number, text_id))
            for text_id, mine in hashes.items():
                shared = Counter(each for one in mine for each in holders.get(one, ()))
                for part in _parts_of_a_copy(keys[text_id], len(mine), shared, others):
                    yield text_id, part

    def holders(self, hashes: str) -> Iterator[tuple[int, int]]:
        """Yield hashes with the texts that have them and a part, but not those of formulas."""
        for one, text_id, count in self.shard.stream(_HOLDERS, hashes):
            if count <= MOST_OF_ONE:
                yield one, text_id

    def parts_of(self, text_id: int) -> list[str]:
        """Return the parts that a text belongs to."""
        return [row["part"] for row in self.shard.rows(_PARTS_OF, text_id)]


def _parts_of_a_copy(
    key: str, hashes: int, shared: Counter[tuple[int, int]], others: Sequence[Routes]
) -> list[str]:
    """Return the parts of the text, of those that share hashes with this one, that is a copy of it.

    Args:
        key: the key of this text.
        hashes: the number of its hashes.
        shared: how many of them each other text has, by its shard and its id.
        others: the routes of the shards.
    """
    mine = Comparable(key)
    for (number, text_id), count in shared.most_common(MOST_COMPARED):
        if count < max(FEWEST_HASHES, LEAST_OVERLAP * hashes):
            break
        if compare(mine, Comparable(others[number].shard.key_of(text_id))).copies:
            return others[number].parts_of(text_id)
    return []


class ShardPart:
    """The rows of one shard that belong to one part."""

    def __init__(self, shard: Shard, part: str) -> None:
        self.shard = shard
        self._part = part

    def of(self, table: str, digests: Digests) -> Digests:
        """Return those of some rows, by their keys in the ledger."""
        select = KEYS.get(table)
        if select is None:
            return digests
        keys = listed(map(int, digests)) if table in _NUMBERED else listed(digests)
        found = {str(row[0]) for row in self.shard.stream(select, keys, self._part)}
        return {key: digest for key, digest in digests.items() if key in found}

    def captures(self) -> Iterator[list[int]]:
        """Yield the captures of the part, some at a time."""
        found = (row[0] for row in self.shard.stream(_CAPTURES_OF, self._part))
        while some := list(islice(found, CAPTURES_AT_ONCE)):
            yield some
