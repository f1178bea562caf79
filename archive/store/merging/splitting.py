"""Divides archives into one for each province, in batches that each leave sound archives."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from archive import storage
from archive.errors import StorageError, UsageError
from archive.store.archive import Archive
from archive.store.collection import ENDING, MOST_ARCHIVES, archives_at
from archive.store.merging.merging import Merged, Merger, Place, checked, refuse_same
from archive.store.merging.routing import Routes
from archive.store.merging.shard import Shard, opened
from archive.store.progress import Progress, plainly


def split(
    folder: Path,
    shards: Sequence[Place],
    *,
    collate: bool = True,
    progress: Progress[Any] = plainly,
) -> dict[str, Merged]:
    """Copy what archives hold into the archives of a folder, by province; they are only read.

    The folder and its archives (`13.db`, `00.db` for the nation, `unplaced.db`) are made if they do
    not exist. What was copied before is passed over. Returns what each archive got, by its part.

    Raises:
        UsageError: an archive cannot be divided; nothing was written if that is seen at once.
        BrokenLawError: an archive is damaged, or has another history than what was copied of it.
        StorageError: the folder cannot be written; what was acknowledged is kept.
    """
    if len(shards) > MOST_ARCHIVES:
        raise UsageError(f"{len(shards)} archives: at most {MOST_ARCHIVES} are divided at once")
    _prepare(folder, shards)
    ordered = checked(folder / f"new{ENDING}", shards)
    found: dict[str, Merged] = {}
    with ExitStack() as stack:
        open_shards = []
        known: dict[str, Place] = {}
        for place in ordered:
            shard = stack.enter_context(opened(place, folder / f"new{ENDING}"))
            shard.check()
            refuse_same(shard, known)
            if shard.first_hash is not None:  # an archive without entries is empty
                open_shards.append(shard)
        routes = _routed(folder, open_shards)
        parts = [route.close() for route in routes]
        for part in sorted({part for some in parts for part in some}):
            of_part = [
                route.selection(part)
                for route, some in zip(routes, parts, strict=True)
                if part in some
            ]
            with Archive.open(folder / f"{part}{ENDING}", create=True) as archive:
                merger = Merger(archive, ordered, progress, part=part)
                found[part] = merger.take_parts(of_part, collate=collate)
    return found


def _prepare(folder: Path, shards: Sequence[Place]) -> None:
    """Make the folder.

    Raises:
        UsageError: it is a file, or one of the shards lies in it.
        StorageError: it cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: is a file; name a folder for the archives by province")
    for place in shards:
        if not storage.is_address(place) and Path(place).absolute().parent == folder.absolute():
            raise UsageError(f"{place}: lies in the folder of the archives by province")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{folder}: cannot be made: {error.strerror}") from error


def _routed(folder: Path, shards: Sequence[Shard]) -> list[Routes]:
    """Route the texts of the shards; those without a place also by what the folder has already."""
    routes = [Routes(shard) for shard in shards]
    with ExitStack() as stack:
        there = []
        for file in archives_at(folder) if any(folder.glob(f"*{ENDING}")) else []:
            shard = stack.enter_context(opened(file, file))
            if shard.part == file.stem:
                there.append(Routes(shard, whole=shard.part))
        for route in routes:
            route.add_unknown([*routes, *there])
    return routes
