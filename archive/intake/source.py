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
"""All that comes out of one file together; what comes behind is reported, not read."""

MOST_OF_ONE_BYTE: Final = 100
"""Bytes that a byte of a container may unpack to, beyond the first `MAX_FILE_BYTES`: pages pack
5 to 20 times, a bomb a thousand times."""

MAX_MEMBERS: Final = 100_000
"""Files in one ZIP; each costs about a kilobyte of memory."""

MAX_DEPTH: Final = 3
"""Containers in containers that are opened: a ZIP of the ZIPs of tables, and no deeper."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns or fields of tables hold what; None is guessed or left as a claim."""

    text: str | None = None
    place: str | None = None
    year: str | None = None
    url: str | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """How a table was understood: the column of the texts, and of the claims that are read.

    `others` are kept as claims under their own names; `absent` were asked for and are not there;
    `more` are those of the others that hold texts, too.
    """

    name: str
    text: str
    claims: dict[str, str]
    others: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What was not taken out of a container, by reason."""

    name: str
    reasons: Counter[str]


@dataclass(slots=True)
class Room:
    """How many bytes may still come out of a file."""

    left: int

    @classmethod
    def for_size(cls, size: int) -> Room:
        """The room of a file of `size` bytes."""
        return cls(min(MAX_UNPACKED_BYTES, max(MAX_FILE_BYTES, MOST_OF_ONE_BYTE * size)))


@dataclass(frozen=True, slots=True)
class Container:
    """A container that can be read; `depth` says in how many others it lies."""

    name: str
    file: BinaryIO
    size: int
    columns: Columns = field(default_factory=Columns)
    room: Room = field(default_factory=lambda: Room(MAX_UNPACKED_BYTES))
    depth: int = 0

    @property
    def suffix(self) -> str:
        """The ending of its name, in lower case."""
        return PurePath(self.name).suffix.lower()

    def small(self) -> bytes:
        """All of it.

        Raises:
            RefusedError: it is larger than `MAX_FILE_BYTES`.
        """
        if self.size > MAX_FILE_BYTES:
            raise RefusedError("too_large", f"{self.name}: more than {MAX_FILE_BYTES} bytes")
        return self.file.read()


Opened = Member | Table | PassedOver
Opener = Callable[[Container], Iterator[Opened]]
