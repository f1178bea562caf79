"""What all tests share: the folder of real texts, where it is at hand, and a quiet command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real texts beside the project; absent on most machines."""
    if not SHARED.is_dir():
        pytest.skip("../shared is absent: the real texts are not part of the project")
    return SHARED


@pytest.fixture
def baogao(tmp_path):
    """Run the real command in `tmp_path`: baogao("text", "x.txt") → CompletedProcess."""

    def run(*arguments: str, stdin: bytes = b"", **environment: str):
        return subprocess.run(
            [sys.executable, "-m", "crawler", *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            timeout=120,
            check=False,
            env=os.environ | environment,
        )

    return run
