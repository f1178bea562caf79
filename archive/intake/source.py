"""A container as it is opened: its bytes, and how much may come out of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import BinaryIO, Final

from archive.errors import RefusedError
from archive.intake.member import MAX_FILE_BYTES, Member

MAX_UNPACKED_BYTES: Final = 4 * 1024**3
"""The most bytes from one file in total; the rest is reported, not read."""

MOST_OF_ONE_BYTE: Final = 100
"""The largest expansion of a container beyond the first `MAX_FILE_BYTES`: pages compress 5 to 20
times, a bomb a thousand times."""

MAX_MEMBERS: Final = 100_000
"""The most files in one ZIP; each costs about a kilobyte of memory."""

MAX_DEPTH: Final = 3
"""The most nested containers that are opened: a ZIP of ZIPs of tables."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The meaning of table columns or fields; None means to guess it, or to keep it as a claim."""

    text: str | None = None
    place: str | None = None
    year: str | None = None
    url: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """How a table was understood: the text column, and the columns read as claims.

    `others` are kept as claims under their own names; `absent` were requested but are missing;
    `more` are those of the others that contain texts, too.
    """

    name: str
    text: str
    claims: dict[str, str]
    others: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What was not taken from a container, by reason."""

    name: str
    reasons: Counter[str]


@dataclass(slots=True)
class Room:
    """How many more bytes may come out of a file."""

    left: int

    @classmethod
    def for_size(cls, size: int) -> Room:
        """Return the limit for a file of `size` bytes."""
        return cls(min(MAX_UNPACKED_BYTES, max(MAX_FILE_BYTES, MOST_OF_ONE_BYTE * size)))


@dataclass(frozen=True, slots=True)
class Container:
    """A readable container; `depth` is the number of containers around it."""

    name: str
    file: BinaryIO
    size: int
    columns: Columns = field(default_factory=Columns)
    room: Room = field(default_factory=lambda: Room(MAX_UNPACKED_BYTES))
    depth: int = 0

    @property
    def suffix(self) -> str:
        """The extension of its name, in lower case."""
        return PurePath(self.name).suffix.lower()

    def small(self) -> bytes:
        """Return all of it.

        Raises:
            RefusedError: it is larger than `MAX_FILE_BYTES`.
        """
        if self.size > MAX_FILE_BYTES:
            raise RefusedError("too_large", f"{self.name}: more than {MAX_FILE_BYTES} bytes")
        return self.file.read()


Opened = Member | Table | PassedOver
Opener = Callable[[Container], Iterator[Opened]]
