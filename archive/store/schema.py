"""The tables of an archive: numbered steps, triggers that guard facts, what should be there.

Step NNN is the folder `sql/NNN/`: SQL files that are run in the order of their names, once for each
archive. A released step never changes (`RELEASED`). Views (`sql/views.sql`) and triggers belong to
no step: `furnish` makes them whenever they differ from this code's.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from archive.model import sha256
from archive.store import census, sums

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
    "certificate_chains": (("sha256",),),
    "captures": (("id",),),
    "redirects": (("capture_id",),),
    "ledger": (("seq",), ("hash",)),
    "time_stamps": (("id",),),
    "decisions": (("id",),),
    "withdrawals": (("payload_sha256",),),
    "withdrawn_texts": (("text_id",),),
    "pruned_texts": (("text_id",),),
    "rulesets": (("id",), ("sha256",)),
    "rules": (("id",), ("ruleset_id", "name")),
    "shards": (("id",), ("first_hash",)),
    "shard_heads": (("id",), ("shard_id", "seq")),
    "shard_stamps": (("id",),),
}
"""The append-only tables with every unique key through which REPLACE could delete a row."""

_PROVEN_OTHERWISE: Final = frozenset(
    {*FACT_KEYS, "texts", "packed_texts", "partitions", "identities", "row_sums"}
)
"""Tables without a sum: the ledger names their rows, or those of the texts they belong to."""

_COPY_HASHES: Final = "copy_hashes"
"""The one other table without a sum: it has hundreds of rows a text, which cost too much."""

_RECORD: Final = {"_sqlite_migrations": ("id", "migration_set", "name", "applied_at")}
"""The record of the steps: summed after each migration, without triggers."""

_RECORD_SCRIPT: Final = """
CREATE TABLE IF NOT EXISTS "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
"""
"""The record, word for word as sqlite-utils makes it: its own tools show the steps. Importing it
takes half a second where pandas is installed."""

_MIGRATIONS: Final = "baogao"
_KEPT: Final = frozenset({"table", "index"})
"""What only steps make."""

SchemaRow = tuple[str, str, str]
"""Type, name and whitespace-normalised SQL of one object of the schema."""


HOME: Traversable = files(__package__) / "sql"

RELEASED: Final[dict[str, str]] = {
    "001": "30030ad281c2ccb866ed738d280f7846c0142f0ba5f6ffb62787ad31b0276b18",
}
"""Step → digest, of each step that a release has brought; its words never change again."""


@dataclass(frozen=True, slots=True)
class Step:
    """What leads from one version of the schema to the next."""

    name: str
    script: str

    @property
    def digest(self) -> str:
        """The digest of its statements; comments on lines of their own do not count."""
        lines = (line for line in self.script.splitlines() if not line.lstrip().startswith("--"))
        return sha256(_plain("\n".join(lines)).encode())

    @property
    def mark(self) -> str:
        """How an archive records that it went this step."""
        return f"{self.name} {self.digest}"

    def __call__(self, connection: sqlite3.Connection) -> None:
        """Take the step, within the caller's transaction."""
        for statement in statements(self.script):
            connection.execute(statement)


@lru_cache(maxsize=1)
def steps() -> tuple[Step, ...]:
    """Return all steps in order; the nth leads to version n."""
    folders = sorted((each for each in HOME.iterdir() if each.is_dir()), key=lambda each: each.name)
    return tuple(Step(folder.name, _script(folder)) for folder in folders)


def changed_since_release() -> list[str]:
    """Return the names of released steps whose words are no longer the released ones."""
    now = {step.name: step.digest for step in steps()}
    return [name for name, digest in RELEASED.items() if now.get(name) != digest]


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


def version() -> int:
    """Return `PRAGMA user_version` of an archive written by this code."""
    return len(steps())


def migrate(connection: sqlite3.Connection) -> None:
    """Take the missing steps, then restore triggers and views.

    The caller has opened a transaction with `BEGIN IMMEDIATE`; everything happens inside it. Views
    would keep a step from replacing a table. Triggers stay: a step must not change facts either.
    """
    for kind, name, _ in schema_rows(connection):
        if kind == "view":
            connection.execute(f'DROP VIEW "{name}"')
    for statement in statements(_RECORD_SCRIPT):
        connection.execute(statement)
    _record_taken(connection)
    recorded = _recorded(connection)
    for step in steps():
        if step.mark not in recorded:
            step(connection)
            _record(connection, [step.mark])
    sums.register(connection)
    put_back = furnish(connection)
    for table, columns in summed_tables().items():
        if table in _RECORD or f"trigger {table}_sum_insert" in put_back:
            sums.renew(connection, table, columns)
    if any(f"trigger {name}" in put_back for name in census.TRIGGERS):
        census.renew(connection)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version()}")


def is_known(connection: sqlite3.Connection) -> bool:
    """Whether the archive went the steps of this code up to its version, or has their tables."""
    (taken,) = connection.execute("PRAGMA user_version").fetchone()
    if _recorded(connection) == [step.mark for step in steps()[:taken]]:
        return True
    return not table_faults(connection)


def table_faults(connection: sqlite3.Connection) -> list[str]:
    """Return the tables and indexes that are not those of this code, at the archive's version."""
    (taken,) = connection.execute("PRAGMA user_version").fetchone()
    actual = set(schema_rows(connection))
    return [
        name
        for kind, name, sql in expected_schema(taken)
        if kind in _KEPT and (kind, name, sql) not in actual
    ]


