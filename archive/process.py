"""Identifies processes across machines and containers.

A process number is not enough: containers may share a host name and numbers, and numbers are
reused. A process is therefore identified by the boot of the machine, the PID namespace if there is
one, its number and its start time.
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
"""The field of `/proc/PID/stat` after the name with the start time of a process (proc(5): 22)."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process: `place` is machine and namespace, `started` in ticks since the machine's boot.

    `started` is None if it is not known.
    """

    place: str
    number: int
    started: int | None = None

    @classmethod
    def here(cls) -> Self:
        """This process."""
        return cls(place(), os.getpid(), _started("self"))

    @classmethod
    def of(cls, number: int) -> Self:
        """Return a process of this machine by its number."""
        return cls(place(), number, _started(str(number)))

    @classmethod
    def read(cls, words: str) -> Self:
        """Return the process that `written` wrote."""
        number, _, rest = words.partition("@")
        where, _, started = rest.partition("@")
        return cls(where, int(number), int(started) if started.isdecimal() else None)

    def written(self) -> str:
        """Return the process in one word, as tables keep it."""
        started = "" if self.started is None else f"@{self.started}"
        return f"{self.number}@{self.place}{started}"

    @property
    def machine(self) -> str:
        """Return the name of the machine, for people."""
        return machine_of(self.place)

    def is_gone(self) -> bool:
        """Whether it has certainly ended.

        Never true for a process that cannot be seen from here.
        """
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

    def is_seen_here(self) -> bool:
        """Whether it certainly runs on this machine, where it may be ended by its number."""
        return self.place == place() and self.started is not None and not self.is_gone()

    def is_this(self) -> bool:
        """Whether it is the current process."""
        here = Process.here()
        if (self.place, self.number) != (here.place, here.number):
            return False
        return self.started in (None, here.started)


@lru_cache(maxsize=1)
def place() -> str:
    """Return machine, boot and PID namespace: `host/6bda7452/4026531836`."""
    name = socket.gethostname().replace("/", "_").replace(" ", "_")
    try:
        boot = _BOOT.read_text("ascii").partition("-")[0].strip()
        space = "".join(filter(str.isdigit, str(_SPACE.readlink())))
    except OSError:
        return name
    return f"{name}/{boot}/{space}"


def machine_of(where: str) -> str:
    """Return the name of the machine in a place."""
    return where.partition("/")[0]


def _is_our_list() -> bool:
    """Whether /proc lists the processes of our namespace; that of another one may be mounted."""
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
