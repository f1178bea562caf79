"""`baogao serve`: the archive in Datasette, on this machine only, read-only."""

from __future__ import annotations

import os
import socket
import webbrowser
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import click

from archive.console import Story, quiet_option
from archive.errors import UsageError

HOST: Final = "127.0.0.1"
LAST_PORT: Final = 65_535
SETTINGS: Final = {
    "allow_download": False,
    "default_facet_size": 40,  # all provinces in one facet
    "default_page_size": 50,
    "sql_time_limit_ms": 3_000,
    "truncate_cells_html": 200,
}

PUBLIC: Final = {"default_allow_sql": False, "allow_csv_stream": False, "suggest_facets": False}
"""What strangers do not need: SQL of their own and whole tables; saved queries stay."""


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option("--port", type=click.IntRange(0, LAST_PORT), default=8001, show_default=True,
              help="The port on 127.0.0.1; 0 takes any free one.")  # fmt: skip
@click.option(
    "--public",
    is_flag=True,
    help="For a copy that no crawl writes to, behind a proxy: no SQL but saved queries.",
)
@click.option("--open", "open_browser", is_flag=True, help="Open the browser too.")
@quiet_option
def serve(db: str, port: int, *, public: bool, open_browser: bool, quiet: bool) -> None:
    """Browse DB in Datasette on 127.0.0.1, read-only, until Ctrl-C.

    \b
    Example: baogao serve reports.db --open
    """
    if find_spec("datasette") is None:
        raise UsageError("this command needs datasette: pip install 'baogao[serve]'")
    _check(db)
    with _listen(port) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}/"
        Story(quiet=quiet).say(f"{db} is at {address}   (Ctrl-C stops)")
        if open_browser:
            webbrowser.open(address)
        _run(application(db, public=public), listener)


def application(db: str, *, public: bool = False) -> Any:
    """The ASGI application that shows `db`; a public one takes the file as unchanging."""
    from datasette.app import Datasette

    place = Path(db).absolute()
    # a WAL database cannot be read where its -shm file cannot be made; nobody writes there
    frozen = public or not os.access(place.parent, os.W_OK)
    datasette = Datasette(
        [] if frozen else [str(place)],
        immutables=[str(place)] if frozen else [],
        settings={**SETTINGS, **(PUBLIC if public else {})},
    )
    return datasette.app()


def _check(db: str) -> None:
    """See that `db` is an archive that this version can read."""
    from archive.store import Archive

    Archive.open(db, read_only=True).close()


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":  # there the option would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise UsageError(
            f"port {port} cannot be used ({error.strerror}); choose another one: --port {port + 1}"
        ) from error
    return listener


def _run(app: Any, listener: socket.socket) -> None:
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return  # Ctrl-C is how a reader says that this is enough
