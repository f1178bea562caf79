"""Word lists as TOML files."""

from __future__ import annotations

import tomllib
from pathlib import Path

from archive.errors import DataFileError


def load_lexicon(path: Path) -> dict[str, object]:
    """Parse the lexicon at `path`.

    Raises:
        DataFileError: the file is missing or is not valid TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataFileError(f"{path}: {error}") from error
