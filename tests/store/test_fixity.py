"""Verify sees every damage, says where it is, and tells ok, failed and not checkable apart."""

from __future__ import annotations

import json
import random
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner
from store.made_up import answer, page

from archive.cli import cli
from archive.errors import BaogaoError
from archive.model import sha256
from archive.store import Archive
from archive.store.checks import CHECKS
from archive.store.ledger import row_digest


def findings(path, **options):
    """What verify finds, as (check, subject); an archive that cannot be opened is found too."""
    try:
        with Archive.open(path, repair=False) as archive:
            verification = archive.verification(**options)
            return [(finding.check, finding.subject) for finding in verification.findings()]
    except BaogaoError as error:
        return [("open", str(error))]


def tamper(path, *statements):
    """Change facts as somebody would who knows how: without the guards, on a plain connection."""
    with sqlite3.connect(path) as plain:
        guards = plain.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        kept = guards.fetchall()
        for name, _ in kept:
            plain.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            plain.execute(statement)
        for _, sql in kept:
            plain.execute(sql)
    plain.close()


def test_a_column_without_a_value_does_not_count_in_the_digest_of_a_row():
    """A column that is added later is empty in older rows, whose digests stay valid."""
    digest = row_digest({"url": "http://x.test/", "status": 200})
    assert digest == row_digest({"status": 200, "url": "http://x.test/", "added": None})
    assert digest != row_digest({"url": "http://x.test/", "status": 200, "added": ""})
    assert digest != row_digest({"url": "http://x.test/", "status": 200, "added": 0})


def test_a_sound_archive_gives_no_finding_and_counts_everything(filled):
    verification = filled.verification()
    assert list(verification.findings()) == []
    counts = {tally.name: tally.checked for tally in verification.tallies}
    assert list(counts) == [name for name, _ in CHECKS]
    assert counts["payloads"] == 4
    assert counts["clean texts"] == counts["partition"] == 3
    assert counts["rows"] > 20


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("UPDATE captures SET status = 404 WHERE id = 2", ("rows", "captures 2")),
        ("UPDATE pages SET host = 'x' WHERE id = 1", ("rows", "pages 1")),
        ("UPDATE runs SET started_at = 'x'", ("rows", "runs 1")),
        ("DELETE FROM redirects", ("rows", "redirects 5")),
        ("INSERT INTO pages (url, surt, host) VALUES ('x', 'x', 'x')", ("rows", "pages")),
        ("UPDATE ledger SET entry_json = '{\"rows\":{}}' WHERE seq = 2", ("ledger", "ledger 2")),
        ("DELETE FROM ledger WHERE seq = 3", ("ledger", "ledger 4")),
        ("UPDATE partitions SET passages_json = '[]' WHERE text_id = 2", ("rows", "texts 2")),
        ("UPDATE identities SET value_json = '1'", ("rows", "texts 1")),
        ("UPDATE flags SET words = 'x'", ("rows", "texts 3")),
        ("UPDATE partitions SET spans_json = json_set(spans_json, '$[3][1]', 1) WHERE text_id = 1",
         ("partition", "text 1")),
        ("UPDATE texts SET dropped_chars = 0 WHERE id = 1", ("partition", "text 1")),
        ("UPDATE partitions SET kinds_json = replace(kinds_json, '省委', '市委')",
         ("clean texts", "text 1")),
        ("DELETE FROM texts WHERE id = 3", ("rows", "texts 3")),
    ],
)  # fmt: skip
def test_tampering_is_found_and_located(closed, statement, expected):
    tamper(closed, statement)
    assert expected in findings(closed)


def test_a_visible_text_that_changed_is_found(closed):
    tamper(closed, "UPDATE packed_texts SET packed = zeroblob(length(packed))")
    found = findings(closed)
    assert {check for check, _ in found} >= {"visible texts", "clean texts"}


def test_a_payload_that_changed_vanished_or_was_swapped_is_found(closed):
    digests = [sha256(page(number)) for number in range(3)]
    tamper(
        closed,
        f"UPDATE payloads SET stored = x'00' WHERE sha256 = '{digests[0]}'",
        f"DELETE FROM payloads WHERE sha256 = '{digests[1]}'",
        f"UPDATE payloads SET (stored, stored_crc32, payload_bytes) = (SELECT stored, stored_crc32,"
        f" payload_bytes FROM payloads WHERE payload_bytes = 0) WHERE sha256 = '{digests[2]}'",
    )
    found = findings(closed)
    assert {("payloads", f"payload {digest}") for digest in digests} <= set(found)
    assert {("rows", f"payloads {digest}") for digest in digests[1:]} <= set(found)


def test_a_missing_guard_is_found_and_not_repaired(closed):
    with sqlite3.connect(closed) as plain:
        plain.execute("DROP TRIGGER captures_no_update")
    plain.close()
    assert findings(closed) == [("schema", "schema")]
    assert findings(closed) == [("schema", "schema")]


def test_rewriting_the_whole_chain_is_seen_by_who_kept_the_head(closed):
    with Archive.open(closed) as archive:
        head = archive.ledger_head()
    assert findings(closed, known_head=head) == []
    tamper(closed, "DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)",
           "DELETE FROM run_ends")  # fmt: skip
    assert findings(closed) == []  # a consistent, shorter past
    assert findings(closed, known_head=head) == [("ledger", "ledger")]


