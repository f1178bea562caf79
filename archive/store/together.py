"""Archives that are read as one: what a function that reads several of them needs."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import merge
from itertools import groupby
from typing import Any, TypeVar

Connections = Mapping[str, sqlite3.Connection]
"""Connections of archives by the names of their files; that of a single one is named ''."""

Readable = sqlite3.Connection | Connections
"""One archive, or several that are read as one."""

Thing = TypeVar("Thing")


def several(archives: Readable) -> Connections:
    """Return connections by name, also of a single archive."""
    return {"": archives} if isinstance(archives, sqlite3.Connection) else archives


def chosen(
    found: Iterable[Iterable[Thing]],
    order: Callable[[Thing], Any],
    name: Callable[[Thing], str | None],
    worth: Callable[[Thing], Any],
) -> Iterator[Thing]:
    """Yield what several archives hold, in order; a report that several of them have, once.

    Args:
        found: what each archive holds, in order.
        order: the order; things with the same name must be neighbours in it.
        name: the name of the report; None if it has none.
        worth: what is greatest for the one to choose, such as `worth_of`.
    """
    for called, same in groupby(merge(*found, key=order), key=name):
        if called is None:
            yield from same
        else:
            yield max(same, key=worth)  # the first of equals


def worth_of(archive: str, place_key: str | None, copies: int) -> tuple[bool, int]:
    """Return how good a report of an archive is: best in that of its province, then by copies.

    A page with reports of two provinces is in the archives of both, but the rest of a report may be
    on pages that are only in that of its own province.
    """
    return archive == f"{(place_key or '')[:2]}.db", copies
