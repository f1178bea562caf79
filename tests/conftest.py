"""What all tests share: the folder of real texts where it is at hand, a command, a text's page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from archive.known import shipped
from archive.model import Block, Decoding, Page

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


@pytest.fixture
def page_of():
    """Make the page of a text: its lines are its blocks."""

    def made(visible: str, *, all_links: bool = False) -> Page:
        blocks, start = [], 0
        for match in re.finditer(r"\r\n|\n|\r|\Z", visible):
            links = match.start() - start if all_links else 0
            blocks.append(Block(start, match.start(), link_chars=links))
            start = match.end()
        return Page(visible, tuple(blocks), Decoding("utf-8", "test"), "text")

    return made


@pytest.fixture(scope="session")
def known():
    """The knowledge that is shipped."""
    return shipped()
