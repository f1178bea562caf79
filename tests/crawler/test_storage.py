"""Archives at S3-compatible addresses: put whole, merged from there; the server is on loopback."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from storage_server import storage_server
from store.made_up import answer, derivation_of

from archive import StorageError, UsageError
from archive.storage import provide, storage_of
from archive.store import Archive

pytest.importorskip("obstore", reason="obstore is not installed: pip install 'baogao[storage]'")


@pytest.fixture(scope="module")
def server():
    """The variables with which a server's one bucket is reached."""
    with storage_server() as reached:
        yield reached


@pytest.fixture
def storage(server, monkeypatch):
    for name, value in server.items():
        monkeypatch.setenv(name, value)
    provide("s3", "crawler.storage")
    return storage_of("s3://bucket/x")


def made(path, numbers):
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        for number in numbers:
            run.text(run.capture(answer(number)), derivation_of(answer(number)))
    return path


def test_a_file_is_put_whole_and_not_overwritten(tmp_path, storage, monkeypatch):
    one, other, back = (tmp_path / name for name in ("one", "other", "back"))
    one.write_bytes(b"1" * 20_000_000)
    other.write_bytes(b"2")
    storage.put(one, "s3://bucket/a/file", replace=False)
    for most in (1 << 32, 0):  # as one request, or in parts
        monkeypatch.setattr("crawler.storage.MOST_AT_ONCE", most)
        with pytest.raises(UsageError, match="exists already"):
            storage.put(other, "s3://bucket/a/file", replace=False)
    storage.fetch("s3://bucket/a/file", back)
    assert back.read_bytes() == one.read_bytes()
    storage.put(other, "s3://bucket/a/file", replace=True)
    storage.fetch("s3://bucket/a/file", back)
    assert back.read_bytes() == b"2"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("s3://bucket/none", "there is no such object"),
        ("s3://other/none", "there is no such object or bucket"),
        ("s3://bucket", "name an object as"),
        ("s3://bucket/folder/", "name an object as"),
        ("s3:///name", "name an object as"),
        ("ftp://bucket/name", "addresses can begin with s3://"),
    ],
)
def test_addresses_without_an_object_are_refused(tmp_path, storage, address, reason):
    with pytest.raises(UsageError, match=reason):
        storage_of(address).fetch(address, tmp_path / "x")


def test_a_server_that_cannot_be_reached(tmp_path, storage, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    with pytest.raises(StorageError, match="s3://bucket/x: cannot be reached"):
        storage.fetch("s3://bucket/x", tmp_path / "x")


def test_shards_are_put_by_backup_and_merged_from_there(baogao, tmp_path, server):
    made(tmp_path / "a.db", [1, 2])
    made(tmp_path / "b.db", [2, 3])
    put = baogao("backup", "a.db", "s3://bucket/shards/a.db", **server)
    assert put.returncode == 0, put.stderr
    merged = baogao("merge", "m.db", "s3://bucket/shards/a.db", "b.db", **server)
    assert merged.returncode == 0, merged.stderr
    assert b"4 captures" in merged.stderr
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]
    with closing(sqlite3.connect(tmp_path / "m.db")) as plain:
        assert plain.execute("SELECT name FROM shards").fetchall() == [("a.db",), ("b.db",)]
    made(tmp_path / "a.db", [4])
    refused = baogao("backup", "a.db", "s3://bucket/shards/a.db", **server)
    assert refused.returncode == 2
    assert b"a.db: exists already; nothing is overwritten without --replace" in refused.stderr
    assert not baogao("backup", "a.db", "s3://bucket/shards/a.db", "--replace", **server).returncode
    again = baogao("merge", "m.db", "s3://bucket/shards/a.db", "--no-collate", **server)
    assert b"1 captures" in again.stderr


def test_an_object_that_is_no_archive(baogao, tmp_path, server, storage):
    (tmp_path / "words").write_text("no database")
    storage.put(tmp_path / "words", "s3://bucket/words.db", replace=True)
    made(tmp_path / "a.db", [1])
    done = baogao("merge", "m.db", "a.db", "s3://bucket/words.db", **server)
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        2, b"Error: s3://bucket/words.db: is not a SQLite database",
    )  # fmt: skip
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]
