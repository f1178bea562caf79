r"""Makes untrusted text safe for a terminal.

File names, titles and texts may contain characters that a terminal obeys (write to the clipboard,
change the title, move the cursor back over earlier output), or invisible ones that reorder others.
They are replaced by their code, as in JSON: `\u001b`.
"""

from __future__ import annotations

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
"""Controls, format characters (including bidirectional ones), separators, surrogates."""

_LAST_OF_FOUR_DIGITS: Final = 0xFFFF


def visible(words: str, kept: str = "\n\t") -> str:
    r"""Return `words` with each unprintable character replaced by its code.

    Args:
        words: any text.
        kept: characters that are not replaced; none in a table cell.

    Example:
        >>> print(visible("a\x1b[2Jb\u202ec"))
        a\u001b[2Jb\u202ec
    """
    return _UNSEEN.sub(lambda found: found[0] if found[0] in kept else _code(found[0]), words)


def _code(character: str) -> str:
    number = ord(character)
    return f"\\u{number:04x}" if number <= _LAST_OF_FOUR_DIGITS else f"\\U{number:08x}"


class VisibleStream:
    """A text stream that writes visible text to another one, `within`."""

    def __init__(self, within: Any) -> None:
        self.within = within

    def write(self, words: str) -> int:
        """Write `words`, made visible."""
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
    """Accepts UTF-8 bytes for a `VisibleStream`; invalid bytes are shown by their code as well."""

    def __init__(self, within: Any) -> None:
        self.within = within
        self._decoder = getincrementaldecoder("utf-8")("surrogateescape")

    def write(self, content: bytes) -> int:
        """Write `content`, made visible."""
        self.within.write(visible(self._decoder.decode(content)).encode())
        return len(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.within, name)


def show_all_that_is_printed() -> None:
    """Make all further output of this process visible: stderr, and stdout on a terminal.

    stdout to a file or pipe is data, and unchanged.
    """
    if sys.stderr is not None and not isinstance(sys.stderr, VisibleStream):
        sys.stderr = VisibleStream(sys.stderr)
    if sys.stdout is not None and not isinstance(sys.stdout, VisibleStream) and sys.stdout.isatty():
        sys.stdout = VisibleStream(sys.stdout)


def show_all_that_is_logged() -> None:
    """The same for log handlers set up by others, such as the command `scrapy`."""
    import logging  # noqa: PLC0415  (7 ms, and only here)

    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and not isinstance(
            handler, logging.FileHandler
        ):
            stream: Any = handler.stream
            if not isinstance(stream, VisibleStream):
                handler.setStream(VisibleStream(stream))


def terminal(stream: Any) -> Any:
    """Return the stream itself, for output that draws, such as a progress bar."""
    return stream.within if isinstance(stream, VisibleStream) else stream
