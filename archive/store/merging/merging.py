"""Merges archives into one, in batches that each leave a sound archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from archive import storage
from archive.errors import BrokenLawError, UsageError
from archive.store.lists import listed
from archive.store.merging.ids import ShardIds
from archive.store.merging.rows import RowMerger
from archive.store.merging.shard import Shard, ShardEntry, opened
from archive.store.merging.state import StateMerger
from archive.store.progress import Progress, plainly

if TYPE_CHECKING:
    from archive.store import Archive, Run
    from archive.store.merging.routing import ShardPart

ROWS_A_BATCH: Final = 4_000
"""Rows named by the ledger that are copied in one transaction, unless one entry names more."""

_ADD_ENTRY: Final = "INSERT INTO shard_ledger VALUES (?, ?, ?, ?, ?)"
_SHARD: Final = "SELECT id FROM shards WHERE first_hash = ?"
_MERGED: Final = """
SELECT max(seq) FROM shard_ledger JOIN shards ON shards.id = shard_id
WHERE first_hash = ? GROUP BY shards.id
"""
_HASH: Final = """
SELECT hash FROM shard_ledger JOIN shards ON shards.id = shard_id WHERE first_hash = ? AND seq = ?
"""
_OUR_FIRST: Final = "SELECT (SELECT hash FROM ledger WHERE seq = 1)"
_ONE_DIGEST: Final = '":"'
"""What stands once for each digest in an entry, and once more."""
_STORED: Final = """
SELECT sha256 FROM payloads
WHERE codec <> 'withdrawn' AND sha256 IN (SELECT value FROM json_each(?))
"""


Place = Path | str
"""Where an archive lies: a path, or an address that `archive.storage` can reach."""


@dataclass(slots=True)
class Merged:
    """The new rows by table, and what the collation made."""

    rows: Counter[str] = field(default_factory=Counter)
    collated: dict[str, int] = field(default_factory=dict)
    head: str | None = None


def merge(
    target: Path,
    shards: Sequence[Place],
    *,
    collate: bool = True,
    progress: Progress[Any] = plainly,
) -> Merged:
    """Merge archives into `target`, which is made if it does not exist; they are only read.

    What was merged before is passed over, so that a merge can be repeated, after a stop or when the
    shards have grown.

    Raises:
        UsageError: an archive cannot be merged; if it is seen at once, nothing was written.
        BrokenLawError: an archive is damaged, or has another history than what was merged of it.
        StorageError: the target cannot be written; what was acknowledged is kept.
    """
    from archive.store import Archive  # noqa: PLC0415  (which knows of merging)

    ordered = checked(target, shards)
    with Archive.open(target, create=True) as archive:
        if archive.is_public_copy:
            raise UsageError(f"{target}: is a public copy; name the archive it was made of")
        return Merger(archive, ordered, progress).merge(collate=collate)


def checked(target: Path, places: Sequence[Place]) -> list[Place]:
    """Check every file before anything is written; returns those with withdrawals first.

    A payload that was withdrawn from one of them is then not taken from another. What lies at an
    address is checked in its turn.
    """
    known: dict[str, Place] = {}
    withdrawing = set()
    for place in places:
        if storage.is_address(place):
            storage.storage_of(str(place))
        elif target.exists() and Path(place).exists() and Path(place).samefile(target):
            raise UsageError(f"{place}: is the archive that the others are to be merged into")
        else:
            with opened(place, target) as shard:
                shard.check()
                refuse_same(shard, known)
                if shard.withdrawn():
                    withdrawing.add(place)
    return sorted(places, key=lambda place: place not in withdrawing)


def refuse_same(shard: Shard, known: dict[str, Place]) -> None:
    """Refuse a shard that is known already, or a copy of one; remember it otherwise."""
    if shard.first_hash is None:
        return
    if shard.first_hash in known:
        same = known[shard.first_hash]
        raise UsageError(f"{shard.called}: is the same archive as {same}, or a copy; name one")
    known[shard.first_hash] = shard.called


class Merger:
    """Merges shards one after the other; a run is started when there is something to write.

    Args:
        archive: the archive that they are merged into.
        places: where the shards lie, for the run.
        progress: shows how far it is.
        part: the part of the shards that is taken, if not all of them.
    """

    def __init__(
        self,
        archive: Archive,
        places: Sequence[Place],
        progress: Progress[Any],
        part: str | None = None,
    ) -> None:
        self._part = part
        self._archive = archive
        self._places = places
        self._connection = archive.connection
        self._writer = archive.writer
        self._progress = progress
        self._runs = ExitStack()
        self._run: Run | None = None
        self._found = Merged()

    def merge(self, *, collate: bool) -> Merged:
        """Merge all shards."""
        with self._runs:
            known: dict[str, Place] = {}
            for place in self._places:
                with opened(place, self._archive.path) as shard:
                    if storage.is_address(place):
                        shard.check()
                    refuse_same(shard, known)
                    if shard.first_hash is not None:  # an archive without entries is empty
                        self._one(shard, shard.first_hash)
            self._collate(wanted=collate)
        self._found.head = self._archive.ledger_head()
        return self._found

    def take_parts(self, selections: Sequence[ShardPart], *, collate: bool) -> Merged:
        """Copy only some rows of each shard."""
        with self._runs:
            for selection in selections:
                if selection.shard.first_hash is not None:
                    self._one(selection.shard, selection.shard.first_hash, selection)
            self._collate(wanted=collate)
        self._found.head = self._archive.ledger_head()
        return self._found

    def _collate(self, *, wanted: bool) -> None:
        if wanted:
            run_id = None if self._run is None else self._run.id
            self._found.collated = self._archive.collate(run_id, progress=self._progress)

    def _one(self, shard: Shard, first_hash: str, selection: ShardPart | None = None) -> None:
        """Merge what is new in a shard."""
        merged = self._merged(shard, first_hash)
        self._refuse_withdrawn(shard)
        shard_id = self._known(first_hash)
        self._refuse_mixed(shard, shard_id, merged)
        length = shard.last_seq - merged
        if selection is not None and shard_id is not None and self._lacks(shard_id, selection):
            again = self._progress(shard.entries(0), f"entries of {shard.name}", shard.last_seq)
            self._entries(shard, shard_id, again, selection, known_up_to=merged)
        elif length > 0:
            shard_id = shard_id or self._add(shard, first_hash)
            entries = self._progress(shard.entries(merged), f"entries of {shard.name}", length)
            self._entries(shard, shard_id, entries, selection, known_up_to=merged)
        if shard_id is not None:
            with self._writer.transaction():
                state = StateMerger(self._connection, shard, ShardIds(self._connection, shard_id))
                state.take() if selection is None else state.take_of_texts()

    def _lacks(self, shard_id: int, selection: ShardPart) -> bool:
        """Whether a selection has captures that are not here.

        What they refer to may have been passed over in entries that were taken before.
        """
        ids = ShardIds(self._connection, shard_id)
        return any(len(ids.ours("captures", some)) < len(some) for some in selection.captures())

    def _refuse_mixed(self, shard: Shard, shard_id: int | None, merged: int) -> None:
        """Refuse to take all of a shard of which a part was taken, or the other way around."""
        if shard_id is None or not merged:
            return
        part = ShardIds(self._connection, shard_id).part
        if part != self._part:
            took = f"the part {part} of it" if part else "all of it"
            raise UsageError(f"{self._archive.path}: has {took}: {shard.called}; name another file")

    def _merged(self, shard: Shard, first_hash: str) -> int:
        """Return the entry up to which a shard was merged before.

        Raises:
            UsageError: it is a copy of this archive.
            BrokenLawError: its ledger is not the one that was merged.
        """
        if first_hash == self._connection.execute(_OUR_FIRST).fetchone()[0]:
            raise UsageError(
                f"{shard.called}: is a copy of {self._archive.path}; name other archives"
            )
        found = self._connection.execute(_MERGED, (first_hash,)).fetchone()
        if found is None:
            return 0
        common = min(found[0], shard.last_seq)
        known = self._connection.execute(_HASH, (first_hash, common)).fetchone()
        if shard.hash_at(common) != known[0]:
            raise BrokenLawError(
                f"{shard.called}: its ledger went on differently than in the copy that was merged"
                " before; only one of the two can be merged"
            )
        return int(found[0])

    def _refuse_withdrawn(self, shard: Shard) -> None:
        reasons = shard.withdrawn()
        for (digest,) in self._connection.execute(_STORED, (listed(reasons),)):
            raise UsageError(
                f"{shard.called}: withdrew payload {digest} ({reasons[digest]}), which"
                f" {self._archive.path} holds; withdraw it there first: baogao withdraw"
                f" {self._archive.path} NEW {digest} --reason …, then merge into NEW"
            )

    def _known(self, first_hash: str) -> int | None:
        found = self._connection.execute(_SHARD, (first_hash,)).fetchone()
        return None if found is None else int(found[0])

    def _add(self, shard: Shard, first_hash: str) -> int:
        row = {"first_hash": first_hash, "name": shard.name, "run_id": self._run_id()}
        with self._writer.transaction():
            return self._writer.fact("shards", row)

    def _run_id(self) -> int:
        if self._run is None:
            paths = {
                "db": str(self._archive.path),
                "shards": [str(place) for place in self._places],
            }
            kind = "merge" if self._part is None else "split"
            named = paths if self._part is None else {**paths, "part": self._part}
            self._run = self._runs.enter_context(self._archive.run(kind, arguments=named))
        return self._run.id

    def _entries(
        self,
        shard: Shard,
        shard_id: int,
        entries: Iterable[ShardEntry],
        selection: ShardPart | None,
        *,
        known_up_to: int,
    ) -> None:
        """Copy the rows of entries, each batch in a transaction with the entries themselves."""
        run_id = self._run_id()
        rows = RowMerger(self._writer, shard, ShardIds(self._connection, shard_id), selection)
        for batch in _batches(entries):
            rows.counts.clear()
            new = [entry for entry in batch if entry.seq > known_up_to]
            with self._writer.transaction():
                self._connection.executemany(_ADD_ENTRY, ((shard_id, *entry) for entry in new))
                if before := [entry for entry in batch if entry.seq <= known_up_to]:
                    rows.take(before, again=True)
                rows.take(new)
                if new:
                    last = {"shard_id": shard_id, "seq": new[-1].seq, "hash": new[-1].hash}
                    self._writer.fact("shard_heads", {**last, "run_id": run_id})
            self._found.rows.update(rows.counts)
            if self._run is not None:
                self._run.counts.update(rows.counts)


def _batches(entries: Iterable[ShardEntry]) -> Iterator[list[ShardEntry]]:
    batch: list[ShardEntry] = []
    rows = 0
    for entry in entries:
        batch.append(entry)
        rows += entry.entry_json.count(_ONE_DIGEST)
        if rows >= ROWS_A_BATCH:
            yield batch
            batch, rows = [], 0
    if batch:
        yield batch
