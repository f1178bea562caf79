"""Opens the archive that earlier commands have filled, if there is one, and its frontier."""

from __future__ import annotations

from pathlib import Path

from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from archive import Archive, Fetched
from archive.errors import NoArchiveYetError
from crawler import settings as wiring
from crawler.frontier import Frontier


def made(path: str | Path) -> Archive | None:
    """The archive at `path`, to read; None where none is, or was only begun when it was killed.

    Raises:
        UsageError: the file is none of ours.
    """
    try:
        return Archive.open(path, read_only=True) if Path(path).exists() else None
    except NoArchiveYetError:
        return None


def fetched(own: Archive, path: str | None) -> Fetched:
    """Return what the archive at `path` holds if a path is given, otherwise `own`."""
    return Fetched(own if path is None else made(path))


def frontier_of(archive: Archive, settings: BaseSettings | None = None) -> Frontier:
    """The frontier that `FRONTIER` names, in the settings of a crawl or else in the wiring."""
    name = wiring.FRONTIER if settings is None else settings["FRONTIER"]
    frontier: Frontier = load_object(name)(archive)
    return frontier
