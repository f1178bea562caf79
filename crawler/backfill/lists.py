"""Lists of addresses as somebody writes them: one a line, checked before anything is fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from archive import UsageError
from crawler.addresses import page_key
from crawler.resolver import is_public

LONGEST_URL: Final = 2083
"""Characters; longer addresses are traps, and the crawler's settings refuse them too."""

MOST_FAULTS: Final = 20
"""Wrong lines that are reported, a sentence each; of the rest, only how many."""

SITEMAP: Final = "sitemap:"


@dataclass(frozen=True, slots=True)
class Listed:
    """One address of a list; `sitemap` where it names a sitemap instead of a report."""

    url: str
    sitemap: bool = False


def read_list(lines: Iterable[bytes]) -> list[Listed]:
    """The addresses of a list, one a line, in order, each once; `#` begins a comment line.

    `sitemap:URL` names a sitemap whose addresses belong to the list.

    Raises:
        UsageError: some lines are wrong; a sentence each, with the line's number.
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
        return "is no UTF-8"
    return str(error) if isinstance(error, UsageError) else f"is no address ({error})"


def _listed(line: bytes) -> Listed | None:
    words = line.decode("utf-8").lstrip("\ufeff").strip()
    if not words or words.startswith("#"):
        return None
    sitemap = words.startswith(SITEMAP)
    url = words.removeprefix(SITEMAP).strip()
    check_address(url)
    return Listed(url, sitemap)


def check_address(url: str, *, inside: bool = False) -> None:
    """See that `url` is an http or https address that can be asked for; on this machine, if so.

    Raises:
        UsageError: it is not; the sentence says why.
        ValueError: it cannot even be taken apart.
    """
    shown = repr(url if len(url) <= 80 else url[:80] + "…")  # noqa: PLR2004  (a line of a screen)
    if len(url) > LONGEST_URL:
        raise UsageError(f"{shown} is longer than {LONGEST_URL} characters")
    if any(character.isspace() or not character.isprintable() for character in url):
        raise UsageError(f"{shown} holds a space or a control character; one address a line")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"{shown} is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise UsageError(f"{shown} holds a user name or password, which would be kept for ever")
    if not inside and _is_inside(parts.hostname):
        raise UsageError(f"{shown} is no public address")
    if parts.port == 0:
        raise UsageError(f"{shown} has no port that can be asked")


def _is_inside(host: str) -> bool:
    """Whether a host is given as a number that is no public address; names are judged later."""
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return not is_public(host)
