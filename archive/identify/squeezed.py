"""A view of a piece of text without white space, with the way back to its offsets.

Headings are spaced out (政 府 工 作 报 告), names are padded (王　强), sessions run over line
breaks and dates are printed with gaps. All patterns of this room are written for this view;
the archived text itself is never changed.
"""

from __future__ import annotations

from dataclasses import dataclass

_GAPS = dict.fromkeys(
    map(ord, " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000")
)
_GAPS |= dict.fromkeys(range(0x2000, 0x2010))
_GAPS |= dict.fromkeys((0x2060, 0xFEFF, 0x00AD))
_HALF = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_TRADITIONAL = str.maketrans("報會議屆壹", "报会议届一")
_FOLD = _HALF | _TRADITIONAL
_FOLD_AND_SQUEEZE = _FOLD | _GAPS


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
    return text.translate(_FOLD_AND_SQUEEZE)


def squeeze(visible: str, start: int, stop: int, *, also: str = "") -> Squeezed:
    """The squeezed view of `visible[start:stop]`; characters in `also` are gaps too."""
    letters: list[str] = []
    offsets: list[int] = []
    for index in range(start, stop):
        letter = visible[index]
        if ord(letter) in _GAPS or letter in also:
            continue
        letters.append(letter)
        offsets.append(index)
    return Squeezed("".join(letters).translate(_FOLD), tuple(offsets))
