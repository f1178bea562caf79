"""Backups, public copies, compacted copies and withdrawals: whole, smaller, and without a trace."""

from __future__ import annotations

import random
import sqlite3

import pytest
from click.testing import CliRunner
from store.made_up import answer, derivation_of, page

from archive.cli import cli
from archive.errors import UsageError
from archive.model import sha256
from archive.store import Archive
from archive.store.compaction import compact
from archive.store.copies import MASK, backup, public_backup
from archive.store.withdrawal import withdraw


def findings(path):
    with Archive.open(path) as archive:
        return [(f.check, f.result, f.subject) for f in archive.verification().findings()]


def everything(path):
    """Captures with payloads, and the derivations, as an archive gives them."""
    with Archive.open(path, read_only=True) as archive:
        texts = archive.connection.execute("SELECT id, derivation_sha256 FROM texts").fetchall()
        clean = [archive.clean_text(text_id) for text_id, _ in texts]
        return list(archive.captures(with_payload=True)), texts, clean


@pytest.fixture
def new(tmp_path):
    return tmp_path / "new.db"


def test_a_backup_holds_everything_and_stands_alone(filled, path, new):
    backup(path, new)
    assert everything(new) == everything(path)
    assert findings(new) == []
    assert not new.with_name("new.db-wal").exists()


def test_a_backup_is_consistent_while_somebody_writes(filled, path, new):
    run = filled.start_run("crawl")
    with filled.transaction():
        run.capture(answer(77))
        backup(path, new)
    assert findings(new) == []
    with Archive.open(new, read_only=True) as copy:
        assert copy.ledger_head() in {
            row[0] for row in filled.connection.execute("SELECT hash FROM ledger")
        }
        assert len(list(copy.captures())) == 5


@pytest.mark.parametrize("make", [backup, public_backup, compact])
def test_nothing_is_overwritten_and_nothing_left_behind(closed, new, make):
    new.write_bytes(b"precious")
    with pytest.raises(UsageError, match="exists already"):
        make(closed, new)
    assert new.read_bytes() == b"precious"
    assert [file.name for file in new.parent.iterdir() if file.name.startswith(".")] == []


@pytest.mark.parametrize("make", [backup, public_backup, compact])
def test_what_is_no_archive_is_refused(tmp_path, new, make):
    other = tmp_path / "other.db"
    sqlite3.connect(other).close()
    with pytest.raises(UsageError):
        make(other, new)
    assert not new.exists()


def test_a_public_copy_has_no_payload_no_dropped_text_and_no_client_data(archive, path, new):
    with archive.run("crawl", arguments={"db": "/home/someone/demo.db"}) as run:
        request = (("User-Agent", "someone@example.org"),)
        capture = answer(request_headers=request)
        run.text(run.capture(capture), derivation_of(capture))
        run.capture(answer(1, url="file:///home/someone/a.html", origin="file"))
    archive.close()
    before = everything(path)
    public_backup(path, new)
    content = new.read_bytes()
    for words in ("someone", "网站导航", "阅读 0"):
        assert words.encode() not in content
    assert page(0)[:20] not in content
    captures, texts, clean = everything(new)
    assert (texts, clean) == before[1:]
    assert [capture.payload for _, capture in captures] == [None, None]
    with Archive.open(new, read_only=True) as copy:
        assert copy.connection.execute("SELECT * FROM broken_partition").fetchall() == []
        (words,) = copy.connection.execute("SELECT words FROM removed LIMIT 1").fetchone()
        assert words == MASK * 4 + "\n"
        assert copy.connection.execute("SELECT kind FROM copy").fetchall() == [("public",)]
    assert findings(new) == [
        ("payloads", "not checkable", "2 payloads"),
        ("rows", "not checkable", "3 rows"),
        ("visible texts", "not checkable", "1 visible texts"),
    ]


def pages_of_one_template(count, recaptures=0):
    """Pages that share a template, and re-captures of them that differ in a counter."""
    chance = random.Random(3)  # noqa: S311
    template = "".join(chance.choices("<div class=nav>导航版权所有关于我们网站地图", k=3000))
    for number in range(count):
        words = "".join(chance.choices("发展稳中有进改革开放民生经济工业农业", k=1500))
        for counter in range(recaptures + 1):
            yield number, f"{template}<i>{counter}</i>{words}".encode()


@pytest.fixture
def templated(archive, path):
    with archive.run("crawl") as run, run.batch():
        for number, payload in pages_of_one_template(80, recaptures=2):
            run.capture(answer(number, payload=payload))
    archive.close()
    return path


def stored_bytes(path):
    with Archive.open(path, read_only=True) as archive:
        rows = archive.connection.execute(
            "SELECT codec, count(*), sum(length(stored)), sum(payload_bytes) FROM payloads"
            " GROUP BY codec"
        )
        return {codec: row for codec, *row in rows}


def test_a_compacted_copy_is_smaller_and_the_same(templated, new):
    compact(templated, new)
    assert everything(new) == everything(templated)
    assert findings(new) == []
    stored = stored_bytes(new)
    assert {codec: count for codec, (count, *_) in stored.items()} == {
        "zstd-dictionary": 80, "zstd-reference": 160,
    }  # fmt: skip
    _, packed, whole = stored["zstd-reference"]
    assert packed / whole < 0.01
    assert sum(size for _, size, _ in stored.values()) < 0.3 * stored_bytes(templated)["zlib"][1]


def test_compacting_again_changes_nothing_that_is_reported(templated, new, tmp_path):
    compact(templated, new)
    third = tmp_path / "third.db"
    compact(new, third)
    assert everything(third) == everything(templated)
    assert findings(third) == []


