"""Records an export in its archive, so that `prune` keeps the texts that it took."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from archive.errors import BaogaoError
from archive.store import Archive


def record_export(
    db: str, arguments: Mapping[str, Any], works: Collection[str] | None = None
) -> str | None:
    """Write a run that names the texts of an export; returns why it could not be written.

    A public copy is left as it is.

    Args:
        db: the archive's file.
        arguments: what the export was asked for, JSON-like.
        works: the names of the reports taken; all current texts when None.
    """
    try:
        with Archive.open(db) as archive:
            if not archive.is_public_copy:
                with archive.run("export", arguments=arguments) as run:
                    run.exported(works)
    except BaogaoError as error:
        return f"not recorded as an export, prune may drop texts that it took: {error}"
    return None
