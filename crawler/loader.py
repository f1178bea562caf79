"""The spider loader: one spider for each site file.

A broken file never stops `scrapy list`. It is reported in one sentence, and the others load.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from crawler.families import families
from crawler.site_files import Site, load_sites


class SiteLoader:
    """Makes spider classes from site files; the setting `SITES_DIRS` adds folders.

    `budgets` are the limits of sites whose files do not set them (the setting `LIMITS`).
    """

    def __init__(self, folders: Sequence[str], budgets: Mapping[str, int] | None = None) -> None:
        found = load_sites(folders)
        self._sites = {
            name: site.within(dict(budgets or {})) for name, site in found.by_name.items()
        }
        for sentence in found.errors:
            warnings.warn(sentence, UserWarning, stacklevel=2)

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """Build the loader, as Scrapy asks for it."""
        return cls(settings.getlist("SITES_DIRS"), settings.getdict("LIMITS"))

    def load(self, spider_name: str) -> type[Spider]:
        """Return the spider class of the site `spider_name`.

        Raises:
            KeyError: there is no such site, as Scrapy expects.
        """
        if spider_name not in self._sites:
            raise KeyError(f"Spider not found: {spider_name}")
        return spider_class(self._sites[spider_name])

    def list(self) -> list[str]:
        """The names of all sites."""
        return list(self._sites)

    def find_by_request(self, request: Request) -> list[str]:  # type: ignore[valid-type]
        """The names of the sites that cover the host of `request`."""
        return [
            name for name in self._sites if spider_class(self._sites[name]).handles_request(request)
        ]


def spider_class(site: Site, family: type[Spider] | None = None) -> type[Spider]:
    """Return the class of the site's family, or another class, bound to the site."""
    family = family or load_object(families()[site.family].spider)
    return type(
        f"{family.__name__}_{site.name}",
        (family,),
        {"name": site.name, "site": site, "__module__": family.__module__},
    )
