"""What a release is made of: hashes of its packages, a bill of materials, known vulnerabilities.

    python contrib/supply_chain.py hashes   > constraints-release.txt
    python contrib/supply_chain.py sbom     > sbom.cdx.json
    python contrib/supply_chain.py check

`hashes` asks pip what it would install; `sbom` and `check` look at what is installed. `check` ends
with 1 when a version in use has a known vulnerability, and with 0, saying so, when nobody can be
asked because this machine is offline.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement

ROOT: Final = Path(__file__).parents[1]
RELEASED: Final = "baogao[all,sevenzip,opentimestamps,cluster]"
PATIENCE_S: Final = 300
HEADER: Final = """\
# What the release was tested with, each by its SHA-256: CPython {python} on {platform}. Use it so:
#   pip install --require-hashes -r constraints-release.txt
#   pip install --no-deps baogao
# Renewed by: make release-files
"""


def released() -> list[metadata.Distribution]:
    """The installed packages that a user of baogao has, found from what each one asks for."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [Requirement(RELEASED)]
    asked: set[str] = set()
    while waiting:
        wanted = waiting.pop()
        if str(wanted) in asked:
            continue
        asked.add(str(wanted))
        package = _installed(wanted.name)
        if package is not None:
            found[_plain(wanted.name)] = package
            waiting += _asked_for(package, wanted.extras)
    return [found[name] for name in sorted(found) if name != "baogao"]


def _installed(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _asked_for(package: metadata.Distribution, extras: set[str]) -> Iterator[Requirement]:
    for line in package.requires or ():
        wanted = Requirement(line)
        marks = [{"extra": extra} for extra in extras] or [{"extra": ""}]
        if wanted.marker is None or any(wanted.marker.evaluate(mark) for mark in marks):
            yield wanted


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def pins() -> list[str]:
    """`name==version` of each of them."""
    return [f"{_plain(each.metadata['Name'])}=={each.version}" for each in released()]


def hashed() -> dict[str, list[str]]:
    """The SHA-256 of the file that pip would take for each pin; no file is kept."""
    with tempfile.TemporaryDirectory() as name:
        wanted, report = Path(name) / "pins.txt", Path(name) / "report.json"
        wanted.write_text("\n".join(pins()), "utf-8")
        subprocess.run(  # noqa: S603  (our own pip)
            [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet",
             "--no-deps", "--report", str(report), "-r", str(wanted)],
            check=True, cwd=ROOT, timeout=PATIENCE_S, stdout=sys.stderr,
        )  # fmt: skip
        told = json.loads(report.read_text("utf-8"))["install"]
    return {
        f"{_plain(each['metadata']['name'])}=={each['metadata']['version']}": sorted(
            each["download_info"]["archive_info"]["hashes"].values()
        )
        for each in told
    }


def write_hashes() -> int:
    """Print requirements with hashes, without a word on where the files came from."""
    version, platform = sys.version_info, f"{sys.platform} {_machine()}"
    print(HEADER.format(python=f"{version.major}.{version.minor}", platform=platform), end="")
    for pin, digests in sorted(hashed().items()):
        print(pin, *(f"--hash=sha256:{digest}" for digest in digests), sep=" \\\n    ")
    return 0


def _machine() -> str:
    import platform  # noqa: PLC0415  (one word of it)

    return platform.machine()


def bill() -> Bom:
    """The bill of materials: each package with its version, its licence and where it is named."""
    bom = Bom()
    project = metadata.distribution("baogao")
    bom.metadata.component = Component(
        name="baogao", version=project.version, type=ComponentType.APPLICATION,
        licenses=[LicenseFactory().make_from_string("Apache-2.0")], bom_ref="baogao",
    )  # fmt: skip
    known = _hashes_of_the_release()
    for package in released():
        name, version = _plain(package.metadata["Name"]), package.version
        licence = _licence(package)
        bom.components.add(
            Component(
                name=name, version=version, type=ComponentType.LIBRARY, bom_ref=f"{name}@{version}",
                purl=PackageURL("pypi", None, name, version),
                licenses=[LicenseFactory().make_from_string(licence)] if licence else [],
                hashes=[
                    HashType(alg=HashAlgorithm.SHA_256, content=digest)
                    for digest in known.get(f"{name}=={version}", ())
                ],
            )
        )  # fmt: skip
    bom.register_dependency(bom.metadata.component, bom.components)
    return bom


def _licence(package: metadata.Distribution) -> str:
    """What a package says of its licence, in one of three places."""
    told = package.metadata
    names = (line.rpartition(" :: ") for line in told.get_all("Classifier", ()))
    called = next((name for kind, _, name in names if kind.startswith("License")), "")
    words = told.get("License-Expression") or called or told.get("License") or ""
    return words.strip().split("\n")[0][:80]


def _hashes_of_the_release() -> dict[str, list[str]]:
    """What `constraints-release.txt` says."""
    path = ROOT / "constraints-release.txt"
    words = path.read_text("utf-8") if path.exists() else ""
    return {
        match["pin"]: re.findall(r"sha256:([0-9a-f]{64})", match["rest"])
        for match in re.finditer(
            r"^(?P<pin>[\w.-]+==\S+)(?P<rest>(?: \\\n.*)*)", words, re.MULTILINE
        )
    }


def write_bill() -> int:
    """Print the bill as CycloneDX JSON."""
    print(make_outputter(bill(), OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1))
    return 0


def check() -> int:
    """Ask for known vulnerabilities of every pin; say which there are, or that nobody answers."""
    with tempfile.TemporaryDirectory() as name:
        wanted = Path(name) / "pins.txt"
        wanted.write_text("\n".join(pins()), "utf-8")
        try:
            done = subprocess.run(  # noqa: S603  (our own interpreter)
                [sys.executable, "-m", "pip_audit", "--vulnerability-service", "osv", "--no-deps",
                 "--disable-pip", "--format", "json", "--progress-spinner", "off",
                 "--timeout", "10",
                 "-r", str(wanted)],
                capture_output=True, text=True, check=False, timeout=PATIENCE_S,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return _nobody("no answer in time")
    try:
        told: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return _nobody("no connection")
    if all("skip_reason" in each for each in told):
        return _nobody("no package is known there")
    for each in told:
        for fault in each.get("vulns", ()):
            mended = ", ".join(fault["fix_versions"]) or "no version yet"
            print(f"{each['name']} {each['version']}: {fault['id']}, mended in {mended}")
    return int(any(each.get("vulns") for each in told))


def _nobody(why: str) -> int:
    print(f"known vulnerabilities: skipped, nobody can be asked ({why})", file=sys.stderr)
    return 0


COMMANDS: Final = {"hashes": write_hashes, "sbom": write_bill, "check": check}

if __name__ == "__main__":
    if sys.argv[1:2] == [] or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    sys.exit(COMMANDS[sys.argv[1]]())
