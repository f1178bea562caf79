"""Records an export in its archive, so that `prune` keeps the texts that it took."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from archive.errors import BaogaoError
from archive.store import Archive
from archive.store.collection import archives_at


def record_export(
    db: str,
    arguments: Mapping[str, Any],
    works: Collection[str] | None,
    *,
    tell: Callable[[str], None],
) -> None:
    """Write a run that names the texts of an export, into each archive that it was made of.

    A public copy is left as it is. An archive that cannot be written is no error: the files of the
    export are complete.

    Args:
        db: the archive's file, or a folder of archives.
        arguments: what the export was asked for, JSON-like.
        works: the names of the reports taken; all current texts when None.
        tell: is given the sentence why the run could not be written, if so.
    """
    for file in archives_at(db):
        try:
            with Archive.open(file) as archive:
                if not archive.is_public_copy:
                    with archive.run("export", arguments=arguments) as run:
                        run.exported(works)
        except BaogaoError as error:
            tell(f"not recorded as an export, prune may drop texts that it took: {error}")
