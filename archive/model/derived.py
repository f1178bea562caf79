"""The combined result of the four stages for a capture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, Literal

from archive.model.identity import Identity, Value
from archive.model.page import Decoding, Flag
from archive.model.spans import Passage, Span, check_partition, kept_words, passages

Verdict = Literal["clean", "suspect", "hijacked"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement of a text: flags, verdicts, completeness, and whose copy it is."""

    verdict: Verdict = "clean"
    page_verdict: Verdict = "clean"
    flags: tuple[Flag, ...] = ()
    completeness: Value | None = None
    officialness: Value | None = None


@dataclass(frozen=True)
class Derivation:
    """The result of the stages for one payload in one context under one ruleset.

    Raises:
        BrokenLawError: the spans are not a partition of `visible`, or a span breaks a law.
    """

    visible: str
    spans: tuple[Span, ...]
    identity: Identity
    flags: tuple[Flag, ...]
    verdict: Verdict
    page_verdict: Verdict
    method: str
    confidence: float
    decoding: Decoding
    medium: str
    shape: str
    ruleset: str
    payload_sha256: str
    context: Mapping[str, Any] = field(default_factory=dict)
    officialness: Value | None = None

    def __post_init__(self) -> None:
        check_partition(self.spans, self.visible)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle with spans as plain tuples, without `text` and `passages`.

        There are hundreds of spans, and pickling a frozen dataclass runs Python for each field of
        each.
        """
        spans = [
            (s.start, s.stop, s.action, s.rule, s.part, s.replacement, s.basis) for s in self.spans
        ]
        others = {
            each.name: getattr(self, each.name) for each in fields(self) if each.name != "spans"
        }
        return _unpickled, (spans, others)

    @cached_property
    def text(self) -> str:
        """The clean text: exactly the kept spans and the replacements, in order."""
        return "".join(kept_words(self.spans, self.visible))

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """The kept paragraphs, in order."""
        return tuple(passages(self.spans, self.visible))

    def as_json(self) -> dict[str, Any]:
        """Return the derivation as printed by `baogao text --json`."""
        return {
            "text": self.text,
            "identity": {
                name: None if value is None else value.as_json()
                for name, value in self.identity.items()
            },
            "flags": [flag.as_json() for flag in self.flags],
            "verdict": self.verdict,
            "page_verdict": self.page_verdict,
            "officialness": None if self.officialness is None else self.officialness.as_json(),
            "method": self.method,
            "confidence": self.confidence,
            "medium": self.medium,
            "shape": self.shape,
            "decoding": {
                "encoding": self.decoding.encoding,
                "how": self.decoding.how,
                "declared_header": self.decoding.declared_header,
                "declared_meta": self.decoding.declared_meta,
                "replaced": self.decoding.replaced,
            },
            "payload_sha256": self.payload_sha256,
            "ruleset": self.ruleset,
            "context": dict(self.context),
            "spans": [span.as_json() for span in self.spans],
            "visible": self.visible,
        }


def _unpickled(spans: list[tuple[Any, ...]], others: dict[str, Any]) -> Derivation:
    return Derivation(**others | {"spans": tuple([Span(*span) for span in spans])})
