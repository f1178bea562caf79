"""The schema guards facts against every way of changing them, and notices when it was changed."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest
from sqlite_utils import Database, Migrations

from archive.store import census, schema


@pytest.fixture
def db():
    with Database(memory=True) as made:
        made.conn.isolation_level = None
        made.conn.execute("BEGIN IMMEDIATE")
        schema.migrate(made.conn)
        made.conn.execute("COMMIT")
        yield made


def add_page(db):
    db.conn.execute("INSERT INTO pages (url, surt, host) VALUES ('http://a/', 'a', 'a')")


def test_every_table_is_strict(db):
    kinds = {name: strict for _, name, kind, _, _, strict in db.conn.execute("PRAGMA table_list")
             if kind == "table" and not name.startswith(("sqlite_", "_sqlite"))}  # fmt: skip
    assert set(schema.FACT_KEYS) <= set(kinds)
    assert [name for name, strict in kinds.items() if not strict] == []


def test_a_new_database_has_no_faults_and_its_mark(db):
    assert schema.schema_faults(db.conn) == []
    assert db.conn.execute("PRAGMA application_id").fetchone() == (schema.APPLICATION_ID,)
    assert db.conn.execute("PRAGMA user_version").fetchone() == (schema.version(),)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE pages SET host = 'b'",
        "DELETE FROM pages",
        "INSERT OR REPLACE INTO pages (url, surt, host) VALUES ('http://a/', 'x', 'x')",
        "REPLACE INTO pages (id, url, surt, host) VALUES (1, 'http://b/', 'x', 'x')",
        "INSERT INTO pages VALUES (1, 'b', 'x', 'x') ON CONFLICT (id) DO UPDATE SET host = 'x'",
    ],
)
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_facts_refuse_change_from_any_connection(db, change, recursive):
    add_page(db)
    db.conn.execute(f"PRAGMA recursive_triggers = {recursive}")
    with pytest.raises(sqlite3.IntegrityError, match="rows are added, never changed"):
        db.conn.execute(change)
    assert db.conn.execute("SELECT * FROM pages").fetchall() == [(1, "http://a/", "a", "a")]


def test_every_fact_table_has_all_three_guards_and_every_other_one_a_sum(db):
    names = {name for kind, name, _ in schema.schema_rows(db.conn) if kind == "trigger"}
    guards = {
        f"{table}_no_{word}"
        for table in schema.FACT_KEYS
        for word in ("update", "delete", "replace")
    }
    summed = {
        f"{table}_sum_{word}"
        for table in {*schema.summed_tables()} - {"_sqlite_migrations"}
        for word in ("insert", "update", "delete")
    }
    assert names == guards | summed | census.TRIGGERS
    assert {"works", "editions", "frontier", "alerts", "_sqlite_migrations"} < set(
        schema.summed_tables()
    )


def test_fact_keys_name_every_unique_key(db):
    for table, keys in schema.FACT_KEYS.items():
        unique = {
            tuple(db.conn.execute(f"SELECT name FROM pragma_index_info('{name}')").fetchall())
            for _, name, is_unique, *_ in db.conn.execute(f"PRAGMA index_list('{table}')")
            if is_unique
        }
        assert {tuple((column,) for column in key) for key in keys} >= unique, table


def test_transform_drops_triggers_and_furnish_puts_them_back(db):
    db.table("pages").transform()
    assert "trigger pages_no_update is missing" in schema.schema_faults(db.conn)
    assert set(schema.furnish(db.conn)) >= {"trigger pages_no_update", "trigger pages_no_delete"}
    assert [fault for fault in schema.schema_faults(db.conn) if "trigger" in fault] == []


def test_a_foreign_trigger_is_noticed(db):
    db.conn.execute("CREATE TRIGGER sly AFTER INSERT ON flags BEGIN DELETE FROM flags; END")
    assert schema.schema_faults(db.conn) == ["trigger sly is not ours"]


def test_views_can_be_read(db):
    for name in db.view_names():
        assert db.conn.execute(f"SELECT * FROM {name}").fetchall() == []


def test_the_record_of_the_steps_is_one_of_sqlite_utils(archive):
    migrations = Migrations("baogao")
    for step in schema.steps():
        migrations(name=step.mark)(step)
    assert migrations.pending(archive.db) == []
    assert [each.name for each in migrations.applied(archive.db)] == [
        step.mark for step in schema.steps()
    ]
    theirs = Database(memory=True)
    migrations.ensure_migrations_table(theirs)
    objects = (
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE tbl_name = '_sqlite_migrations' AND sql NOT NULL"
    )
    assert archive.connection.execute(objects).fetchall() == theirs.execute(objects).fetchall()


def test_neither_making_an_archive_nor_opening_it_loads_heavy_libraries(path):
    words = (
        "import sys; from archive.store import Archive;"
        " Archive.open(sys.argv[1], create=True).close(); Archive.open(sys.argv[1]).close();"
        " assert not {'sqlite_utils', 'pandas', 'jieba', 'scrapy', 'datasette'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", words, path], check=True)
