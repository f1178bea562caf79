"""The WARC files inside a WACZ, checked against the digests that it names."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final
from zipfile import BadZipFile, ZipFile, is_zipfile

from archive.errors import DamagedFileError

_LARGEST_LIST_BYTES: Final = 1 << 26


def is_wacz(path: Path) -> bool:
    """Whether `path` is a ZIP; what is inside is seen when it is unpacked."""
    return path.is_file() and is_zipfile(path)


@contextmanager
def unpacked(path: Path) -> Iterator[list[Path]]:
    """The WARC files of a WACZ in a temporary folder, in the order of their names.

    Raises:
        DamagedFileError: it holds no WARC, is cut short, or a file differs from its digest.
    """
    with tempfile.TemporaryDirectory() as name:
        try:
            with ZipFile(path) as wacz:
                files = list(_files(path, wacz, Path(name)))
        except (BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError) as error:
            raise DamagedFileError(f"{path}: cannot be unpacked: {error}") from error
        if not files:
            raise DamagedFileError(f"{path}: holds no WARC file under archive/")
        yield files


def _files(path: Path, wacz: ZipFile, folder: Path) -> Iterator[Path]:
    digests = _digests(path, wacz)
    for number, member in enumerate(sorted(wacz.namelist())):
        place = PurePosixPath(member)
        if place.parts[:1] != ("archive",) or not place.name.endswith((".warc", ".warc.gz")):
            continue
        # never the member's own path: it could lead out of the folder
        file = folder / f"{number:05d}-{'a.warc.gz' if member.endswith('.gz') else 'a.warc'}"
        with wacz.open(member) as source, file.open("wb") as target:
            shutil.copyfileobj(source, target)
        told = digests.get(member)
        if told is not None and told != _digest(file):
            raise DamagedFileError(f"{path}: {member} differs from its digest; get it again")
        yield file


def _digests(path: Path, wacz: ZipFile) -> dict[str, str]:
    """Member → digest, as the package lists them; {} where there is no list."""
    try:
        if wacz.getinfo("datapackage.json").file_size > _LARGEST_LIST_BYTES:
            raise DamagedFileError(f"{path}: its list of files is too long to be one")
        resources = json.loads(wacz.read("datapackage.json"))["resources"]
        return {str(each["path"]): str(each["hash"]) for each in resources}
    except (KeyError, ValueError, TypeError):
        return {}


def _digest(file: Path) -> str:
    digest = hashlib.sha256()
    with file.open("rb") as source:
        while piece := source.read(1 << 20):
            digest.update(piece)
    return f"sha256:{digest.hexdigest()}"
