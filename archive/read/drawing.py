"""Reads a page once more to show it: its elements in order, and where each text went.

The page is parsed exactly as `read` parses it, by the same walker, so every text of the page is
known by its place in the visible text. White space, which the walker normalises, is not counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from archive.known import Knowledge
from archive.model import Capture
from archive.read import media
from archive.read.containers import known_names
from archive.read.decoding import decode
from archive.read.documents.mhtml import html_parts
from archive.read.escapes import escaped_once
from archive.read.parsing import parse, walked_source
from archive.read.walking import TooManyLinesError, Walker, typed_lines, walked


@dataclass(frozen=True, slots=True)
class Opened:
    """The start tag of an element."""

    tag: str
    attributes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Closed:
    """The end tag of an element."""

    tag: str


@dataclass(slots=True)
class Words:
    """Characters between tags.

    `at` is the place of the first one among the characters of the visible text that are not white
    space; None if they are in no line.
    """

    text: str
    at: int | None = None


Event = Opened | Closed | Words


@dataclass(frozen=True, slots=True)
class Drawing:
    """A page in the order of its source; `solid` is its visible text without white space."""

    events: tuple[Event, ...]
    solid: str


def drawings(capture: Capture, knowledge: Knowledge) -> Iterator[Drawing]:
    """Yield the drawing of a page; for MHTML that of each part, for other files none."""
    payload = capture.payload or b""
    medium = media.sniff(payload)
    if medium == "mhtml":
        for part in html_parts(payload):
            yield from _drawing(part.payload or b"", part.content_type, knowledge)
    elif medium is None:
        yield from _drawing(payload, capture.header("Content-Type"), knowledge)


def _drawing(payload: bytes, content_type: str | None, knowledge: Knowledge) -> Iterator[Drawing]:
    text, _ = decode(payload, content_type)
    blocks = known_names(knowledge)
    try:
        source = walked_source(parse(escaped_once(text).text, blocks))
        walker = _Drawer(blocks)
        walked(source, walker)
    except TooManyLinesError:
        return
    yield Drawing(tuple(walker.events), walker.placed())


class _Drawer(Walker):
    """A walker that remembers the elements, and from which texts each line was made."""

    def __init__(self, blocks: Iterable[str]) -> None:
        super().__init__(blocks)
        self.events: list[Event] = []
        self._order: list[Words] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Note the start tag."""
        super().start(tag, attributes)
        self.events.append(Opened(tag, dict(attributes)))

    def end(self, tag: str) -> None:
        """Note the end tag."""
        super().end(tag)
        self.events.append(Closed(tag))

    def data(self, text: str) -> None:
        """Note a text, in pieces where it has lines of its own."""
        if self.silent:
            super().data(text)
            return
        if self.typed and ("\n" in text or "\r" in text):
            for piece in typed_lines(text):
                if piece is None:
                    self.flush()
                    self.events.append(Words("\n"))
                else:
                    self.data(piece)
            return
        words = Words(text)
        self.events.append(words)
        super().data(_Part(text, words))

    def flush(self) -> None:
        """End the line; its texts follow those of the lines before."""
        self._order += [part.words for part in self.parts if isinstance(part, _Part)]
        super().flush()

    def _title(self, text: str) -> None:
        is_second = bool(self.made.title)
        super()._title(text)
        if is_second:
            self._order.append(Words(text))

    def placed(self) -> str:
        """Set the place of each text that is in a line; returns the visible text's solid words."""
        texts = []
        at = 0
        for words in self._order:
            words.at = at
            texts.append("".join(words.text.split()))
            at += len(texts[-1])
        return "".join(texts)


class _Part(str):
    """A text that knows what it is called among the events."""

    __slots__ = ("words",)

    words: Words

    def __new__(cls, text: str, words: Words) -> Self:
        """Return `text`, made of `words`."""
        made = super().__new__(cls, text)
        made.words = words
        return made
