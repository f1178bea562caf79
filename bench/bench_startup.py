"""What a command costs before it does anything: CPU milliseconds with the worker that it starts.

    python bench/bench_startup.py [PAGE]

`--help`, and `text` of a page (that of the practice web, or PAGE). Modules are compiled before; the
medians of nine rounds in turns are printed beside Python's own start and that of click.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import row

import baogao_practice as practice

ROUNDS = 9


def cpu_ms(command: list[str], environment: dict[str, str]) -> float:
    """CPU of a command and of the processes it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> None:
    """Print the medians."""
    with tempfile.TemporaryDirectory() as name:
        page = Path(sys.argv[1]) if sys.argv[1:] else Path(name) / "page.txt"
        if not sys.argv[1:]:
            report = practice.write_report("130600", 2024, seed=1, length=9000)
            page.write_text("\n".join(report.texts), encoding="utf-8")
        baogao = [sys.executable, "-m", "crawler"]
        commands = {
            "python": [sys.executable, "-c", "pass"],
            "click": [sys.executable, "-c", "import click"],
            "baogao --help": [*baogao, "--help"],
            "baogao text": [*baogao, "text", str(page)],
        }
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = name
        taken: dict[str, list[float]] = {label: [] for label in commands}
        for _ in range(ROUNDS + 1):
            for label, command in commands.items():
                taken[label].append(cpu_ms(command, environment))
        for label, values in taken.items():
            row(label, statistics.median(values[1:]))
            print(f"{label:16} {statistics.median(values[1:]):7.0f} ms")


main()
