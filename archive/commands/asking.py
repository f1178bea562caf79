"""Resolves which report a user names: one name may match two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from archive.errors import UsageError

if TYPE_CHECKING:
    from archive.store.together import Readable


class _Kind(click.ParamType[str]):
    """A kind of document with reports in the archive; the list is read on demand."""

    name = "kind"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from archive.known.kinds import kinds_with_works

        if value not in kinds_with_works():
            self.fail(f"{value!r} is not one of {', '.join(kinds_with_works())}", param, ctx)
        return str(value)

    def get_metavar(self, *_: Any, **__: Any) -> str:
        from archive.known.kinds import kinds_with_works

        return f"[{'|'.join(kinds_with_works())}]"


class _Place(click.ParamType[str]):
    """A division, given by its code or by its name, such as 鞍山 or 辽宁省鞍山市; its code."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from archive.catalogue.naming import divisions_called, place_name

        words = str(value)
        if words.isdigit():
            return words
        found = [division.code for division in divisions_called(words)]
        if not found:
            self.fail(f"no division is called {words}; give its name or its code", param, ctx)
        if len(found) > 1:
            several = "; ".join(f"{code} {place_name(code)}" for code in found)
            self.fail(f"{words} may be {len(found)} divisions: {several}", param, ctx)
        return found[0]


KIND: Final = _Kind()

kind_option = click.option(
    "--kind", type=KIND, default="政府工作报告", show_default=True, help="The kind of document.",
)  # fmt: skip

place_option = click.option(
    "--place", metavar="PLACE", type=_Place(),
    help="A division with its subdivisions: code or name, such as 鞍山.",
)  # fmt: skip

works_option = click.option(
    "--work", "works", multiple=True, metavar="WORK",
    help="Only this report, by its name in `baogao works`; repeatable.",
)  # fmt: skip


def asked_works(archives: Readable, db: str, asked: Sequence[str]) -> tuple[str, ...]:
    """Resolve names of works, each to exactly one.

    Raises:
        UsageError: a name matches none, or several.
    """
    return tuple(asked_work(archives, db, each) for each in asked)


def asked_work(archives: Readable, db: str, asked: str) -> str:
    """Resolve `asked`, such as 210300-2023 or 鞍山2023, to the name of one work.

    Raises:
        UsageError: there is none in `db`, or there are several; the message names what there is.
    """
    from archive.catalogue.naming import find_reports, in_words
    from archive.store.together import several

    found = [find_reports(connection, asked) for connection in several(archives).values()]
    works = {work.name: work for each in found for work in each.works}
    if not works:
        raise UsageError(f"{db}: {found[0].instead}; list them with: baogao works {db}")
    if len(works) > 1:
        some = list(works.values())
        raise UsageError(f"{asked} matches {len(some)} reports; choose one: {in_words(some)}")
    return next(iter(works))
