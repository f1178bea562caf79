"""An edit of any column of any table is found; `bench/bench_store_flips.py` flips bits as well."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from full_archives import MADE_AGAIN, columns, edited, full_archive, pages
from store.made_up import with_another_rule

from archive import derive
from archive.known import shipped
from archive.store import Archive, schema, sums, wal
from archive.store.checks import CHECKS, OTHER_RULES, Scope, to_the_end
from archive.store.progress import plainly
from archive.store.recomputing import compared, made_again

SOON = ("sums", "rows", "ledger")
"""Checks that find most edits; asked first, because the first finding is enough here."""


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    path = full_archive(tmp_path_factory.mktemp("full") / "full.db")
    with Archive.open(path, repair=False) as archive:
        yield archive


def is_found(connection, checks=CHECKS):
    scope = Scope(connection, None, None, plainly)
    ordered = sorted(checks, key=lambda check: check[0] not in SOON)
    return any(
        looked.result == "failed" for _, check in ordered for looked in to_the_end(check, scope)
    )


def test_an_archive_with_rows_in_every_table_is_sound(full):
    assert [f for f in full.verification().findings() if f.result == "failed"] == []
    having = {table for table, _ in columns(full.connection)}
    assert {*schema.FACT_KEYS, *schema.summed_tables()} - having == {
        "dictionaries", "to_collate", "copy",
    }  # fmt: skip


def test_an_edit_of_any_column_is_found(full):
    missed = []
    for table, column in columns(full.connection):
        if table.startswith(MADE_AGAIN):
            continue
        with edited(full.connection, table, column) as done:
            assert done, (table, column)
            if not is_found(full.connection):
                missed.append((table, column))
    assert missed == []


@pytest.fixture(scope="module")
def again(full, tmp_path_factory):
    (ruleset_id,) = full.connection.execute("SELECT ruleset_id FROM current_ruleset").fetchone()
    path = tmp_path_factory.mktemp("again") / "again.db"
    with closing(made_again(full.connection, path, ruleset_id, shipped())) as made:
        yield made


def differing(full, again):
    return [each for each in compared(full.connection, again) if each.result == "failed"]


def test_collating_again_gives_the_same_and_finds_what_the_quick_checks_do_not_compare(full, again):
    assert differing(full, again) == []
    missed = []
    for table, column in columns(full.connection):
        if table.startswith(MADE_AGAIN):
            with edited(full.connection, table, column):
                if not differing(full, again):
                    missed.append((table, column))
    assert missed == []


@pytest.mark.parametrize(
    ("table", "column"),
    [("works", "place"), ("editions", "passages_json"), ("editions", "sources_json"),
     ("readings", "words"), ("witnesses", "extent"), ("inherited_identities", "raw"),
     ("brand_places", "evidence"), ("links", "share"), ("sketches", "key_chars"),
     ("search_documents", "passages_json")],
)  # fmt: skip
def test_who_edits_a_judgement_and_the_sums_is_found_by_collating_again(full, again, table, column):
    with edited(full.connection, table, column):
        sums.renew(full.connection, table, schema.summed_tables()[table])
        assert not is_found(full.connection)
        assert differing(full, again)


def test_a_text_that_does_not_come_of_its_page_is_found_by_deriving_again(baogao, tmp_path):
    with Archive.open(tmp_path / "a.db", create=True) as archive, archive.run("crawl") as run:
        for number, page in enumerate(pages()[:2]):
            made = derive(page)
            run.text(run.capture(page), replace(made, confidence=0.5) if number else made)
        archive.collate(run.id)
    assert baogao("verify", "a.db").returncode == 0
    done = baogao("verify", "a.db", "--full", "--quiet")
    assert [json.loads(line)["subject"] for line in done.stdout.splitlines()] == ["text 2"]
    assert done.returncode == 1


def test_a_sound_archive_is_told_what_was_proved(baogao, tmp_path):
    with Archive.open(tmp_path / "a.db", create=True) as archive:
        with archive.run("crawl") as run:
            run.text(run.capture(pages()[0]), derive(pages()[0]))
            archive.collate(run.id)
        head = archive.ledger_head()
        archive.start_run("crawl")
    quick = baogao("verify", "a.db").stderr.decode()
    assert "crawl run 2" in quick
    assert "has no end" in quick
    assert "--full does that" in quick
    assert "needs --head" in quick
    full = baogao("verify", "a.db", "--full", "--head", head)
    assert (full.returncode, full.stdout) == (0, b"")
    assert "come out the same" in full.stderr.decode()
    assert "up to the head" in full.stderr.decode()


def test_what_other_knowledge_made_is_checked_with_it(baogao, tmp_path):
    with Archive.open(tmp_path / "a.db", create=True) as archive, archive.run("crawl") as run:
        run.text(run.capture(pages()[0]), derive(pages()[0]))
        archive.collate(run.id)
    with_another_rule(shipped().folder, tmp_path / "mine")
    assert baogao("rederive", "a.db", "--knowledge", "mine").returncode == 0
    without = baogao("verify", "a.db", "--full", "--quiet").stdout.splitlines()
    assert {json.loads(line)["detail"] for line in without} == {OTHER_RULES}
    done = baogao("verify", "a.db", "--full", "--knowledge", "mine", "--report")
    counts = {row["check"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert done.returncode == 0, done.stdout
    assert counts["derivations"]["ok"] == 1
    assert counts["collated"]["not checkable"] == 0
    refused = baogao("verify", "a.db", "--knowledge", "mine")
    assert (refused.returncode, b"--knowledge is for --full" in refused.stderr) == (2, True)


def test_what_sqlite_drops_of_a_damaged_log_is_noticed(tmp_path):
    Archive.open(tmp_path / "a.db", create=True).close()
    archive = Archive.open(tmp_path / "a.db")
    for _ in range(3):
        with archive.run("crawl"):
            pass
    log = tmp_path / "a.db-wal"
    sound = log.read_bytes()
    for at in (17, 40, 60, len(sound) // 2):
        copy = tmp_path / f"{at}.db"
        copy.write_bytes((tmp_path / "a.db").read_bytes())
        damaged = bytearray(sound)
        damaged[at] ^= 1
        Path(f"{copy}-wal").write_bytes(damaged)
        assert wal.lost_commits(copy) > 1
    with Archive.open(copy, repair=False) as opened:
        assert [f.subject for f in opened.verification().findings()] == ["write-ahead log"]
    Path(f"{copy}-wal").write_bytes(sound[:-2000])
    assert wal.lost_commits(copy) == 0, "what was cut off was never acknowledged"
    archive.close()
    assert wal.lost_commits(tmp_path / "a.db") == 0
