"""Site files: one TOML file for each site says where to look; the spiders know how."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

from archive import DataFileError, UsageError
from crawler.site_file import PRACTICE_PORT, SHIPPED, Level, Limits, Site, read_site

__all__ = [
    "PRACTICE_PORT",
    "SHIPPED",
    "Level",
    "Limits",
    "Site",
    "SiteFiles",
    "load_sites",
    "practice_sites",
    "read_site",
]


@dataclass(frozen=True, slots=True)
class SiteFiles:
    """The result of reading site folders: the sites, and a sentence for each broken file.

    `own` are the names of those in the folders that were given besides the shipped one; None if no
    folder was given.
    """

    sites: tuple[Site, ...]
    errors: tuple[str, ...]
    own: frozenset[str] | None = None

    @property
    def by_name(self) -> dict[str, Site]:
        """The sites under their names."""
        return {site.name: site for site in self.sites}

    def chosen(self, names: Sequence[str]) -> list[Site]:
        """Return the named sites; without names, the active sites of the folders that were given.

        If none was given, every active shipped site except practice sites.

        Raises:
            UsageError: there is no such site; the message suggests the nearest name.
            DataFileError: its file is broken.
        """
        if not names:
            return [site for site in self.sites if site.active and self._is_meant(site)]
        known = self.by_name
        for name in names:
            for sentence in self.errors:
                if f"{name}.toml: " in sentence and name not in known:
                    raise DataFileError(sentence)
            if name not in known:
                raise UsageError(f"there is no site named {name!r}{_proposal(name, known)}")
        return [known[name] for name in dict.fromkeys(names)]

    def _is_meant(self, site: Site) -> bool:
        """Whether a site is meant where none is named."""
        return not site.loopback if self.own is None else site.name in self.own


def load_sites(more: Iterable[Path | str] = ()) -> SiteFiles:
    """Read the shipped site files and those of `more` folders, whose files win over shipped ones.

    Example:
        >>> [site.family for site in load_sites().sites if site.name == "practice-gov"]
        ['trs']
    """
    given = tuple(map(Path, more))
    shipped, others = _shipped(), [_read_folder(folder) for folder in given]
    sites = dict(shipped.by_name)
    for other in others:
        sites |= other.by_name
    return SiteFiles(
        tuple(sites[name] for name in sorted(sites)),
        tuple(error for found in (shipped, *others) for error in found.errors),
        frozenset(name for other in others for name in other.by_name) if given else None,
    )


@lru_cache(maxsize=1)
def _shipped() -> SiteFiles:
    """Read the shipped folder, once a process: a crawl asks three times."""
    return _read_folder(SHIPPED)


def _read_folder(folder: Path) -> SiteFiles:
    sites: list[Site] = []
    errors = [] if folder.is_dir() else [f"{folder}: no such folder of site files"]
    for path in sorted(folder.glob("*.toml")):
        try:
            sites.append(read_site(path))
        except DataFileError as error:
            errors.append(str(error))
    return SiteFiles(tuple(sites), tuple(errors))


def practice_sites() -> tuple[str, ...]:
    """The names of the shipped sites of the practice web, without those that misbehave."""
    return tuple(site.name for site in load_sites().sites if site.loopback and site.active)


def _proposal(name: str, names: Iterable[str]) -> str:
    near = get_close_matches(name, list(names), 1)
    return f" (did you mean {near[0]!r}?)" if near else "; see them with: baogao sites"
