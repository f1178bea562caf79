"""The tables that a ledger names: how their rows are identified, and what they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from archive.store import payloads
from archive.store.derivation_digest import KEYS

TEXT_ORIGIN: Final = (
    "payload_sha256", "context_sha256", "ruleset_id", "run_id", "created_at", "derivation_sha256",
)  # fmt: skip
"""The columns of a text that the ledger covers besides its rows."""


@dataclass(frozen=True, slots=True)
class ShardTable:
    """One table of a shard.

    `same_by` are the columns by which a row here is the same one; without them every row of a shard
    is a new fact. `refers` names the columns with ids, and the table of each. `digested` are the
    columns that the ledger covers, if not all. `home` is our table, if it has another name. Rows
    `of_captures` are those of which a part of a shard has only some.
    """

    name: str
    same_by: tuple[str, ...] = ()
    refers: Mapping[str, str] = field(default_factory=dict)
    digested: tuple[str, ...] = ()
    home: str = ""
    of_captures: bool = False

    @property
    def ours(self) -> str:
        """The name of our table."""
        return self.home or self.name

    @property
    def key(self) -> str:
        """The column that identifies a row in the ledger, for most tables."""
        return KEYS.get(self.name, "id")

    @property
    def has_ids(self) -> bool:
        """Whether its rows have ids of their own."""
        return self.key == "id" and self.name != "run_sites"


_RUN: Final = {"run_id": "runs"}

TABLES: Final = (
    ShardTable("runs"),
    ShardTable("run_sites", refers=_RUN),
    ShardTable("run_ends", refers=_RUN),
    ShardTable("site_facts", same_by=("sha256",)),
    ShardTable("pages", of_captures=True, same_by=("url",)),
    ShardTable("dictionaries", of_captures=True, same_by=("sha256",), digested=("sha256",)),
    ShardTable("certificate_chains", of_captures=True, same_by=("sha256",)),
    ShardTable("payloads", of_captures=True, same_by=("sha256",), digested=payloads.DIGESTED),
    ShardTable("captures", of_captures=True, refers=_RUN | {
        "page_id": "pages", "site_facts_id": "site_facts", "revisit_of": "captures",
    }),
    ShardTable("redirects", of_captures=True, same_by=("capture_id",), refers={
        "capture_id": "captures", "page_id": "pages",
    }),
    ShardTable("rulesets", same_by=("sha256",)),
    ShardTable("rules", same_by=("ruleset_id", "name"), refers={"ruleset_id": "rulesets"}),
    ShardTable(
        "texts", of_captures=True,
        same_by=("payload_sha256", "context_sha256", "derivation_sha256"),
        refers=_RUN | {"ruleset_id": "rulesets"},
        digested=TEXT_ORIGIN,
    ),
    ShardTable("decisions", refers=_RUN),
    ShardTable("time_stamps", refers=_RUN, home="shard_stamps"),
    ShardTable("withdrawals", of_captures=True, same_by=("payload_sha256",), refers=_RUN),
    ShardTable("pruned_texts", of_captures=True, refers=_RUN | {"text_id": "texts"}),
    ShardTable("withdrawn_texts", of_captures=True, refers={"text_id": "texts"}),
)  # fmt: skip
"""All of them, in an order in which no row refers to a later one."""

NAMED: Final = {table.name: table for table in TABLES}
