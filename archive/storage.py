"""Archives that lie elsewhere: brought here to be read, and taken there when they are complete.

SQLite needs a file, so an archive at an address such as `s3://bucket/name.db` is copied.
This package knows no network: modules that can reach an address are registered here by `provide`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

from archive.errors import StorageError, UsageError
from archive.unfinished import unfinished


class Storage(Protocol):
    """A place for files of some kind of address."""

    def fetch(self, address: str, path: Path) -> None:
        """Write what is at an address to the file `path`."""

    def put(self, path: Path, address: str, *, replace: bool) -> None:
        """Put a file at an address: all of it is there afterwards, or what was there before."""


_PROVIDED: Final[dict[str, str]] = {}


def provide(scheme: str, module: str) -> None:
    """Say which module has `fetch` and `put` for addresses that begin with `scheme`."""
    _PROVIDED[scheme] = module


def is_address(words: str | Path) -> bool:
    """Whether this is an address and not a path."""
    return "://" in str(words)


def storage_of(address: str) -> Storage:
    """Return what can reach an address.

    Raises:
        UsageError: nothing can.
    """
    scheme = address.partition("://")[0]
    if scheme not in _PROVIDED:
        known = " and ".join(f"{name}://" for name in sorted(_PROVIDED)) or "nothing of the kind"
        raise UsageError(f"{address}: addresses can begin with {known}")
    return cast("Storage", import_module(_PROVIDED[scheme]))


@contextmanager
def brought_here(address: str, beside: Path) -> Iterator[Path]:
    """Copy what is at an address into a file that is removed afterwards, in the folder of `beside`.

    Raises:
        UsageError: there is nothing at the address.
        StorageError: it cannot be reached, or the copy cannot be written.
    """
    storage = storage_of(address)
    try:
        with unfinished(beside.with_name(address.rpartition("/")[2] or "archive")) as path:
            storage.fetch(address, path)
            yield path
    except OSError as error:
        raise StorageError(f"{address}: cannot be copied here: {error.strerror}") from error
