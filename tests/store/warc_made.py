"""WARC files made by hand, and what is read out of them."""

from __future__ import annotations

import base64
import gzip
import hashlib
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

from archive.store import Archive
from archive.store.warc import sources
from archive.store.warc.framing import Damage
from archive.store.warc.importing import Importer
from archive.store.warc.originals import Originals
from archive.store.warc.reading import Reader
from archive.store.warc.sinks import ArchiveSink

DATE = "2020-01-02T03:04:05Z"
MOMENT = "2020-01-02T03:04:05.000Z"
"""The same as the archive writes it."""


def sha1(content: bytes) -> str:
    """The digest that most tools write."""
    digest = hashlib.sha1(content, usedforsecurity=False).digest()
    return "sha1:" + base64.b32encode(digest).decode()


def http(body: bytes, *headers: str, line: str = "HTTP/1.1 200 OK") -> bytes:
    """An HTTP response as it stands in a record."""
    return "\r\n".join([line, *headers, "", ""]).encode("latin-1") + body


def record(
    kind: str, url: str, block: bytes, *headers: str, version: str = "1.0", end: str = "\r\n",
    length: str | None = None, identifier: str | None = None,
) -> bytes:  # fmt: skip
    """One record; `headers` are added to those that every record has, an empty one leaves one out.

    A header of `headers` takes the place of the usual one of its name.
    """
    name = identifier or f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{kind} {url} {block[:4000]!r}')}>"
    usual = {
        "WARC-Type": kind, "WARC-Record-ID": name, "WARC-Date": DATE, "WARC-Target-URI": url,
        "Content-Type": "application/http;msgtype=response",
        "Content-Length": str(len(block)) if length is None else length,
    }  # fmt: skip
    given = dict(each.split(": ", 1) for each in headers)
    lines = [f"{name}: {value}" for name, value in (usual | given).items() if value]
    head = end.join([f"WARC/{version}", *lines, "", ""]).encode()
    return head + block + end.encode() * 2


def response(url: str, body: bytes, *headers: str, **more) -> bytes:
    """A plain response with the digest of its payload."""
    return record(
        "response", url, http(body, "Content-Type: text/html"),
        f"WARC-Payload-Digest: {sha1(body)}", *headers, **more,
    )  # fmt: skip


def packed(*records: bytes) -> bytes:
    """One gzip member a record."""
    return b"".join(gzip.compress(each, mtime=0) for each in records)


def read(path):
    """Captures, damages and the reader of a file, nothing stored."""
    captures, damages = [], []
    with sources.sources(path) as (source,), Originals() as originals:
        reader = Reader(source, originals)
        for each in reader.captures():
            (damages if isinstance(each, Damage) else captures).append(each)
    return captures, damages, reader


def read_whole(path) -> bool:
    """Whether a file is taken for whole and sound."""
    _, damages, reader = read(path)
    return reader.whole is True and not damages


def imported(path, *files, told=None, **options):
    """Import `files` into the archive at `path`; gives captures, and counts of the run."""
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        tell = (lambda _: None) if told is None else told.append
        Importer(ArchiveSink(archive, run), warn=tell, **options).run(files)
        return [capture for _, capture in archive.captures(with_payload=True)], run.counts


def plainly(capture):
    """A capture without the marks of where it was imported from."""
    return replace(capture, origin="live", member=None, container_sha256=None)
