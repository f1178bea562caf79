"""What a job says: its kind, and what to crawl, derive, merge or export."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from typing import Any, Final, Self

from archive.errors import UsageError
from crawler.cluster.groups import Group

CRAWL: Final = "crawl_group"
DERIVE: Final = "derive_shard"
MERGE: Final = "merge_shard"
EXPORT: Final = "export_shard"
SCAN: Final = "scan_commoncrawl"

_NAME: Final = re.compile(r"\w[\w.-]{0,99}")

KINDS: Final = (CRAWL, DERIVE, MERGE, EXPORT, SCAN)

ONE_AT_A_TIME: Final = frozenset({SCAN})
"""Kinds of which one job runs at a time, because all of them request the same host."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job as it waits in the queue.

    `shard` is the archive that is written: the name of a shard, or for a merge that of the archive
    into which `shards` are merged. `sites` has the text of each site file, so that a worker needs
    no site files. `only_due` crawls the sites of a group that are due. An export has a `form`, or
    goes as a copy `to` a folder or an address. A scan says which pages of Common Crawl it takes
    (`crawler.backfill.crawlscan.scan_of`).
    """

    kind: str
    shard: str
    sites: Mapping[str, str] = field(default_factory=dict)
    only_due: bool = False
    shards: tuple[str, ...] = ()
    form: str = ""
    to: str = ""
    scan: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def crawl(cls, group: Group, *, only_due: bool = False) -> Self:
        """Return the job that crawls a group of sites into its shard."""
        sites = {site.name: site.toml for site in group.sites}
        return cls(CRAWL, group.name, sites, only_due=only_due)

    @property
    def requests_hosts(self) -> bool:
        """Whether it is a crawl or a scan: it needs the fence, and begins its shard."""
        return self.kind in {CRAWL, SCAN}

    @classmethod
    def read(cls, kind: str, payload: bytes | None) -> Self:
        """Return the job that `written` wrote.

        Raises:
            UsageError: another version of the program wrote it, or it names a path: one who can
                write into the queue must not choose where a worker writes.
        """
        try:
            said = json.loads(payload or b"{}")
            job = cls(kind, **{**said, "shards": tuple(said.get("shards", ()))})
            job._check()
        except (AttributeError, RecursionError, TypeError, ValueError) as error:
            raise UsageError(
                f"a job of the kind {kind} cannot be read: another version of baogao wrote it"
            ) from error
        return job

    def written(self) -> bytes:
        """Return the job as the queue keeps it, without its kind."""
        said = {key: value for key, value in asdict(self).items() if value and key != "kind"}
        return json.dumps(said, ensure_ascii=False).encode()

    def _check(self) -> None:
        """Check what the queue said.

        Raises:
            TypeError: a value is of another type than ours.
            UsageError: a name is a path.
        """
        for name, words in self.sites.items():
            named((str(name),))
            if not isinstance(words, str):
                raise TypeError(name)
        named((self.shard, *self.shards, *filter(None, [self.form])))
        target(self.to)

    @property
    def key(self) -> str:
        """What only one waiting or running job may have."""
        return ":".join(filter(None, (self.kind, self.shard, self.form, self.to)))

    @property
    def shown(self) -> str:
        """The job in a few words for people."""
        further = len(self.sites) - 1
        more = f"and {further} more" if further > 0 else ""
        return " ".join(filter(None, (self.shard, more, self.form, self.to and f"to {self.to}")))


def named(names: Sequence[str]) -> tuple[str, ...]:
    """Return names of shards as they were given, with or without `.db`.

    Raises:
        UsageError: one is a path, or no name of a shard, which lies in the folder of the worker.
    """
    for name in names:
        if not _NAME.fullmatch(name):
            what = "is a path" if {"/", "\\"} & set(name) else "is no name of a shard"
            raise UsageError(f"{name!r} {what}; name a shard as baogao queue --shards lists it")
    return tuple(name.removesuffix(".db") for name in names)


def target(to: str) -> str:
    """Return where copies of shards go to.

    Raises:
        UsageError: it is neither an address nor a folder that means the same to every worker.
    """
    if to and "://" not in to and not PurePosixPath(to).is_absolute():
        raise UsageError(f"{to}: name an address, or a folder from / on, as workers see it")
    return to
