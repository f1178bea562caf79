"""The examples of docs/operating.md are followed as they stand there, section by section.

Each section runs in a folder of its own, in which the archive `reports.db` is.
"""

from __future__ import annotations

import shutil

import pytest
from commands import forked
from followed import DOCS, follow, sections

SHOWN = sections(DOCS / "operating.md")
REPORT = "2023年海宁县政府工作报告\n各位代表：\n过去一年，我们修了三座桥，铺了十公里路。\n"


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    (folder / "2023_report.txt").write_text(REPORT, encoding="utf-8")
    made = forked(["backfill", "files", "reports.db", "2023_report.txt"], folder)
    assert made.returncode == 0, made.stderr.decode()
    return folder / "reports.db"


@pytest.mark.parametrize("name", SHOWN)
def test_a_section_is_followed(name, tmp_path, archive):
    shutil.copy(archive, tmp_path / "reports.db")
    follow(SHOWN[name], tmp_path)


def test_the_page_has_commands():
    assert {"Say it once", "Check the machine"} <= set(SHOWN)
