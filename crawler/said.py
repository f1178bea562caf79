"""The settings of `baogao.toml` for commands of Scrapy, which do not read them by themselves."""

from __future__ import annotations

import sys

from archive import BaogaoError
from archive.configuration import Configuration, current


def what_the_operator_said() -> Configuration:
    """Return the settings of the running command, or those of the current folder.

    Raises:
        SystemExit: they cannot be read; a traceback of Scrapy would hide the sentence.
    """
    try:
        return current()
    except BaogaoError as error:
        sys.stderr.write(f"Error: {error}\n")
        raise SystemExit(error.exit_code) from error
