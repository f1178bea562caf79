"""The Datasette plugin: the archive made for reading and for doubting.

An entry point loads it wherever Datasette runs. It looks for a database that is an archive of
ours, and does nothing where there is none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import datasette as _datasette

Route = tuple[str, Callable[..., Any]]
_Hook = TypeVar("_Hook", bound=Callable[..., Any])

hookimpl: Callable[[_Hook], _Hook] = _datasette.hookimpl


@hookimpl
def register_routes(datasette: Any) -> list[Route]:
    """Our pages, where one of the databases is ours."""
    if _ours(datasette) is None:
        return []
    from archive.browse.routes import routes  # noqa: PLC0415  (nothing to do elsewhere)

    return routes()


@hookimpl
def get_metadata(datasette: Any) -> dict[str, Any]:
    """Labels, hidden internals and facets of the stock pages of our database."""
    ours = _ours(datasette)
    if ours is None:
        return {}
    from archive.browse.stock import metadata  # noqa: PLC0415  (nothing to do elsewhere)

    return metadata(ours.name)


@hookimpl
def render_cell(  # noqa: PLR0917  (Datasette calls by name)
    row: Any, value: Any, column: str, table: str | None, database: str, datasette: Any
) -> Any:
    """Links to our pages; addresses of the web as words; long texts cut short."""
    if not _is_ours(datasette, database):
        return None
    from archive.browse.stock import cell  # noqa: PLC0415  (nothing to do elsewhere)

    return cell(datasette.setting("base_url"), row, value, column, table)


@hookimpl
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """A way back from the stock pages."""
    if _ours(datasette) is None:
        return []
    return [{"href": datasette.urls.path("/"), "label": "报告档案 · Reports"}]


def _ours(datasette: Any) -> Any:
    from archive.browse.ours import our_database  # noqa: PLC0415  (keeps other uses fast)

    return our_database(datasette)


def _is_ours(datasette: Any, database: str) -> bool:
    ours = _ours(datasette)
    return ours is not None and ours.name == database
