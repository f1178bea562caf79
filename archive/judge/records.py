"""Maps the record numbers of a page to divisions."""

from __future__ import annotations

import re
from typing import cast

from archive.known import Knowledge
from archive.model import Identity

_DIGITS = re.compile(r"[0-9]{14}")


def site_division(identity: Identity) -> str | None:
    """Return the division in the first six digits of the site code (网站标识码), or None."""
    value = identity.get("site_id")
    code = str(value.value) if value is not None else ""
    return code[:6] if len(code) == len("2100000037") and code.isdigit() else None


def provinces_of_records(identity: Identity, knowledge: Knowledge) -> dict[str, str]:
    """Return the province (two digits) of each record number of the page, by field."""
    letters = cast("dict[str, str]", knowledge.lexicon("records")["provinces"])
    found: dict[str, str] = {}
    site = site_division(identity)
    if site is not None:
        found["site_id"] = site[:2]
    for field in ("icp", "police_record"):
        value = identity.get(field)
        if value is not None and str(value.value)[:1] in letters:
            found[field] = letters[str(value.value)[:1]]
    return found


def police_district(identity: Identity) -> str | None:
    """Return the district in the first six digits of the police record number, or None."""
    value = identity.get("police_record")
    match = _DIGITS.search(str(value.value)) if value is not None else None
    return match[0][:6] if match else None
