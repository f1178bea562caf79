"""Options that name what the user trusts when time-stamps are checked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from archive.console import configured

if TYPE_CHECKING:
    from archive.store.stamps import Trust

Command = TypeVar("Command", bound=Callable[..., Any])


def trust_options(command: Command) -> Command:
    """Add `--tsa-root` and `--block-header`, which `trust_of` takes."""
    header = click.option(
        "--block-header", "headers", metavar="HEX|FILE", multiple=True,
        help="Check OpenTimestamps proofs against this header of a Bitcoin block, or those of"
        " a file; repeatable.",
    )  # fmt: skip
    root = click.option(
        "--tsa-root", "roots", metavar="FILE", default=configured("tsa_root"),
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="Check RFC 3161 time-stamps against the root certificates in this PEM file.",
    )  # fmt: skip
    return root(header(command))


def trust_of(roots: Path | None, headers: tuple[str, ...]) -> Trust:
    """Return what the options name.

    Raises:
        UsageError: a block header is neither given nor in the file.
    """
    from archive.open_timestamps import block_headers
    from archive.store.stamps import Trust

    return Trust(roots, tuple(one for given in headers for one in block_headers(given)))
