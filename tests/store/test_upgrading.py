"""Archives of other versions: older, newer, unreleased, without their derived tables."""

from __future__ import annotations

import lzma
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from store.made_up import answer, derivation_of

from archive.cli import cli
from archive.errors import (
    BrokenLawError,
    NewerDatabaseError,
    StorageError,
    UnreleasedDatabaseError,
    UsageError,
)
from archive.store import Archive, schema

RELEASED_FILES = Path(__file__).parent / "released"
"""An archive of each released schema, made by its release: `001.db.xz` and so on."""

MORE = """
CREATE TABLE more (id INTEGER PRIMARY KEY, page_id INTEGER REFERENCES pages (id)) STRICT;
INSERT INTO more (page_id) SELECT id FROM pages;
ALTER TABLE captures ADD COLUMN mood TEXT;
CREATE TABLE new_pages (
  id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE, surt TEXT NOT NULL, host TEXT NOT NULL,
  note TEXT
) STRICT;
INSERT INTO new_pages SELECT id, url, surt, host, NULL FROM pages;
DROP TABLE pages;
ALTER TABLE new_pages RENAME TO pages;
CREATE INDEX pages_surt ON pages (surt);
CREATE INDEX pages_host ON pages (host);
"""
"""A step as a later release may bring it: a table, a column, and a table of facts made anew."""


