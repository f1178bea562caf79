"""OpenTimestamps: proofs are kept as facts and checked offline as far as the block header."""

from __future__ import annotations

import base64
import hashlib
import json
import sys

import pytest
from click.testing import CliRunner

from archive import open_timestamps
from archive.cli import cli
from archive.errors import DamagedFileError, UsageError
from archive.open_timestamps import BlockHeader, block_headers, new_proof, read_proof
from archive.store import Archive
from archive.store.stamps import NO_TRUST, Trust, checked

pytest.importorskip("opentimestamps", reason="the extra `opentimestamps` is not installed")
from opentimestamps.core.serialize import BytesDeserializationContext
from opentimestamps.core.timestamp import DetachedTimestampFile
from ots import HEIGHT, MINED, Calendar, mined

ADDRESS = "http://calendar.test/"
HASH = "0" * 64


@pytest.fixture
def calendar():
    return Calendar(ADDRESS)


@pytest.fixture
def entered(filled, calendar):
    """An archive whose head is in the calendar."""
    with filled.run("stamp") as run:
        head = filled.newest_head()
        answer = calendar.taken(open_timestamps.digest(head.hash))
        run.time_stamp(head, ADDRESS, "", new_proof(head.hash, answer))
    return filled


@pytest.fixture
def header(entered, calendar):
    """The header of the block that completes its proof, which is stored too."""
    (proof,) = entered.unfinished_proofs()
    (end,) = proof.pending
    with entered.run("stamp") as run:
        rest = {end: calendar.rest(end.commitment)}
        done = open_timestamps.completed(proof.proof, proof.head.hash, rest)
        run.time_stamp(proof.head, proof.server, "", done)
    return calendar.header(end.commitment)


def invoke(command, path, *options):
    return CliRunner().invoke(cli, [command, str(path), *map(str, options)])


def test_a_calendar_is_given_the_digest_of_the_64_letters():
    assert open_timestamps.digest(HASH) == hashlib.sha256(b"0" * 64).digest()


def test_a_pending_proof_is_a_fact_and_proves_no_time(entered, path):
    (pending,) = entered.unfinished_proofs()
    assert pending.pending[0].url.startswith("http://calendar.test/timestamp/")
    (line,) = invoke("head", path).output.splitlines()[1:]
    assert " in the calendar http://calendar.test/: pending, which proves no time yet" in line
    (finding,) = entered.verification().findings()
    assert (finding.check, finding.result) == ("time-stamps", "not checkable")


def test_a_complete_proof_says_which_root_the_block_must_have(entered, header, path):
    assert entered.unfinished_proofs() == []
    root = BlockHeader(bytes.fromhex(header)).merkle_root
    *_, line, block = invoke("head", path).output.splitlines()
    assert line.endswith("not compared with a block header: that needs --block-header")
    assert block == f"  Bitcoin block {HEIGHT} must have the merkle root {root}"
    told = json.loads(invoke("head", path, "--json").output)["time_stamps"][1]
    assert told["blocks"] == [{"height": HEIGHT, "merkle_root": root}]
    assert (told["result"], told["existed_at"], told["said_at"]) == ("not checkable", None, None)


@pytest.mark.parametrize("given", ["hex", "file", "file with heights"])
def test_the_header_of_the_block_proves_the_time(header, path, tmp_path, given):
    file = tmp_path / "headers.txt"
    other = mined(b"another root" + b" " * 20)
    file.write_text(f"{other}\n\n{header}\n" if given == "file" else f"{HEIGHT} {header}\n")
    result = invoke("head", path, "--block-header", header if given == "hex" else file)
    assert result.exit_code == 0, result.output
    assert f": proven, existed at {MINED}; by block {HEIGHT} (" in result.output
    assert "whether the Bitcoin chain has this block was not checked" in result.output
    found = invoke("verify", path, "--block-header", header)
    assert found.exit_code == 0, found.output
    assert "Of 2 time-stamps 1 prove a time" in found.output


def test_another_header_proves_nothing(header, path, tmp_path):
    other = mined(b"another root" + b" " * 20)
    result = invoke("head", path, "--block-header", other)
    assert (result.exit_code, "has the merkle root of block" in result.output) == (1, True)
    assert invoke("verify", path, "--block-header", other).exit_code == 1
    elsewhere = tmp_path / "headers.txt"
    elsewhere.write_text(f"{HEIGHT + 1} {header}\n", "ascii")
    assert invoke("head", path, "--block-header", elsewhere).exit_code == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("00" * 80, "its hash misses its own difficulty"),
        ("zz" * 80, "is not a block header"),
        ("no-such-file", "is neither a block header"),
    ],
)
def test_what_is_no_header_is_a_usage_error(entered, path, given, words):
    result = invoke("head", path, "--block-header", given)
    assert (result.exit_code, words in result.output) == (2, True), result.output


