"""`baogao backup`: a consistent copy, even during a crawl."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

from archive import clock
from archive.console import Console, configured, quiet_option
from archive.errors import StorageError, UsageError

_TIME: Final = r"\d{8}T\d{9}Z"


@click.command()
@click.argument("db", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("new", required=False)
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=configured("backups"),
    help="Instead of NEW: a folder, in which the copy is named by the time.",
)
@click.option(
    "--keep", type=click.IntRange(min=1), metavar="N",
    help="In the folder, keep the N newest copies of DB and delete older ones.",
)  # fmt: skip
@click.option("--replace", is_flag=True, help="Replace NEW if it is an older copy.")
@click.option("--public", is_flag=True, help="Leave out payloads, dropped text, client data.")
@quiet_option
def backup(
    db: Path,
    new: str | None,
    *,
    folder: Path | None,
    keep: int | None,
    replace: bool,
    public: bool,
    quiet: bool,
) -> None:
    """Copy DB to NEW, a single file, even during a crawl.

    \b
    Without NEW, the copy goes to --folder (or backups in baogao.toml) as NAME-TIME.db. With --keep,
    older copies are deleted after the new one is complete; only files with such a name are
    deleted. What a killed backup left in the folder is removed. NEW may be an address,
    s3://BUCKET/NAME.db: the copy is made beside DB, and put there whole (docs/scaling.md).
    --public omits what must not be published: payloads, the frontier, dropped text (masked
    character by character, so that offsets stay valid), request headers, arguments, paths.
    Example: baogao backup reports.db reports-2026-01-31.db
    Example: baogao backup reports.db --folder backups --keep 7
    """
    from archive.storage import is_address

    if new is not None and keep is not None:
        raise UsageError("--keep is for --folder; with NEW nothing is deleted")
    stem = db.stem + "-public" * public
    console = Console(quiet=quiet)
    if new is not None and is_address(new):
        size = _put(db, new, replace=replace, public=public)
        console.say(f"{new}: {size:,} bytes")
        return
    target = _named(folder, stem) if new is None else Path(new)
    _copy(db, target, replace=replace, public=public)
    console.say(f"{target}: {target.stat().st_size:,} bytes; check it with: baogao verify {target}")
    if keep is not None:
        for path in older(target.parent, stem, keep):
            _delete(path)
            console.say(f"{path}: deleted, {keep} newer ones are kept")


def _copy(db: Path, target: Path, *, replace: bool, public: bool) -> None:
    from archive.store.copies import backup as copy
    from archive.store.copies import public_backup

    if target.is_dir():
        raise UsageError(f"{target}: is a folder, name a file")
    if replace and target.exists() and target.samefile(db):
        raise UsageError(f"{target}: is the archive itself; name another file")
    (public_backup if public else copy)(db, target, replace=replace)


def _put(db: Path, address: str, *, replace: bool, public: bool) -> int:
    """Put a copy at an address; returns its size."""
    from archive.storage import storage_of
    from archive.unfinished import unfinished

    storage = storage_of(address)
    try:
        with unfinished(db.with_name(f"{db.name}-copy"), folder=True) as folder:
            made = folder / "copy.db"
            _copy(db, made, replace=False, public=public)
            storage.put(made, address, replace=replace)
            return made.stat().st_size
    except OSError as error:
        raise StorageError(f"{db}: no copy can be made beside it: {error.strerror}") from error


def _named(folder: Path | None, stem: str) -> Path:
    """Return the path of a new copy in a folder, which is made if its parent exists."""
    if folder is None:
        raise UsageError("name a new file, or a folder: --folder DIR (or backups in baogao.toml)")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: cannot be made: {error.strerror}") from error
    return folder / f"{stem}-{re.sub(r'[-:.]', '', clock.now())}.db"


def older(folder: Path, stem: str, keep: int) -> list[Path]:
    """Return the copies in a folder besides the newest ones; their names state their time."""
    name = re.compile(rf"{re.escape(stem)}-{_TIME}\.db")
    copies = sorted(path for path in folder.iterdir() if name.fullmatch(path.name))
    return copies[:-keep]


def _delete(path: Path) -> None:
    """Delete a copy, with the files that SQLite makes beside one that was opened."""
    try:
        path.unlink()
        for ending in ("-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{path}: cannot be deleted: {error.strerror}") from error
