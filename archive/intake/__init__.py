"""Turns files that people already have into captures; containers are opened first (law 5)."""

from archive.intake.gathering import SUFFIXES, Gathered, gather
from archive.intake.opening import (
    TASK,
    all_pieces,
    captures_of,
    is_container,
    may_hold_members,
    open_package,
)
from archive.intake.source import Columns, PassedOver, Table

__all__ = [
    "SUFFIXES",
    "TASK",
    "Columns",
    "Gathered",
    "PassedOver",
    "Table",
    "all_pieces",
    "captures_of",
    "gather",
    "is_container",
    "may_hold_members",
    "open_package",
]
