"""pywb on a free port of the loopback; it lives in an environment of its own (`make pywb`)."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

BIN = Path(os.environ.get("BAOGAO_PYWB", Path(__file__).parents[1] / ".venv-pywb" / "bin"))
"""Its brotli breaks Scrapy's, so that both cannot live together."""

needs_pywb = pytest.mark.skipif(
    not (BIN / "wb-manager").exists(), reason="pywb is not installed; make pywb"
)


@contextmanager
def serving(home: Path, warcs: Sequence[Path]) -> Iterator[str]:
    """A pywb in the new folder `home`, with `warcs` in its collection `web`; gives its address."""
    home.mkdir()
    _manage(home, "init", "web")
    _manage(home, "add", "web", *map(str, warcs))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [BIN / "wayback", "-b", "127.0.0.1", "-p", str(port), "-d", str(home)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home,
    )  # fmt: skip
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/web"
    finally:
        server.terminate()
        server.wait(20)


def _manage(home: Path, *words: str) -> None:
    done = subprocess.run([BIN / "wb-manager", *words], cwd=home, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("pywb did not start")
