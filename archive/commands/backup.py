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
@click.argument("new", required=False, type=click.Path(dir_okay=False, path_type=Path))
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
@click.option("--public", is_flag=True, help="Leave out payloads, dropped text, client data.")
@quiet_option
def backup(
    db: Path, new: Path | None, *, folder: Path | None, keep: int | None, public: bool, quiet: bool
) -> None:
    """Copy DB to NEW, a single file, even during a crawl.

    \b
    Without NEW, the copy goes to --folder (or backups in baogao.toml) as NAME-TIME.db. With --keep,
    older copies are deleted after the new one is complete; only files with such a name are
    deleted. What a killed backup left in the folder is removed.
    --public omits what must not be published: payloads, the frontier, dropped text (masked
    character by character, so that offsets stay valid), request headers, arguments, paths.
    Example: baogao backup reports.db reports-2026-01-31.db
    Example: baogao backup reports.db --folder backups --keep 7
    """
    from archive.store.copies import backup as copy
    from archive.store.copies import public_backup

    if new is not None and keep is not None:
        raise UsageError("--keep is for --folder; with NEW nothing is deleted")
    stem = db.stem + "-public" * public
    target = new or _named(folder, stem)
    (public_backup if public else copy)(db, target)
    console = Console(quiet=quiet)
    console.say(f"{target}: {target.stat().st_size:,} bytes; check it with: baogao verify {target}")
    if keep is not None:
        for path in older(target.parent, stem, keep):
            _delete(path)
            console.say(f"{path}: deleted, {keep} newer ones are kept")


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
