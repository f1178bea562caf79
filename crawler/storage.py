"""Files in S3-compatible storage: `s3://BUCKET/KEY`, configured by the usual AWS_… variables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from archive import StorageError, UsageError
from archive.extras import how_to_install

if TYPE_CHECKING:
    from obstore.store import ClientConfig, RetryConfig, S3Store

MOST_AT_ONCE: Final = 4 << 30
"""Bytes of a file that is sent in one request; S3 takes 5 GiB."""

_PATIENCE: Final[RetryConfig] = {"max_retries": 3, "retry_timeout": timedelta(seconds=30)}


def fetch(address: str, path: Path) -> None:
    """Write the object at an address to the file `path`.

    Raises:
        UsageError: there is none, or the address is malformed.
        StorageError: it cannot be reached, or nobody may read it.
    """
    store, key = _place(address)
    with _plain_errors(address), path.open("wb") as file:
        for chunk in store.get(key):
            file.write(chunk)


def put(path: Path, address: str, *, replace: bool) -> None:
    """Put a file at an address: a reader finds all of it, or what was there before.

    Raises:
        UsageError: something is there already, and `replace` is false; or the address is malformed.
        StorageError: it cannot be reached, or nobody may write to it.
    """
    store, key = _place(address)
    small = path.stat().st_size <= MOST_AT_ONCE
    with _plain_errors(address):
        if replace or not small:
            if not replace:
                _refuse_present(store, key, address)
            store.put(key, path)  # in parts, which become an object together
        else:
            store.put(key, path, mode="create")


def _refuse_present(store: S3Store, key: str, address: str) -> None:
    try:
        store.head(key)
    except FileNotFoundError:
        return
    raise _present(address)


def _present(address: str) -> UsageError:
    return UsageError(f"{address}: exists already; nothing is overwritten without --replace")


def _place(address: str) -> tuple[S3Store, str]:
    """Return the bucket and the key in it."""
    parts = urlsplit(address)
    key = parts.path.strip("/")
    if not parts.netloc or not key or parts.query or parts.fragment or parts.path.endswith("/"):
        raise UsageError(f"{address}: name an object as s3://BUCKET/NAME")
    try:
        from obstore.store import S3Store  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise UsageError(f"{address}: needs obstore: {how_to_install('storage')}") from error
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "")
    options: ClientConfig = {"allow_http": endpoint.startswith("http://")}
    try:
        store = S3Store(parts.netloc, client_options=options, retry_config=_PATIENCE)
    except Exception as error:
        raise UsageError(f"{address}: wrong AWS_… settings: {_first_line(error)}") from error
    return store, key


@contextmanager
def _plain_errors(address: str) -> Iterator[None]:
    from obstore import exceptions  # noqa: PLC0415  (an extra)

    try:
        yield
    except (exceptions.NotFoundError, FileNotFoundError) as error:
        raise UsageError(f"{address}: there is no such object or bucket") from error
    except exceptions.AlreadyExistsError as error:
        raise _present(address) from error
    except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
        raise StorageError(f"{address}: access was denied; check AWS_ACCESS_KEY_ID") from error
    except exceptions.BaseError as error:
        raise StorageError(f"{address}: cannot be reached: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["no reason was given"])[0][:200]
