"""What a worker tells the process of a job, and what that answers: one line of JSON each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Order:
    """What a child is to do: crawl `sites` of a folder into `db`, `scan`, or else run `command`.

    `config` is the file of settings that the worker was given, `parent` its process number.
    """

    parent: int
    config: str | None = None
    command: tuple[str, ...] = ()
    db: str = ""
    folder: str = ""
    sites: tuple[str, ...] = ()
    only_due: bool = False
    contact: str | None = None
    dsn: str = field(default="", repr=False)
    lease_s: float = 0.0
    scan: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, words: bytes) -> Self:
        """Return the order that `written` wrote."""
        said = json.loads(words)
        return cls(**{**said, "command": tuple(said["command"]), "sites": tuple(said["sites"])})

    def written(self) -> bytes:
        """Return the order as one line."""
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job ended: exit code, pages that came, when to go on, and sentences on the rest."""

    exit_code: int
    pages: int = 0
    again_s: float = 0.0
    said: tuple[str, ...] = ()

    @classmethod
    def read(cls, words: bytes) -> Self:
        """Return what a child wrote.

        Raises:
            ValueError: it wrote nothing, because it was killed.
        """
        said = json.loads(words)
        return cls(**{**said, "said": tuple(said["said"])})

    def written(self) -> str:
        """Return it as the worker reads it."""
        return json.dumps(asdict(self))