def test_a_compacted_archive_can_be_written_to(templated, new):
    compact(templated, new)
    with Archive.open(new) as archive, archive.run("crawl") as run:
        run.capture(answer(500))
    assert findings(new) == []


def test_a_damaged_dictionary_or_reference_is_found(templated, new):
    compact(templated, new)
    with sqlite3.connect(new) as plain:
        for (name,) in plain.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'"):
            plain.execute(f"DROP TRIGGER {name}")
        plain.execute("UPDATE dictionaries SET stored = x'0011'")
    plain.close()
    found = [check for check, _, _ in findings(new)]
    assert {check: found.count(check) for check in set(found)} == {
        "dictionaries": 1, "payloads": 240,
    }  # fmt: skip


def test_a_small_archive_is_compacted_without_a_dictionary(closed, new):
    compact(closed, new)
    assert everything(new) == everything(closed)
    assert set(stored_bytes(new)) == {"raw", "zstd"} or set(stored_bytes(new)) == {"zlib", "zstd"}


@pytest.fixture
def with_works(filled, path):
    filled.collate()
    filled.close()
    return path


def test_a_withdrawn_payload_is_gone_without_a_trace(with_works, new):
    digest = sha256(page(1))
    number = digest[:6].encode()  # stands in its text
    assert number in with_works.read_bytes()
    withdraw(with_works, new, digest, "asked for by its author")
    content = new.read_bytes()
    assert f"报告 {digest[:6]}".encode() not in content
    with Archive.open(new) as archive:
        with pytest.raises(UsageError, match="was withdrawn"):
            archive.payload(digest)
        assert archive.capture(2).payload is None
        assert archive.capture(1).payload == page(0)
        rows = "SELECT payload_sha256, reason FROM withdrawals"
        assert archive.connection.execute(rows).fetchall() == [(digest, "asked for by its author")]
        assert {copy["text_id"] for copy in archive.witnesses("990100-2024")} == {1, 3}
        assert archive.connection.execute("SELECT id FROM texts").fetchall() == [(1,), (3,)]
    assert set(findings(new)) == {
        ("payloads", "not checkable", f"payload {digest}"),
        ("rows", "not checkable", "texts 2"),
    }
    assert len(everything(with_works)[1]) == 3  # the archive itself is not touched


def test_the_ledger_goes_on_after_a_withdrawal(with_works, new):
    with Archive.open(with_works) as archive:
        head = archive.ledger_head()
    withdraw(with_works, new, sha256(page(1)), "asked for")
    with Archive.open(new) as archive:
        found = archive.verification(known_head=head).findings()
        assert {finding.result for finding in found} == {"not checkable"}
        with archive.run("crawl") as run:
            text_id = run.text(run.capture(answer(8)), derivation_of(answer(8)))
        assert text_id == 4


def test_withdrawing_from_a_compacted_archive_leaves_no_piece_in_a_dictionary(templated, new):
    compact(templated, new)
    first = next(payload for _, payload in pages_of_one_template(80, recaptures=2))
    clean = new.with_name("clean.db")
    related = withdraw(new, clean, sha256(first), "asked for")
    assert len(related) == 2  # the re-captures of the same page
    with Archive.open(clean, read_only=True) as archive:
        assert archive.connection.execute("SELECT * FROM dictionaries").fetchall() == []
        assert len(
            [1 for _, capture in archive.captures(with_payload=True) if capture.payload]
        ) == (80 * 3 - 1)
    assert {result for _, result, _ in findings(clean)} == {"not checkable"}


@pytest.mark.parametrize(("digest", "reason"), [("0" * 64, "x"), (sha256(page(1)), " ")])
def test_a_withdrawal_needs_a_payload_and_a_reason(with_works, new, digest, reason):
    with pytest.raises(UsageError):
        withdraw(with_works, new, digest, reason)
    assert not new.exists()


def test_the_commands_say_what_they_made(closed, tmp_path):
    copy, small, clean = (tmp_path / name for name in ("copy.db", "small.db", "clean.db"))
    digest = sha256(page(1))
    for words, made in (
        (["backup", str(closed), str(copy)], copy),
        (["compact", str(closed), str(small)], small),
        (["withdraw", str(closed), str(clean), digest, "--reason", "asked for"], clean),
    ):
        result = CliRunner().invoke(cli, words)
        assert (result.exit_code, result.stdout) == (0, "")
        assert str(made) in result.stderr
        assert made.exists()
    again = CliRunner().invoke(cli, ["backup", str(closed), str(copy)])
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_a_backup_replaces_only_a_closed_archive(closed, tmp_path, baogao):
    new, other = tmp_path / "new.db", tmp_path / "notes.txt"
    backup(closed, new)
    first = new.read_bytes()
    with Archive.open(closed) as archive, archive.run("crawl") as run:
        run.capture(answer(7))
    assert baogao("backup", closed, new).returncode == 2
    assert new.read_bytes() == first
    assert baogao("backup", closed, new, "--replace").returncode == 0
    assert new.read_bytes() != first
    other.write_text("notes")
    assert baogao("backup", closed, other, "--replace").returncode == 2
    assert other.read_text() == "notes"
    itself = baogao("backup", closed, closed, "--replace")
    assert (itself.returncode, itself.stderr) == (
        2, f"Error: {closed}: is the archive itself; name another file\n".encode()
    )  # fmt: skip
    with Archive.open(new) as archive:
        archive.start_run("crawl")
        open_one = baogao("backup", closed, new, "--replace")
    assert open_one.returncode == 2
    assert b"is open, or was not closed" in open_one.stderr