def test_a_header_with_a_changed_time_is_refused(calendar):
    header = bytearray.fromhex(mined(b"r" * 32))
    refused = 0
    for change in range(1, 9):
        changed = bytes([*header[:68], header[68] ^ change, *header[69:]])
        try:
            block_headers(changed.hex())
        except UsageError:
            refused += 1
    assert refused  # the difficulty here is so low that one in two passes


@pytest.mark.parametrize("words", ["", "\n\n", "0a0b\n", f"x {'00' * 80}\n"])
def test_a_file_without_headers_is_a_usage_error(tmp_path, words):
    file = tmp_path / "headers.txt"
    file.write_text(words, "ascii")
    with pytest.raises(UsageError, match="block header"):
        block_headers(str(file))


def test_every_flipped_bit_of_a_proof_is_noticed_or_proves_nothing(entered, header):
    """A flip in the address of the calendar, or in the height, changes what is said to be asked."""
    _, stamp = entered.time_stamps()
    proof = open_timestamps.read_proof
    trust = Trust(headers=tuple(block_headers(header)))
    assert checked(stamp, trust).existed_at == MINED
    raw = base64.b64decode(stamp["answer_base64"])
    held = []
    for place in range(len(raw)):
        flipped = bytearray(raw)
        flipped[place] ^= 1
        changed = {**stamp, "answer_base64": base64.b64encode(flipped)}
        found = checked(changed, trust)
        if found.existed_at == MINED:
            assert proof(bytes(flipped), stamp["ledger_hash"]).blocks  # the chain still holds
            held.append(place)
    address = raw.index(ADDRESS.encode())
    assert held, "the address of the calendar is no part of the chain"
    tag = 9  # the tag of the calendar's promise, and two lengths
    height = raw.rindex(bytes.fromhex("0588960d73d71901")) + 9
    allowed = {*range(address - tag - 2, address + len(ADDRESS)), *range(height, height + 3)}
    assert set(held) <= allowed


@pytest.mark.parametrize("answer", [b"", b"<html>", b"\xf0" * 20, b"\x08" * 300, b"\x00" * 10_001])
def test_what_is_no_proof_is_not_taken(answer):
    with pytest.raises(DamagedFileError, match="not a proof"):
        new_proof(HASH, answer)


def test_trailing_bytes_are_not_taken(calendar):
    with pytest.raises(DamagedFileError, match="not a proof"):
        new_proof(HASH, calendar.taken(open_timestamps.digest(HASH)) + b"x")


def test_the_proof_of_another_head_is_a_fault(calendar):
    proof = new_proof(HASH, calendar.taken(open_timestamps.digest(HASH)))
    assert read_proof(proof, HASH).pending
    with pytest.raises(DamagedFileError, match="another ledger head"):
        read_proof(proof, "1" * 64)


def test_a_block_of_an_impossible_height_is_a_fault():
    commitment = open_timestamps.digest(HASH)
    with pytest.raises(DamagedFileError, match="cannot be"):
        read_proof(new_proof(HASH, Calendar(ADDRESS, height=1 << 9000).rest(commitment)), HASH)


def test_the_proof_is_a_file_that_other_programs_read(entered):
    (proof,) = entered.unfinished_proofs()
    read = DetachedTimestampFile.deserialize(BytesDeserializationContext(proof.proof))
    assert read.file_digest == hashlib.sha256(proof.head.hash.encode()).digest()


def test_without_the_library_one_sentence_says_what_to_install(entered, path, header, monkeypatch):
    monkeypatch.setitem(sys.modules, "opentimestamps.core", None)
    with pytest.raises(UsageError, match=r"install .*\[opentimestamps\]"):
        open_timestamps.need_library()
    result = invoke("head", path)
    assert (result.exit_code, "not checked: OpenTimestamps needs: " in result.output) == (
        0,
        True,
    )
    assert invoke("head", path, "--block-header", header).exit_code == 2
    (stamp, _) = entered.time_stamps()
    assert checked(stamp, NO_TRUST).result == "not checkable"
    with Archive.open(path, read_only=True) as archive:
        assert all(each.result != "failed" for each in archive.verification().findings())
