"""SIGKILL at random moments; the long matrix is bench/bench_kill_store.py itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[2] / "bench" / "bench_kill_store.py"


def test_nothing_acknowledged_is_lost_when_killed():
    done = subprocess.run(
        [sys.executable, SCRIPT, "--kills", "4", "--pages", "8", "--seed", "3"],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    assert [row[0] for row in rows] == ["backfill", "rederive", "export", "verify"]
    assert {(*row[3:6], row[7]) for row in rows} == {("0", "0", "0", "0")}