def forget():
    """Have the schema read again: everything about it that is remembered."""
    for known in vars(schema).values():
        if hasattr(known, "cache_clear"):
            known.cache_clear()


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A copy of the SQL files to which a test adds what a later version has."""
    copied = Path(shutil.copytree(schema.HOME, tmp_path / "sql"))
    monkeypatch.setattr(schema, "HOME", copied)
    forget()
    yield copied
    monkeypatch.undo()
    forget()


def add_step(home, script=MORE):
    (home / "002").mkdir()
    (home / "002" / "more.sql").write_text(script, encoding="utf-8")
    forget()


def run(*arguments):
    return CliRunner().invoke(cli, [str(each) for each in arguments])


def refusal(kind, path, **how):
    with pytest.raises(kind) as told:
        Archive.open(path, **how)
    words = str(told.value)
    assert "backup" not in words or kind is StorageError
    assert "\n" not in words
    return words


def edit(path, *statements):
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def contents(path):
    with sqlite3.connect(path) as connection:
        tables = [*sorted(schema.FACT_KEYS), "texts", "packed_texts", "partitions"]
        found = [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
    connection.close()
    return found


def test_released_steps_have_not_changed():
    assert schema.changed_since_release() == []


def test_a_change_of_a_released_step_is_noticed(home, monkeypatch):
    (first,) = schema.steps()
    monkeypatch.setattr(schema, "RELEASED", {"001": first.digest})
    assert schema.changed_since_release() == []
    facts = home / "001" / "facts.sql"
    words = facts.read_text(encoding="utf-8")
    facts.write_text(f"-- A comment more.\n{words}", encoding="utf-8")
    forget()
    assert schema.changed_since_release() == []
    facts.write_text(words.replace("host TEXT NOT NULL", "host TEXT"), encoding="utf-8")
    forget()
    assert schema.changed_since_release() == ["001"]
    shutil.rmtree(home / "001")
    forget()
    assert schema.changed_since_release() == ["001"]


def test_an_archive_of_each_release_is_kept_and_opens(path):
    kept = sorted(RELEASED_FILES.glob("*.db.xz"))
    assert [file.name.split(".")[0] for file in kept] == sorted(schema.RELEASED)
    for file in kept:
        path.write_bytes(lzma.decompress(file.read_bytes()))
        with Archive.open(path) as archive:
            assert list(archive.verification().findings()) == []


def test_an_older_archive_is_backed_up_and_migrated(closed, home):
    before = contents(closed)
    add_step(home)
    assert "baogao upgrade" in refusal(UsageError, closed, read_only=True)
    assert contents(closed) == before
    with Archive.open(closed) as archive:
        assert archive.connection.execute("SELECT count(*) FROM more").fetchone() == (5,)
        assert archive.connection.execute("SELECT note, mood FROM pages, captures").fetchone()
        assert schema.schema_faults(archive.connection) == []
        assert list(archive.verification().findings()) == []
        ((made, kind),) = archive.connection.execute(
            "SELECT arguments_json ->> 'backup', kind FROM runs WHERE id = 2"
        )
        assert (archive.backup.name, kind) == (made, "upgrade")
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            archive.connection.execute("DELETE FROM pages")
    assert contents(closed.parent / made) == before
    with Archive.open(closed, read_only=True) as archive:
        assert archive.backup is None
    shutil.rmtree(home / "002")
    forget()
    with Archive.open(closed.parent / made) as archive:
        assert list(archive.verification().findings()) == []


def test_upgrade_says_what_it_did(closed, home):
    assert run("upgrade", closed).output == f"{closed}: is up to date\n"
    add_step(home)
    result = run("upgrade", closed)
    (made,) = closed.parent.glob("demo.schema-1.*Z.db")
    assert result.output == f"{closed}: migrated to schema 2; as it was: {made}\n"


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("DROP TABLE editions; this is no SQL;", StorageError),
        ("UPDATE pages SET host = 'x';", BrokenLawError),
        ("CREATE TABLE b (id INTEGER REFERENCES runs (id)) STRICT; INSERT INTO b VALUES (9);",
         BrokenLawError),
    ],
)  # fmt: skip
def test_a_migration_that_fails_leaves_everything_as_it_was(closed, home, script, kind):
    before = contents(closed)
    add_step(home, script.replace("; ", ";\n") + "\n")
    with pytest.raises(kind):
        Archive.open(closed)
    assert list(closed.parent.glob("demo.schema-*")) == []
    shutil.rmtree(home / "002")
    forget()
    assert contents(closed) == before
    with Archive.open(closed) as archive:
        assert list(archive.verification().findings()) == []


def test_nothing_is_migrated_without_room_for_a_backup(closed, home, monkeypatch):
    add_step(home)
    before = contents(closed)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    words = refusal(StorageError, closed)
    assert "4,096 are free; make room and run again" in words
    assert contents(closed) == before


def test_a_newer_archive_is_refused(closed):
    edit(closed, "PRAGMA user_version = 99")
    for read_only in (False, True):
        assert "pip install --upgrade baogao" in refusal(
            NewerDatabaseError, closed, read_only=read_only
        )


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    "change", ["ALTER TABLE texts DROP COLUMN shape", "DROP TABLE text_rulesets"]
)
def test_an_archive_of_an_unreleased_commit_is_told_so(closed, change, read_only):
    drop_views(closed)
    edit(closed, change, "UPDATE _sqlite_migrations SET name = 'version_1'")
    before = closed.read_bytes()
    words = refusal(UnreleasedDatabaseError, closed, read_only=read_only)
    assert "was made by an unreleased version of baogao" in words
    assert f"baogao export {closed} FOLDER --format warc" in words
    for command in (["works", closed], ["verify", closed], ["backup", closed, f"{closed}.2"]):
        result = run(*command)
        assert (result.exit_code, "unreleased" in result.output) == (2, True)
    assert closed.read_bytes() == before


def drop_views(path):
    with sqlite3.connect(path) as connection:
        views = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchall()
    connection.close()
    edit(path, *(f"DROP VIEW {name}" for (name,) in views))


def test_an_archive_whose_record_of_steps_is_lost_is_known_by_its_tables(closed, home):
    edit(closed, "DROP TABLE _sqlite_migrations")
    with Archive.open(closed, read_only=True) as archive:
        assert archive.ledger_head()
    add_step(home)
    with Archive.open(closed) as archive:
        assert list(archive.verification().findings()) == []


def test_missing_views_are_told_when_they_cannot_be_put_back(closed):
    drop_views(closed)
    assert f"baogao upgrade {closed}" in refusal(UsageError, closed, read_only=True)
    assert run("upgrade", closed).exit_code == 0
    assert run("works", closed).exit_code == 0


def test_captures_are_taken_over_from_an_archive_without_derived_tables(closed, tmp_path):
    """As of an unreleased commit: no texts, no decisions yet, and captures lack a column."""
    with Archive.open(closed, read_only=True) as archive:
        wanted = [capture for _, capture in archive.captures(with_payload=True)]
    with sqlite3.connect(closed) as connection:
        gone = connection.execute("SELECT name FROM pragma_table_list WHERE type = 'table'")
        derived = [name for (name,) in gone if name.startswith(("text", "work", "packed", "rule"))]
    connection.close()
    drop_views(closed)
    edit(
        closed,
        *(f"DROP TABLE {name}" for name in [*derived, "decisions"]),
        "ALTER TABLE captures DROP COLUMN ip",
        "UPDATE _sqlite_migrations SET name = 'version_1'",
    )
    exported = run("export", closed, tmp_path / "out", "--format", "warc")
    assert exported.exit_code == 0
    assert "only its captures are written" in exported.output
    files = sorted((tmp_path / "out").glob("*.warc.gz"))
    assert [file.name for file in files] == ["captures-00001.warc.gz"]
    new = tmp_path / "new.db"
    assert run("backfill", "warc", new, *files).exit_code == 0
    with Archive.open(new, read_only=True) as archive:
        taken = [capture for _, capture in archive.captures(with_payload=True)]
        as_before = {"origin": "live", "member": None, "container_sha256": None}
        assert [replace(capture, **as_before) for capture in taken] == wanted
        assert archive.connection.execute("SELECT count(*) FROM texts").fetchone() > (0,)


def test_a_file_without_captures_has_nothing_to_take_over(closed, tmp_path):
    drop_views(closed)
    edit(closed, "DROP TABLE payloads")
    result = run("export", closed, tmp_path / "out", "--format", "warc")
    assert (result.exit_code, result.output) == (
        2, f"Error: {closed}: has no captures: table payloads is missing\n",
    )  # fmt: skip


def test_an_interrupted_migration_leaves_the_old_version(closed, home, monkeypatch):
    """The next opening migrates."""
    add_step(home)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(schema, "furnish", interrupt)
        Archive.open(closed)
    with Archive.open(closed) as archive, archive.run("crawl") as started:
        started.text(started.capture(answer(7)), derivation_of(answer(7)))
        assert list(archive.verification().findings()) == []


def interrupt(_):
    raise KeyboardInterrupt


MIGRATE = """
import sys
from pathlib import Path
from archive.store import Archive, schema
schema.HOME = Path(sys.argv[2])
print("begun", flush=True)
Archive.open(sys.argv[1]).close()
"""


@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.8, 0.95])
def test_a_migration_that_is_killed_is_done_by_the_next_opening(closed, home, share):
    """SIGKILL at parts of the time that the same migration takes undisturbed."""
    before = contents(closed)
    add_step(home)
    other = Path(shutil.copy(closed, closed.with_name("other.db")))
    takes = migrated_apart(other, home)
    migrated_apart(closed, home, kill_after=takes * share)
    kept = [path for path in closed.parent.glob("demo.schema-1.*Z.db") if contents(path) != before]
    assert kept == []
    with Archive.open(closed) as archive:
        assert list(archive.verification().findings()) == []
        assert archive.connection.execute("SELECT count(*) FROM more").fetchone() == (5,)


def migrated_apart(path, home, kill_after=None):
    """Migrate in a process of its own; gives the seconds that it took after its imports."""
    command = [sys.executable, "-c", MIGRATE, str(path), str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout.readline() == b"begun\n"
        started = time.monotonic()
        if kill_after is not None:
            time.sleep(kill_after)
            running.kill()
        assert running.wait(60) in {0, -signal.SIGKILL}
        return time.monotonic() - started
