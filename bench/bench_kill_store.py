"""SIGKILL at random moments of backfill, rederive, export and verify: is anything lost?

    python bench/bench_kill_store.py [--kills 200] [--seed 1] [--pages 60]

What a reader of the database sees just before the kill counts as acknowledged. After each kill
every acknowledged capture and text must be there, the database must pass every check of
`baogao verify`, and a later run that is left alone must come to the same payloads and texts as
one that was never killed. Prints one line a command; ends with 1 when anything was lost.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from archive.model import Capture
from archive.store import Archive

LATEST_S = 60.0


@dataclass
class Tally:
    """Counts of one command's kills."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    unsound: int = 0
    partial: int = 0
    completed: int = 0
    differing: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def bad(self) -> int:
        """All that must not happen."""
        return self.lost + self.unsound + self.partial + self.differing


@dataclass(frozen=True)
class Trial:
    """A command to be killed: how to start it, and the files it must not leave behind."""

    name: str
    prepare: Callable[[Path], None]
    command: Callable[[Path], list[str]]
    leaves: Callable[[Path], str | None]
    ends_with: tuple[int, ...] = (0,)


def main() -> int:
    """Run the matrix and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=60)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    print("command   kills  acknowledged  lost  unsound  half files  completed  differing")
    bad = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_pages(folder / "pages", options.pages, chance)
        trials = make_trials(folder)
        for number, trial in enumerate(trials):
            share = options.kills // len(trials) + (number < options.kills % len(trials))
            tally = kill_until(trial, folder / trial.name, share, chance)
            bad += tally.bad
            print(
                f"{trial.name:9} {tally.kills:5}  {tally.acknowledged:12}  {tally.lost:4}"
                f"  {tally.unsound:7}  {tally.partial:10}  {tally.completed:9}"
                f"  {tally.differing:9}",
                *tally.notes,
            )
    return 1 if bad else 0


def write_pages(folder: Path, count: int, chance: random.Random) -> None:
    """Saved pages of made-up reports, each of its own words."""
    folder.mkdir()
    for number in range(count):
        lines = "".join(
            f"<p>{''.join(chance.choices('发展稳中有进改革开放民生经济工业农业', k=80))}。</p>"
            for _ in range(30)
        )
        (folder / f"{number}.html").write_text(
            f"<html><title>政府工作报告</title><body><div>首页 导航</div>{lines}</body></html>",
            encoding="utf-8",
        )


def make_trials(folder: Path) -> list[Trial]:
    """The four commands, on archives of their own."""
    python = [sys.executable]
    pages = folder / "pages"
    return [
        Trial(
            "backfill",
            nothing,
            lambda db: [*python, "-m", "archive", "backfill", "files", str(db), str(pages), "-q"],
            nothing,
            (0, 1),  # 1: a page gave no text, which is no matter here
        ),
        Trial(
            "rederive",
            lambda db: captures_only(db, pages),
            lambda db: [*python, "-m", "archive", "rederive", str(db), "-q"],
            nothing,
        ),
        Trial(
            "export",
            lambda db: captures_only(db, pages, times=20),
            lambda db: [
                *python,
                "-m",
                "archive",
                "export",
                str(db),
                str(db.with_name("warc")),
                "--format",
                "warc",
                "-q",
            ],
            half_an_export,
        ),
        Trial(
            "verify",
            lambda db: captures_only(db, pages, times=20),
            lambda db: [*python, "-m", "archive", "verify", str(db), "-q"],
            nothing,
        ),
    ]


def nothing(_: Path) -> None:
    """Start without an archive; leave nothing to be checked."""


def captures_only(db: Path, pages: Path, times: int = 1) -> None:
    """An archive with the captures of `pages` and no text yet, `times` variants of each."""
    with Archive.open(db, create=True) as archive, archive.run("backfill") as run, run.batch():
        for path in sorted(pages.iterdir()):
            for time_ in range(times):
                payload = path.read_bytes() + b"<!-- %d -->" % time_
                run.capture(Capture(url=path.as_uri(), payload=payload, origin="file"))


def half_an_export(db: Path) -> str | None:
    """What a killed export left under the name of a whole one, if anything."""
    folder = db.with_name("warc")
    if not folder.exists():
        return None
    names = sorted(file.name for file in folder.iterdir())
    shutil.rmtree(folder)
    whole = ["SHA256SUMS", "captures-00001.warc.gz", "manifest.json", "texts-00001.warc.gz"]
    return None if names == whole else f"a folder with only {names}"


def kill_until(trial: Trial, folder: Path, kills: int, chance: random.Random) -> Tally:
    """Kill `trial` so often, on archives that are begun again whenever one run came to its end."""
    tally = Tally()
    folder.mkdir()
    right, duration = undisturbed(trial, folder / "right")
    number = 0
    db = fresh(trial, folder / "0")
    while tally.kills < kills:
        if killed(trial, db, chance.uniform(0, duration), tally):
            continue
        compare(db, right, tally)
        shutil.rmtree(db.parent)
        number += 1
        db = fresh(trial, folder / str(number))
    finish(trial, db)
    compare(db, right, tally)
    return tally


def fresh(trial: Trial, folder: Path) -> Path:
    """A new archive for the trial."""
    folder.mkdir()
    db = folder / "demo.db"
    trial.prepare(db)
    return db


def undisturbed(trial: Trial, folder: Path) -> tuple[object, float]:
    """What the command comes to when nobody kills it, and how long that takes in seconds."""
    db = fresh(trial, folder)
    before = time.perf_counter()
    finish(trial, db)
    return outcome(db), time.perf_counter() - before


def finish(trial: Trial, db: Path) -> None:
    """Run the command to its end."""
    done = subprocess.run(trial.command(db), capture_output=True, check=False, timeout=600)
    trial.leaves(db)
    assert done.returncode in trial.ends_with, done.stderr.decode()[-2000:]


def killed(trial: Trial, db: Path, after_s: float, tally: Tally) -> bool:
    """Start the command, kill it after so long, and look; False when it had ended before."""
    process = subprocess.Popen(
        trial.command(db), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        pass
    else:
        trial.leaves(db)
        return False
    seen = acknowledged(db)
    process.send_signal(signal.SIGKILL)
    process.wait(LATEST_S)
    look(trial, db, seen, tally)
    return True


def look(trial: Trial, db: Path, seen: set[str], tally: Tally) -> None:
    """After a kill: is all there that was acknowledged, and is the database sound?"""
    tally.kills += 1
    tally.acknowledged += len(seen)
    tally.lost += len(seen - acknowledged(db))
    left = trial.leaves(db)
    if left is not None:
        tally.partial += 1
        tally.notes.append(left)
    if not db.exists() or db.stat().st_size == 0:
        return  # killed before the first table was made
    with Archive.open(db, create=True) as archive:
        for finding in archive.verification().findings():
            tally.unsound += 1
            tally.notes.append(f"{finding.subject}: {finding.detail}")


def acknowledged(db: Path) -> set[str]:
    """Captures and texts that a reader sees, as words that tell them apart."""
    if not db.exists():
        return set()
    reader = sqlite3.connect(f"{db.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    try:
        captures = reader.execute("SELECT id, payload_sha256 FROM captures").fetchall()
        texts = reader.execute("SELECT id, derivation_sha256 FROM texts").fetchall()
    except sqlite3.OperationalError:  # not made yet
        return set()
    finally:
        reader.close()
    return {f"capture {i} {d}" for i, d in captures} | {f"text {i} {d}" for i, d in texts}


def outcome(db: Path) -> object:
    """What two archives that hold the same have in common: payloads, texts, works."""
    with Archive.open(db, read_only=True) as archive:
        ask = archive.connection.execute
        return (
            ask("SELECT sha256 FROM payloads ORDER BY 1").fetchall(),
            ask("SELECT derivation_sha256 FROM texts ORDER BY 1").fetchall(),
            ask("SELECT url, payload_sha256 FROM captures JOIN pages ON pages.id = page_id"
                " ORDER BY 1, 2").fetchall(),
        )  # fmt: skip


def compare(db: Path, right: object, tally: Tally) -> None:
    """A run that came to its end must have come to what an undisturbed one comes to."""
    tally.completed += 1
    if outcome(db) != right:
        tally.differing += 1
        tally.notes.append("another outcome than undisturbed")


if __name__ == "__main__":
    sys.exit(main())
