"""The built wheel holds everything it needs: the demo runs outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def installed(tmp_path_factory, pytestconfig):
    """A folder with the wheel's content, built and unpacked without asking any index."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run(
        [
            *pip,
            "wheel",
            "--no-deps",
            "--no-build-isolation",
            "--no-index",
            "-w",
            folder,
            pytestconfig.rootpath,
        ],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    site = folder / "site"
    subprocess.run(
        [*pip, "install", "--no-deps", "--no-index", "--target", site, wheel], check=True
    )
    return site


def run(installed, tmp_path, *arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_imports_come_from_the_wheel(installed, tmp_path):
    shown = run(installed, tmp_path, "-c", "import archive; print(archive.__file__)")
    assert shown.stdout.startswith(str(installed))


def test_demo_runs_outside_the_checkout(installed, tmp_path):
    shown = run(installed, tmp_path, "-m", "crawler", "demo", "demo.db", "--json", "-q")
    assert shown.returncode == 0, shown.stderr
    summary = json.loads(shown.stdout)
    assert summary["works"]
    assert (tmp_path / "demo.db").exists()
