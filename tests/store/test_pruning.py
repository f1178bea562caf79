"""`baogao prune` drops texts replaced by newer rules and keeps those that anything refers to."""

from dataclasses import replace

import pytest
from click.testing import CliRunner

from archive.cli import cli
from archive.errors import StorageError
from archive.model import sha256
from archive.store import Archive

from .conftest import derivation_of

NEWER = sha256(b"newer rules")


@pytest.fixture
def rederived(filled):
    """Three texts, of which newer rules make two otherwise; ids 1 to 3, then 4 and 5."""
    with filled.run("rederive") as run:
        for capture_id, capture in filled.captures_to_derive(NEWER):
            made = derivation_of(capture, ruleset=NEWER)
            run.text(capture_id, made if capture_id == 1 else replace(made, confidence=0.25))
    filled.collate()
    return filled


def texts(archive):
    return [i for (i,) in archive.connection.execute("SELECT id FROM texts ORDER BY id")]


def run(*arguments):
    return CliRunner().invoke(cli, ["prune", *map(str, arguments)])


def failed(archive):
    return [found for found in archive.verification().findings() if found.result == "failed"]


def test_what_was_made_otherwise_goes_and_is_named(rederived):
    rederived.close()
    assert run(rederived.path, "--dry-run").exit_code == 0
    with Archive.open(rederived.path) as archive:
        assert texts(archive) == [1, 2, 3, 4, 5]
    done = run(rederived.path)
    assert done.exit_code == 0, done.output
    assert "dropped 2 of 5 texts" in done.output
    with Archive.open(rederived.path) as archive:
        assert texts(archive) == [1, 4, 5]
        assert failed(archive) == []
        pruned = [f for f in archive.verification().findings() if f.detail == "pruned"]
        assert [f.subject for f in pruned] == ["texts 2", "texts 3"]
        named = archive.connection.execute("SELECT text_id FROM pruned_texts ORDER BY 1")
        assert named.fetchall() == [(2,), (3,)]
        for table in ("spans", "passages", "identities", "flags", "rule_uses"):
            left = archive.connection.execute(f"SELECT DISTINCT text_id FROM {table}").fetchall()
            assert {i for (i,) in left} <= {1, 4, 5}, table
        unused = (
            "SELECT count(*) FROM packed_texts"
            " WHERE sha256 NOT IN (SELECT visible_sha256 FROM texts)"
        )
        assert archive.connection.execute(unused).fetchone() == (0,)
        works = archive.connection.execute("SELECT name, made_of FROM works").fetchall()
        archive.collate(anew=True)
        assert archive.connection.execute("SELECT name, made_of FROM works").fetchall() == works
    assert "0 of 3 texts can go" in run(rederived.path).output


def test_a_dropped_text_without_its_row_is_missing(rederived):
    rederived.connection.execute("DELETE FROM texts WHERE id = 2")
    assert ("rows", "texts 2") in {(f.check, f.subject) for f in failed(rederived)}


def test_texts_that_are_named_stay(rederived):
    with rederived.run("decide") as run_:
        run_.decide(2, "report_year", 2023, who="me", why="it says so")
    rederived.connection.execute("INSERT INTO exported_texts VALUES (1, 3)")
    plan = rederived.superseded()
    assert (plan.texts, plan.superseded, plan.stored) == ((), 2, 5)
    rederived.close()
    assert "2 more are superseded, but something names them" in run(rederived.path).output


def test_a_text_made_again_by_older_rules_is_current_again(rederived):
    with rederived.run("rederive") as run_:
        for capture_id in (2, 3):
            capture = rederived.capture(capture_id)
            assert run_.text(capture_id, derivation_of(capture, ruleset=sha256(b"third"))) < 4
    rederived.collate()
    assert [t.id for t in rederived.superseded().texts] == [4, 5]
    sketched = rederived.connection.execute("SELECT text_id FROM sketches ORDER BY 1").fetchall()
    assert {i for (i,) in sketched} <= {1, 2, 3}


def test_nothing_to_prune(filled):
    filled.close()
    assert "0 of 3 texts can go" in run(filled.path).output


def test_what_an_export_took_stays(rederived, tmp_path):
    """The texts of the reports that were exported are named by the run of the export."""
    rederived.close()
    done = CliRunner().invoke(
        cli, ["export", str(rederived.path), str(tmp_path / "out"), "--format", "jsonl"]
    )
    assert done.exit_code == 0, done.output
    with Archive.open(rederived.path) as archive:
        rows = archive.connection.execute(
            "SELECT runs.kind, text_id FROM exported_texts JOIN runs ON runs.id = run_id"
        ).fetchall()
        sources = archive.connection.execute(
            "SELECT DISTINCT source.value ->> 0 FROM editions, json_each(sources_json) AS source"
        ).fetchall()
        assert rows
        assert sorted(rows) == sorted(("export", text_id) for (text_id,) in sources)
        assert failed(archive) == []


def test_an_export_of_what_cannot_be_written_says_so(rederived, tmp_path, monkeypatch):
    rederived.close()
    monkeypatch.setattr(
        "archive.store.run.start", lambda *_: (_ for _ in ()).throw(StorageError("x"))
    )
    done = CliRunner().invoke(
        cli, ["export", str(rederived.path), str(tmp_path / "out"), "--format", "jsonl"]
    )
    assert done.exit_code == 0
    assert "not recorded as an export" in done.output
    assert (tmp_path / "out" / "codebook.md").is_file()
