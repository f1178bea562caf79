"""Which process on which machine: told so that no two are taken for one.

A number is not enough: containers of one host name have the same ones, and numbers are used again.
So a process is known by the start of the machine, by the space in which numbers count (the PID
namespace, where there are such), by its number and by when it was started.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Self

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_SPACE: Final = Path("/proc/self/ns/pid")
_SELF: Final = Path("/proc/self")
_STARTED: Final = 19
"""Which field of `/proc/PID/stat` behind the name says when a process was started (proc(5): 22)."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process: `place` is machine and space, `started` in ticks since the machine's start.

    `started` is None where it is not known.
    """

    place: str
    number: int
    started: int | None = None

    @classmethod
    def here(cls) -> Self:
        """This process."""
        return cls(place(), os.getpid(), _started("self"))

    @property
    def machine(self) -> str:
        """The name of the machine, for people."""
        return machine_of(self.place)

    def is_gone(self) -> bool:
        """Whether it certainly no longer runs; of one that cannot be seen from here nothing is."""
        if self.place != place() or os.name != "posix":  # elsewhere os.kill would end it
            return False
        try:
            os.kill(self.number, 0)
        except ProcessLookupError:
            return True
        except OSError:
            return False
        now = _started(str(self.number)) if _is_our_list() else None
        return None not in (now, self.started) and now != self.started

    def is_this(self) -> bool:
        """Whether it is the process that asks."""
        here = Process.here()
        if (self.place, self.number) != (here.place, here.number):
            return False
        return self.started in (None, here.started)


@lru_cache(maxsize=1)
def place() -> str:
    """Machine, start of the machine, and space of process numbers: `host/6bda7452/4026531836`."""
    name = socket.gethostname().replace("/", "_").replace(" ", "_")
    try:
        boot = _BOOT.read_text("ascii").partition("-")[0].strip()
        space = "".join(filter(str.isdigit, str(_SPACE.readlink())))
    except OSError:
        return name
    return f"{name}/{boot}/{space}"


def machine_of(where: str) -> str:
    """The machine's name out of a place."""
    return where.partition("/")[0]


def _is_our_list() -> bool:
    """Whether /proc lists the processes of our own space: another one may be mounted there."""
    try:
        return str(_SELF.readlink()) == str(os.getpid())
    except OSError:
        return False


def _started(process: str) -> int | None:
    try:
        words = Path(f"/proc/{process}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    return int(words.rpartition(")")[2].split()[_STARTED])
