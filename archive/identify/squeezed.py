"""A view of a text without white space that maps back to its offsets.

Headings are letter-spaced (政 府 工 作 报 告), names are padded (王　强), sessions run over line
breaks and dates are printed with gaps. All patterns of this package are written for this view, in
simplified characters and half-width forms. The archived text itself is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from archive.known.characters import class_of, traditional, usual

HAN: Final = "\u3007\u3400-\u9fff\U00020000-\U0003ffff"
"""The Han characters of all planes, for use in a character class."""

_GAPS = (
    " \t\r\n\v\f\x1c-\x1f\x85\u00a0\u00ad\u1680\u2000-\u200f"
    "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)  # for use in a character class
_WIDTHS: Final = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}


@dataclass(frozen=True, slots=True)
class Squeezed:
    """`text` is the view for patterns; `offsets[i]` is the position of character i in the page.

    `printed` has the same characters before simplification; names and sessions are shown this way.
    """

    text: str
    printed: str
    offsets: tuple[int, ...]

    def start(self, index: int) -> int:
        """Return the page offset of squeezed character `index`."""
        return self.offsets[index]

    def stop(self, index: int) -> int:
        """Return the page offset just after squeezed character `index - 1`."""
        return self.offsets[index - 1] + 1


def normalise(text: str) -> str:
    """Return `text` without white space, in half-width forms and simplified characters."""
    # most characters stay; searching for the others is four times faster than `str.translate`,
    # and a comma is the commonest of them by far
    text = text.replace("\uff0c", ",")
    forms = _forms()
    return _foldable_or_gaps().sub(lambda found: forms.get(found[0], "") or _far(found[0]), text)


def squeeze(
    visible: str,
    start: int,
    stop: int,
    *,
    also: str = "",
    cuts: Sequence[tuple[int, int]] = (),
) -> Squeezed:
    """Return the squeezed view of `visible[start:stop]`.

    Characters in `also` and the ranges in `cuts` (start and stop, in order) are skipped too.
    """
    letters: list[str] = []
    offsets: list[int] = []
    for first, last in _around(cuts, start, stop):
        for run in _without(also).finditer(visible, first, last):
            letters.append(run[0])
            offsets.extend(range(*run.span()))
    printed = _printable().sub(_as_usual, "".join(letters))
    text = _foldable().sub(_as_compared, printed)
    return Squeezed(text, printed, tuple(offsets))


def _around(cuts: Sequence[tuple[int, int]], start: int, stop: int) -> Iterator[tuple[int, int]]:
    for cut_start, cut_stop in cuts:
        if start < cut_start:
            yield start, cut_start
        start = max(start, cut_stop)
    if start < stop:
        yield start, stop


def _as_usual(found: re.Match[str]) -> str:
    return _usual_forms().get(found[0], found[0])


def _as_compared(found: re.Match[str]) -> str:
    return _forms().get(found[0], found[0])


def _far(words: str) -> str:
    """Return `words` if they are a character beyond the first plane, otherwise nothing."""
    return words if words > "\uffff" else ""


@lru_cache(maxsize=1)
def _usual_forms() -> Mapping[str, str]:
    """Full-width forms and look-alikes, each with its usual character."""
    return {**_WIDTHS, **usual()}


@lru_cache(maxsize=1)
def _forms() -> Mapping[str, str]:
    """The same, and traditional characters with their simplified forms."""
    simple = traditional()
    return {**simple, **{old: simple.get(new, new) for old, new in _usual_forms().items()}}


@lru_cache(maxsize=1)
def _printable() -> re.Pattern[str]:
    return re.compile(f"[{class_of(_usual_forms())}]")


@lru_cache(maxsize=1)
def _foldable() -> re.Pattern[str]:
    return re.compile(f"[{class_of(_forms())}]")


@lru_cache(maxsize=1)
def _foldable_or_gaps() -> re.Pattern[str]:
    return re.compile(f"[{class_of(_forms())}]|[{_GAPS}]+")


@lru_cache(maxsize=4)
def _without(also: str) -> re.Pattern[str]:
    """Return a pattern for runs of characters that are neither gaps nor in `also`."""
    return re.compile(f"[^{_GAPS}{re.escape(also)}]+")
