"""Measures how much a text looks like Chinese prose: the share of its most frequent characters.

Bytes decoded in the wrong encoding are full of rare characters.
"""

from __future__ import annotations

from typing import Final

_COMMON: Final = frozenset(
    "的一是在不了有和人这這中大为為上个個国國我以要他时時来來用們们生到作地于於出就分对對成会會可主"
    "发發年动動同工也能下过過子说說产產种種面而方后後多定行学學法所民得经經十三之进進着等部度家"
    "力里如化高自二理起小现現实實加量都两体體制机機使点點从业業本性应應合其外天政四日社事平全"
    "间間与與关關各重新内數数正心比第向道市建月公区區设設强全市改革展技术服务务務府报報告，。、"
)
"""Frequent characters of Chinese prose, simplified and traditional, with its three commonest
marks: about half of real prose, under a tenth of bytes that were decoded wrongly."""

PLAUSIBLE: Final = 0.12
"""The least share of common characters, among non-ASCII ones, for a text to pass as Chinese."""
_LOOKED_AT: Final = 200_000


def commonness(text: str) -> float:
    """Return the share of frequent Chinese characters among the non-ASCII characters of `text`."""
    wide = [character for character in text[:_LOOKED_AT] if character > "\x7f"]
    return sum(character in _COMMON for character in wide) / len(wide) if wide else 0.0
