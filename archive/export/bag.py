"""A folder of files as a bag that standard tools can check (BagIt, RFC 8493)."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from archive.export.files import digest_of

_DECLARATION = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def as_bag(folder: Path) -> None:
    """Move everything in `folder` into `data/` and write the manifests of the bag."""
    files = list(folder.iterdir())
    data = folder / "data"
    data.mkdir()
    for path in files:
        path.rename(data / path.name)
    payload = [path for path in sorted(data.rglob("*")) if path.is_file()]
    octets = sum(path.stat().st_size for path in payload)
    _write(folder / "bagit.txt", _DECLARATION)
    _write(
        folder / "bag-info.txt",
        f"Bag-Software-Agent: baogao {version('baogao')}\nPayload-Oxum: {octets}.{len(payload)}\n",
    )
    _write(folder / "manifest-sha256.txt", _manifest(payload, folder))
    tags = [folder / name for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")]
    _write(folder / "tagmanifest-sha256.txt", _manifest(tags, folder))


def _manifest(files: list[Path], folder: Path) -> str:
    return "".join(f"{digest_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)


def _write(path: Path, words: str) -> None:
    path.write_text(words, encoding="utf-8", newline="\n")
