"""Opens the archive that earlier commands have filled, if there is one, and its frontier."""

from __future__ import annotations

from pathlib import Path

from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from archive import Archive, Fetched
from archive.errors import NoArchiveYetError
from crawler.frontier import Frontier


def made(path: str | Path) -> Archive | None:
    """Open the archive at `path` for reading, or return None if there is none yet.

    Raises:
        UsageError: the file is not an archive.
    """
    try:
        return Archive.open(path, read_only=True) if Path(path).exists() else None
    except NoArchiveYetError:
        return None


def fetched(own: Archive, path: str | None) -> Fetched:
    """Return what the archive at `path` holds if a path is given, otherwise `own`."""
    return Fetched(own if path is None else made(path))


def frontier_of(archive: Archive, settings: BaseSettings | None = None) -> Frontier:
    """Return the frontier named by `FRONTIER`, in the settings of a crawl or the default ones."""
    name = load_object("crawler.settings.FRONTIER") if settings is None else settings["FRONTIER"]
    frontier: Frontier = load_object(name)(archive)
    return frontier
