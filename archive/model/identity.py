"""The identity of a text: values with the words that they were read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

Method = Literal["read", "inferred", "weighed", "witness", "decision"]
LEVELS: Final = (
    "national", "province", "prefecture", "county", "functional area", "township"
)  # fmt: skip
"""The levels of a place, highest first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that was considered, with its confidence (0 to 1) and its evidence."""

    value: Any
    confidence: float
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A field of an identity: as found (`raw`, with its position) and as read (`value`).

    `source` is `visible`, `meta:NAME`, `title`, `jsonld:NAME`, `frontmatter:NAME`, `claim:NAME`,
    `url`, `header`, `filename` or `witness:SHA`; only `visible` has `start` and `stop`. `method` is
    `read` if words state the value, `inferred` if it follows from what they state, and `weighed` if
    only the names in the text support it.
    """

    value: Any
    raw: str
    source: str
    method: Method
    confidence: float
    start: int | None = None
    stop: int | None = None
    candidates: tuple[Candidate, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the field as in `baogao text --json`."""
        shown: dict[str, Any] = {"value": self.value, "raw": self.raw, "source": self.source}
        if self.start is not None:
            shown |= {"start": self.start, "stop": self.stop}
        shown |= {"method": self.method, "confidence": self.confidence}
        if self.candidates:
            shown["candidates"] = [
                {"value": c.value, "confidence": c.confidence, "evidence": c.evidence}
                for c in self.candidates
            ]
        return shown


Identity = Mapping[str, Value | None]
