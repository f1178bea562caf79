"""Decides whether a page is the publisher's own, an official copy, a mirror or a hijacked copy."""

from __future__ import annotations

from typing import Final, Literal

from archive.judge.records import provinces_of_records, site_division
from archive.known import Knowledge
from archive.known.divisions import contains
from archive.model import Candidate, Capture, Identity, Page, Value, Verdict
from archive.urls import host_of

Officialness = Literal["official", "official copy", "mirror", "hijacked copy"]
_GOVERNMENT_HOSTS: Final = (".gov.cn", ".govt.cn")
_LOCAL: Final = ("", "localhost")
_MIRRORS_SAY: Final = (
    "本站立场",
    "预计阅读时长",
    "本文地址",
    "会员分享",
    "网友上传",
    "侵权",
    "范文",
)


def officialness(
    page: Page,
    identity: Identity,
    capture: Capture,
    knowledge: Knowledge,
    *,
    page_verdict: Verdict = "clean",
) -> Value | None:
    """Return `official`, `official copy`, `mirror` or `hijacked copy`, with evidence, or None.

    The class of the host decides first, then the site file, then the record numbers that the page
    prints, compared with the place of its report.
    """
    host = host_of(capture.url)
    site_code = site_division(identity)
    if page_verdict == "hijacked":
        return _value("hijacked copy", 0.9, host, "words of the page were replaced")
    if _is_government(host, capture):
        return _own_or_copy(identity, host, site_code, capture)
    known = _from_site_file(capture) or _cloned(identity, knowledge, host, site_code)
    return known or _by_words(page, identity, capture, host)


def _is_government(host: str, capture: Capture) -> bool:
    known = capture.site is not None and capture.site.kind == "official"
    return known or host.endswith(_GOVERNMENT_HOSTS) or host == "www.gov.cn"


def _own_or_copy(identity: Identity, host: str, site_code: str | None, capture: Capture) -> Value:
    """A government's page: its own report, or one of another government."""
    place = _place(identity)
    of_site = (capture.site.place_code if capture.site else None) or site_code
    if place is None or of_site is None:
        return _value("official", 0.7, host, "a government's host")
    if of_site == place:
        return _value("official", 0.95, host, f"the site of {of_site} with its own report")
    confidence = 0.9 if contains(of_site, place) else 0.6
    return _value("official copy", confidence, host, f"the site of {of_site} with {place}'s report")


def _from_site_file(capture: Capture) -> Value | None:
    """Return what the site file says of a site that is not a government's."""
    if capture.site is not None and capture.site.kind in ("mirror", "copy", "archive"):
        return _value("mirror", 0.9, capture.site.name, f"the site file says {capture.site.kind}")
    return None


def _cloned(
    identity: Identity, knowledge: Knowledge, host: str, site_code: str | None
) -> Value | None:
    """Detect a government's record numbers on another host, or numbers that do not match."""
    if site_code is not None and host not in _LOCAL:
        words = f"the government's site code {site_code} on {host}"
        return _value("hijacked copy", 0.75, host, words)
    if len(set(provinces_of_records(identity, knowledge).values())) > 1:
        return _value("hijacked copy", 0.6, host, "record numbers of different provinces")
    return None


def _by_words(page: Page, identity: Identity, capture: Capture, host: str) -> Value | None:
    """Return what a page on an unknown host says of itself."""
    said = next((words for words in _MIRRORS_SAY if words in page.visible), None)
    if said is not None:
        return _value("mirror", 0.8, host, f"the page says {said}")
    site_code = site_division(identity)
    if site_code is not None:
        return _own_or_copy(identity, host, site_code, capture)
    return _value("mirror", 0.5, host, "a host of no government") if host not in _LOCAL else None


def _place(identity: Identity) -> str | None:
    value = identity.get("place_code")
    return str(value.value) if value is not None and value.value else None


def _value(what: Officialness, confidence: float, host: str, evidence: str) -> Value:
    found = (Candidate(what, confidence, evidence),)
    return Value(what, host, "url", "inferred", confidence, candidates=found)