def fact_columns() -> dict[str, list[str]]:
    """Return the columns of each table of facts, in a new archive."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in steps():
            step(connection)
        return {table: columns_of(connection, table) for table in FACT_KEYS}


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return the columns of a table; [] if there is none."""
    found = connection.execute("SELECT name FROM pragma_table_info(?, 'main')", (table,))
    return [name for (name,) in found]


def has_our_views(connection: sqlite3.Connection) -> bool:
    """Whether every view is there as this code has it."""
    ours = [(name, sql) for kind, name, sql in _furniture() if kind == "view"]
    actual = set(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'view'"))
    if actual.issuperset(ours):  # the usual case, 1 ms faster
        return True
    plain = {(name, _plain(sql)) for name, sql in actual}
    return plain.issuperset((name, _plain(sql)) for name, sql in ours)


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


@lru_cache(maxsize=8)
def expected_schema(taken: int) -> tuple[SchemaRow, ...]:
    """Return the schema rows of a new archive of a version; the newest has triggers and views."""
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in steps()[:taken]:
            step(connection)
        if taken == version():
            furnish(connection)
        return tuple(schema_rows(connection))


_TABLES: Final = """
SELECT name, (SELECT json_group_array(name) FROM pragma_table_info(listed.name))
FROM pragma_table_list AS listed
WHERE type = 'table' AND name NOT LIKE 'sqlite~_%' ESCAPE '~' ORDER BY name
"""


@lru_cache(maxsize=1)
def _summed_tables() -> dict[str, tuple[str, ...]]:
    with closing(sqlite3.connect(":memory:")) as connection:
        for step in steps():
            step(connection)
        return {
            table: tuple(json.loads(columns))
            for table, columns in connection.execute(_TABLES).fetchall()
            if table not in _PROVEN_OTHERWISE and table != _COPY_HASHES
        }


def summed_tables() -> dict[str, tuple[str, ...]]:
    """Return the columns of every table that has a sum."""
    return _summed_tables() | _RECORD


def schema_faults(connection: sqlite3.Connection) -> list[str]:
    """Return differences from a new archive, one short sentence each; may be empty.

    Added objects are ignored, except triggers on our tables.
    """
    actual = {(kind, name): sql for kind, name, sql in schema_rows(connection)}
    expected = {(kind, name): sql for kind, name, sql in expected_schema(version())}
    faults = [
        f"{kind} {name} is {'altered' if (kind, name) in actual else 'missing'}"
        for (kind, name), sql in expected.items()
        if actual.get((kind, name)) != sql
    ]
    strange = [name for kind, name in actual if kind == "trigger" and (kind, name) not in expected]
    return faults + [f"trigger {name} is not ours" for name in strange]


def _script(folder: Traversable) -> str:
    parts = sorted((each for each in folder.iterdir()), key=lambda each: each.name)
    return "\n".join(each.read_text(encoding="utf-8") for each in parts)


def _record_taken(connection: sqlite3.Connection) -> None:
    """Record the steps up to the archive's version, if that record was lost."""
    (taken,) = connection.execute("PRAGMA user_version").fetchone()
    marks = [step.mark for step in steps()[:taken]]
    if _recorded(connection) == marks:
        return
    connection.execute("DELETE FROM _sqlite_migrations WHERE migration_set = ?", (_MIGRATIONS,))
    _record(connection, marks)


def _record(connection: sqlite3.Connection, marks: list[str]) -> None:
    connection.executemany(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at)"
        " VALUES (?, ?, strftime('%Y-%m-%d %H:%M:%f+00:00'))",
        [(_MIGRATIONS, mark) for mark in marks],
    )


def _recorded(connection: sqlite3.Connection) -> list[str]:
    """Return the marks of the steps that are recorded in the archive."""
    found = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id"
    try:
        return [name for (name,) in connection.execute(found, (_MIGRATIONS,))]
    except sqlite3.OperationalError:  # no such table
        return []


def _plain(sql: str) -> str:
    return " ".join(sql.split())


@lru_cache(maxsize=1)
def _furniture() -> tuple[SchemaRow, ...]:
    views = [("view", statement.split()[2], statement) for statement in _views()]
    guards = (row for table, keys in FACT_KEYS.items() for row in _guards(table, keys))
    return (*views, *guards, *_counting_triggers())


def _counting_triggers() -> list[SchemaRow]:
    of_sums = (
        each
        for table, columns in _summed_tables().items()
        for each in sums.triggers(table, columns)
    )
    return [("trigger", name, sql) for name, sql in (*of_sums, *census.triggers())]


def drop_guards(connection: sqlite3.Connection) -> None:
    """Drop every trigger but those that keep sums and census; `furnish` puts ours back."""
    drop_triggers(connection, kept={name for _, name, _ in _counting_triggers()})


def drop_triggers(connection: sqlite3.Connection, kept: Collection[str] = ()) -> None:
    """Drop every trigger but those in `kept`."""
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for (name,) in names:
        if name not in kept:
            connection.execute(f'DROP TRIGGER "{name}"')


def _views() -> list[str]:
    return [
        statement[statement.index("CREATE VIEW") :].rstrip(";")
        for statement in statements((HOME / "views.sql").read_text(encoding="utf-8"))
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
