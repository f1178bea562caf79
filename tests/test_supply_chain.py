"""What a release says that it is made of is what it was tested with; no host of files is named."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RELEASE = ROOT / "constraints-release.txt"
PIN = re.compile(
    r"^([\w.-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE
)
UNLISTED = {"setuptools"}
"""What pip never lists among the installed packages."""


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.fixture(scope="module")
def pins():
    found = PIN.findall(RELEASE.read_text("utf-8"))
    return {
        plain(name): (version, re.findall(r"[0-9a-f]{64}", rest)) for name, version, rest in found
    }


def test_the_release_takes_what_the_tests_ran_with(pins):
    tested = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line and not line.startswith("#")
    )
    tested = {plain(name): version for name, version in tested.items()}
    taken = {name: version for name, (version, _) in pins.items() if name not in UNLISTED}
    assert taken.items() <= tested.items()
    assert {"click", "lxml", "scrapy", "datasette", "twisted", "py7zr", "rapidocr"} <= set(pins)
    assert "pytest" not in pins


def test_every_line_has_a_hash_and_no_line_a_host(pins):
    words = RELEASE.read_text("utf-8")
    assert words.count("==") == len(pins) > 80
    assert not re.search(r"://|file:|\.org|\.com|/opt|--index|--find", words)


def test_the_bill_of_materials_names_the_same(pins):
    bill = json.loads((ROOT / "sbom.cdx.json").read_text("utf-8"))
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    named = {
        each["name"]: (each["version"], [one["content"] for one in each["hashes"]])
        for each in bill["components"]
    }
    assert named == pins
    assert all(each.get("licenses") for each in bill["components"])


def test_offline_nobody_is_asked_and_that_is_said():
    pytest.importorskip("pip_audit", reason="pip-audit is not installed")
    nowhere = dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, "contrib/supply_chain.py", "check"], cwd=ROOT, capture_output=True,
        text=True, check=False, env={**os.environ, **nowhere},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "known vulnerabilities: skipped, nobody can be asked (no connection)\n"
