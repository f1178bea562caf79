"""Word lists as TOML files."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from archive.errors import DataFileError


@lru_cache(maxsize=128)
def parsed(words: str) -> dict[str, Any]:
    """Parse TOML, equal words once: the digest of knowledge says what its users have parsed.

    The result is shared, so it must not be changed.

    Raises:
        tomllib.TOMLDecodeError: it is not valid.
    """
    return tomllib.loads(words)


def load_lexicon(path: Path) -> dict[str, object]:
    """Parse the lexicon at `path`.

    Raises:
        DataFileError: the file is missing or is not valid TOML.
    """
    try:
        return parsed(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataFileError(f"{path}: {error}") from error
