"""Citations of a report: GB/T 7714-2015, BibTeX, RIS and CSL JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from archive.browse.reading import ShownText

_SPECIAL: Final = re.compile(r"[\\{}%$#&_~^]")
_DAY: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


@dataclass(frozen=True, slots=True)
class Citation:
    """What a citation of one report says.

    `published` is a day or a year as written, empty if unknown; `captured` is the day on which the
    text was fetched; `here` is the address of the report's page in this archive.
    """

    name: str
    author: str
    title: str
    year: int | None
    published: str
    captured: str
    url: str
    digest: str
    here: str

    @property
    def gbt7714(self) -> str:
        """The citation as GB/T 7714-2015 has it for a report online."""
        published = f"({self.published})" if self.published else ""
        captured = f"[{self.captured}]" if self.captured else ""
        dates = f"{published}{captured}. " if published or captured else ""
        return f"{self.author}. {self.title}[R/OL]. {dates}{self.url}."

    @property
    def bibtex(self) -> str:
        """The entry for BibTeX."""
        fields = {
            "author": f"{{{_tex(self.author)}}}",
            "title": f"{{{_tex(self.title)}}}",
            "year": str(self.year or ""),
            "url": self.url.replace("{", "%7B").replace("}", "%7D"),
            "urldate": self.captured,
            "note": _tex("; ".join(self.notes)),
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@techreport{{{self.key},\n{lines}\n}}"

    @property
    def ris(self) -> str:
        """The record for RIS readers such as EndNote and Zotero."""
        fields = [
            ("TY", "RPRT"), ("ID", self.key), ("AU", self.author), ("TI", self.title),
            ("PY", str(self.year or "")), ("DA", _slashed(self.published)), ("UR", self.url),
            ("Y2", _slashed(self.captured)), *(("N1", note) for note in self.notes),
        ]  # fmt: skip
        lines = [f"{tag}  - {_one_line(value)}" for tag, value in fields if value]
        return "\n".join([*lines, "ER  - "])

    @property
    def csl(self) -> str:
        """The item in CSL JSON, as Pandoc and Zotero read it."""
        item: dict[str, Any] = {
            "id": self.key,
            "type": "report",
            "title": self.title,
            "author": [{"literal": self.author}],
            "language": "zh-CN",
            "URL": self.url,
            "note": "; ".join(self.notes),
        }
        if issued := _parts(self.published) or _parts(str(self.year or "")):
            item["issued"] = {"date-parts": [issued]}
        if accessed := _parts(self.captured):
            item["accessed"] = {"date-parts": [accessed]}
        return json.dumps([item], ensure_ascii=False, indent=2)

    @property
    def key(self) -> str:
        """The key of the entry, in ASCII."""
        return "baogao-" + re.sub(r"\W+", "-", self.name, flags=re.ASCII).strip("-")

    @property
    def notes(self) -> tuple[str, ...]:
        """The digest of the captured bytes, and the address of the report's page."""
        return tuple(part for part in (f"sha256:{self.digest}", self.here) if part)


FORMATS: Final[Mapping[str, tuple[Callable[[Citation], str], str]]] = {
    "bibtex": (lambda citation: citation.bibtex, "text/plain"),
    "ris": (lambda citation: citation.ris, "application/x-research-info-systems"),
    "csl": (lambda citation: citation.csl, "application/vnd.citationstyles.csl+json"),
    "gbt7714": (lambda citation: citation.gbt7714, "text/plain"),
}
"""How a citation can be had, with the media type of each form; a browser shows plain text."""


def cite(work: Mapping[str, Any], reading: ShownText, here: str) -> Citation:
    """Return the citation of `work` from `reading`; `here` is the URL of its page."""
    capture = reading.source.capture
    return Citation(
        name=str(work["name"]),
        author=f"{work['place']}{'人民政府' if work['place_code'] else '管理委员会'}",
        title=str(work["title"] or reading.field("title") or work["kind"]),
        year=work["report_year"],
        published=str(reading.field("published_on") or work["report_year"] or ""),
        captured=str(capture["captured_at"] or capture["recorded_at"])[:10] if capture else "",
        url=reading.source.url or here or "-",
        digest=reading.source.text["payload_sha256"],
        here=here,
    )


def _tex(words: str) -> str:
    return _SPECIAL.sub(
        lambda found: "\\textbackslash{}" if found[0] == "\\" else f"\\{found[0]}", words
    )


def _one_line(words: str) -> str:
    return " ".join(words.split())


def _slashed(day: str) -> str:
    return "/".join(f"{part:02}" for part in _parts(day))


def _parts(day: str) -> list[int]:
    """Return year, month and day, or only the year; nothing for other words."""
    if found := _DAY.fullmatch(day):
        return [int(part) for part in found.groups()]
    return [int(day)] if re.fullmatch(r"\d{4}", day) else []
