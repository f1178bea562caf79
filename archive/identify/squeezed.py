"""A view of a piece of text without white space, with the way back to its offsets.

Headings are spaced out (政 府 工 作 报 告), names are padded (王　强), sessions run over line
breaks and dates are printed with gaps. All patterns of this room are written for this view;
the archived text itself is never changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_GAPS = (
    " \t\r\n\v\f\x1c-\x1f\x85\u00a0\u00ad\u1680\u2000-\u200f"
    "\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)  # as it stands in a class of characters
_FOLDED = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_FOLDED |= dict(zip("報會議屆壹", "报会议届一", strict=True))
_FOLDABLE = re.compile(f"[{''.join(_FOLDED)}]")
_FOLDABLE_OR_GAPS = re.compile(f"[{''.join(_FOLDED)}]|[{_GAPS}]+")


@dataclass(frozen=True, slots=True)
class Squeezed:
    """`text` is the squeezed view; `offsets[i]` is where its character i stands in the page."""

    text: str
    offsets: tuple[int, ...]

    def start(self, index: int) -> int:
        """The page offset of squeezed character `index`."""
        return self.offsets[index]

    def stop(self, index: int) -> int:
        """The page offset just behind squeezed character `index - 1`."""
        return self.offsets[index - 1] + 1


def fold(text: str) -> str:
    """`text` without white space, full-width ASCII forms as half-width ones."""
    # most characters stay: searching for the others is four times faster than `str.translate`,
    # and a comma is the commonest of them by far
    text = text.replace("\uff0c", ",")
    return _FOLDABLE_OR_GAPS.sub(lambda found: _FOLDED.get(found[0], ""), text)


def squeeze(visible: str, start: int, stop: int, *, also: str = "") -> Squeezed:
    """The squeezed view of `visible[start:stop]`; characters in `also` are gaps too."""
    letters: list[str] = []
    offsets: list[int] = []
    for run in _without(also).finditer(visible, start, stop):
        letters.append(run[0])
        offsets.extend(range(*run.span()))
    text = _FOLDABLE.sub(lambda found: _FOLDED[found[0]], "".join(letters))
    return Squeezed(text, tuple(offsets))


@lru_cache(maxsize=4)
def _without(also: str) -> re.Pattern[str]:
    """Finds the runs of characters that are neither gaps nor in `also`."""
    return re.compile(f"[^{_GAPS}{re.escape(also)}]+")
