"""What a spider hands to the pipelines."""

from __future__ import annotations

from dataclasses import dataclass

from archive import Capture
from crawler.recorder import Ticket


@dataclass(frozen=True, slots=True)
class Article:
    """A captured page that may hold a report or a piece of one."""

    ticket: Ticket
    capture: Capture
