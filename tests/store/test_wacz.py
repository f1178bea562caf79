"""The archive as one WACZ: every file with its digest, every index line at its record."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from store.warc_made import imported
from warcio.archiveiterator import ArchiveIterator

from archive.cli import cli
from archive.errors import UsageError
from archive.store import Archive
from archive.store.warc.importing import Importer
from archive.store.warc.signatures import fingerprint, key_at, signature_of
from archive.store.warc.signatures import signed as signed_data
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


@pytest.fixture
def key_file(tmp_path):
    return tmp_path / "key.pem"


@pytest.fixture
def signed(filled, tmp_path, key_file):
    path = tmp_path / "signed.wacz"
    export_wacz(filled, path, key=key_at(key_file))
    return path


def rewritten(path, name, change):
    """A copy of a WACZ in which one file is changed."""
    other = path.with_name("changed.wacz")
    with ZipFile(path) as source, ZipFile(other, "w") as target:
        for each in source.namelist():
            content = source.read(each)
            target.writestr(each, change(content) if each == name else content)
    return other


def with_signature(**changes):
    def change(content):
        named = json.loads(content)
        named["signedData"] |= changes
        return json.dumps(named)

    return change


def test_a_signature_holds_and_names_its_key(signed, key_file):
    with ZipFile(signed) as opened:
        data = json.loads(opened.read("datapackage-digest.json"))["signedData"]
    assert set(data) == {"hash", "created", "software", "version", "signature", "publicKey"}
    assert len(base64.b64decode(data["signature"])) == 96  # two numbers of P-384, as browsers write
    found = signature_of(signed)
    assert (found.result, found.key) == ("ok", fingerprint(key_at(key_file)))
    assert found.created == data["created"]
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_an_unsigned_file_has_no_signature(filled, tmp_path):
    export_wacz(filled, tmp_path / "plain.wacz")
    assert signature_of(tmp_path / "plain.wacz") is None
    (tmp_path / "no.wacz").write_bytes(b"PK\x03\x04 and no end")
    assert signature_of(tmp_path / "no.wacz") is None
    assert signature_of(tmp_path / "absent.wacz") is None


@pytest.mark.parametrize(
    ("name", "change", "result", "words"),
    [
        ("datapackage.json", lambda content: content + b" ", "failed", "not the one that was"),
        ("datapackage-digest.json", with_signature(signature="QUJD"), "failed", "does not hold"),
        ("datapackage-digest.json", with_signature(signature=7), "failed", "cannot be read"),
        ("datapackage-digest.json", with_signature(publicKey="QUJD"), "failed", "cannot be read"),
        ("datapackage-digest.json", with_signature(hash="sha256:0"), "failed", "not the one"),
        ("datapackage-digest.json", with_signature(extra=1), "failed", "fields"),
        ("datapackage-digest.json", with_signature(domain="a.test"), "not checkable", "domain"),
    ],
)
def test_what_is_wrong_with_a_signature_is_reported(signed, name, change, result, words):
    found = signature_of(rewritten(signed, name, change))
    assert (found.result, words in found.detail) == (result, True), found


def test_a_signature_as_der_holds_too(signed):
    def as_der(content):
        named = json.loads(content)
        raw = base64.b64decode(named["signedData"]["signature"])
        numbers = (int.from_bytes(raw[:48], "big"), int.from_bytes(raw[48:], "big"))
        der = encode_dss_signature(*numbers)
        named["signedData"]["signature"] = base64.b64encode(der).decode()
        return json.dumps(named)

    assert signature_of(rewritten(signed, "datapackage-digest.json", as_der)).result == "ok"


def test_a_signature_of_another_key_does_not_hold(signed, tmp_path):
    other = signed_data(key_at(tmp_path / "other.pem"), "sha256:0")["publicKey"]
    found = signature_of(
        rewritten(signed, "datapackage-digest.json", with_signature(publicKey=other))
    )
    assert (found.result, found.detail) == ("failed", "its signature does not hold")


@pytest.mark.parametrize("content", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\n"])
def test_a_file_that_holds_no_key_is_reported(key_file, content):
    key_file.write_bytes(content)
    with pytest.raises(UsageError, match="not a private key"):
        key_at(key_file)
    assert key_file.read_bytes() == content


def test_a_key_of_another_curve_is_reported(key_file):
    pem = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    key_file.write_bytes(pem)
    with pytest.raises(UsageError, match="P-384"):
        key_at(key_file)


def test_the_commands_sign_and_check(filled, path, tmp_path, key_file):
    filled.close()

    def run(*arguments):
        return CliRunner().invoke(cli, [str(each) for each in arguments])

    out = tmp_path / "out"
    made = run("export", path, out, "--format", "wacz", "--sign", key_file)
    assert (made.exit_code, fingerprint(key_at(key_file)) in made.output) == (0, True)
    new = tmp_path / "new.db"
    taken = run("backfill", "warc", new, out / "archive.wacz")
    assert (taken.exit_code, "signed 20" in taken.output) == (0, True)
    with Archive.open(new, read_only=True) as archive:
        (arguments,) = archive.connection.execute("SELECT arguments_json FROM runs").fetchone()
    assert json.loads(arguments)["signed_by"] == {"archive.wacz": fingerprint(key_at(key_file))}
    changed = rewritten(
        out / "archive.wacz", "datapackage-digest.json", with_signature(signature="QUJD")
    )
    refused = run("backfill", "warc", tmp_path / "other.db", changed)
    assert (refused.exit_code, "its signature does not hold" in refused.output) == (1, True)
    wrong = run("export", path, tmp_path / "no", "--format", "warc", "--sign", key_file)
    assert (wrong.exit_code, wrong.output) == (
        2, "Error: --sign signs a wacz; add --format wacz\n",
    )  # fmt: skip


def test_without_the_library_a_signature_is_not_checkable(signed, monkeypatch, key_file):
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.asymmetric", None)
    found = signature_of(signed)
    assert (found.result, "[warc]'" in found.detail) == ("not checkable", True)
    with pytest.raises(UsageError, match=r"install .*\[warc\]'"):
        key_at(key_file)


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


def test_a_wacz_that_was_altered_or_holds_nothing_is_reported(filled, tmp_path):
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
