"""How to install an extra, as a command that works where baogao runs."""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]


def how_to_install(extra: str, *, here: Path | None = None) -> str:
    """Return the command that adds an extra to this interpreter.

    In a checkout the extra is that of the checkout. Flags of texts do not name it: they are stored,
    and say the same on each machine.

    Args:
        extra: such as `export`.
        here: the current folder, in which paths may be shortened.
    """
    here = here or Path.cwd()
    if not (_ROOT / "pyproject.toml").is_file():
        return f"{_pip(here)} install {shlex.quote(f'baogao[{extra}]')}"
    where = "." if here == _ROOT else str(_ROOT)
    return f"{_pip(here)} install -e {_quoted(f'{where}[{extra}]')}"


def _pip(here: Path) -> str:
    """Return the pip of this interpreter."""
    python = Path(sys.executable)
    if find_spec("pip") is None:
        return f"pip --python {shlex.quote(str(python))}"
    beside = python.with_name("pip")
    if python.is_relative_to(here) and beside.is_file():
        return shlex.quote(str(beside.relative_to(here)))
    return f"{shlex.quote(str(python))} -m pip"


def _quoted(words: str) -> str:
    return f"'{words}'" if "'" not in words else shlex.quote(words)
