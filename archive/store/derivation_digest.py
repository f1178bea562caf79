"""The digest of a row as stored now, for comparison with the ledger."""

from __future__ import annotations

import sqlite3
from typing import Final

from archive.store import payloads, schema
from archive.store.ledger import row_digest
from archive.store.rows import row
from archive.store.texts import noted_digest

KEYS: Final = {
    "payloads": "sha256",
    "dictionaries": "sha256",
    "certificate_chains": "sha256",
    "run_ends": "run_id",
    "redirects": "capture_id",
    "withdrawals": "payload_sha256",
    "withdrawn_texts": "text_id",
    "pruned_texts": "text_id",
}
"""Tables whose rows the ledger identifies by a column other than `id`, which is then digested
too."""

_DIGESTED: Final = {"payloads": payloads.DIGESTED, "dictionaries": ("sha256",)}


def stored_digest(connection: sqlite3.Connection, table: str, key: str) -> str | None:
    """Return the digest of the row `key` of the ledger; None if it is missing.

    Raises:
        ValueError: the table is not in the ledger.
    """
    if table == "texts":
        return noted_digest(connection, int(key))
    where, values = _where(table, key)
    select = f"SELECT * FROM {table} WHERE {where}"  # noqa: S608  (checked against our tables)
    found = row(connection, select, *values)
    if found is None:
        return None
    covered = _DIGESTED.get(table) or [name for name in found.keys() if name != "id"]  # noqa: SIM118
    return row_digest({name: found[name] for name in covered})


def _where(table: str, key: str) -> tuple[str, tuple[str, ...]]:
    if table == "run_sites":
        run_id, _, name = key.partition("/")
        return "run_id = ? AND name = ?", (run_id, name)
    if table not in schema.FACT_KEYS:
        raise ValueError(f"the ledger names an unknown table {table[:40]!r}")
    return f"{KEYS.get(table, 'id')} = ?", (key,)
