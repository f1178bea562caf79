r"""Words from anywhere, made harmless for a terminal.

Names of files, titles and texts may hold characters that a terminal obeys (it writes the
clipboard, changes its title, moves the cursor back over what stood there), or that are not seen
and turn the order of others. They are shown by their code, as JSON writes them: `\u001b`.
"""

from __future__ import annotations

import logging
import re
import sys
from codecs import getincrementaldecoder
from collections.abc import Iterable
from typing import Any, Final

_UNSEEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001"
    "\U000e0020-\U000e007f]"
)
"""Controls, formats (bidirectional ones among them), line and paragraph separators, surrogates."""

_LAST_OF_FOUR_DIGITS: Final = 0xFFFF


def visible(words: str, kept: str = "\n\t") -> str:
    r"""`words` with a code in the place of each character that is no printed one.

    Args:
        words: any text.
        kept: characters that stay as they are; in a cell of a table none may.

    Example:
        >>> print(visible("a\x1b[2Jb\u202ec"))
        a\u001b[2Jb\u202ec
    """
    return _UNSEEN.sub(lambda found: found[0] if found[0] in kept else _code(found[0]), words)


def _code(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= _LAST_OF_FOUR_DIGITS else f"\\U{number:08x}"


class VisibleStream:
    """A text stream that writes to another one what can be seen; `within` is that one."""

    def __init__(self, within: Any) -> None:
        self.within = within

    def write(self, words: str) -> int:
        """Write `words`, visibly."""
        self.within.write(visible(words))
        return len(words)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of `lines`."""
        for line in lines:
            self.write(line)

    @property
    def buffer(self) -> Any:
        """The same for bytes of UTF-8."""
        return _VisibleBuffer(self.within.buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.within, name)


class _VisibleBuffer:
    """Takes bytes of UTF-8 for a `VisibleStream`; what is none is shown by its code as well."""

    def __init__(self, within: Any) -> None:
        self.within = within
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")

    def write(self, content: bytes) -> int:
        """Write `content`, visibly."""
        self.within.write(visible(self._decoder.decode(content)).encode())
        return len(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.within, name)


def show_all_that_is_printed() -> None:
    """Make visible what this process prints from now on: on stderr, and on a terminal's stdout.

    stdout that goes to a file or a pipe is data, and stays as it is.
    """
    if sys.stderr is not None and not isinstance(sys.stderr, VisibleStream):
        sys.stderr = VisibleStream(sys.stderr)
    if sys.stdout is not None and not isinstance(sys.stdout, VisibleStream) and sys.stdout.isatty():
        sys.stdout = VisibleStream(sys.stdout)


def show_all_that_is_logged() -> None:
    """The same for logs that somebody else has set up, as the command `scrapy` does."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and not isinstance(
            handler, logging.FileHandler
        ):
            stream: Any = handler.stream
            if not isinstance(stream, VisibleStream):
                handler.setStream(VisibleStream(stream))


def terminal(stream: Any) -> Any:
    """The stream itself: for what draws, such as a progress bar, and prints nobody else's words."""
    return stream.within if isinstance(stream, VisibleStream) else stream
