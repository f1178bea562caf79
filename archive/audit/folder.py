"""The clean folder: texts with templated names, a manifest, and the removed parts of each."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from archive.audit.findings import Audited
from archive.errors import UsageError
from archive.export.files import safe_name, write_checksums, write_csv
from archive.known import shipped
from archive.model import Derivation

MANIFEST: Final = (
    "file", "from", "member", "place_code", "place", "report_year", "title", "characters",
    "verdict", "findings", "payload_sha256", "removed_file",
)  # fmt: skip


def write_clean(
    audited: Iterable[Audited], folder: Path, template: str, parts: tuple[str, ...]
) -> Iterator[Audited]:
    """Write each readable text into `folder`, yield all, and finally write the manifest.

    Raises:
        UsageError: the template has an unknown field.
    """
    (folder / "texts").mkdir()
    (folder / "removed").mkdir()
    taken: set[str] = set()
    lines: list[dict[str, Any]] = []
    for each in audited:
        lines.append(_written(each, folder, _named(each, template, taken), parts))
        yield each
    write_csv(folder / "manifest.csv", MANIFEST, lines)
    write_checksums(folder)


def removed(derivation: Derivation) -> list[dict[str, Any]]:
    """Return the spans that were dropped or replaced, with their words.

    Together with the clean text they restore the whole text.
    """
    return [
        span.as_json() | {"words": derivation.visible[span.start : span.stop]}
        for span in derivation.spans
        if span.action != "keep"
    ]


def _written(each: Audited, folder: Path, name: str, parts: tuple[str, ...]) -> dict[str, Any]:
    found = each.as_json()
    line = {
        **found,
        "from": each.capture.filename,
        "member": each.capture.member,
        "findings": ", ".join(finding.kind for finding in each.findings),
        "payload_sha256": each.capture.payload_sha256,
        "file": None,
    }
    derivation = each.derivation
    if derivation is None or not derivation.text.strip():
        return line
    words = "\n".join(p.text for p in derivation.passages if not parts or p.part in parts)
    (folder / "texts" / f"{name}.txt").write_text(words + "\n", "utf-8", errors="replace")
    (folder / "removed" / f"{name}.json").write_text(
        json.dumps(removed(derivation), ensure_ascii=False, indent=1), "utf-8", errors="replace"
    )
    return line | {"file": f"texts/{name}.txt", "removed_file": f"removed/{name}.json"}


def _named(each: Audited, template: str, taken: set[str]) -> str:
    """Fill in the template, or keep the old name if year or place is unknown; names are unique."""
    found = each.as_json()
    if found["report_year"] and found["place"]:
        try:
            name = template.format(
                year=found["report_year"], place=_own_name(found), full=found["place"],
                code=found["place_code"],
            )  # fmt: skip
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise UsageError(
                f"--name {template}: write {{year}}, {{place}}, {{full}} or {{code}}"
            ) from error
    else:
        name = each.name
    safe = safe_name(name)
    number = 2
    while safe in taken:
        safe = safe_name(f"{name}_{number}")
        number += 1
    taken.add(safe)
    return safe


def _own_name(found: Mapping[str, Any]) -> str:
    """Return the name of the division alone: 鞍山市 of 辽宁省鞍山市."""
    gazetteer = shipped().gazetteer
    division = gazetteer.division(str(found["place_code"]), found["report_year"])
    return division.name if division else str(found["place"])
