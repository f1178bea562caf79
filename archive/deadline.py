"""How long the work on one page or file may take."""

from typing import Final

DEADLINE_S: Final = 60.0
"""Processor seconds that an answer may take; no page of the practice web takes one."""

PATIENCE: Final = 10
"""Factor of the deadline that an answer may take by the clock."""
