"""Collects the files to read: named files, and files in folders that may hold a text."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from archive.errors import UsageError
from archive.known.attachments import PICTURE, attachments, document_endings

SUFFIXES: Final = frozenset(
    {".txt", ".md", ".markdown", ".htm", ".html", ".shtml", ".xhtml", ".mht", ".mhtml", ".csv",
     ".tsv", ".json", ".jsonl", ".ndjson", ".xlsx", ".xlsm", ".xls", ".parquet", ".dta", ".zip",
     ".7z", ".rar", ".gz"} | {f".{ending}" for ending in document_endings()}
)  # fmt: skip
"""Extensions taken from a folder; a file named explicitly may have any."""

PICTURES: Final = frozenset(f".{ending}" for ending in attachments()[PICTURE].endings)
"""Extensions of pictures, which are taken from a folder if OCR is requested."""

_NO_TEXTS: Final = frozenset(
    {".css", ".js", ".json", ".map", ".ico", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg",
     ".webp", ".woff", ".woff2", ".ttf", ".eot", ".otf", ".mp3", ".mp4", ".swf", ".db", ".ini"}
)  # fmt: skip
"""Extensions that are not taken from a ZIP; all others are."""

_PAGES: Final = (".htm", ".html", ".shtml", ".xhtml")
_COMPANION: Final = re.compile(r"(.+)(?:_files|\.files|_file)")
_HIDDEN: Final = re.compile(r"\.(?!\.?$).*|~\$.*|__MACOSX", re.DOTALL)


@dataclass(slots=True)
class Gathered:
    """The files to read, without duplicates and in order, and the skipped ones by reason."""

    files: dict[Path, None] = field(default_factory=dict)
    passed_over: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.files)

    def __len__(self) -> int:
        return len(self.files)


def gather(paths: Iterable[str], *, pictures: bool = False) -> Gathered:
    """Return the files named by `paths`; folders are walked in order of name, each file once.

    Args:
        paths: files and folders.
        pictures: also take pictures from folders.

    Links inside a folder are not followed, because they may lead out of it. The folder of images
    and frames that a browser saves beside a page is skipped. A pipe, or a folder that cannot be
    listed, is returned like a file, so that it can be reported.

    Raises:
        UsageError: a path does not exist, or is a folder without suitable files.
    """
    found = Gathered()
    for name in paths:
        path = Path(name)
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as error:
            raise UsageError(f"{name}: no such file or folder") from error
        if stat.S_ISDIR(mode):
            inside = Gathered()
            _walk(path.resolve(), inside, SUFFIXES | PICTURES if pictures else SUFFIXES)
            if not inside.files:
                _say_empty(path, inside)
            found.files |= inside.files
            found.passed_over += inside.passed_over
        else:
            found.files[path.resolve()] = None
    return found


def companions(names: Iterable[str]) -> frozenset[str]:
    """Return the folders that a browser saved beside pages, among all folders of these names."""
    pages: set[str] = set()
    folders: set[str] = set()
    for name in names:
        path = name.replace("\\", "/")
        if path.lower().endswith(_PAGES):
            pages.add(path.rsplit(".", 1)[0])
        while "/" in path:
            path = path.rsplit("/", 1)[0]
            if path in folders:
                break
            folders.add(path)
    return frozenset(
        folder for folder in folders if (of := _COMPANION.fullmatch(folder)) and of[1] in pages
    )


def why_passed_over(
    name: str,
    beside: frozenset[str],
    *,
    known_endings_only: bool = True,
    endings: frozenset[str] = SUFFIXES,
) -> str | None:
    """Return why a file of this name is not taken, or None.

    Args:
        name: its path within what is walked, with `/` or a backslash.
        beside: the result of `companions` for all names.
        known_endings_only: take only files with `endings`.
        endings: the extensions to take.
    """
    path = name.replace("\\", "/")
    *folders, own = path.split("/")
    if any(_HIDDEN.fullmatch(part) for part in (*folders, own)):
        return "hidden"
    if beside and any("/".join(folders[: n + 1]) in beside for n in range(len(folders))):
        return "parts of a saved page"
    suffix = os.path.splitext(own)[1].lower()  # noqa: PTH122  (a name inside a ZIP is no path)
    if (
        suffix in endings - _NO_TEXTS
        or (known_endings_only and suffix in endings)
        or (not known_endings_only and suffix not in _NO_TEXTS)
    ):
        return None
    return suffix[:12] or "no ending"


def _walk(folder: Path, found: Gathered, endings: frozenset[str]) -> None:
    """Add the content of `folder`: its files, then its folders' files, each in order of name."""
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        try:
            with os.scandir(here) as listed:
                entries = sorted(listed, key=lambda entry: os.fsencode(entry.name))
        except OSError:
            found.files[here] = None
            continue
        folders: list[str] = []
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
            else:
                _add(entry, found, endings)
        pages = (entry.name for entry in entries)
        beside = companions((*pages, *(f"{name}/x" for name in folders)))
        inside = [name for name in folders if not _folder_passed_over(name, beside, found)]
        waiting += [here / name for name in reversed(inside)]


def _add(entry: os.DirEntry[str], found: Gathered, endings: frozenset[str]) -> None:
    known = why_passed_over(entry.name, frozenset(), endings=endings)
    reason = "links" if entry.is_symlink() else known
    if reason is None:
        found.files[Path(entry.path)] = None
    else:
        found.passed_over[reason] += 1


def _folder_passed_over(name: str, beside: frozenset[str], found: Gathered) -> bool:
    reason = why_passed_over(f"{name}/x.txt", beside)
    if reason is not None:
        found.passed_over[f"folders: {reason}"] += 1
    return reason is not None


def _say_empty(folder: Path, found: Gathered) -> None:
    over = ", ".join(f"{count} {reason}" for reason, count in found.passed_over.most_common(5))
    raise UsageError(
        f"{folder}: holds no file ending in {', '.join(sorted(SUFFIXES))}"
        + (f" (but {over})" if over else "")
    )
