"""Checks of the machine that need no network: software, disk, clock, folders.

Each check says what was found and, if something is wrong, what to do.
"""

from __future__ import annotations

import importlib.metadata as installed
import os
import re
import shutil
import sqlite3
import stat
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from archive import clock
from archive.configuration import SETTINGS, Configuration, unknown_variables
from archive.errors import BaogaoError
from archive.extras import how_to_install

Result = Literal["ok", "failed", "note"]

OLDEST_PYTHON: Final = (3, 11)
OLDEST_SQLITE: Final = (3, 38, 0)
"""The first version with STRICT tables (3.37) and the operator ->> (3.38)."""

ROOM_BYTES: Final = 1024**3
"""Free bytes that a folder needs, besides those of a backup of the archive."""

TOOLS: Final = frozenset({"all", "bench", "dev"})
"""Extras that no command needs."""


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `note` is no fault, but a command may need it. `remedy` says what to do."""

    name: str
    result: Result
    found: str
    remedy: str = ""


def checks(said: Configuration, db: Path | None = None) -> Iterator[Check]:
    """Check the machine for the settings `said`, and for the archive `db` if one is given."""
    yield python()
    yield sqlite()
    yield from extras()
    yield from _contact(said)
    yield from _variables()
    yield from _disks(said, db)
    yield from _folders(said)
    if db is not None:
        yield from _archive(db)


def python(version: tuple[int, int, int] = sys.version_info[:3]) -> Check:
    """Check the version of Python."""
    words = ".".join(map(str, version))
    if version < OLDEST_PYTHON:
        return Check("python", "failed", words, "install Python 3.11 or newer")
    return Check("python", "ok", words)


def sqlite(version: tuple[int, int, int] = sqlite3.sqlite_version_info) -> Check:
    """Check the version of SQLite, and that it can search texts."""
    words = ".".join(map(str, version))
    if version < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        return Check("sqlite", "failed", words, f"install a Python with SQLite {oldest} or newer")
    from archive.store.connection import can_search  # noqa: PLC0415  (importing it takes time)

    if not can_search():
        remedy = "install a Python whose SQLite has FTS5, such as that of python.org"
        return Check("sqlite", "failed", f"{words} without FTS5", remedy)
    return Check("sqlite", "ok", f"{words} with FTS5")


def extras() -> Iterator[Check]:
    """Check which extras are installed; a missing one is only noted."""
    needed: dict[str, list[str]] = defaultdict(list)
    for requirement in installed.requires("baogao") or ():
        found = _REQUIREMENT.match(requirement)
        if found and found[2] not in TOOLS and found[1] != "baogao":
            needed[found[2]].append(found[1])
    for extra, names in sorted(needed.items()):
        absent = [name for name in names if not _is_installed(name)]
        if absent:
            words, remedy = f"{', '.join(absent)} not installed", how_to_install(extra)
            yield Check(f"extra {extra}", "note", words, f"if you need it: {remedy}")
        else:
            yield Check(f"extra {extra}", "ok", ", ".join(sorted(names)))


_REQUIREMENT: Final = re.compile(r"""([A-Za-z0-9._-]+).*;.*extra\s*==\s*["']([\w-]+)["']""")


def _is_installed(name: str) -> bool:
    try:
        installed.version(name)
    except installed.PackageNotFoundError:
        return False
    return True


def _contact(said: Configuration) -> Iterator[Check]:
    if said["contact"]:
        yield Check("contact", "ok", str(said["contact"]))
    else:
        remedy = "set contact in baogao.toml; no site but the practice web is asked without it"
        yield Check("contact", "note", "not set", remedy)


def _variables() -> Iterator[Check]:
    if unknown := unknown_variables(os.environ):
        remedy = "see the names of all settings with: baogao config --table"
        yield Check("variables", "note", f"{', '.join(unknown)}: no setting", remedy)


def _disks(said: Configuration, db: Path | None) -> Iterator[Check]:
    """Check the room of each folder that is written, once for each disk."""
    size = _size(db) if db is not None else 0
    wanted = {"temporary folder": (Path(tempfile.gettempdir()), 0)}
    if db is not None:
        wanted["archive"] = db.absolute().parent, 0
    for setting in SETTINGS:
        if setting.kind == "folder" and said[setting.key]:
            wanted[setting.key] = Path(said[setting.key]), size * (setting.key == "backups")
    for name, (folder, more) in wanted.items():
        if folder.is_dir():
            yield room(name, folder, ROOM_BYTES + more)


def room(name: str, folder: Path, needed: int) -> Check:
    """Check the free room of a folder."""
    free = shutil.disk_usage(folder).free
    words = f"{folder}: {_gigabytes(free)} free"
    if free < needed:
        remedy = f"make room: {_gigabytes(needed)} are needed for the next crawl or backup"
        return Check(f"disk of {name}", "failed", words, remedy)
    return Check(f"disk of {name}", "ok", words)


def _size(db: Path) -> int:
    return sum(part.stat().st_size for part in (db, Path(f"{db}-wal")) if part.exists())


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"


def _folders(said: Configuration) -> Iterator[Check]:
    for setting in SETTINGS:
        value = said[setting.key]
        if setting.kind == "folder" and value:
            yield writable(setting.key, Path(value))
        for folder in value if setting.kind == "folders" else ():
            yield _readable(setting.key, Path(folder))
    if said.file is not None:
        yield _private(said)


def writable(name: str, folder: Path) -> Check:
    """Check that files can be made in a folder, by making one."""
    if not folder.is_dir():
        return Check(name, "failed", f"{folder}: no such folder", f"mkdir -p {folder}")
    try:
        with tempfile.TemporaryFile(dir=folder):
            return Check(name, "ok", f"{folder}: can be written")
    except OSError as error:
        remedy = f"let this user write there: chown or chmod {folder}"
        return Check(name, "failed", f"{folder}: cannot be written ({error.strerror})", remedy)


def _readable(name: str, folder: Path) -> Check:
    if folder.is_dir() and os.access(folder, os.R_OK | os.X_OK):
        return Check(name, "ok", f"{folder}: can be read")
    return Check(
        name, "failed", f"{folder}: cannot be read", "make the folder, or correct its name"
    )


def _private(said: Configuration) -> Check:
    """Check that a file with a password is read by its owner only."""
    assert said.file is not None  # noqa: S101  (the caller has checked)
    own = str(said.file)
    secrets = [
        each.key for each in SETTINGS
        if each.kind == "secret" and said[each.key] and said.values[each.key].source == own
    ]  # fmt: skip
    if secrets and os.name == "posix" and said.file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        words = f"{own}: holds {', '.join(secrets)}, and others can read it"
        return Check("settings", "failed", words, f"chmod 600 {own}")
    return Check("settings", "ok", own)


def _archive(db: Path) -> Iterator[Check]:
    """Check the file and folder of an archive, and the clock against its newest entry."""
    if not db.exists():
        yield writable("folder of the archive", db.absolute().parent)
        return
    yield _file(db)
    yield writable("folder of the archive", db.absolute().parent)
    from archive.store import Archive  # noqa: PLC0415  (importing it takes time)

    try:
        with Archive.open(db, read_only=True) as archive:
            newest = archive.newest_head()
    except BaogaoError as error:
        yield Check("archive", "failed", str(error), f"baogao verify {db}")
        return
    yield Check("archive", "ok", f"{db}: {_gigabytes(_size(db))}")
    if newest is not None:
        yield clock_after(newest.at)


def _file(db: Path) -> Check:
    mode = db.stat().st_mode
    if not os.access(db, os.R_OK | os.W_OK):
        remedy = f"run as its owner, or chown {db}"
        return Check("file of the archive", "failed", f"{db}: cannot be read and written", remedy)
    if os.name == "posix" and mode & stat.S_IWOTH:
        words = f"{db}: everybody on this machine can change it"
        return Check("file of the archive", "failed", words, f"chmod o-w {db}")
    return Check("file of the archive", "ok", f"{db}: can be read and written")


_SET_CLOCK: Final = "set the clock, for example with: timedatectl set-ntp true"


def clock_after(newest: str) -> Check:
    """Check that the clock is not behind the newest entry of an archive."""
    now = clock.now()
    if now < newest:
        return Check("clock", "failed", f"{now} is before the newest entry, {newest}", _SET_CLOCK)
    return Check("clock", "ok", f"{now}, after the newest entry")


def clock_beside(name: str, theirs: datetime, ours: datetime) -> Check:
    """Check the clock against that of a server; seconds pass on the way."""
    apart = ours - theirs
    if abs(apart) > timedelta(minutes=5):
        words = f"{abs(apart)} {'after' if apart > timedelta(0) else 'before'} that of {name}"
        return Check("clock", "failed", words, _SET_CLOCK)
    return Check("clock", "ok", f"as that of {name}")
