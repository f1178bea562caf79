"""Where a text came from: its captures, its payload, its site, and whether to link there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from archive.browse.web import Asked, MissingError

CAPTURES_SHOWN: Final = 20

_TEXT = """
SELECT verdicts.verdict, verdicts.page_verdict,  -- before texts.*: the first of a name counts
  texts.*, rulesets.sha256 AS ruleset_sha256, payloads.payload_bytes, payloads.codec,
  texts.id IN up_to_date AS is_current
FROM texts JOIN rulesets ON rulesets.id = texts.ruleset_id
JOIN verdicts ON verdicts.text_id = texts.id
JOIN payloads ON payloads.sha256 = texts.payload_sha256
WHERE texts.id = ?
"""

_CAPTURES = """
SELECT captures.*, pages.url, pages.host, site_facts.name AS site, site_facts.title AS site_title,
  coalesce(site_facts.kind, 'unknown') AS site_kind
FROM captures JOIN pages ON pages.id = captures.page_id
LEFT JOIN site_facts ON site_facts.id = captures.site_facts_id
WHERE captures.payload_sha256 = ? AND captures.context_sha256 = ?
ORDER BY captures.id LIMIT ?
"""

_HIJACKED_HOST = """
SELECT EXISTS (
  SELECT 1 FROM texts
  CROSS JOIN captures ON captures.payload_sha256 = texts.payload_sha256
    AND captures.context_sha256 = texts.context_sha256
  JOIN pages ON pages.id = captures.page_id
  WHERE texts.page_verdict = 'hijacked' AND pages.host = ?1
) OR EXISTS (
  SELECT 1 FROM brand_places
  CROSS JOIN texts ON texts.id = brand_places.text_id
  CROSS JOIN captures ON captures.payload_sha256 = texts.payload_sha256
    AND captures.context_sha256 = texts.context_sha256
  JOIN pages ON pages.id = captures.page_id
  WHERE pages.host = ?1
)
"""


@dataclass(frozen=True, slots=True)
class StoredText:
    """A stored text with the captures that gave its payload, the first one first."""

    text: Mapping[str, Any]
    captures: tuple[Mapping[str, Any], ...]
    linked: bool

    @property
    def capture(self) -> Mapping[str, Any] | None:
        """The first capture."""
        return self.captures[0] if self.captures else None

    @property
    def url(self) -> str:
        """The address as captured; empty where none is known."""
        return str(self.captures[0]["url"]) if self.captures else ""


def source(asked: Asked, text_id: int) -> StoredText:
    """The source of text `text_id`.

    Raises:
        MissingError: there is no such text.
    """
    text = asked.row(_TEXT, text_id)
    if text is None:
        raise MissingError("error.no_text", id=str(text_id))
    captures = asked.rows(_CAPTURES, text["payload_sha256"], text["context_sha256"], CAPTURES_SHOWN)
    return StoredText(
        text=dict(text),
        captures=tuple(dict(row) for row in captures),
        linked=bool(captures) and may_link(asked, captures[0]["url"], captures[0]["host"]),
    )


def may_link(asked: Asked, url: str, host: str | None) -> bool:
    """Whether `url` may be a link: http(s), and nothing hijacked was ever seen on its host."""
    try:
        scheme = urlsplit(url).scheme.lower()
    except ValueError:
        return False
    if scheme not in ("http", "https") or not host:
        return False
    return not asked.value(_HIJACKED_HOST, host)
