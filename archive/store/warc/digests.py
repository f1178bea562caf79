"""Checks the digests that a file claims for its records."""

from __future__ import annotations

import base64
import binascii
import hashlib
from functools import lru_cache
from typing import Final, Literal

Check = Literal["match", "differs-encoded", "differs", "not checkable"]
"""`differs-encoded`: the body was decoded before it was stored, and the digest may be that of the
encoded one."""

_SIZES: Final = {"sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64, "md5": 16}

_HASHES: Final = {
    "sha1": hashlib.sha1,
    "sha224": hashlib.sha224,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
    "md5": hashlib.md5,
}


def check(claimed: str, *forms: bytes, recoded: bool = False) -> Check:
    """Check whether one of the `forms` of a body has the claimed digest.

    Args:
        claimed: a labelled digest, in base 32 or hex: `sha1:…`.
        forms: the body as in the record, without chunks, and decoded.
        recoded: whether headers say that a coding was removed before the body was stored.
    """
    label, value = known(claimed)
    if value is None:
        return "not checkable"
    make = _HASHES[label]
    seen: list[bytes] = []
    for form in forms:
        if any(form is other for other in seen):
            continue
        if make(form, usedforsecurity=False).digest() == value:
            return "match"
        seen.append(form)
    return "differs-encoded" if recoded else "differs"


@lru_cache(maxsize=16)
def known(claimed: str) -> tuple[str, bytes | None]:
    """Return the digest's algorithm and bytes; None if they cannot be determined."""
    label, _, value = claimed.partition(":")
    label = label.strip().lower().replace("-", "")
    size = _SIZES.get(label)
    return label, None if size is None else _bytes_of(value.strip(), size)


def one_form(claimed: str) -> str:
    """Return a digest in one canonical form, whatever base it came in."""
    label, value = known(claimed)
    return claimed.strip() if value is None else f"{label}:{value.hex()}"


def _bytes_of(value: str, size: int) -> bytes | None:
    try:
        if len(value) == size * 2:
            return bytes.fromhex(value)
        found = base64.b32decode(value.upper() + "=" * (-len(value) % 8))
    except (ValueError, binascii.Error):
        return None
    return found if len(found) == size else None
