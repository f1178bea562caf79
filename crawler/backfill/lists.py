"""Reads lists of URLs, one a line, and checks them before anything is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from archive import UsageError
from archive.urls import host_of, is_web_address
from crawler.addresses import page_key
from crawler.resolver import is_public

LONGEST_URL: Final = 2083
"""Characters of the longest URL accepted. Longer ones are traps, and the settings refuse them
too."""

MOST_FAULTS: Final = 20
"""The most faulty lines that are reported one by one."""

SITEMAP: Final = "sitemap:"


@dataclass(frozen=True, slots=True)
class Listed:
    """One URL of a list; `sitemap` is true for the URL of a sitemap."""

    url: str
    sitemap: bool = False


def read_list(lines: Iterable[bytes]) -> list[Listed]:
    """Return the URLs of a list, one a line, in order and without duplicates; `#` begins a comment.

    A line `sitemap:URL` adds the URLs of a sitemap.

    Raises:
        UsageError: some lines are invalid; the message has a sentence and line number for each.
    """
    found: dict[tuple[str, bool], Listed] = {}
    faults: list[str] = []
    for number, line in enumerate(lines, 1):
        try:
            listed = _listed(line)
        except (UsageError, ValueError) as error:
            faults.append(f"line {number}: {_why(error)}")
        else:
            if listed is not None:
                found.setdefault((page_key(listed.url), listed.sitemap), listed)
    if len(faults) > MOST_FAULTS:
        faults[MOST_FAULTS:] = [f"and {len(faults) - MOST_FAULTS} more wrong lines"]
    if faults:
        raise UsageError("; ".join(faults) + "; nothing was fetched")
    return list(found.values())


def _why(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8"
    return str(error) if isinstance(error, UsageError) else f"invalid URL ({error})"


def _listed(line: bytes) -> Listed | None:
    words = line.decode("utf-8").lstrip("\ufeff").strip()
    if not words or words.startswith("#"):
        return None
    sitemap = words.startswith(SITEMAP)
    url = words.removeprefix(SITEMAP).strip()
    check_address(url)
    return Listed(url, sitemap)


def check_address(url: str, *, inside: bool = False) -> None:
    """Check that `url` is an http or https URL; with `inside`, one on this machine.

    Raises:
        UsageError: it is not; the message says why.
        ValueError: it cannot be parsed.
    """
    shown = repr(url if len(url) <= 80 else url[:80] + "…")  # noqa: PLR2004  (a line of a screen)
    if len(url) > LONGEST_URL:
        raise UsageError(f"{shown} is longer than {LONGEST_URL} characters")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise UsageError(f"{shown} contains a space or control character; put one URL on each line")
    parts = urlsplit(url)
    if not is_web_address(url):
        raise UsageError(f"{shown} is not an http or https URL")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            f"{shown} contains a user name or password, which would be stored permanently"
        )
    if not inside and _is_inside(host_of(url)):
        raise UsageError(f"{shown} is not a public address")


def _is_inside(host: str) -> bool:
    """Whether a host is a numeric address that is not public.

    Names are checked after resolution.
    """
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return not is_public(host)
