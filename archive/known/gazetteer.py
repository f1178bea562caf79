"""The divisions of the country as data (stub: the gazetteer fills it)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Gazetteer:
    """The divisions."""

    folder: Path


def load_gazetteer(folder: Path) -> Gazetteer:
    """The gazetteer in `folder`."""
    return Gazetteer(folder)
