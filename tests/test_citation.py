"""What the project says about itself where it is cited is what it is."""

from __future__ import annotations

import re
import tomllib
from datetime import date

import yaml


def test_the_citation_has_the_version_and_a_day(pytestconfig):
    root = pytestconfig.rootpath
    cited = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited["version"] == project["version"]
    assert cited["license"] == project["license"]
    assert cited["cff-version"] == "1.2.0"
    assert isinstance(cited["date-released"], date)
    headings = re.findall(r"^## \[?([\d.]+)\]? - (\S+)", (root / "CHANGELOG.md").read_text("utf-8"),
                          re.MULTILINE)  # fmt: skip
    released = dict(headings).get(project["version"], cited["date-released"].isoformat())
    assert cited["date-released"].isoformat() == released
