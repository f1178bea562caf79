"""Make the archive of a release, which every later version must open (docs/upgrading.md).

    python contrib/release_archive.py tests/store/released/001.db.xz

It is a crawl of three small sites of the practice web, an imported file, a decision and one
that was undone, an export, a merged shard and a run of `verify`: a row in most tables.
"""

from __future__ import annotations

import json
import lzma
import subprocess
import sys
import tempfile
from pathlib import Path

import baogao_practice as practice

CRAWL = """
import sys
from baogao_practice import Server
from crawler.run import crawl
with Server(port=0) as server:
    crawl(sys.argv[1], sys.argv[2:], settings={"PRACTICE_PORT": server.port})
"""
SITES = ("practice-gov", "practice-hijacked", "practice-wrapped")


def baogao(folder: Path, *arguments: str) -> str:
    """Run a command in `folder`, and return what it printed."""
    command = [sys.executable, "-m", "crawler", *arguments]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode not in (0, 1):
        raise SystemExit(f"baogao {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def make(folder: Path) -> Path:
    """Make the archive in `folder`."""
    crawled = [sys.executable, "-c", CRAWL, "release.db", *SITES]
    subprocess.run(crawled, cwd=folder, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
    report = practice.write_report("130600", 2020, seed=7, length=3000)
    (folder / "2020_report.txt").write_text("\n".join(report.texts), encoding="utf-8")
    baogao(folder, "backfill", "files", "release.db", "2020_report.txt", "-q")
    other = practice.write_report("130800", 2019, seed=8, length=3000)
    (folder / "2019_report.txt").write_text("\n".join(other.texts), encoding="utf-8")
    baogao(folder, "backfill", "files", "shard.db", "2019_report.txt", "-q")
    baogao(folder, "merge", "release.db", "shard.db", "-q")
    baogao(
        folder,
        "decide",
        "release.db",
        "1",
        "office",
        "市长",
        "--why",
        "for the release",
        "--who",
        "baogao",
    )
    baogao(
        folder,
        "decide",
        "release.db",
        "2",
        "office",
        "县长",
        "--why",
        "to be undone",
        "--who",
        "baogao",
    )
    last = max(
        json.loads(line)["id"] for line in baogao(folder, "decisions", "release.db").splitlines()
    )
    baogao(
        folder,
        "decide",
        "release.db",
        "--undo",
        str(last),
        "--why",
        "it was wrong",
        "--who",
        "baogao",
    )
    baogao(folder, "export", "release.db", "out", "--format", "csv", "-q")
    baogao(folder, "verify", "release.db")
    return folder / "release.db"


def main() -> None:
    """Write the packed archive to the file that is named."""
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        made = make(Path(name))
        target.write_bytes(lzma.compress(made.read_bytes(), preset=9 | lzma.PRESET_EXTREME))
    print(f"{target}: {target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
