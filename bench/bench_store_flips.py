"""Single flipped bits: which does `verify` find, and which does SQLite's own check find?

    python bench/bench_store_flips.py [--flips 1000] [--seed 1]

Each flip is one bit at a random place of the file. A flip counts as one in a payload when
exactly one payload's stored bytes differ, read without any code of ours.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
from collections import Counter
from pathlib import Path

from archive.errors import BaogaoError
from archive.model import Capture, sha256
from archive.store import Archive

PAGES = 150
COUNTS = (
    "in a payload",
    "found and located",
    "seen by integrity_check",
    "elsewhere",
    "elsewhere and found",
    "elsewhere, in bytes that say nothing",
    "elsewhere and missed",
)


def main() -> int:
    """Flip, verify, and print the counts; 1 if a flip in a payload was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flips", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "sound.db"
        digests = fill(path, chance)
        counts = Counter[str]()
        for _ in range(options.flips):
            one_flip(path, Path(name) / "flipped.db", digests, chance, counts)
    print(f"{options.flips} flips in a file of {PAGES} payloads")
    for name in COUNTS:
        print(f"  {name:40} {counts[name]:5}")
    return int(counts["in a payload"] != counts["found and located"])


def fill(path: Path, chance: random.Random) -> list[str]:
    """An archive of pages that pack to about a quarter; their digests."""
    digests = []
    with Archive.open(path, create=True) as archive, archive.run("bench") as run, run.batch():
        for number in range(PAGES):
            body = "".join(chance.choices("发展稳中有进改革开放民生经济工业农业", k=12000)).encode()
            run.capture(Capture(url=f"http://a.test/{number}", payload=body, status=200))
            digests.append(sha256(body))
    return digests


def one_flip(
    sound: Path, copy: Path, digests: list[str], chance: random.Random, counts: Counter[str]
) -> None:
    """One flipped bit, and which checks find it."""
    content = bytearray(sound.read_bytes())
    bit = chance.randrange(len(content) * 8)
    content[bit // 8] ^= 1 << bit % 8
    copy.write_bytes(content)
    right, now = stored(sound, digests), stored(copy, digests)
    changed = [digest for digest in digests if right[digest] != now[digest]]
    seen = integrity(copy)
    found = findings(copy)
    if len(changed) == 1:
        counts["in a payload"] += 1
        counts["found and located"] += f"payload {changed[0]}" in found
        counts["seen by integrity_check"] += seen
    else:
        counts["elsewhere"] += 1
        counts["elsewhere and found"] += bool(found)
        if not found:
            same = everything(copy) == everything(sound)
            counts["elsewhere, in bytes that say nothing" if same else "elsewhere and missed"] += 1
    for name in (copy, Path(f"{copy}-wal"), Path(f"{copy}-shm")):
        name.unlink(missing_ok=True)


def findings(path: Path) -> set[str]:
    """The subjects of what `verify` finds."""
    try:
        with Archive.open(path, repair=False) as archive:
            return {finding.subject for finding in archive.verification().findings()}
    except BaogaoError as error:
        return {str(error)}


def integrity(path: Path) -> bool:
    """Whether SQLite's own check finds anything."""
    plain = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    try:
        return plain.execute("PRAGMA integrity_check").fetchone() != ("ok",)
    except (sqlite3.Error, UnicodeDecodeError):
        return True
    finally:
        plain.close()


def everything(path: Path) -> list[object]:
    """Every row of every table, as SQLite gives it."""
    plain = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    plain.text_factory = bytes
    try:
        names = plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return [plain.execute(f"SELECT * FROM {name.decode()}").fetchall() for (name,) in names]
    finally:
        plain.close()


def stored(path: Path, digests: list[str]) -> dict[str, object]:
    """Digest → stored bytes, or what SQLite says."""
    plain = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    found: dict[str, object] = {}
    for digest in digests:
        try:
            row = plain.execute("SELECT stored FROM payloads WHERE sha256 = ?", (digest,))
            found[digest] = row.fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:
            found[digest] = str(error)
    plain.close()
    return found


if __name__ == "__main__":
    sys.exit(main())
