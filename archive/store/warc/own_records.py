"""Records written by the archive itself, with all that it knew of a capture."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_args

from archive.model import Capture, Headers, SiteFacts, SiteKind
from archive.store.warc.framing import WarcRecord
from archive.store.warc.writing import CAPTURE_FIELD


def own_fields(frame: WarcRecord) -> dict[str, Any] | None:
    """Return the data in our own metadata record, or None for another tool's."""
    words = field_of(frame, CAPTURE_FIELD)
    if words is None:
        return None
    try:
        found = json.loads(words)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def field_of(frame: WarcRecord, name: str) -> str | None:
    """Return the field of a record of `application/warc-fields`, or None."""
    if frame.get("Content-Type") != "application/warc-fields":
        return None
    mark = f"{name}: ".encode()
    for line in frame.block.split(b"\r\n"):
        if line.startswith(mark):
            return line[len(mark) :].decode("utf-8", "replace")
    return None


def capture_of(known_then: dict[str, Any]) -> Capture:
    """Return the capture of a metadata record; a value of a wrong type is left out."""
    known: dict[str, Any] = {}
    for each in fields(Capture):
        value = known_then.get(each.name)
        if each.name in {"request_headers", "response_headers", "claims"}:
            known[each.name] = _pairs(value)
        elif each.name == "site":
            known["site"] = _site(value)
        elif each.name in {"status", "elapsed_ms", "wire_bytes"}:
            known[each.name] = value if _is_count(value) else None
        elif isinstance(value, str):
            known[each.name] = value
    known["stored_as"] = "wire" if known.get("stored_as") == "wire" else "decoded"
    return Capture(**{"url": "", **known})


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62


def _pairs(value: object) -> Headers:
    if not isinstance(value, list):
        return ()
    return tuple(
        (pair[0], pair[1])
        for pair in value
        if isinstance(pair, list) and len(pair) == 2 and all(isinstance(w, str) for w in pair)  # noqa: PLR2004
    )


def _site(value: object) -> SiteFacts | None:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return None
    code = value.get("place_code")
    containers = value.get("containers")
    return SiteFacts(
        name=value["name"],
        title=str(value.get("title") or ""),
        kind=next((k for k in get_args(SiteKind) if k == value.get("kind")), "unknown"),
        place_code=code if isinstance(code, str) else None,
        containers=tuple(map(str, containers)) if isinstance(containers, list) else (),
    )
