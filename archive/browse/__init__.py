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
    from archive.browse.datasette_tables import metadata  # noqa: PLC0415  (nothing to do elsewhere)

    return metadata(ours.name)


@hookimpl
def render_cell(value: Any, column: str, table: str | None, database: str, datasette: Any) -> Any:
    """Links to our pages; addresses of the web as words; long texts cut short."""
    if not _is_ours(datasette, database):
        return None
    from archive.browse.datasette_tables import cell  # noqa: PLC0415  (nothing to do elsewhere)

    return cell(datasette.setting("base_url"), value, column, table)


@_datasette.hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: Any, database: str, datasette: Any) -> None:
    """Limits; exact search in the stock search box; functions for SQL: zh_query, zh_snippet.

    Datasette wraps what is typed with its SQL function `escape_fts`; the last one to register
    that name wins.
    """
    if _is_ours(datasette, database):
        from archive.browse.datasette_tables import register  # noqa: PLC0415
        from archive.browse.limits import limit  # noqa: PLC0415  (nothing to do elsewhere)

        register(conn)
        limit(conn)


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """A Content-Security-Policy for the stock pages of our database, which are only read."""

    def wrap(application: Any) -> Any:
        ours = _ours(datasette)
        if ours is None:
            return application
        from archive.browse.policy import guarded  # noqa: PLC0415  (nothing to do elsewhere)

        return guarded(application, [datasette.urls.database(ours.name)])

    return wrap


@hookimpl
def handle_exception(datasette: Any, exception: Exception) -> Any:
    """A sentence, and 400, where an address asks the stock pages for what cannot be."""
    if _ours(datasette) is None:
        return None
    from archive.browse.errors import refusal  # noqa: PLC0415  (nothing to do elsewhere)

    return refusal(exception)


@hookimpl
def extra_css_urls(database: str | None, datasette: Any) -> list[str]:
    """Fonts for Han text and cells that wrap, on the stock pages of our database."""
    if database is None or not _is_ours(datasette, database):
        return []
    from archive.browse.rendering import asset_path  # noqa: PLC0415  (nothing to do elsewhere)

    return [datasette.urls.path(asset_path("stock.css"))]


@hookimpl
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """A way back from the stock pages."""
    if _ours(datasette) is None:
        return []
    return [{"href": datasette.urls.path("/"), "label": "报告档案 · Reports"}]


def _ours(datasette: Any) -> Any:
    from archive.browse.databases import our_database  # noqa: PLC0415  (keeps other uses fast)

    return our_database(datasette)


def _is_ours(datasette: Any, database: str) -> bool:
    ours = _ours(datasette)
    return ours is not None and ours.name == database
