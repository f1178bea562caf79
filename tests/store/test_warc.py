"""The archive as WARC and back: other tools read it, and nothing that is cut passes for whole."""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib

import pytest
from store.made_up import answer, derivation_of, page
from store.warc_made import imported, plainly, read, read_whole
from warcio.archiveiterator import ArchiveIterator

import baogao_practice as practice
from archive import derive
from archive.derivation import ruleset_digest
from archive.known import shipped
from archive.model import Capture, sha256
from archive.store import Archive
from archive.store.warc.importing import Importer
from archive.store.warc.sinks import ArchiveSink
from archive.store.warc.writing import export_warc


@pytest.fixture
def varied(filled):
    """A filled archive with revisits, odd headers, a file, an undecodable body and a failure."""
    with filled.run("crawl") as run:
        run.capture(answer(0, captured_at="2026-02-02T00:00:00.000Z"))
        run.capture(answer(0, payload=None, status=304, outcome="unchanged"))
        run.capture(
            answer(
                3, wire_sha256="a" * 64, wire_bytes=9, content_encoding="gzip",
                request_headers=(("Accept", "*/*"), ("Cookie", "a=b")), ip="127.0.0.1",
                response_headers=(
                    ("Content-Type", "text/html"), ("Content-Encoding", "gzip"),
                    ("Set-Cookie", "a=b"), ("Set-Cookie", "c=d"), ("X-Odd", "年\r\nInjected: 1"),
                ),
            )
        )  # fmt: skip
        run.capture(
            answer(4, payload=b"\x1f\x8bbroken", stored_as="wire", content_encoding="gzip",
                   outcome="bad_encoding", response_headers=(("Content-Encoding", "gzip"),))
        )  # fmt: skip
        saved = Capture(
            url="file:///saved/%E6%8A%A5.txt", payload=page(5), origin="file", filename="报.txt"
        )
        run.text(run.capture(saved), derivation_of(saved))
        run.capture(answer(6, status=404, outcome="http", payload=b"gone"))
        run.capture(Capture(url="http://x.test/", outcome="timeout", captured_at="yesterday"))
    return filled


@pytest.fixture
def folder(varied, tmp_path):
    made = tmp_path / "warc"
    made.mkdir()
    export_warc(varied, made)
    return made


def brought_in(path, *files):
    """What an archive at `path` holds after importing `files`."""
    captures, _ = imported(path, *files)
    return [(plainly(capture), capture.payload_sha256) for capture in captures]


def test_round_trip_gives_the_same_captures_and_derivations(varied, folder, tmp_path):
    there = brought_in(tmp_path / "again.db", folder / "captures-00001.warc.gz")
    here = [(plainly(capture), capture.payload_sha256)
            for _, capture in varied.captures(with_payload=True)]  # fmt: skip
    assert there == here
    for (capture, _), (again, _) in zip(here, there, strict=True):
        if capture.payload:
            assert derivation_of(capture).as_json() == derivation_of(again).as_json()


def test_importing_again_adds_nothing(folder, tmp_path):
    once = brought_in(tmp_path / "again.db", folder / "captures-00001.warc.gz")
    assert brought_in(tmp_path / "again.db", folder / "captures-00001.warc.gz") == once


def test_equal_archives_give_equal_files(varied, folder, tmp_path):
    again = tmp_path / "second"
    again.mkdir()
    export_warc(varied, again)
    for file in folder.iterdir():
        assert (again / file.name).read_bytes() == file.read_bytes()


def test_the_manifest_names_every_file_with_size_and_digest(varied, folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["ledger_head"] == varied.ledger_head()
    assert {file["file"] for file in manifest["files"]} == {
        "captures-00001.warc.gz", "texts-00001.warc.gz",
    }  # fmt: skip
    for file in manifest["files"]:
        content = (folder / file["file"]).read_bytes()
        assert (file["bytes"], file["sha256"]) == (len(content), sha256(content))


def test_each_record_is_a_gzip_member(folder):
    content = (folder / "captures-00001.warc.gz").read_bytes()
    members = 0
    while content:
        member = zlib.decompressobj(wbits=31)
        assert member.decompress(content).startswith(b"WARC/1.1\r\n")
        assert member.eof
        content, members = member.unused_data, members + 1
    manifest = json.loads((folder / "manifest.json").read_text())
    assert members == manifest["files"][0]["records"]


def records(path):
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            yield record, record.content_stream().read()


def test_warcio_reads_every_record_and_checks_its_digests(varied, folder):
    found = list(records(folder / "captures-00001.warc.gz"))
    kinds = [record.rec_type for record, _ in found]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "warcinfo": 2, "request": 9, "response": 7, "revisit": 2, "resource": 1, "metadata": 12,
    }  # fmt: skip
    bodies = {sha256(body) for record, body in found if record.rec_type in {"response", "resource"}}
    stored = varied.connection.execute("SELECT sha256 FROM payloads")
    assert bodies >= {digest for (digest,) in stored} - {sha256(b"\x1f\x8bbroken")}


def test_headers_tell_the_original_encoding_and_inject_nothing(folder):
    for record, body in records(folder / "captures-00001.warc.gz"):
        if record.http_headers and record.http_headers.get_header("X-Odd"):
            assert record.http_headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
            assert record.http_headers.get_header("Content-Encoding") is None
            assert record.http_headers.get_header("Injected") is None
            assert record.http_headers.get_header("Content-Length") == str(len(body))
            return
    pytest.fail("the response is missing")