def test_a_sample_hashes_only_so_many(filled):
    verification = filled.verification(sample=2)
    assert list(verification.findings()) == []
    assert {t.name: t.checked for t in verification.tallies}["payloads"] == 2


def test_the_snapshot_holds_while_others_write(filled, path):
    verification = filled.verification()
    going = verification.findings()
    with Archive.open(path) as other, other.run("crawl") as run:
        run.capture(answer(50))
        assert list(going) == []


def test_single_bit_flips_in_payloads_are_all_found_and_located(path, tmp_path):
    chance = random.Random(20260102)  # noqa: S311
    bodies = ["".join(chance.choices("发展稳中有进改革", k=20000)).encode() for _ in range(40)]
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run, run.batch():
        for number, body in enumerate(bodies):
            run.capture(answer(number, payload=body))
    sound = path.read_bytes()
    right = stored_bytes(path, {sha256(body) for body in bodies})
    hit = missed = 0
    for _ in range(120):
        copy = tmp_path / "flipped.db"
        damaged = flip(sound, chance.randrange(len(sound) * 8))
        copy.write_bytes(damaged)
        now = stored_bytes(copy, right)
        changed = [digest for digest in right if now[digest] != right[digest]]
        found = findings(copy)
        if len(changed) == 1:
            hit += 1
            missed += ("payloads", f"payload {changed[0]}") not in found
        elif changed:  # the way to many payloads is broken: a page of the tree, or the schema
            assert found
        remove(copy)
    assert hit > 40
    assert missed == 0


def flip(content, bit):
    """`content` with one bit turned round."""
    damaged = bytearray(content)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def stored_bytes(path, digests):
    """Digest → stored bytes, or what SQLite says, read without any code of ours."""
    plain = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    select = "SELECT stored FROM payloads WHERE sha256 = ?"
    found = {}
    for digest in digests:
        try:
            found[digest] = plain.execute(select, (digest,)).fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            found[digest] = str(error)
    plain.close()
    return found


def remove(path):
    for name in (path, f"{path}-wal", f"{path}-shm"):
        Path(name).unlink(missing_ok=True)


def test_the_command_finds_nothing_when_all_is_well(closed):
    result = CliRunner().invoke(cli, ["verify", str(closed), "--quiet"])
    assert (result.exit_code, result.output) == (0, "")
    with Archive.open(closed) as archive:
        rows = archive.connection.execute("SELECT name, failed FROM fixity_checks").fetchall()
    assert rows == [(name, 0) for name, _ in CHECKS]


def test_the_command_prints_one_line_a_finding_and_ends_with_1(closed):
    tamper(closed, "UPDATE captures SET status = 404 WHERE id = 2")
    result = CliRunner().invoke(cli, ["verify", str(closed), "--report"])
    assert result.exit_code == 1
    first, *counts = [json.loads(line) for line in result.stdout.splitlines()]
    assert first == {
        "check": "rows", "result": "failed", "subject": "captures 2",
        "detail": "was altered since ledger entry 4 was written",
    }  # fmt: skip
    assert [count["check"] for count in counts] == [name for name, _ in CHECKS]
    with Archive.open(closed) as archive:
        stored = "SELECT result, subject FROM fixity_findings"
        assert archive.connection.execute(stored).fetchall() == [("failed", "captures 2")]


def test_the_command_says_plainly_what_is_no_archive(tmp_path):
    result = CliRunner().invoke(cli, ["verify", str(tmp_path / "none.db")])
    assert result.exit_code == 2
    assert "no such database" in result.stderr


def test_a_foreign_trigger_never_runs_while_verify_looks(closed):
    with sqlite3.connect(closed) as plain:
        plain.execute("CREATE TRIGGER sly AFTER INSERT ON runs BEGIN DELETE FROM flags; END")
    plain.close()
    result = CliRunner().invoke(cli, ["verify", str(closed)])
    assert result.exit_code == 1
    assert "trigger sly is not ours" in result.stdout
    assert "will not be stored" in result.stderr
    with sqlite3.connect(closed) as plain:
        assert plain.execute("SELECT count(*) FROM flags").fetchone() == (3,)
    plain.close()


@pytest.mark.parametrize("words", [["works"], ["export", "{out}", "--format", "warc"]])
def test_commands_on_a_damaged_file_say_one_sentence(closed, tmp_path, words):
    """Every page but the first and the schema's is overwritten."""
    content = bytearray(closed.read_bytes())
    for page_start in range(60 * 4096, len(content), 4096):
        content[page_start : page_start + 8] = b"\xff" * 8
    closed.write_bytes(content)
    name, *rest = [word.format(out=tmp_path / "out") for word in words]
    result = CliRunner().invoke(cli, [name, str(closed), *rest])
    assert result.exit_code in {1, 2, 3}
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_a_size_that_is_damaged_costs_no_memory(closed):
    tamper(closed, "UPDATE payloads SET payload_bytes = 1 << 60 WHERE payload_bytes > 0")
    assert ("payloads", f"payload {sha256(page(0))}") in findings(closed)
