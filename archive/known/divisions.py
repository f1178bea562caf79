"""Containment of divisions, as expressed by their codes (GB/T 2260)."""

from __future__ import annotations

from typing import Final

COUNTRY: Final = "100000"


def stem(code: str) -> str:
    """Return the prefix shared by the codes of all divisions within `code`.

    >>> stem("210000"), stem("210300"), stem("210311")
    ('21', '2103', '210311')
    """
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def contains(outer: str, inner: str) -> bool:
    """Whether the division `outer` is `inner` or contains it.

    >>> contains("210000", "210300"), contains("210300", "210000"), contains(COUNTRY, "210300")
    (True, False, True)
    """
    return outer == COUNTRY or inner.startswith(stem(outer))


def with_those_above(code: str) -> tuple[str, ...]:
    """Return a division and those that contain it, each once, the lowest first.

    >>> with_those_above("210311"), with_those_above("210000")
    (('210311', '210300', '210000'), ('210000',))
    """
    return tuple(dict.fromkeys((code, f"{code[:4]}00", f"{code[:2]}0000")))
