"""The items that spiders pass to the pipelines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from archive import Capture
from crawler.recorder import Ticket


@dataclass(frozen=True, slots=True)
class Article:
    """A captured page that may hold a report or part of one.

    `meta` belongs to its request; a failed derivation stores its outcome there for the frontier.
    """

    ticket: Ticket
    capture: Capture
    meta: dict[str, Any] = field(default_factory=dict, repr=False)
