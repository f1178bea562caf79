"""`baogao serve`: the archive in Datasette, on this machine only, read-only."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import click

from archive.console import Console, configured, quiet_option
from archive.errors import UsageError
from archive.extras import how_to_install

if TYPE_CHECKING:
    import socket

HOST: Final = "127.0.0.1"
LOCAL: Final = (HOST, "localhost")
_HOST: Final = re.compile(r"[0-9A-Za-z_]([0-9A-Za-z_.-]*[0-9A-Za-z_])?|\[?[0-9A-Fa-f:.]+\]?")
LAST_PORT: Final = 65_535


@click.command()
@click.argument("db", type=click.Path())
@click.option("--host", default=configured("serve.host"), metavar="ADDRESS",
              help="Address to listen on, 127.0.0.1 unless set; others need --public.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, LAST_PORT), default=configured("serve.port"),
              help="Port to listen on, by default 8001; 0 chooses a free one.")  # fmt: skip
@click.option("--base-url", default=configured("serve.base_url"), metavar="URL",
              help="Where visitors find the server, behind a proxy.")  # fmt: skip
@click.option(
    "--allow-host", "allowed", multiple=True, metavar="NAME",
    default=configured("serve.allow_hosts"),
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
    host: str,
    port: int,
    *,
    base_url: str | None,
    allowed: tuple[str, ...],
    sql: bool,
    public: bool,
    open_browser: bool,
    quiet: bool,
) -> None:
    """Browse DB in Datasette on 127.0.0.1, read-only, until Ctrl-C.

    \b
    DB may be a folder of archives: one page shows all of them, and one search finds in all.
    Only requests for 127.0.0.1, localhost, the host of --base-url and the names given with
    --allow-host are answered. Behind a proxy see docs/operating.md.
    Example: baogao serve reports.db --open
    """
    if find_spec("datasette") is None:
        raise UsageError(f"this command needs datasette: {how_to_install('serve')}")
    if sql and public:
        raise UsageError("--public does not allow SQL from visitors: omit --sql")
    if not public and not _is_loopback(host):
        raise UsageError(
            f"--host {host}: only a public copy is served to other machines: make one with"
            f" baogao backup {db} NEW --public, and serve it with --public"
        )
    _check(db, public=public)
    app = application(
        db,
        public=public,
        sql=sql,
        allowed=[_host(name) for name in allowed],
        base_url=_url(base_url or ""),
    )
    with _listen(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        address = f"http://{shown}:{listener.getsockname()[1]}/"
        Console(quiet=quiet).say(f"{db} is at {address}   (Ctrl-C stops)")
        if open_browser:
            import webbrowser

            webbrowser.open(address)
        _run(app, listener)


def application(
    db: str,
    *,
    public: bool = False,
    sql: bool = False,
    allowed: Iterable[str] = (),
    base_url: str = "",
) -> Any:
    """Return the ASGI application that serves `db` to this machine, or to allowed host names."""
    from archive.browse.folder import folder_application
    from archive.browse.serving import guarded_application

    hosts = [*LOCAL, *allowed]
    if Path(db).is_dir():
        return folder_application(Path(db), hosts, public=public, sql=sql, base_url=base_url)
    return guarded_application(db, hosts, public=public, sql=sql, base_url=base_url)


def _host(name: str) -> str:
    """Normalise a host name as in a request.

    Raises:
        UsageError: it is invalid.
    """
    if not _HOST.fullmatch(name):
        raise UsageError(f"--allow-host {name!r}: name a host without scheme, port or path")
    return name


def _url(base_url: str) -> str:
    """Check a base URL; "" is none.

    Raises:
        UsageError: it is not a URL of a folder.
    """
    from archive.configuration import fault_of_url

    if fault_of_url(base_url) or urlsplit(base_url).query or urlsplit(base_url).fragment:
        raise UsageError(f"--base-url {base_url!r}: not an http or https URL of a folder")
    return base_url


def _is_loopback(host: str) -> bool:
    """Whether an address is this machine's alone."""
    from ipaddress import ip_address

    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _check(db: str, *, public: bool) -> None:
    """Check that this version can read the archive `db`, and that a public one is a public copy.

    Raises:
        UsageError: it contains what a public copy leaves out.
    """
    from archive.store.collection import opened

    with opened(db) as collection:
        for archive in collection.archives.values():
            if public and not archive.is_public_copy:
                raise UsageError(
                    f"{archive.path}: is not a public copy: it has payloads, request headers, paths"
                    f" and arguments; make one with: baogao backup {archive.path} NEW --public"
                )


def _listen(host: str, port: int) -> socket.socket:
    import socket

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name != "nt":  # there, the option would let two servers share a port
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise UsageError(f"--host {host}: not an address of this machine") from error
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
