"""A page: the whole visible text of a payload, its lines, and flags for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

BorderKind = Literal["title", "salutation", "toc"]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How bytes became characters; `replaced` counts the U+FFFD inserted by decoding."""

    encoding: str
    how: str
    declared_header: str | None = None
    declared_meta: str | None = None
    replaced: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """One line of the visible text: `visible[start:stop]`, without its line terminator.

    `tag` is the element that made it a line (`p`, `td`, `h1` …; `line` in a text file).
    `link_chars` counts the characters inside links. `main` means that the block is in the main
    part, `hidden` that the page does not show it.
    """

    start: int
    stop: int
    tag: str = "line"
    link_chars: int = 0
    hidden: bool = False
    main: bool = True


@dataclass(frozen=True, slots=True)
class Meta:
    """Something a page says about itself outside its visible text.

    `source` is `meta:NAME`, `title`, `jsonld:NAME`, `frontmatter:NAME`, `comment`, `url`, `header`
    or `filename`.
    """

    source: str
    value: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something a person should know, with the words that show it; it changes nothing."""

    kind: str
    start: int
    stop: int
    words: str
    evidence: str
    proposals: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the flag as in `baogao text --json`."""
        shown: dict[str, Any] = {
            "kind": self.kind, "start": self.start, "stop": self.stop,
            "words": self.words, "evidence": self.evidence,
        }  # fmt: skip
        if self.proposals:
            shown["proposals"] = list(self.proposals)
        return shown


@dataclass(frozen=True, slots=True)
class Border:
    """A line at which a report may begin: `line` is its index in `Page.blocks`."""

    line: int
    kind: BorderKind


@dataclass(frozen=True, slots=True)
class Page:
    """The result of reading a payload: the whole visible text, its lines and its main part.

    `blocks` has one entry for each line of `visible`, in order, including blank lines; the
    characters between two blocks are the line terminator. `medium` is `html`, `text`, `pdf` ….
    """

    visible: str
    blocks: tuple[Block, ...]
    decoding: Decoding
    medium: str
    metas: tuple[Meta, ...] = ()
    flags: tuple[Flag, ...] = ()
    method: str = "whole"
    confidence: float = 1.0
    borders: tuple[Border, ...] = ()

    def words(self, block: Block) -> str:
        """Return the characters of `block`."""
        return self.visible[block.start : block.stop]

    def line_stop(self, index: int) -> int:
        """Return where line `index` ends with its terminator: the start of the next line."""
        following = index + 1
        return self.blocks[following].start if following < len(self.blocks) else len(self.visible)
