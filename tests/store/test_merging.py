"""Archives merged into one: equal to one that was made in one go, repeatable, proven."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from store.made_up import answer, derivation_of

import baogao_practice as practice
from archive import Capture, derive
from archive.errors import BrokenLawError, UsageError
from archive.store import Archive, schema
from archive.store.compaction import compact
from archive.store.copies import backup, public_backup
from archive.store.ledger import newest_head
from archive.store.merging import merge, merging
from archive.store.withdrawal import withdraw
from crawler.frontier import Entry, SqliteFrontier

sys.path.append(str(Path(__file__).parents[2] / "bench"))
from equal_archives import differing

EVERY = [n for kind, n, _ in schema.expected_schema(schema.version()) if kind == "table"]


def made(path: Path, numbers, **more) -> Path:
    """An archive of the made-up pages of these numbers."""
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        for number in numbers:
            run.text(run.capture(answer(number, **more)), derivation_of(answer(number, **more)))
        archive.collate(run.id)
    return path


def rows(path: Path, tables=EVERY) -> dict[str, list[tuple]]:
    with closing(sqlite3.connect(path)) as plain:
        return {table: plain.execute(f"SELECT * FROM {table}").fetchall() for table in tables}


def ask(path: Path, select: str, *values) -> list[tuple]:
    with closing(sqlite3.connect(path)) as plain:
        return plain.execute(select, values).fetchall()


def failures(path: Path) -> list[str]:
    with Archive.open(path) as archive:
        found = archive.verification().findings()
        return [f"{each.subject}: {each.detail}" for each in found if each.result == "failed"]


@pytest.fixture
def shards(tmp_path):
    """Two archives; they have page 3 in common, with a text that was made at another time."""
    return [made(tmp_path / "a.db", range(4)), made(tmp_path / "b.db", range(3, 7))]


@pytest.fixture
def target(tmp_path):
    return tmp_path / "merged.db"


def test_the_merged_archive_equals_that_of_one_crawl(tmp_path, shards, target):
    single = made(tmp_path / "single.db", [*range(4), *range(3, 7)])
    merge(target, shards)
    assert differing(single, target) == {}
    assert len(ask(target, "SELECT 1 FROM texts")) == 7
    assert ask(target, "SELECT count(*) FROM captures") == [(8,)]
    assert failures(target) == []


def test_real_derivations_of_copies_make_the_same_works_and_editions(tmp_path, target):
    """Copies of the same reports lie in different shards, in another order than in one crawl."""
    captures = []
    for year in (2021, 2022):
        lines = practice.write_report("130600", year, seed=year, length=2500).texts
        other = [line.replace("，", ",", 1) for line in lines]
        for host, words in (("one.gov.cn", lines), ("two.com", other[:-2]), ("x.com", lines[6:])):
            body = "".join(f"<p>{line}</p>" for line in words)
            page = f"<html><meta charset=utf-8><body>{body}</body></html>".encode()
            headers = {"content-type": "text/html"}
            url = f"http://www.{host}/{year}.html"
            captures.append(Capture.from_bytes(page, url=url, headers=headers))
    single = tmp_path / "single.db"
    parts = {single: captures, **{tmp_path / f"{n}.db": captures[n::3] for n in (2, 0, 1)}}
    for path, some in parts.items():
        with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
            for capture in some:
                run.text(run.capture(capture), derive(capture))
            archive.collate(run.id)
    merge(target, list(parts)[1:])
    assert differing(single, target) == {}
    assert len(ask(target, "SELECT 1 FROM witnesses")) == 6


def test_a_second_merge_adds_no_row(shards, target):
    merge(target, shards)
    tables = [name for name in EVERY if name not in {"collated", "row_sums"}]  # everything → 0
    before = rows(target, tables)
    again = merge(target, shards)
    assert rows(target, tables) == before
    assert not again.rows


def test_a_shard_that_grew_is_merged_on(tmp_path, shards, target):
    merge(target, shards)
    made(shards[0], [8, 9])
    found = merge(target, shards)
    assert (found.rows["captures"], found.rows["texts"], found.rows["runs"]) == (2, 2, 1)
    single = made(tmp_path / "single.db", range(7))
    made(single, [3])
    made(single, [8, 9])
    assert differing(single, target) == {}
    assert failures(target) == []


def test_stopped_after_any_batch_it_goes_on(tmp_path, target, monkeypatch):
    """Each transaction is tried; a batch is one entry of a ledger."""
    shards = [made(tmp_path / "a.db", [1]), made(tmp_path / "b.db", [1, 2])]
    monkeypatch.setattr(merging, "ROWS_A_BATCH", 1)
    merge(target, shards)
    entries = len(ask(target, "SELECT 1 FROM shard_ledger"))
    assert entries == len(ask(target, "SELECT 1 FROM shard_heads")) > 6
    for stop in range(1, entries + 1):
        path = tmp_path / f"stopped-{stop}.db"
        with monkeypatch.context() as patch:
            stopping(patch, stop)
            with pytest.raises(RuntimeError):
                merge(path, shards)
        assert len(ask(path, "SELECT 1 FROM shard_heads")) == stop - 1
        assert failures(path) == []
        merge(path, shards)
        assert differing(path, target) == {}
        assert len(ask(path, "SELECT 1 FROM shard_heads")) == entries


def stopping(patch, stop: int) -> None:
    """Make the merge fail within the nth batch, after its rows were copied."""
    take, count = merging.RowMerger.take, iter(range(1, 1000))

    def taken(self, entries):
        take(self, entries)
        if next(count) == stop:
            raise RuntimeError("stopped")

    patch.setattr(merging.RowMerger, "take", taken)


def test_what_belongs_to_a_shard_comes_with_it(shards, target):
    """Runs, a decision, a time-stamp, the frontier, an alert, a check and an export."""
    with Archive.open(shards[1]) as archive, archive.run("demo") as run:
        run.decide(1, "title", "演示", who="某人", why="书面")
        run.time_stamp(newest_head(archive.connection), "http://tsa.test/", "2026-01-01", b"answer")
        frontier = SqliteFrontier(archive)
        with archive.transaction():
            for n in range(2):
                frontier.add(Entry("demo", "a.test", f"http://a.test/{n}", str(n), "{}"), "2026")
            frontier.lease("demo", "a.test", 1, "2027", "token")
            archive.connection.execute("INSERT INTO exported_texts VALUES (?, 2)", (run.id,))
            archive.writer.alert("clock", "went back", run.id)
        verification = archive.verification()
        archive.store_verification(run.id, verification, list(verification.findings()))
    merge(target, shards)
    kinds = ask(target, "SELECT kind FROM runs ORDER BY id")
    assert kinds == [("merge",), ("crawl",), ("crawl",), ("demo",)]
    assert ask(target, "SELECT who, run_id FROM decisions") == [("某人", 4)]
    assert ask(target, "SELECT state, lease_token FROM frontier") == [("pending", None)] * 2
    assert ask(target, "SELECT name, run_id FROM alerts") == [("clock (shard 2)", 4)]
    assert ask(target, "SELECT DISTINCT run_id FROM fixity_checks") == [(4,)]
    exported = "SELECT url FROM exported_texts JOIN text_captures USING (text_id)"
    assert ask(target, exported) == [("http://www.demo.test/report/4.html",)]
    with Archive.open(target) as archive:
        (stamp,) = archive.time_stamps()
        assert (stamp["shard"], stamp["in_ledger"]) == ("b.db", 1)
        assert archive.unfinished_proofs() == []
    assert failures(target) == []


def test_the_later_decision_applies_whatever_is_merged_first(shards, target, monkeypatch):
    for path, words, at in ((shards[0], "后来", "2026-02-02"), (shards[1], "早先", "2026-01-01")):
        with Archive.open(path) as archive, archive.run("decide") as run:
            monkeypatch.setattr("archive.clock.now", lambda at=at: f"{at}T00:00:00.000Z")
            (text,) = archive.connection.execute(
                "SELECT text_id FROM text_captures WHERE url LIKE '%/3.html'"
            ).fetchone()
            run.decide(text, "title", words, who="某人", why="书面")
            monkeypatch.undo()
    merge(target, shards)
    assert ask(target, "SELECT DISTINCT title FROM works WHERE title IS NOT NULL") == [("后来",)]


@pytest.mark.parametrize("change", ["pruned before", "pruned later"])
def test_texts_that_a_shard_dropped(shards, target, change):
    if change == "pruned later":
        merge(target, shards)
    with Archive.open(shards[0]) as archive:
        with archive.run("rederive") as run:
            newer = derivation_of(answer(0), ruleset="1" * 64, year=2023)
            run.text(1, newer)
            archive.collate(run.id)
        with archive.run("prune") as run:
            archive.prune(run, archive.superseded())
    merge(target, shards)
    kept = change == "pruned later"
    assert len(ask(target, "SELECT 1 FROM texts")) == 8 if kept else 7
    assert len(ask(target, "SELECT 1 FROM pruned_texts")) == (0 if kept else 1)
    assert failures(target) == []
    made(shards[0], [9])
    merge(target, shards)
    assert failures(target) == []


def test_a_withdrawn_payload_comes_from_no_shard(tmp_path, shards, target):
    with Archive.open(shards[0]) as archive:
        digest = archive.capture(4).payload_sha256
    withdrawn = tmp_path / "withdrawn.db"
    withdraw(shards[0], withdrawn, digest, "演示")
    merge(target, [shards[1], withdrawn])
    assert ask(target, "SELECT codec FROM payloads WHERE sha256 = ?", digest) == [("withdrawn",)]
    assert ask(target, "SELECT 1 FROM texts WHERE payload_sha256 = ?", digest) == []
    assert failures(target) == []


def test_a_payload_that_a_shard_withdrew_has_to_be_withdrawn_here(tmp_path, shards, target):
    merge(target, shards)
    with Archive.open(shards[0]) as archive:
        digest = archive.capture(4).payload_sha256
    withdrawn = tmp_path / "withdrawn.db"
    withdraw(shards[0], withdrawn, digest, "演示")
    with pytest.raises(UsageError, match=f"withdrew payload {digest} .演示., which .* holds"):
        merge(target, [withdrawn, shards[1]])
    withdraw(target, tmp_path / "new.db", digest, "演示")
    merge(tmp_path / "new.db", [withdrawn, shards[1]])
    assert failures(tmp_path / "new.db") == []


def test_compacted_shards_are_merged_as_they_are_packed(tmp_path, shards, target):
    pytest.importorskip("zstandard", reason="compact needs zstandard")
    made(shards[0], range(4), payload=b"<html>" + b"words " * 900)
    small = tmp_path / "small.db"
    compact(shards[0], small)
    codecs = {codec for (codec,) in ask(small, "SELECT codec FROM payloads")}
    assert codecs & {"zstd", "zstd-dictionary", "zstd-reference"}
    merge(target, [small, shards[1]])
    assert {codec for (codec,) in ask(target, "SELECT codec FROM payloads")} >= codecs
    assert failures(target) == []


def refused(tmp_path, shards, target) -> dict[str, tuple[list[Path], str]]:
    """What cannot be merged, and why."""
    public, copy, empty = (tmp_path / f"{name}.db" for name in ("public", "copy", "empty"))
    public_backup(shards[0], public)
    backup(shards[0], copy)
    empty.touch()
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as plain:
        plain.execute("CREATE TABLE t (x)")
    words, newer = tmp_path / "words.txt", made(tmp_path / "newer.db", [0])
    words.write_text("no database")
    with closing(sqlite3.connect(newer)) as plain:
        plain.execute("PRAGMA user_version = 99")
    merged = tmp_path / "once.db"
    merge(merged, shards)
    return {
        "missing": ([tmp_path / "missing.db"], "no such database"),
        "no database": ([words], "is not a SQLite database"),
        "a folder": ([tmp_path], "is a folder"),
        "another program's": ([other], "was not made by baogao"),
        "empty": ([empty], "no archive was made in it yet"),
        "newer": ([newer], "was made by a newer baogao"),
        "public": ([public], "is a public copy"),
        "merged itself": ([merged], "was merged from other archives"),
        "twice": ([shards[0], shards[0]], "is the same archive as"),
        "a copy": ([shards[0], copy], "is the same archive as"),
    }


def test_what_cannot_be_merged_is_refused_before_anything_is_written(tmp_path, shards, target):
    for paths, reason in refused(tmp_path, shards, target).values():
        with pytest.raises(UsageError, match=reason):
            merge(target, [shards[1], *paths])
        assert not target.exists()


def test_an_archive_is_not_merged_into_itself(tmp_path, shards):
    before = rows(shards[0])
    backup(shards[0], tmp_path / "copy.db")
    for path, reason in ((shards[0], "to be merged into"), (tmp_path / "copy.db", "a copy of")):
        with pytest.raises(UsageError, match=reason):
            merge(shards[0], [path])
    assert rows(shards[0]) == before


def test_archives_are_merged_into_one_that_has_captures_of_its_own(tmp_path, shards):
    target = made(tmp_path / "own.db", range(8, 10))
    merge(target, shards)
    single = made(tmp_path / "single.db", [*range(4), *range(3, 7), 8, 9])
    assert differing(single, target) == {}
    assert failures(target) == []


def test_only_one_of_two_histories_is_merged(tmp_path, shards, target):
    other = tmp_path / "other.db"
    backup(shards[0], other)
    made(shards[0], [8])
    made(other, [9])
    merge(target, shards)
    before = rows(target)
    with pytest.raises(BrokenLawError, match="went on differently"):
        merge(target, [other])
    assert rows(target) == before


DAMAGE = {
    "captures": "UPDATE captures SET status = 404 WHERE id = 2",
    "texts": "UPDATE texts SET created_at = '' WHERE id = 3",
    "identities": "UPDATE identities SET raw = raw || 'x' WHERE text_id = 3",
    "payloads": "UPDATE payloads SET stored = zeroblob(length(stored))",
    "dropped rows": "DELETE FROM captures WHERE id = 4",
    "ledger": "UPDATE ledger SET entry_json = replace(entry_json, 'captures', 'redirects')",
    "pages": "UPDATE pages SET host = 'other.test'",
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_shard_is_named(shards, target, what):
    with closing(sqlite3.connect(shards[1])) as plain:
        for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            plain.execute(f"DROP TRIGGER {name}")
        plain.execute(DAMAGE[what])
        plain.commit()
    with pytest.raises(BrokenLawError, match=r"b\.db: .*; see what is damaged with: baogao verify"):
        merge(target, shards)
    assert failures(target) == []


def test_a_file_cut_short_is_named(shards, target):
    content = shards[1].read_bytes()
    shards[1].write_bytes(content[: len(content) // 2 // 4096 * 4096])
    with pytest.raises(BrokenLawError, match=r"b\.db: the file is damaged"):
        merge(target, shards)


def test_an_edit_of_a_merged_row_contradicts_the_shards_ledger(shards, target):
    """Also if the merged archive's own ledger were rewritten: the shard's is checked beside it."""
    merge(target, shards)
    with closing(sqlite3.connect(target)) as plain:
        plain.execute("DROP TRIGGER captures_no_update")
        plain.execute("UPDATE captures SET status = 404 WHERE id = 6")
        plain.commit()
    with Archive.open(target, repair=False) as archive:
        found = [f.subject for f in archive.verification().findings() if f.check == "shards"]
    assert found == ["shard 2 (b.db): captures 2"]


def test_the_command(baogao, tmp_path, shards):
    done = baogao("merge", "merged.db", "a.db", "b.db", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["rows"]["captures"] == 8
    assert b"8 captures" in done.stderr
    again = baogao("merge", "merged.db", "a.db", "b.db")
    assert (again.returncode, again.stdout) == (0, b"")
    assert f"has everything already; ledger head: {told['ledger_head']}".encode() in again.stderr
    assert baogao("verify", "merged.db").returncode == 0
    shutil.copyfile(shards[0], tmp_path / "c.db")
    twice = baogao("merge", "merged.db", "a.db", "c.db")
    assert (twice.returncode, twice.stderr) == (
        2, b"Error: c.db: is the same archive as a.db, or a copy; name one\n",
    )  # fmt: skip


def test_without_collating_the_works_come_later(tmp_path, shards, target):
    merge(target, shards, collate=False)
    assert ask(target, "SELECT 1 FROM works") == []
    merge(target, shards)
    single = made(tmp_path / "single.db", [*range(4), *range(3, 7)])
    assert differing(single, target) == {}
