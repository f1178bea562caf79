"""WACZ: one ZIP of WARC files, their index and their pages, for ReplayWeb.page."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from archive.errors import StorageError, UsageError
from archive.model import sha256
from archive.store.addresses import surt
from archive.store.progress import Progress, plainly
from archive.store.warc.signatures import DIGEST, PACKAGE, signed
from archive.store.warc.writing import MANIFEST, export_warc
from archive.unfinished import unfinished

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

    from archive.store import Archive

VERSION: Final = "1.1.1"
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that ZIP supports: equal archives, equal files


def export_wacz(
    archive: Archive,
    path: Path,
    *,
    key: EllipticCurvePrivateKey | None = None,
    progress: Progress[Any] = plainly,
) -> dict[str, Any]:
    """Write `path`, a WACZ of all captures and clean texts; returns its `datapackage.json`.

    With a key it is signed.

    Raises:
        UsageError: `path` exists, or the library for WARC is not installed.
        StorageError: the file cannot be written.
    """
    if path.exists():
        raise UsageError(f"{path}: exists already; nothing is overwritten")
    try:
        with unfinished(path) as made, unfinished(path, folder=True) as folder:
            manifest = export_warc(archive, folder, progress=progress)
            package = _write(made, folder, manifest, key)
            made.replace(path)
    except OSError as error:
        raise StorageError(f"{path}: cannot be written: {error.strerror}") from error
    return package


def _write(
    made: Path, folder: Path, manifest: dict[str, Any], key: EllipticCurvePrivateKey | None
) -> dict[str, Any]:
    names = [file["file"] for file in manifest["files"] if file["file"].startswith("captures")]
    records = [record for name in names for record in _records(folder / name)]
    (folder / "index.cdx").write_bytes(_index(records))
    (folder / "pages.jsonl").write_bytes(_pages(records))
    places = {
        **{name: f"archive/{name}" for name in names},
        **{f["file"]: f"texts/{f['file']}" for f in manifest["files"] if f["file"] not in names},
        "index.cdx": "indexes/index.cdx",
        "pages.jsonl": "pages/pages.jsonl",
        MANIFEST: "texts/manifest.json",
    }
    package = {
        "profile": "data-package",
        "wacz_version": VERSION,
        "software": "baogao",
        "ledgerHead": manifest["ledger_head"],
        "resources": [_resource(folder / name, place) for name, place in places.items()],
    }
    words = json.dumps(package, ensure_ascii=False, indent=2).encode()
    with ZipFile(made, "w") as wacz:
        for name, place in places.items():
            _add(wacz, folder / name, place)
        wacz.writestr(ZipInfo(PACKAGE, _EPOCH), words)
        digest = f"sha256:{sha256(words)}"
        named = {"path": PACKAGE, "hash": digest}
        proof = {} if key is None else {"signedData": signed(key, digest)}
        wacz.writestr(ZipInfo(DIGEST, _EPOCH), json.dumps(named | proof))
    return package


def _add(wacz: ZipFile, file: Path, place: str) -> None:
    """WARC files are stored uncompressed, so that a reader can seek in them."""
    entry = ZipInfo(place, _EPOCH)
    entry.compress_type = ZIP_STORED if place.endswith(".gz") else ZIP_DEFLATED
    with file.open("rb") as source, wacz.open(entry, "w", force_zip64=True) as target:
        while piece := source.read(1 << 20):
            target.write(piece)


def _resource(file: Path, place: str) -> dict[str, Any]:
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while piece := source.read(1 << 20):
            digest.update(piece)
    return {
        "name": Path(place).name,
        "path": place,
        "hash": f"sha256:{digest.hexdigest()}",
        "bytes": file.stat().st_size,
    }


def _records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the index entry of each response, revisit and resource, with its file offset."""
    for offset, length, head in _members(path):
        headers = _headers(head)
        if headers.get("warc-type") in {"response", "revisit", "resource"}:
            yield {
                "url": headers["warc-target-uri"],
                "date": headers["warc-date"],
                "digest": headers.get("warc-payload-digest", ""),
                "kind": headers["warc-type"],
                "mime": _mime(headers, head),
                "status": _status(head),
                "offset": offset,
                "length": length,
                "filename": path.name,
            }


def _members(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield offset, length and first bytes of every gzip member; holds one piece of the file."""
    with path.open("rb") as file:
        offset, member, head, taken = 0, zlib.decompressobj(wbits=31), b"", 0
        while piece := file.read(1 << 16):
            while piece:
                unpacked = member.decompress(piece)
                head = (head + unpacked)[:8192] if len(head) < 8192 else head  # noqa: PLR2004
                taken += len(piece) - len(member.unused_data)
                piece = member.unused_data
                if member.eof:
                    yield offset, taken, head
                    offset, member, head, taken = (
                        offset + taken, zlib.decompressobj(wbits=31), b"", 0,
                    )  # fmt: skip


def _headers(head: bytes) -> dict[str, str]:
    lines = head.split(b"\r\n\r\n", 1)[0].decode("utf-8", "replace").split("\r\n")[1:]
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _http(head: bytes) -> str:
    parts = head.split(b"\r\n\r\n", 2)
    return parts[1].decode("latin-1") if len(parts) > 1 else ""


def _status(head: bytes) -> str:
    words = _http(head).split(None, 2)
    return words[1] if len(words) > 1 and words[0].startswith("HTTP/") else "200"


def _mime(headers: dict[str, str], head: bytes) -> str:
    if headers["warc-type"] == "revisit":
        return "warc/revisit"
    if headers["warc-type"] == "resource":
        return headers.get("content-type", "")
    for line in _http(head).split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.strip().lower() == "content-type":
            return value.split(";")[0].strip()
    return "unk"


def _index(records: list[dict[str, Any]]) -> bytes:
    """Return CDXJ: SURT, time, and a JSON object; sorted, as readers expect."""
    lines = []
    for record in records:
        time = "".join(c for c in record["date"] if c.isdigit())[:14]
        entry = {name: str(record[name]) for name in
                ("url", "mime", "status", "digest", "length", "offset", "filename")}  # fmt: skip
        lines.append(f"{surt(record['url'])} {time} {json.dumps(entry)}\n")
    return "".join(sorted(lines)).encode()


def _pages(records: list[dict[str, Any]]) -> bytes:
    """Return the start pages: every HTML answer, once."""
    lines = [json.dumps({"format": "json-pages-1.0", "id": "pages", "title": "All pages"})]
    seen = set()
    for record in records:
        if "html" in record["mime"] and record["status"] == "200" and record["url"] not in seen:
            seen.add(record["url"])
            url = record["url"]
            entry = {
                "id": sha256(url.encode())[:16],
                "url": url,
                "title": url,
                "ts": record["date"],
            }
            lines.append(json.dumps(entry))
    return ("\n".join(lines) + "\n").encode()
