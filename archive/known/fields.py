"""The fields of an identity, which are declared in `lexica/fields.toml`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, cast

from archive.errors import DataFileError
from archive.known.lexica import load_lexicon

_SHIPPED: Final = Path(__file__).parent / "lexica" / "fields.toml"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of an identity; `lexica/fields.toml` explains its attributes."""

    label: tuple[str, str]
    number: bool = False
    of_page: bool = False
    of_work: bool = False
    inherited: bool = False
    meaning: str = ""
    after: str = ""


@lru_cache(maxsize=1)
def fields() -> Mapping[str, Field]:
    """Return every field of an identity by name, in display order.

    Raises:
        DataFileError: a field has an unknown key, or no label.
    """
    declared = cast("dict[str, dict[str, Any]]", load_lexicon(_SHIPPED))
    return {name: _field(name, **facts) for name, facts in declared.items()}


def named(wanted: Callable[[Field], bool]) -> tuple[str, ...]:
    """Return the names of the fields for which `wanted` returns True, in display order."""
    return tuple(name for name, field in fields().items() if wanted(field))


def _field(name: str, **facts: Any) -> Field:
    try:
        return Field(**facts)
    except TypeError as error:
        raise DataFileError(f"{_SHIPPED}: {name}: {error}") from error
