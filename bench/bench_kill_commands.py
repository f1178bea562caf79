"""SIGKILL at random moments of every command that writes a new file beside an archive.

    python bench/bench_kill_commands.py [--kills 10] [--seed 1] [COMMAND ...]

(`bench_kill_store.py` kills backfill, rederive, WARC export and verify, `bench_backfill_killed.py`
the other imports, `bench_crawl_killed.py` the crawl.) After each kill the archive must hold every
row that it held and pass every check of `verify`; what the command makes must be absent or whole:
what is there is compared, file by file, with what an undisturbed command makes. At the end the
command runs once more and must leave nothing unfinished behind. Ends with 1 when anything is wrong.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench_kill_store import acknowledged

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from browse.conftest import SITES, answer  # noqa: E402  (the paths must be set first)

import baogao_practice as practice  # noqa: E402
from archive import derive  # noqa: E402
from archive.store import Archive  # noqa: E402

BAOGAO = (sys.executable, "-m", "archive")
COMMANDS: dict[str, tuple[str, ...]] = {
    "backup": ("backup", "DB", "NEW.db"),
    "backup --public": ("backup", "DB", "NEW.db", "--public"),
    "compact": ("compact", "DB", "NEW.db"),
    "withdraw": ("withdraw", "DB", "NEW.db", "PAYLOAD", "--reason", "asked for"),
    "decide": ("decide", "DB", "1", "report_year", "2023", "--who", "Li", "--why", "the notice"),
    "export txt": ("export", "DB", "NEW", "--format", "txt"),
    "export csv": ("export", "DB", "NEW", "--format", "csv"),
    "export xlsx": ("export", "DB", "NEW", "--format", "xlsx"),
    "export parquet": ("export", "DB", "NEW", "--format", "parquet"),
    "export jsonl": ("export", "DB", "NEW", "--format", "jsonl"),
    "export bagit": ("export", "DB", "NEW", "--format", "bagit"),
    "export wacz": ("export", "DB", "NEW.wacz", "--format", "wacz"),
    "export site": ("export", "DB", "NEW", "--format", "site"),
    "export preservation": ("export", "DB", "NEW", "--format", "preservation"),
    "backfill preservation": ("backfill", "preservation", "NEW.db", "EXPORT"),
    "panel": ("panel", "DB", "WORDS", "-o", "NEW.csv"),
    "targets": ("targets", "DB", "-o", "NEW.csv"),
}


def main() -> int:
    """Kill each command a number of times and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pages", type=int, default=30)
    parser.add_argument("commands", nargs="*", default=list(COMMANDS), metavar="COMMAND")
    options = parser.parse_args()
    chance, bad = random.Random(options.seed), 0
    print("| SIGKILL | kills | acknowledged rows | lost | unsound | half files |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder / "a.db", options.pages)
        run(("export", "a.db", "export", "--format", "preservation"), folder)
        for command in options.commands:
            here = folder / command.replace(" ", "-")
            here.mkdir()
            bad += killed(command, folder / "a.db", here, options.kills, chance)
    return 1 if bad else 0


def make(db: Path, count: int) -> None:
    """An archive of so many pages of each of two hosts of the practice web."""
    with (
        practice.Server() as server,
        Archive.open(db, create=True) as archive,
        archive.run("crawl") as crawl,
    ):
        for host in ("www.yanzhao.test", "www.tingtao.test"):
            for url in list(practice.urls(host))[:count]:
                capture = answer(server.port, url, SITES[host])
                captured = crawl.capture(capture)
                if capture.outcome == "ok":
                    crawl.text(captured, derive(capture))
        archive.collate(crawl.id)


def run(words: Sequence[str], cwd: Path, expected: Sequence[int] = (0,)) -> None:
    """Run a command to its end."""
    done = subprocess.run([*BAOGAO, *words], cwd=cwd, capture_output=True, check=False, timeout=600)
    assert done.returncode in expected, done.stderr.decode()[-2000:]


def killed(name: str, db: Path, here: Path, kills: int, chance: random.Random) -> int:
    """Kill a command a number of times; print the faults and return their number."""
    right, words = here / "right", arguments(name, db)
    fresh(right, db)
    began = time.perf_counter()
    run(words, right)
    duration, made = time.perf_counter() - began, contents(right)
    seen_rows = lost = unsound = half = done = 0
    while done < kills:
        there = here / str(done)
        fresh(there, db)
        seen = acknowledged(there / "a.db")
        if not kill(words, there, chance.uniform(0.2, 1) * duration):
            shutil.rmtree(there)  # it had ended before
            continue
        done += 1
        seen_rows += len(seen)
        lost += len(seen - acknowledged(there / "a.db"))
        half += half_made(there, made)
        unsound += len(findings(there / "a.db"))
        if not (there / next(iter(made), "a.db")).exists() or not made:
            run(words, there)
            unsound += len(findings(there / "a.db"))
            half += any("unfinished" in path.name for path in there.rglob("*"))
        shutil.rmtree(there)
    print(f"| `{name}` | {done} | {seen_rows:,} | {lost} | {unsound} | {half} |", flush=True)
    return lost + unsound + half


def fresh(folder: Path, db: Path) -> None:
    """A folder with a copy of the archive and what else commands read."""
    folder.mkdir()
    shutil.copy(db, folder / "a.db")
    (folder / "words.txt").write_text("发展\n改革\n", "utf-8")


def arguments(name: str, db: Path) -> list[str]:
    """The words of a command."""
    with Archive.open(db, read_only=True) as archive:
        (payload,) = archive.connection.execute("SELECT min(sha256) FROM payloads").fetchone()
    filled = {"DB": "a.db", "WORDS": "words.txt", "PAYLOAD": payload}
    filled["EXPORT"] = str(db.with_name("export").absolute())
    return [filled.get(word, word.replace("NEW", "new")) for word in COMMANDS[name]]


def kill(words: Sequence[str], folder: Path, after_s: float) -> bool:
    """Start the command and kill it after a time; False if it had ended before."""
    process = subprocess.Popen(
        [*BAOGAO, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(after_s)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def contents(folder: Path) -> dict[str, int]:
    """The names of what a command made, without the archive and its log; sizes of files."""
    places = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.stat().st_size
        for path in places
        if path.relative_to(folder).parts[0].startswith("new") and "unfinished" not in path.name
    }


def half_made(folder: Path, whole: dict[str, int]) -> int:
    """Return 1 if a file under the final name is incomplete."""
    found = contents(folder)
    if not found:
        return 0
    if set(found) != set(whole):
        return 1
    if any(name.endswith(".db") for name in found):
        return int(bool(findings(folder / "new.db")))
    return int(any(not _alike(found[name], whole[name]) for name in found))


def _alike(size: int, right: int) -> bool:
    """Times and versions in a file change its size a little; a half of it is less."""
    return abs(size - right) <= 64 + right // 50


def findings(db: Path) -> list[str]:
    """What `verify` finds in an archive."""
    with Archive.open(db, read_only=True) as archive:
        return [
            f"{finding.subject}: {finding.detail}"
            for finding in archive.verification().findings()
            if finding.result != "not checkable"
        ]


if __name__ == "__main__":
    sys.exit(main())
