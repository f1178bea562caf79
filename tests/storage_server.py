"""moto's server, which speaks S3, on loopback; where it is missing, the tests are skipped."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

MOTO = Path(__file__).parents[1] / ".venv-moto" / "bin" / "moto_server"
KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}
PATIENCE_S = 60


@contextmanager
def storage_server():
    """Start a server with one bucket, `bucket`; yields the variables with which it is reached."""
    if not MOTO.exists():
        pytest.skip("moto is not installed; make moto")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    running = subprocess.Popen([MOTO, "-H", "127.0.0.1", "-p", str(port)], **quiet)
    address = f"http://127.0.0.1:{port}"
    try:
        _make_bucket(address)
        yield {"AWS_ENDPOINT_URL": address, **KEYS}
    finally:
        running.terminate()
        running.wait(PATIENCE_S)


def _make_bucket(address):
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            request = urllib.request.Request(f"{address}/bucket", method="PUT")  # noqa: S310
            urllib.request.urlopen(request).close()  # noqa: S310
        except urllib.error.URLError:
            assert time.monotonic() < until, "the server does not answer"
            time.sleep(0.1)
        else:
            return
