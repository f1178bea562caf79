"""Time-stamps of ledger heads: kept as facts, checked offline against a root that one names."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
import sys
from datetime import timedelta

import pytest
from click.testing import CliRunner
from tsa import MADE, Authority, refusal

from archive import timestamps
from archive.cli import cli
from archive.errors import DamagedFileError, UsageError
from archive.store import Archive
from archive.store.stamps import NO_ROOT, Trust, checked

SAID = "2026-01-02T03:04:05.000Z"


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def roots(authority, tmp_path):
    path = tmp_path / "root.pem"
    path.write_bytes(authority.root_pem)
    return path


@pytest.fixture
def stamped(filled, authority):
    with filled.run("stamp") as run:
        head = filled.newest_head()
        answer = authority.answer(timestamps.question(head.hash).as_bytes())
        run.time_stamp(head, "http://tsa.test/", SAID, answer)
    return filled


def fault(stamp, roots):
    found = checked(stamp, Trust(roots))
    return None if found.result == "ok" else found.detail


def head(path, *options):
    return CliRunner().invoke(cli, ["head", str(path), *map(str, options)])


def test_the_head_is_printed_and_proves_the_archive(closed):
    seq, digest, at = head(closed).output.split()
    with Archive.open(closed, read_only=True) as archive:
        newest = archive.newest_head()
        assert (int(seq), digest, at) == (newest.seq, newest.hash, newest.at)
    assert json.loads(head(closed, "--json").output) == {
        "seq": int(seq), "hash": digest, "at": at, "time_stamps": [],
    }  # fmt: skip
    assert CliRunner().invoke(cli, ["verify", str(closed), "--head", digest]).exit_code == 0


def test_an_archive_without_entries_has_no_head(path):
    Archive.open(path, create=True).close()
    result = head(path)
    assert (result.exit_code, result.output) == (
        2, f"Error: {path}: nothing was written to it yet, its ledger is empty\n",
    )  # fmt: skip


def test_a_time_stamp_is_a_fact_and_is_proven_by_its_root(stamped, path, roots):
    (finding,) = stamped.verification().findings()
    assert (finding.result, finding.detail) == ("not checkable", NO_ROOT)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        stamped.connection.execute("UPDATE time_stamps SET said_at = '2020'")
    (stamp,) = json.loads(head(path, "--json", "--tsa-root", roots).output)["time_stamps"]
    assert (stamp["result"], stamp["said_at"], stamp["existed_at"]) == ("ok", SAID, SAID)
    assert head(path).output.splitlines()[1].endswith(f"by http://tsa.test/: {NO_ROOT}")
    assert head(path, "--tsa-root", roots).output.endswith(f": proven, existed at {SAID}\n")


def test_verify_checks_time_stamps_too(stamped, path, roots, tmp_path):
    result = CliRunner().invoke(cli, ["verify", str(path), "--tsa-root", str(roots)])
    assert (result.exit_code, result.stdout) == (0, "")
    assert "Of 1 time-stamps 1 prove a time" in result.stderr
    roots.write_bytes(Authority("another").root_pem)
    result = CliRunner().invoke(cli, ["verify", str(path), "--tsa-root", str(roots)])
    (finding,) = map(json.loads, result.stdout.splitlines())
    assert (result.exit_code, finding["check"], finding["subject"]) == (
        1,
        "time-stamps",
        "time-stamp 1",
    )
    unchecked = CliRunner().invoke(cli, ["verify", str(path)])
    assert (unchecked.exit_code, json.loads(unchecked.stdout)["detail"]) == (0, NO_ROOT)


def test_another_root_proves_nothing(stamped, path, tmp_path):
    other = tmp_path / "other.pem"
    other.write_bytes(Authority("another").root_pem)
    result = head(path, "--tsa-root", other)
    assert (result.exit_code, "not proven" in result.output) == (1, True)
    other.write_text("no certificate", encoding="utf-8")
    result = head(path, "--tsa-root", other)
    assert (result.exit_code, result.output) == (
        2, f"Error: {other}: holds no certificate as PEM\n",
    )  # fmt: skip


def test_every_flipped_byte_of_a_token_is_noticed_or_changes_nothing(stamped, roots):
    (stamp,) = stamped.time_stamps()
    assert fault(stamp, roots) is None
    answer = base64.b64decode(stamp["answer_base64"])
    unnoticed = []
    for place in range(0, len(answer), 7):
        flipped = bytearray(answer)
        flipped[place] ^= 1
        changed = {**stamp, "answer_base64": base64.b64encode(flipped)}
        if fault(changed, roots) is None:
            unnoticed.append(place)
    assert len(unnoticed) < len(answer) / 7 / 10  # places that no signature covers


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"ledger_hash": "0" * 64}, "not proven"),
        ({"said_at": "2025-01-02T03:04:05.000Z"}, f"it says {SAID}"),
        ({"in_ledger": 0}, "the ledger has another entry"),
        ({"answer_base64": "!"}, "base64"),
    ],
)
def test_what_a_row_says_otherwise_is_a_fault(stamped, roots, change, words):
    (stamp,) = stamped.time_stamps()
    assert words.lower() in fault({**stamp, **change}, roots).lower()


def test_a_certificate_has_to_be_valid_when_it_signed(filled, roots, authority):
    authority = Authority(now=MADE + timedelta(days=400))
    roots.write_bytes(authority.root_pem)
    asked = timestamps.question(filled.newest_head().hash)
    answer = authority.answer(asked.as_bytes())
    with pytest.raises(DamagedFileError, match="not proven"):
        timestamps.verified(answer, filled.newest_head().hash, roots)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda _, __: b"<html>", "not a time-stamp"),
        (lambda _, __: refusal(), "refused: not today"),
        (lambda asked, tsa: tsa.answer(asked, nonce=1), "answers another request"),
        (lambda _, tsa: tsa.answer(timestamps.question("1" * 64).as_bytes()), "another"),
        (lambda asked, tsa: tsa.answer(asked, message_imprint={
            "hash_algorithm": {"algorithm": "sha256"}, "hashed_message": b"0" * 32,
        }), "another ledger head"),
    ],
)  # fmt: skip
def test_what_is_no_stamp_of_this_head_is_not_taken(authority, answer, words):
    asked = timestamps.question("0" * 64)
    with pytest.raises(DamagedFileError, match=words):
        timestamps.read_answer(asked, answer(asked.as_bytes(), authority))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_proves_it_too(stamped, roots, tmp_path):
    (stamp,) = stamped.time_stamps()
    (tmp_path / "head.txt").write_text(stamp["ledger_hash"], encoding="ascii")
    (tmp_path / "answer.tsr").write_bytes(base64.b64decode(stamp["answer_base64"]))
    checked = subprocess.run(
        ["openssl", "ts", "-verify", "-data", "head.txt", "-in", "answer.tsr", "-CAfile", roots,
         "-attime", str(int(MADE.timestamp()))],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Verification: OK" in checked.stdout + checked.stderr


def test_without_the_library_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(UsageError, match=r"install .*\[timestamps\]"):
        timestamps.question("0" * 64)
