"""Whether a reader may see the archive, asked as the installed Datasette wants to be asked."""

from __future__ import annotations

from typing import Any


async def ensure_permitted(datasette: Any, actor: Any, database: str) -> None:
    """Check that `actor` may see the database.

    Raises:
        Forbidden: Datasette's own error; it answers with 403.
    """
    if hasattr(datasette, "ensure_permissions"):  # before 1.0
        await datasette.ensure_permissions(actor, [("view-database", database), "view-instance"])
        return
    from datasette.resources import DatabaseResource  # noqa: PLC0415  (from 1.0 on)

    await datasette.ensure_permission(
        action="view-database", resource=DatabaseResource(database), actor=actor
    )
