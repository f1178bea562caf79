"""The tables of an archive: migrations, the triggers that guard facts, and the start-up check.

The DDL is in `sql/*.sql`. Triggers and views are not part of migrations: `furnish` restores them
after each one, because `transform()` of sqlite-utils silently drops triggers.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from archive.store import sums

if TYPE_CHECKING:
    from sqlite_utils import Database

APPLICATION_ID: Final = 0x62616F67
"""`PRAGMA application_id` of an archive: the letters `baog`."""

FACT_KEYS: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "pages": (("id",), ("url",)),
    "site_facts": (("id",), ("sha256",)),
    "runs": (("id",),),
    "run_sites": (("run_id", "name"),),
    "run_ends": (("run_id",),),
    "dictionaries": (("sha256",),),
    "payloads": (("sha256",),),
    "captures": (("id",),),
    "redirects": (("capture_id",),),
    "ledger": (("seq",), ("hash",)),
    "decisions": (("id",),),
    "withdrawals": (("payload_sha256",),),
    "withdrawn_texts": (("text_id",),),
    "pruned_texts": (("text_id",),),
    "rulesets": (("id",), ("sha256",)),
    "rules": (("id",), ("ruleset_id", "name")),
}
"""The append-only tables with every unique key through which REPLACE could delete a row."""

_PROVEN_OTHERWISE: Final = frozenset(
    {*FACT_KEYS, "texts", "packed_texts", "partitions", "identities", "row_sums"}
)
"""Tables without a sum: the ledger names their rows, or those of the texts they belong to."""

COPY_HASHES: Final = "copy_hashes"
"""The one other table without a sum: its rows are many, and made again from words in no time."""

_MIGRATIONS: Final = """CREATE TABLE _sqlite_migrations (
  id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"""

SchemaRow = tuple[str, str, str]
"""Type, name and whitespace-normalised SQL of one object of the schema."""


def ddl(name: str) -> str:
    """Return the content of `sql/NAME.sql`."""
    return files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def statements(script: str) -> list[str]:
    """Split an SQL script into statements, so that they can run inside one transaction."""
    found: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending.strip())
            pending = ""
    return found


def version_1(connection: sqlite3.Connection) -> None:
    """Create the tables of the first release."""
    for name in ("facts", "derived", "collated", "search", "operations"):
        for statement in statements(ddl(name)):
            connection.execute(statement)


STEPS: Final[list[Callable[[sqlite3.Connection], None]]] = [version_1]
"""The migration from version n - 1 to n; a released step never changes."""


def version() -> int:
    """Return `PRAGMA user_version` of an archive written by this code."""
    return len(STEPS)


def migrate(connection: sqlite3.Connection) -> None:
    """Run the missing migrations, then restore triggers and views.

    The caller has opened a transaction with `BEGIN IMMEDIATE`; everything happens inside it.
    """
    from sqlite_utils import Database, Migrations  # noqa: PLC0415  (0.4 s, and rarely needed)

    sums.register(connection)

    migrations = Migrations("baogao")
    for step in STEPS:
        migrations(name=step.__name__)(_on_database(step))
    migrations.apply(Database(connection))
    furnish(connection)
    for table, columns in summed_tables().items():
        sums.renew(connection, table, columns)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version()}")


def furnish(connection: sqlite3.Connection) -> list[str]:
    """Restore every trigger and view that is missing or altered; returns their names."""
    present = {name: sql for _, name, sql in schema_rows(connection)}
    put_back = []
    for kind, name, sql in _furniture():
        if present.get(name) == _plain(sql):
            continue
        connection.execute(f"DROP {kind.upper()} IF EXISTS {name}")
        connection.execute(sql)
        put_back.append(f"{kind} {name}")
    return put_back


def schema_rows(connection: sqlite3.Connection) -> list[SchemaRow]:
    """Return every schema object that has SQL, ordered by type and name."""
    rows = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        " AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE '%_sqlite_migrations%'"
        " AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')"
        " ORDER BY type, name"
    )
    return [(kind, name, _plain(sql)) for kind, name, sql in rows]


@lru_cache(maxsize=1)
def expected_schema() -> tuple[SchemaRow, ...]:
    """Return the schema rows of a new archive."""
    with closing(_unfurnished()) as connection:
        furnish(connection)
        return tuple(schema_rows(connection))


@lru_cache(maxsize=1)
def summed_tables() -> dict[str, tuple[str, ...]]:
    """Return the columns of every table that has a sum."""
    with closing(_unfurnished()) as connection:
        tables = connection.execute(_TABLES).fetchall()
    return {
        table: tuple(json.loads(columns))
        for table, columns in tables
        if table not in _PROVEN_OTHERWISE and table != COPY_HASHES
    }


_TABLES: Final = """
SELECT name, (SELECT json_group_array(name) FROM pragma_table_info(listed.name))
FROM pragma_table_list AS listed
WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name
"""


def _unfurnished() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.execute(_MIGRATIONS)
    for step in STEPS:
        step(connection)
    return connection


def schema_faults(connection: sqlite3.Connection) -> list[str]:
    """Return differences from a new archive, one short sentence each; may be empty.

    Added objects are ignored, except triggers on our tables.
    """
    actual = {(kind, name): sql for kind, name, sql in schema_rows(connection)}
    expected = {(kind, name): sql for kind, name, sql in expected_schema()}
    faults = [
        f"{kind} {name} is {'altered' if (kind, name) in actual else 'missing'}"
        for (kind, name), sql in expected.items()
        if actual.get((kind, name)) != sql
    ]
    strange = [name for kind, name in actual if kind == "trigger" and (kind, name) not in expected]
    return faults + [f"trigger {name} is not ours" for name in strange]


def _on_database(step: Callable[[sqlite3.Connection], None]) -> Callable[[Database], None]:
    return lambda db: step(db.conn)


def _plain(sql: str) -> str:
    return " ".join(sql.split())


@lru_cache(maxsize=1)
def _furniture() -> tuple[SchemaRow, ...]:
    views = [("view", statement.split()[2], statement) for statement in _views()]
    guards = (row for table, keys in FACT_KEYS.items() for row in _guards(table, keys))
    return (*views, *guards, *_sum_triggers())


def _sum_triggers() -> list[SchemaRow]:
    return [
        ("trigger", name, sql)
        for table, columns in summed_tables().items()
        for name, sql in sums.triggers(table, columns)
    ]


def drop_guards(connection: sqlite3.Connection) -> None:
    """Drop every trigger but those that keep sums; `furnish` puts ours back."""
    kept = {name for _, name, _ in _sum_triggers()}
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        if name not in kept:
            connection.execute(f'DROP TRIGGER "{name}"')


def _views() -> list[str]:
    return [
        statement[statement.index("CREATE VIEW") :].rstrip(";")
        for statement in statements(ddl("views"))
    ]


def _guards(table: str, keys: tuple[tuple[str, ...], ...]) -> Iterator[SchemaRow]:
    """Return the triggers that refuse UPDATE, DELETE, and an INSERT that would replace a row."""
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in key) + ")" for key in keys
    )
    taken = f" WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  (names of ours)
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} holds facts: rows are added, never changed'); END"
    for word, event, when in (
        ("update", "UPDATE", ""), ("delete", "DELETE", ""), ("replace", "INSERT", taken),
    ):  # fmt: skip
        name = f"{table}_no_{word}"
        yield "trigger", name, f"CREATE TRIGGER {name} BEFORE {event} ON {table}{when} {refuse}"
