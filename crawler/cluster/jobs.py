"""What a job says: its kind, and what to crawl, derive, merge or export."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any, Final, Self

from archive.errors import UsageError
from crawler.cluster.groups import Group

CRAWL: Final = "crawl_group"
DERIVE: Final = "derive_shard"
MERGE: Final = "merge_shard"
EXPORT: Final = "export_shard"
SCAN: Final = "scan_commoncrawl"

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
    (`crawler.backfill.crawlscan.read_scan`).
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
            named((job.shard, *job.shards, *job.sites, *filter(None, [job.form])))
        except (AttributeError, TypeError, ValueError) as error:
            raise UsageError(
                f"a job of the kind {kind} cannot be read: another version of baogao wrote it"
            ) from error
        return job

    def written(self) -> bytes:
        """Return the job as the queue keeps it, without its kind."""
        said = {key: value for key, value in asdict(self).items() if value and key != "kind"}
        return json.dumps(said, ensure_ascii=False).encode()

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
        UsageError: one is a path; a shard lies in the folder of the worker.
    """
    for name in names:
        if PurePath(name).name != name or name.startswith("."):
            raise UsageError(f"{name!r} is a path; name a shard as baogao queue --shards lists it")
    return tuple(name.removesuffix(".db") for name in names)
