"""Archives that are read as one: those in a folder, such as one for each province."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from archive.errors import UsageError
from archive.model import canonical_json
from archive.store.archive import Archive
from archive.store.reports import newest_day
from archive.store.together import Connections, Readable, by_place, chosen

ENDING: Final = ".db"
"""How the name of an archive in a folder ends."""

MOST_ARCHIVES: Final = 200
"""The most archives that are read as one: each needs some open files and 5 MB of memory."""

_FIRST: Final = "SELECT hash FROM ledger WHERE seq = 1"
_MERGED: Final = "SELECT first_hash FROM shards"


@dataclass(frozen=True, slots=True)
class Collection:
    """Open archives, to be read: one, or all of a folder by the names of their files."""

    path: Path
    archives: Mapping[str, Archive]

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of archives, and not a single one."""
        return "" not in self.archives

    @property
    def connections(self) -> Connections:
        """The connections of the archives, by name."""
        return {name: archive.connection for name, archive in self.archives.items()}

    @property
    def readable(self) -> Readable:
        """What functions that read are given: a connection, or several."""
        return self.connections if self.is_folder else self.archives[""].connection

    @property
    def newest_day(self) -> str:
        """The day of the newest capture."""
        return max(map(newest_day, self.connections.values()))

    @property
    def head(self) -> str:
        """The head of the ledger; of a folder a line of JSON with those of all archives."""
        heads = {name: archive.ledger_head() or "" for name, archive in self.archives.items()}
        return canonical_json(heads) if self.is_folder else heads[""]

    def works(self) -> Iterator[dict[str, Any]]:
        """Yield the works by place and year; those of a folder with the name of their archive."""
        if not self.is_folder:
            yield from self.archives[""].works()
            return
        found = [
            sorted(({**row, "archive": name} for row in archive.works()), key=_order)
            for name, archive in self.archives.items()
        ]
        yield from chosen(found, _order, itemgetter("work", "archive", "work", "witnesses"))

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read one state of each archive, whatever others write in the meantime."""
        with ExitStack() as stack:
            for archive in self.archives.values():
                stack.enter_context(archive.snapshot())
            yield


def _order(work: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what works are sorted by; the place begins the name."""
    return by_place(work["work"].partition("-")[0], work["report_year"], work["work"])


@contextmanager
def opened(path: str | Path) -> Iterator[Collection]:
    """Open an archive, or all archives of a folder (`*.db`), to read them.

    Raises:
        UsageError: there is none, or too many; one is no archive; or two of them hold the same.
        BrokenLawError: a file is damaged.
    """
    with ExitStack() as stack:
        yield open_within(stack, path)


def open_within(stack: ExitStack, path: str | Path) -> Collection:
    """Do the same as `opened`, until `stack` is closed."""
    place = Path(path)
    archives = {
        file.name if place.is_dir() else "": stack.enter_context(Archive.open(file, read_only=True))
        for file in archives_at(place)
    }
    if place.is_dir():
        _refuse_same(archives)
    return Collection(place, archives)


def archives_at(path: str | Path) -> list[Path]:
    """Return the archives of a folder in the order of their names, or the one that is named.

    Raises:
        UsageError: the folder has none, or too many.
    """
    place = Path(path)
    if not place.is_dir():
        return [place]
    files = sorted(file for file in place.glob(f"*{ENDING}") if not file.name.startswith("."))
    if not files:
        raise UsageError(f"{place}: has no archive; their names end with {ENDING}")
    if len(files) > MOST_ARCHIVES:
        raise UsageError(
            f"{place}: has {len(files):,} archives, and at most {MOST_ARCHIVES} are read as one;"
            " merge some: baogao merge DB SHARD…"
        )
    return files


def _refuse_same(archives: Mapping[str, Archive]) -> None:
    """Refuse copies of one archive, and one that was merged from another: all would count twice."""
    known: dict[str, str] = {}
    for name, archive in archives.items():
        for (first,) in archive.connection.execute(_FIRST):
            if first in known:
                raise UsageError(
                    f"{archive.path}: is the same archive as {known[first]}, or a copy; move one"
                    " of them out of the folder"
                )
            known[first] = name
    for archive in archives.values():
        for (first,) in archive.connection.execute(_MERGED):
            if first in known:
                raise UsageError(
                    f"{archive.path}: was merged from {known[first]}, which is in the same folder;"
                    " move one of them out of it"
                )
