"""Resolves which report a user names: one name may match two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from archive.errors import UsageError

if TYPE_CHECKING:
    from archive.store import Archive


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


KIND: Final = _Kind()

kind_option = click.option(
    "--kind", type=KIND, default="政府工作报告", show_default=True, help="The kind of document.",
)  # fmt: skip

works_option = click.option(
    "--work", "works", multiple=True, metavar="WORK",
    help="Only this report, by its name in `baogao works`; repeatable.",
)  # fmt: skip


def asked_works(archive: Archive, db: str, asked: Sequence[str]) -> tuple[str, ...]:
    """Resolve names of works, each to exactly one.

    Raises:
        UsageError: a name matches none, or several.
    """
    return tuple(asked_work(archive, db, each) for each in asked)


def asked_work(archive: Archive, db: str, asked: str) -> str:
    """Resolve `asked` to the name of one work.

    Raises:
        UsageError: there is none in `db`, or there are several; the message names them.
    """
    found = archive.named(asked)
    if not found:
        raise UsageError(f"{db}: holds no work {asked}; list them with: baogao works {db}")
    if len(found) > 1:
        names = "; ".join(map(str, found))
        raise UsageError(f"{asked} matches {len(found)} reports; choose one: {names}")
    return found[0].name
