"""Runs the steps of contrib/Containerfile in a temporary folder, without a container engine.

    python bench/bench_container.py

What it installs must then understand each command of contrib/compose.yaml.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]


def steps(words: str) -> list[str]:
    """The RUN lines of the first stage; the second one only copies its result and adds a user."""
    joined = words.replace("\\\n", " ")
    return re.findall(r"^RUN (.*)$", joined.split("\nFROM ")[1], re.MULTILINE)


def main() -> int:
    """Run them; the exit code is 1 if one fails."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        made = f"{folder}/opt"
        for step in steps((ROOT / "contrib" / "Containerfile").read_text("utf-8")):
            here = step.replace("/opt/baogao", made).replace("python -m", f"{sys.executable} -m")
            done = subprocess.run(
                ["sh", "-c", here], cwd=ROOT, check=False, capture_output=True, text=True
            )
            if done.returncode:
                print(f"failed: {step}\n{done.stderr}")
                return 1
        compose = (ROOT / "contrib" / "compose.yaml").read_text("utf-8")
        for found in re.findall(r"^    command: (\[.*\])$", compose, re.MULTILINE):
            command = json.loads(found)[0]
            subprocess.run(
                [f"{made}/bin/baogao", command, "--help"], check=True, stdout=subprocess.DEVNULL
            )
            print(f"baogao {command}: understood")
    print(f"{time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
