"""A WAL that is cut at every page, full disks, read-only folders, two writers, long readers.

    python bench/bench_machine.py [--captures 40] [--disks 6]

Prints a line for each, with how often it was tried, and how many acknowledged rows were lost; ends
with 1 when a row was lost, an archive is unsound, or a command said anything but a sentence.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench_kill_store import acknowledged, captures_only, write_pages

from archive.model import Capture
from archive.store import Archive

BAOGAO = (sys.executable, "-m", "archive")
WAL_HEADER, FRAME_HEADER = 32, 24
STOPPED_SHORT = 3
DROP_CAPABILITY, OVERRIDE = 24, 1
"""`prctl` to take away root's right to write what is marked read-only."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "backfill files": ("backfill", "files", "a.db", "pages", "-q"),
    "rederive": ("rederive", "a.db", "-q"),
    "verify": ("verify", "a.db", "-q"),
    "backup": ("backup", "a.db", "new.db", "-q"),
    "compact": ("compact", "a.db", "new.db", "-q"),
    "export csv": ("export", "a.db", "new", "--format", "csv", "-q"),
    "export warc": ("export", "a.db", "new", "--format", "warc", "-q"),
}


@dataclass
class Told:
    """What was tried in one way, and what was wrong."""

    tried: int = 0
    rows: int = 0
    wrong: list[str] = field(default_factory=list)

    def shown(self, name: str) -> int:
        """Print it; how much was wrong."""
        print(f"| {name} | {self.tried} | {self.rows:,} | {len(self.wrong)} |", flush=True)
        print(*(f"  {words}" for words in self.wrong[:5]), sep="\n", end="")
        return len(self.wrong)


