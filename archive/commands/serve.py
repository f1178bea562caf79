"""`baogao serve`: the archive in Datasette, on this machine only, read-only."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

import click

from archive.console import Console, quiet_option
from archive.errors import UsageError

if TYPE_CHECKING:
    import socket

HOST: Final = "127.0.0.1"
LOCAL: Final = (HOST, "localhost")
_HOST: Final = re.compile(r"[0-9A-Za-z_]([0-9A-Za-z_.-]*[0-9A-Za-z_])?|\[?[0-9A-Fa-f:.]+\]?")
LAST_PORT: Final = 65_535


@click.command()
@click.argument("db", type=click.Path(dir_okay=False))
@click.option("--port", type=click.IntRange(0, LAST_PORT), default=8001, show_default=True,
              help="Port on 127.0.0.1; 0 chooses a free one.")  # fmt: skip
@click.option(
    "--allow-host", "allowed", multiple=True, metavar="NAME",
    help="Also answer to this host name, for example behind a proxy; repeatable.",
)  # fmt: skip
@click.option("--sql", is_flag=True, help="Run SQL that is typed in the browser, too.")
@click.option(
    "--public",
    is_flag=True,
    help="Serve a public copy behind a proxy; refuses --sql.",
)
@click.option("--open", "open_browser", is_flag=True, help="Also open the browser.")
@quiet_option
def serve(
    db: str,
    port: int,
    *,
    allowed: tuple[str, ...],
    sql: bool,
    public: bool,
    open_browser: bool,
    quiet: bool,
) -> None:
    """Browse DB in Datasette on 127.0.0.1, read-only, until Ctrl-C.

    \b
    Only requests for 127.0.0.1, localhost and the names given with --allow-host are answered.
    Example: baogao serve reports.db --open
    """
    if find_spec("datasette") is None:
        raise UsageError("this command needs datasette: pip install 'baogao[serve]'")
    if sql and public:
        raise UsageError("--public does not allow SQL from visitors: omit --sql")
    _check(db, public=public)
    app = application(db, public=public, sql=sql, allowed=[_host(name) for name in allowed])
    with _listen(port) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}/"
        Console(quiet=quiet).say(f"{db} is at {address}   (Ctrl-C stops)")
        if open_browser:
            import webbrowser

            webbrowser.open(address)
        _run(app, listener)


def application(
    db: str, *, public: bool = False, sql: bool = False, allowed: Iterable[str] = ()
) -> Any:
    """Return the ASGI application that serves `db` to this machine, or to allowed host names."""
    from archive.browse.serving import guarded_application

    return guarded_application(db, [*LOCAL, *allowed], public=public, sql=sql)


def _host(name: str) -> str:
    """Normalise a host name as in a request.

    Raises:
        UsageError: it is invalid.
    """
    if not _HOST.fullmatch(name):
        raise UsageError(f"--allow-host {name!r}: name a host without scheme, port or path")
    return name


def _check(db: str, *, public: bool) -> None:
    """Check that this version can read the archive `db`, and that a public one is a public copy.

    Raises:
        UsageError: it contains what a public copy leaves out.
    """
    from archive.store import Archive

    with Archive.open(db, read_only=True) as archive:
        if public and not archive.is_public_copy:
            raise UsageError(
                f"{db}: is not a public copy: it has payloads, request headers, paths and"
                f" arguments; make one with: baogao backup {db} NEW --public"
            )


def _listen(port: int) -> socket.socket:
    import socket

    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if os.name != "nt":  # there, the option would let two servers share a port
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

    from archive.browse.serving import MOST_CONNECTIONS, ImpatientProtocol

    server = uvicorn.Server(
        uvicorn.Config(
            app, log_level="warning", lifespan="on", http=ImpatientProtocol,
            limit_concurrency=MOST_CONNECTIONS,
        )
    )  # fmt: skip
    try:
        server.run(sockets=[listener])
    except KeyboardInterrupt:
        return  # Ctrl-C is how a reader stops the server
