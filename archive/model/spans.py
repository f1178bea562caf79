"""Spans: what is kept, dropped and replaced of a visible text, and the resulting passages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from archive.errors import BrokenLawError

if TYPE_CHECKING:
    from archive.model.page import Flag

Action = Literal["keep", "drop", "replace"]
Part = Literal["front", "body", "appendix"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
MANY_REPORTS: Final = "compilation"
"""The shape (`Cleaning.shape`) of a page that holds several reports, or pieces of them."""

SHAPES_WITHOUT_TEXT: Final = frozenset({"index", "challenge", "error", "login"})
"""Shapes (`Cleaning.shape`) of pages without a report or any part of one."""


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of the visible text with its fate and the rule that decided it."""

    start: int
    stop: int
    action: Action
    rule: str
    part: Part | None = None
    replacement: str | None = None
    basis: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the span as in `baogao text --json`."""
        shown: dict[str, Any] = {
            "start": self.start, "stop": self.stop, "action": self.action,
            "rule": self.rule, "part": self.part,
        }  # fmt: skip
        if self.replacement is not None:
            shown["replacement"] = self.replacement
        if self.basis is not None:
            shown["basis"] = self.basis
        return shown


@dataclass(frozen=True, slots=True)
class Cleaning:
    """The result of cleaning: a partition of the visible text, the page's shape, and flags.

    `shape` is `report`, `piece`, `compilation`, `index`, `challenge`, `error`, `login` or
    `unknown`.
    """

    spans: tuple[Span, ...]
    shape: str = "unknown"
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """One kept paragraph of a clean text; `start` and `stop` are offsets in `visible`."""

    part: Part
    start: int
    stop: int
    text: str


def check_partition(spans: Sequence[Span], visible: str) -> None:
    """Check that `spans` cover `visible` without gap or overlap, each with a rule (law 3).

    Raises:
        BrokenLawError: they do not, or a replacement has the wrong action.
    """
    reached = 0
    for span in spans:
        if span.start != reached or span.stop <= span.start:
            raise BrokenLawError(
                f"spans are no partition: {span.start}–{span.stop} follows {reached}"
            )
        if not span.rule:
            raise BrokenLawError(f"span {span.start}–{span.stop} names no rule")
        if (span.action == "replace") != (span.replacement is not None):
            raise BrokenLawError(f"span {span.start}–{span.stop} has a stray replacement")
        if (span.action == "drop") != (span.part is None):
            raise BrokenLawError(f"span {span.start}–{span.stop}: a kept span has a part")
        reached = span.stop
    if reached != len(visible):
        raise BrokenLawError(f"spans end at {reached}, the text at {len(visible)}")


def kept_words(spans: Sequence[Span], visible: str) -> Iterator[str]:
    """Yield the kept words and replacements of `spans`, in order."""
    for span in spans:
        if span.action == "keep":
            yield visible[span.start : span.stop]
        elif span.action == "replace":
            yield span.replacement or ""


def passages(spans: Sequence[Span], visible: str) -> Iterator[Passage]:
    """Split the kept words at line terminators; passages of white space only are left out."""
    words: list[str] = []
    start = stop = 0
    part: Part = "body"
    for span in spans:
        if span.action == "drop":
            continue
        piece = visible[span.start : span.stop] if span.action == "keep" else span.replacement or ""
        if not words:
            start, part = span.start, span.part or "body"
        words.append(piece)
        stop = span.stop
        if piece.endswith(("\n", "\r")):
            if text := "".join(words).strip():
                yield Passage(part, start, stop, text)
            words = []
    if text := "".join(words).strip():
        yield Passage(part, start, stop, text)