def test_conversions_hold_the_clean_texts(varied, folder):
    found = [
        (record.rec_headers.get_header("WARC-Refers-To"), body.decode())
        for record, body in records(folder / "texts-00001.warc.gz")
        if record.rec_type == "conversion"
    ]
    assert [words for _, words in found] == [varied.clean_text(n) for n in (1, 2, 3, 4)]
    ids = {record.rec_headers.get_header("WARC-Record-ID")
           for record, _ in records(folder / "captures-00001.warc.gz")}  # fmt: skip
    assert {refers for refers, _ in found} <= ids


def test_fastwarc_reads_every_record_and_checks_its_digests(folder):
    fastwarc = pytest.importorskip("fastwarc.warc", reason="FastWARC is not installed")
    for name in ("captures-00001.warc.gz", "texts-00001.warc.gz"):
        with (folder / name).open("rb") as file:
            found = list(fastwarc.ArchiveIterator(file, verify_digests=True))
        assert len(found) > 4


@pytest.fixture
def small(archive, tmp_path):
    """A WARC of two captures, alone in a folder without its manifest."""
    with archive.run("crawl") as run:
        run.capture(answer(1, payload=b"one"))
        run.capture(answer(2, payload=b"two"))
    made = tmp_path / "small"
    made.mkdir()
    export_warc(archive, made)
    (made / "manifest.json").unlink()
    return made / "captures-00001.warc.gz"


def test_a_cut_at_any_byte_is_never_taken_for_whole(small, tmp_path):
    content = small.read_bytes()
    assert read_whole(small)
    cut = tmp_path / "cut.warc.gz"
    for length in range(len(content)):
        cut.write_bytes(content[:length])
        assert not read_whole(cut), length


def test_a_cut_at_any_byte_of_a_plain_warc_is_never_taken_for_whole(small, tmp_path):
    content = gzip.decompress(small.read_bytes())
    cut = tmp_path / "cut.warc"
    cut.write_bytes(content)
    assert read_whole(cut)
    for length in range(0, len(content), 7):
        cut.write_bytes(content[:length])
        assert not read_whole(cut), length


def test_a_flipped_bit_is_never_taken_for_sound(small, tmp_path):
    """Apart from bits that say nothing (a gzip header's time and system), which change nothing."""
    content = small.read_bytes()
    sound = [plainly(found.capture) for found in read(small)[0]]
    flipped = tmp_path / "flipped.warc.gz"
    chance = random.Random(7)  # noqa: S311
    for bit in chance.sample(range(len(content) * 8), 1500):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        flipped.write_bytes(damaged)
        if read_whole(flipped):
            assert [plainly(found.capture) for found in read(flipped)[0]] == sound, bit


def test_a_flipped_bit_in_a_plain_file_is_never_taken_for_sound(small, tmp_path):
    """Apart from times, addresses and ids that are reported again in the record beside."""
    content = gzip.decompress(small.read_bytes())
    sound = [plainly(found.capture) for found in read(small)[0]]
    flipped = tmp_path / "flipped.warc"
    chance = random.Random(8)  # noqa: S311
    for bit in chance.sample(range(len(content) * 8), 1500):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        flipped.write_bytes(damaged)
        found, damages, reader = read(flipped)
        if reader.whole and not damages and not any(each.check == "differs" for each in found):
            assert [plainly(each.capture) for each in found] == sound, bit


def test_a_manifest_catches_every_change_at_once(folder, tmp_path):
    path = folder / "captures-00001.warc.gz"
    path.write_bytes(path.read_bytes()[:-1])
    told = []
    _, counts = imported(tmp_path / "again.db", path, told=told)
    assert counts["damaged places"] >= 1
    assert "differs from its manifest" in told[0]


def test_an_export_that_lost_its_closing_record_is_known_as_cut(small, tmp_path):
    """Between two records nothing is broken; only the record that closes a file tells."""
    content = small.read_bytes()
    members = [found.start() for found in re.finditer(rb"\x1f\x8b\x08", content)]
    small.write_bytes(content[: members[-1]])
    captures, (damage,), reader = read(small)
    assert (len(captures), reader.whole) == (2, False)
    assert damage.what == "the record that closes the file is missing"


def test_real_pages_come_back_with_equal_derivations_and_works(tmp_path):
    """Through the real stages: what is made of a page again is what was made of it before."""
    pages = [page for work in practice.matrix(works=2) for witness in work.witnesses[:2]
             for page in witness.pages][:8]  # fmt: skip
    folder = tmp_path / "warc"
    folder.mkdir()
    with Archive.open(tmp_path / "here.db", create=True) as here, here.run("crawl") as run:
        for url, body in pages:
            capture = Capture(url=url, payload=body, status=200)
            run.text(run.capture(capture), derive(capture))
        here.collate(run.id)
        export_warc(here, folder)
    with Archive.open(tmp_path / "there.db", create=True) as there, there.run("backfill") as run:
        Importer(ArchiveSink(there, run)).run([folder / "captures-00001.warc.gz"])
        for capture_id, capture in there.captures_to_derive(ruleset_digest(shipped())):
            run.text(capture_id, derive(capture))
        there.collate(run.id)
    assert held(tmp_path / "there.db") == held(tmp_path / "here.db")


def held(path):
    """Payloads, derivations and works of an archive, in an order of their own."""
    with Archive.open(path, read_only=True) as archive:
        return [
            archive.connection.execute(f"SELECT {what} ORDER BY 1, 2").fetchall()
            for what in (
                "sha256, payload_bytes FROM payloads",
                "payload_sha256, context_sha256, derivation_sha256 FROM texts",
                "name, title FROM works",
            )
        ]
