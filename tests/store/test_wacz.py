"""The archive as one WACZ: every file with its digest, every index line at its record."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from store.warc_made import imported
from warcio.archiveiterator import ArchiveIterator

from archive.cli import cli
from archive.errors import UsageError
from archive.store import Archive
from archive.store.warc.importing import Importer
from archive.store.warc.sinks import ArchiveSink
from archive.store.warc.wacz import export_wacz

VALIDATOR = Path(__file__).parents[2] / ".venv-pywb" / "bin" / "wacz"


@pytest.fixture
def wacz(filled, tmp_path):
    path = tmp_path / "demo.wacz"
    export_wacz(filled, path)
    with ZipFile(path) as opened:
        yield opened


def test_every_file_is_listed_with_its_digest(wacz):
    package = json.loads(wacz.read("datapackage.json"))
    listed = {resource["path"]: resource for resource in package["resources"]}
    assert set(wacz.namelist()) == {*listed, "datapackage.json", "datapackage-digest.json"}
    for path, resource in listed.items():
        content = wacz.read(path)
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
    digest = json.loads(wacz.read("datapackage-digest.json"))["hash"]
    assert digest == f"sha256:{hashlib.sha256(wacz.read('datapackage.json')).hexdigest()}"


def test_every_line_of_the_index_leads_to_its_record(filled, wacz):
    lines = wacz.read("indexes/index.cdx").decode().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == 4  # three pages and a redirect; a failure has no record to replay
    for line in lines:
        key, time, told = line.split(" ", 2)
        entry = json.loads(told)
        content = wacz.read(f"archive/{entry['filename']}")
        start, length = int(entry["offset"]), int(entry["length"])
        (record,) = ArchiveIterator(io.BytesIO(content[start : start + length]))
        assert record.rec_headers.get_header("WARC-Target-URI") == entry["url"]
        assert record.rec_headers.get_header("WARC-Payload-Digest") == entry["digest"]
        assert record.http_headers.get_statuscode() == entry["status"]
        assert (key.split(")")[0], len(time)) == ("test,demo", 14)


def test_the_pages_are_listed_once(wacz):
    head, *pages = map(json.loads, wacz.read("pages/pages.jsonl").decode().splitlines())
    assert head["format"] == "json-pages-1.0"
    assert [page["url"] for page in pages] == [
        f"http://www.demo.test/report/{number}.html" for number in range(3)
    ]


def test_equal_archives_give_equal_files_and_nothing_is_overwritten(filled, tmp_path):
    first, second = tmp_path / "1.wacz", tmp_path / "2.wacz"
    export_wacz(filled, first)
    export_wacz(filled, second)
    assert first.read_bytes() == second.read_bytes()
    with pytest.raises(UsageError, match="exists already"):
        export_wacz(filled, first)
    assert sorted(file.name for file in tmp_path.iterdir() if "wacz" in file.name) == [
        "1.wacz", "2.wacz",
    ]  # fmt: skip


@pytest.mark.skipif(not VALIDATOR.exists(), reason="py-wacz is not installed beside pywb")
def test_the_validator_of_the_format_is_content(filled, tmp_path):
    export_wacz(filled, tmp_path / "demo.wacz")
    done = subprocess.run(
        [VALIDATOR, "validate", "-f", tmp_path / "demo.wacz"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode()


def test_the_command_writes_a_wacz(filled, path, tmp_path):
    filled.close()
    made = tmp_path / "out"
    result = CliRunner().invoke(cli, ["export", str(path), str(made), "--format", "wacz"])
    assert result.exit_code == 0, result.output
    with ZipFile(made / "archive.wacz") as opened:
        assert opened.testzip() is None


def test_a_wacz_comes_back_as_it_was(filled, tmp_path):
    path = tmp_path / "demo.wacz"
    export_wacz(filled, path)
    with Archive.open(tmp_path / "again.db", create=True) as again:
        with again.run("backfill") as run:
            Importer(ArchiveSink(again, run)).run([path])
            assert run.counts["captures"] == 5
        here, there = (
            [(capture.url, capture.payload) for _, capture in archive.captures(with_payload=True)]
            for archive in (filled, again)
        )
    assert here == there


def test_a_wacz_that_was_altered_or_holds_nothing_is_told(filled, tmp_path):
    path, other = tmp_path / "demo.wacz", tmp_path / "other.wacz"
    export_wacz(filled, path)
    with ZipFile(path) as source, ZipFile(other, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            target.writestr(name, content[:-9] if name.startswith("archive/") else content)
    empty = tmp_path / "empty.wacz"
    ZipFile(empty, "w").close()
    told = []
    captures, counts = imported(tmp_path / "again.db", other, empty, told=told)
    assert "differs from the digest in its datapackage.json" in told[0]
    assert any("holds no WARC file" in sentence for sentence in told)
    assert counts["damaged places"] >= 2
    kept = {capture.url for capture in captures if capture.outcome == "ok"}
    assert "http://www.demo.test/report/0.html" in kept  # what is sound in it


def test_a_wacz_that_lost_its_end_is_read_as_far_as_it_goes(filled, tmp_path):
    path = tmp_path / "demo.wacz"
    export_wacz(filled, path)
    path.write_bytes(path.read_bytes()[:-400])
    told = []
    captures, _ = imported(tmp_path / "again.db", path, told=told)
    assert "a WACZ that was cut short" in told[0]
    assert [c.url for c in captures if c.outcome != "damaged"] == [
        capture.url for _, capture in filled.captures()
    ]
