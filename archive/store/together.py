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


def by_place(place_key: str, year: int | None, *rest: Any) -> tuple[Any, ...]:
    """Return what reports are sorted by as the store sorts them: one of no year comes first."""
    return place_key, year is not None, year or 0, *rest


Held = tuple[str | None, str, str | None, int]
"""Name of a report, the archive that has it, the key of its place, the number of its copies."""


def chosen(
    found: Iterable[Iterable[Thing]],
    order: Callable[[Thing], Any],
    held: Callable[[Thing], Held],
) -> Iterator[Thing]:
    """Yield what several archives hold, in order; a report that several of them have, once.

    It is taken from the archive of its province, otherwise from the one with most copies. A page
    with reports of two provinces is in the archives of both, but the rest of a report may be on
    pages that are only in that of its own province.

    Args:
        found: what each archive holds, in order.
        order: the order; things with the same name must be neighbours in it.
        held: what is known of a thing; its name is None if it is no report.
    """

    def worth(thing: Thing) -> tuple[bool, int]:
        _, archive, place_key, copies = held(thing)
        return archive == f"{(place_key or '')[:2]}.db", copies

    for name, same in groupby(merge(*found, key=order), key=lambda thing: held(thing)[0]):
        if name is None:
            yield from same
        else:
            yield max(same, key=worth)  # the first of equals
