"""The address of PostgreSQL (a DSN), which may hold a password: it is never shown or logged."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Final, NoReturn
from urllib.parse import parse_qs, urlsplit

from archive.configuration import current
from archive.errors import UsageError

VARIABLE: Final = "BAOGAO_DSN"

EXAMPLE: Final = "postgresql://USER@HOST:5432/DATABASE"

_SCHEMES: Final = frozenset({"postgresql", "postgres"})


def chosen(given: str | None) -> str:
    """Return the DSN that was given, or else the one of `BAOGAO_DSN` or baogao.toml.

    Raises:
        UsageError: there is none, or it cannot be read. The message does not quote it.
    """
    dsn = given or current()["dsn"]
    if not dsn:
        raise UsageError(
            f"name the PostgreSQL database: as DSN ({EXAMPLE}), {VARIABLE} or dsn in baogao.toml"
        )
    shown(dsn)
    return str(dsn)


def shown(dsn: str) -> str:
    """Return host and database of a DSN for people, without user, password and options.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        parts = urlsplit(dsn)
        port = "" if parts.port is None else f":{parts.port}"
        options = parse_qs(parts.query)
    except ValueError:
        raise _unreadable() from None
    if parts.scheme not in _SCHEMES:
        raise _unreadable()
    host = parts.hostname or (*options.get("host", ()), "this machine")[0]
    named = (*options.get("dbname", ()), *options.get("database", ()), "")
    name = parts.path.strip("/") or named[0]
    return f"{host}{port}/{name}" if name else f"{host}{port}"


def _unreadable() -> UsageError:
    return UsageError(f"the DSN cannot be read; write it like {EXAMPLE} (it is not shown here)")


def holds_password(dsn: str) -> bool:
    """Whether a DSN holds a password."""
    parts = urlsplit(dsn)
    return bool(parts.password) or "password" in parse_qs(parts.query)


def hide_from_ps(dsn: str, arguments: Sequence[str]) -> None:
    """Start this command again with its DSN in the environment, which other users cannot read.

    Does nothing unless the DSN holds a password and is one of `arguments`, those of this process.
    """
    if dsn in arguments and holds_password(dsn):
        _start_again([each for each in arguments if each != dsn], {**os.environ, VARIABLE: dsn})


def _start_again(arguments: list[str], environment: dict[str, str]) -> NoReturn:
    os.execve(  # noqa: S606  (our own interpreter and module)
        sys.executable, [sys.executable, "-m", "crawler", *arguments], environment
    )
