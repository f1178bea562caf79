"""What mirrors and hijackers do to a text, each fault as a function of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from practice.page import Damage

_HALF = str.maketrans("，：；！？（）", ",:;!?()")


def halved(text: str) -> str:
    """Full-width marks of the ASCII range as half-width ones; 、。“”《》 stay."""
    return text.translate(_HALF)


def straight_quotes(text: str) -> str:
    """Curly quotes as straight ones."""
    return text.replace("“", '"').replace("”", '"')


def branded(text: str, brands: Mapping[str, str]) -> tuple[str, tuple[Damage, ...]]:
    """`text` with every keyword replaced by its brand, and the places where that happened."""
    pattern = re.compile("|".join(sorted(map(re.escape, brands), key=len, reverse=True)))
    changed = pattern.sub(lambda found: brands[found[0]], text)
    return changed, tuple(
        Damage(changed, brands[found[0]], found[0], "brand_substitution")
        for found in pattern.finditer(text)
    )


def lowered(text: str) -> str:
    """`text` in lower case, as careless copies have it: VOCs, PM2.5 and Ⅲ too."""
    return text.lower()


def lost_plus(text: str) -> str:
    """Every `+` as a space, as a form decoder leaves it."""
    return text.replace("+", " ")


def marks_lost(text: str) -> str:
    """Middle dots as question marks, as a round trip through a poor code page leaves them."""
    return text.replace("·", "?")


def differences(before: str, after: str, kind: str) -> Iterator[Damage]:
    """The places where two texts of equal length differ, as runs of characters.

    Raises:
        ValueError: the lengths differ, so that places do not correspond.
    """
    start = None
    for index, (left, right) in enumerate(zip(before, after, strict=True)):
        if left != right and start is None:
            start = index
        if left == right and start is not None:
            yield Damage(after, after[start:index], before[start:index], kind)
            start = None
    if start is not None:
        yield Damage(after, after[start:], before[start:], kind)