def wal_cuts(folder: Path, captures: int) -> Told:
    """A copy of the archive with its WAL cut at, and inside, every page."""
    told, sizes = Told(), []
    db = folder / "w.db"
    chance = random.Random(1)
    with Archive.open(db, create=True) as archive:
        archive.connection.execute("PRAGMA wal_autocheckpoint = 0")
        run = archive.start_run("crawl")
        wal = db.with_name("w.db-wal")
        for number in range(captures):
            run.capture(Capture(f"http://a.test/{number}", chance.randbytes(9000)))
            sizes.append(wal.stat().st_size)
        shutil.copy(db, folder / "c.db")
        whole = wal.read_bytes()
    page = int.from_bytes(whole[8:12], "big")
    frames = range(WAL_HEADER, len(whole) + 1, FRAME_HEADER + page)
    begin = (folder / "c.db").read_bytes()
    for cut in sorted({size for at in frames for size in (at, at + FRAME_HEADER + page // 2)}):
        if cut > len(whole):
            continue
        (folder / "c.db").write_bytes(begin)
        (folder / "c.db-wal").write_bytes(whole[:cut])
        (folder / "c.db-shm").unlink(missing_ok=True)
        expected = sum(size <= cut for size in sizes)
        told.tried += 1
        told.rows += expected
        found = seen(folder / "c.db")
        if found is not None and found < expected:
            told.wrong.append(f"cut at {cut}: {found} of {expected} captures")
        if found is None and expected:
            told.wrong.append(f"cut at {cut}: no archive any more")
        if found:
            told.wrong += [f"cut at {cut}: {words}" for words in unsound(folder / "c.db")]
    return told


def seen(db: Path) -> int | None:
    """How many captures a reader sees; None where there is no archive yet."""
    reader = sqlite3.connect(db)
    try:
        return int(reader.execute("SELECT count(*) FROM captures").fetchone()[0])
    except sqlite3.OperationalError:
        return None
    finally:
        reader.close()


def unsound(db: Path) -> list[str]:
    """What `verify` finds."""
    with Archive.open(db) as archive:
        return [f"{each.subject}: {each.detail}" for each in archive.verification().findings()]


def full_disks(folder: Path, disks: int) -> Told:
    """Every command with files that may not grow beyond some size."""
    told, chance = Told(), random.Random(2)
    for name, words in COMMANDS.items():
        for number in range(disks):
            here = fresh(folder, f"{name}{number}")
            before = acknowledged(here / "a.db")
            size = (here / "a.db").stat().st_size
            most = chance.randint(size // 4, 2 * size)

            def small(most: int = most) -> None:
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))

            first = run(words, here, small)
            judge(told, f"{name}, {most} bytes", here, before, first)
            if first.returncode == STOPPED_SHORT:
                done = run(words, here)
                if done.returncode not in {0, 1}:
                    told.wrong.append(f"{name} does not go on: {done.stderr.strip()[-200:]}")
            shutil.rmtree(here)
    return told


def read_only(folder: Path) -> Told:
    """Every command in a folder that nobody may write."""
    told = Told()
    for name, words in COMMANDS.items():
        here = fresh(folder, f"{name}-ro")
        before = acknowledged(here / "a.db")
        for path in (here / "a.db-wal", here / "a.db-shm"):
            path.unlink(missing_ok=True)
        (here / "a.db").chmod(0o444)
        here.chmod(0o555)

        judge(told, f"{name}, read-only", here, before, run(words, here, obey_modes))
        here.chmod(0o755)
        shutil.rmtree(here)
    return told


def obey_modes() -> None:
    """Let also root write nothing that is marked read-only."""
    ctypes.CDLL(None).prctl(DROP_CAPABILITY, OVERRIDE, 0, 0, 0)


def judge(
    told: Told, name: str, here: Path, before: set[str], done: subprocess.CompletedProcess[str]
) -> None:
    """Of a command that has ended: a sentence, a known exit code, and every row is still there."""
    told.tried += 1
    told.rows += len(before)
    if done.returncode not in {0, 1, 2, 3}:
        told.wrong.append(f"{name}: exit code {done.returncode}")
    if "Traceback" in done.stderr:
        told.wrong.append(f"{name}: a traceback")
    if before - acknowledged(here / "a.db"):
        told.wrong.append(f"{name}: rows are lost")
    if (here / "new").exists() and done.returncode:
        told.wrong.append(f"{name}: half a folder")


def two_writers(folder: Path) -> Told:
    """Two imports of the same files at once, three times; a reader looks on all the while."""
    told = Told()
    for number in range(3):
        here = fresh(folder, f"two{number}")
        reader = sqlite3.connect(here / "a.db", isolation_level=None)
        reader.execute("BEGIN")
        (first,) = reader.execute("SELECT count(*) FROM captures").fetchone()
        both = [
            subprocess.Popen([*BAOGAO, *COMMANDS["backfill files"]], cwd=here,
                             stderr=subprocess.PIPE, text=True)
            for _ in range(2)
        ]  # fmt: skip
        for one in both:
            _, words = one.communicate(timeout=600)
            if one.returncode not in {0, 1} or "Traceback" in words:
                told.wrong.append(f"a writer: {one.returncode}: {words.strip()[-200:]}")
        (last,) = reader.execute("SELECT count(*) FROM captures").fetchone()
        reader.close()
        told.tried += 1
        found = seen(here / "a.db") or 0
        told.rows += found
        told.wrong += ["the reader saw another state"] * (last != first)
        told.wrong += [f"{found} captures"] * (found < len(list((here / "pages").iterdir())))
        told.wrong += unsound(here / "a.db")
    return told


def fresh(folder: Path, name: str) -> Path:
    """A folder with an archive and pages to import."""
    here = folder / name.replace(" ", "-")
    here.mkdir()
    shutil.copytree(folder / "pages", here / "pages")
    shutil.copy(folder / "a.db", here / "a.db")
    return here


def run(
    words: Sequence[str], cwd: Path, prepared: Callable[[], None] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*BAOGAO, *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=600,
        preexec_fn=prepared, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip


def main() -> int:
    """Try all and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--captures", type=int, default=40)
    parser.add_argument("--disks", type=int, default=6)
    options = parser.parse_args()
    print("| what fails | tried | acknowledged rows | wrong |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pages(folder / "pages", 8, random.Random(1))
        captures_only(folder / "a.db", folder / "pages", times=3)
        wrong = wal_cuts(folder, options.captures).shown("WAL cut at and inside every page")
        wrong += two_writers(folder).shown("two writers and a long reader")
        wrong += read_only(folder).shown("read-only file and folder, each command")
        wrong += full_disks(folder, options.disks).shown("full disk, each command")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
