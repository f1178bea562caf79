"""What a message says to install is installed as it says; `make install` brings all else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from archive import extras

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
ALL = PROJECT["optional-dependencies"]

OF_COMMANDS = {
    "baogao crawl": "crawl", "scrapy crawl": "crawl", "make demo": "crawl", "make serve": "serve",
    "baogao serve": "serve", "--format parquet": "export", "baogao backfill": "documents",
    "baogao audit": "documents", "backfill warc": "warc",
}  # fmt: skip
"""The extra that words of the README need: those of its commands, and of what it says beside."""


def run(command, folder, **environment):
    return subprocess.run(
        ["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False,
        env=os.environ | environment,
    )  # fmt: skip


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_install_brings_what_the_readme_uses():
    shown = run("make --always-make --dry-run install", ROOT).stdout
    (installed,) = re.findall(r"install .*-e '\.\[([\w,]+)\]'", shown)
    readme = (ROOT / "README.md").read_text("utf-8")
    needed = {extra for words, extra in OF_COMMANDS.items() if words in readme}
    assert needed == {"crawl", "serve", "documents", "export", "warc"}
    assert needed <= set(installed.split(","))
    formats = re.findall(r"-o \S+(\.\w+)|--format (\w+)", readme)
    assert {".csv", ".dta", "parquet"} == {"".join(each) for each in formats}


@pytest.mark.parametrize("here", ["checkout", "elsewhere"])
def test_the_hint_of_a_checkout_runs(here, tmp_path):
    """It is run as it stands; pip is kept from changing anything, and from asking anybody."""
    folder = ROOT if here == "checkout" else tmp_path
    pytest.importorskip("editables", reason="editables is not installed: make dev")
    command = extras.how_to_install("export", here=folder)
    assert command.endswith("[export]'")
    kept = {"PIP_DRY_RUN": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1"}  # fmt: skip
    shown = run(command, folder, **kept)
    assert shown.returncode == 0, (command, shown.stderr)
    assert f"baogao-{PROJECT['version']}" in shown.stdout
    assert "does not provide the extra" not in shown.stderr


def test_the_hint_is_short_where_it_can_be(monkeypatch, tmp_path):
    monkeypatch.setattr("sys.executable", str(ROOT / ".venv/bin/python"))
    monkeypatch.setattr("pathlib.Path.is_file", lambda _: True)
    here = extras.how_to_install("export", here=ROOT)
    assert here == ".venv/bin/pip install -e '.[export]'"
    away = extras.how_to_install("export", here=tmp_path)
    assert away == f"{ROOT}/.venv/bin/python -m pip install -e '{ROOT}[export]'"


def test_an_installed_package_names_the_pip_of_its_interpreter(monkeypatch, tmp_path):
    monkeypatch.setattr("archive.extras._ROOT", tmp_path)
    python = tmp_path / "my python"
    monkeypatch.setattr("sys.executable", str(python))
    assert extras.how_to_install("ocr") == f"'{python}' -m pip install 'baogao[ocr]'"
    monkeypatch.setattr("archive.extras.find_spec", lambda _: None)
    assert extras.how_to_install("ocr") == f"pip --python '{python}' install 'baogao[ocr]'"


def test_every_hint_names_an_extra_that_there_is():
    named = set()
    for folder in ("archive", "crawler"):
        for path in (ROOT / folder).rglob("*.py"):
            words = path.read_text("utf-8")
            named |= set(re.findall(r"how_to_install\(['\"](\w+)", words))
            named |= set(re.findall(r"baogao\[(\w+)\]", words))
    assert {"crawl", "serve", "export", "warc", "timestamps"} <= named <= set(ALL)


def test_a_command_without_its_library_says_so(monkeypatch, tmp_path):
    """The library is hidden from a process of its own."""
    (tmp_path / "xlsxwriter.py").write_text("", "utf-8")
    hidden = (
        "import importlib.util, sys; real = importlib.util.find_spec;"
        "importlib.util.find_spec = lambda name, *more: None if name == 'xlsxwriter'"
        " else real(name, *more);"
        "from crawler.cli import main; main(prog_name='baogao')"
    )
    (tmp_path / "w.txt").write_text("环境\n", "utf-8")
    shown = subprocess.run(
        [sys.executable, "-c", hidden, "panel", "x.db", "w.txt", "-o", "p.xlsx"], cwd=tmp_path,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert shown.returncode == 2
    assert re.fullmatch(
        r"Error: \.xlsx needs xlsxwriter, which is not installed: \S+.* install .*\[export\]'\n",
        shown.stderr,
    )
