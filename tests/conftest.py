"""What all tests share: the folder of real texts where it is at hand, a command, a text's page."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest
from commands import DEADLINE_S, forked, forks
from followed import DEMO, run
from loopback import Server

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


@pytest.fixture(scope="session", autouse=True)
def cache_of_its_own(tmp_path_factory):
    """Commands remember nothing in the folder of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BAOGAO_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def baogao(tmp_path):
    """Run the real command in `tmp_path`: baogao("text", "x.txt") → CompletedProcess."""

    def run(*arguments: str, stdin: bytes = b"", **environment: str):
        words = [*map(str, arguments)]
        if not environment:
            return forked(words, tmp_path, stdin)
        return subprocess.run(  # what Python reads of its environment, it reads when it starts
            [sys.executable, "-m", "crawler", *words],
            input=stdin,
            capture_output=True,
            cwd=tmp_path,
            timeout=DEADLINE_S,
            check=False,
            env=os.environ | environment,
        )

    return run


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """The archive that `DEMO` makes, once for all processes of a test run; to be copied."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with (folder / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "demo").exists():
            made = tmp_path_factory.mktemp("demo")
            run(made, DEMO)
            made.rename(folder / "demo")
    return folder / "demo" / "demo.db"


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


@pytest.fixture(scope="session")
def apart():
    """Call a function in a fresh process, with its result or its error."""
    context = forks()

    def run(function, *arguments, **keywords):
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            return pool.submit(function, *arguments, **keywords).result(DEADLINE_S)

    return run


@pytest.fixture(scope="session")
def serve():
    """Start a server (see `loopback.Server`) with answers; all are stopped at the end."""
    with ExitStack() as running:
        yield lambda answers: running.enter_context(Server(answers))
