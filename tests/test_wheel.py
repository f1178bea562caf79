"""The built wheel holds everything it needs: the demo runs outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile

import pytest

PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]


def built(source, folder):
    """The wheel of a checkout or of an unpacked sdist, built without asking any index."""
    how = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder]
    subprocess.run([*PIP, *how, source], check=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, pytestconfig):
    return built(pytestconfig.rootpath, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel):
    """A folder with the wheel's content."""
    site = wheel.parent / "site"
    subprocess.run(
        [*PIP, "install", "--no-deps", "--no-index", "--target", site, wheel], check=True
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


def test_the_sdist_builds_the_same_wheel(wheel, tmp_path, pytestconfig):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", tmp_path]
    subprocess.run(command, cwd=pytestconfig.rootpath, check=True, capture_output=True)
    (packed,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path, filter="data")
    source = packed.with_name(packed.name.removesuffix(".tar.gz"))
    (tmp_path / "built").mkdir()
    again = built(source, tmp_path / "built")
    with zipfile.ZipFile(wheel) as ours, zipfile.ZipFile(again) as theirs:
        assert sorted(ours.namelist()) == sorted(theirs.namelist())
        assert [one for one in ours.namelist() if one.endswith("/py.typed")]
