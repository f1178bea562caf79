"""Digests, and the canonical JSON that is digested."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

_CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256(content: bytes) -> str:
    """Return the digest of `content` as 64 lower-case hex digits."""
    return hashlib.sha256(content).hexdigest()


def canonical_json(thing: Any) -> str:
    """Return JSON with sorted keys and without spaces: the form that is digested."""
    return _CANONICAL.encode(thing)
