"""The Datasette plugin: the archive for readers.

An entry point loads it wherever Datasette runs. It looks for a database that is an archive, and
does nothing if there is none.
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
    """Add our pages if one of the databases is an archive, and see that they hide no database."""
    if _archive_database(datasette) is None:
        return []
    from archive.browse.routes import make_room, routes  # noqa: PLC0415  (nothing to do elsewhere)

    make_room(datasette)
    return routes()


@hookimpl
def get_metadata(datasette: Any) -> dict[str, Any]:
    """Add labels, hidden internals and facets to the stock pages of our database."""
    archive_database = _archive_database(datasette)
    if archive_database is None:
        return {}
    from archive.browse.datasette_tables import metadata  # noqa: PLC0415  (nothing to do elsewhere)

    return metadata(archive_database.name, datasette.setting("base_url"))


@hookimpl
def render_cell(value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
    """Link to our pages, show web addresses as text, and cut long texts short."""
    if not _is_archive(datasette, database):
        return None
    from archive.browse.datasette_tables import cell  # noqa: PLC0415  (nothing to do elsewhere)

    return cell(datasette.setting("base_url"), value, column, table)


@_datasette.hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:
    """Set limits, exact search in the stock search box, and our SQL functions.

    Datasette wraps user input with its SQL function `escape_fts`; the last function registered
    under that name applies.
    """
    if _is_archive(datasette, database):
        from archive.browse.datasette_tables import register  # noqa: PLC0415
        from archive.browse.limits import limit  # noqa: PLC0415  (nothing to do elsewhere)

        register(conn)
        limit(conn)


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """Add a Content-Security-Policy to the stock pages of our database, which are read-only."""

    def wrap(application: Any) -> Any:
        archive_database = _archive_database(datasette)
        if archive_database is None:
            return application
        from archive.browse.policy import guarded  # noqa: PLC0415  (nothing to do elsewhere)

        return guarded(application, [datasette.urls.database(archive_database.name)])

    return wrap


@hookimpl
def handle_exception(datasette: Any, exception: Exception) -> Any:
    """Answer 400 with a sentence if a URL passes invalid arguments to the stock pages."""
    if _archive_database(datasette) is None:
        return None
    from archive.browse.errors import refusal  # noqa: PLC0415  (nothing to do elsewhere)

    return refusal(exception)


@hookimpl
def extra_css_urls(database: str | None, datasette: Any) -> list[str]:
    """Add fonts for Han text and wrapping cells to the stock pages of our database."""
    if database is None or not _is_archive(datasette, database):
        return []
    from archive.browse.rendering import asset_path  # noqa: PLC0415  (nothing to do elsewhere)

    return [datasette.urls.path(asset_path("stock.css"))]


@hookimpl
def extra_js_urls(database: str | None, datasette: Any) -> list[dict[str, Any]]:
    """Add names to the form fields of the stock pages of our database."""
    if database is None or not _is_archive(datasette, database):
        return []
    from archive.browse.rendering import asset_path  # noqa: PLC0415  (nothing to do elsewhere)

    return [{"url": datasette.urls.path(asset_path("stock.js")), "module": True}]


@hookimpl
def extra_template_vars(database: str | None, request: Any, datasette: Any) -> dict[str, Any]:
    """Put the stock pages of our database into the frame of our own pages."""
    if database is None or request is None or not _is_archive(datasette, database):
        return {"baogao_frame": None}
    from archive.browse.stock_frame import frame  # noqa: PLC0415  (nothing to do elsewhere)

    return {"baogao_frame": frame(request, datasette, database)}


@hookimpl
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """Add a link back from the stock pages."""
    if _archive_database(datasette) is None:
        return []
    return [{"href": datasette.urls.path("/"), "label": "报告档案 · Reports"}]


def _archive_database(datasette: Any) -> Any:
    from archive.browse.databases import our_database  # noqa: PLC0415  (keeps other uses fast)

    return our_database(datasette)


def _is_archive(datasette: Any, database: str) -> bool:
    archive_database = _archive_database(datasette)
    return archive_database is not None and archive_database.name == database
