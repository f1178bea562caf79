"""Citations of a report: GB/T 7714 and BibTeX, with URL, date and digest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archive.browse.reading import ShownText

_SPECIAL = re.compile(r"[\\{}%$#&_~^]")


@dataclass(frozen=True, slots=True)
class Citation:
    """One report in both citation styles."""

    gbt7714: str
    bibtex: str


def cite(work: Mapping[str, Any], reading: ShownText, here: str) -> Citation:
    """Return the citation of `work` from `reading`; `here` is the URL of its page."""
    capture = reading.source.capture
    captured = str(capture["captured_at"] or capture["recorded_at"])[:10] if capture else ""
    author = f"{work['place']}{'人民政府' if work['place_code'] else '管理委员会'}"
    title = work["title"] or reading.field("title") or work["kind"]
    published = str(reading.field("published_on") or work["report_year"] or "s.d.")
    url = reading.source.url or here or "-"
    digest = reading.source.text["payload_sha256"]
    gbt = f"{author}. {title}[R/OL]. ({published})[{captured}]. {url}. sha256:{digest}."
    fields = {
        "author": f"{{{_tex(author)}}}",
        "title": f"{{{_tex(str(title))}}}",
        "year": f"{{{work['report_year'] or ''}}}",
        "url": f"{{{url.replace('{', '%7B').replace('}', '%7D')}}}",
        "urldate": f"{{{captured}}}",
        "note": f"{{{_tex('; '.join(part for part in (f'sha256:{digest}', here) if part))}}}",
    }
    lines = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
    key = re.sub(r"\W+", "-", str(work["name"]), flags=re.ASCII).strip("-")
    return Citation(gbt, f"@techreport{{baogao-{key},\n{lines}\n}}")


def _tex(words: str) -> str:
    return _SPECIAL.sub(
        lambda found: "\\textbackslash{}" if found[0] == "\\" else f"\\{found[0]}", words
    )
