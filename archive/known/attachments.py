"""Types of attachments: declared only in `lexica/attachments.toml`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from archive.known.lexica import load_lexicon

PICTURE: Final = "image"
_SHIPPED: Final = Path(__file__).parent / "lexica" / "attachments.toml"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A type of document that pages attach; `lexica/attachments.toml` explains the fields."""

    endings: tuple[str, ...]
    begins: tuple[bytes, ...]
    member: str | None
    pictures: bool
    laid_out: bool


@lru_cache(maxsize=1)
def attachments() -> Mapping[str, Attachment]:
    """Return every type of attachment by its medium."""
    declared = cast("dict[str, dict[str, Any]]", load_lexicon(_SHIPPED))
    return {medium: _attachment(**facts) for medium, facts in declared.items()}


def document_endings() -> tuple[str, ...]:
    """Return the extensions of all attachments except pictures, without dots."""
    return tuple(
        ending
        for medium, attachment in attachments().items()
        if medium != PICTURE
        for ending in attachment.endings
    )


def _attachment(
    endings: Sequence[str] = (),
    begins: Sequence[str] = (),
    member: str | None = None,
    *,
    pictures: bool = False,
    laid_out: bool = False,
) -> Attachment:
    magic = tuple(words.encode("latin-1") for words in begins)
    return Attachment(tuple(endings), magic, member, pictures, laid_out)
