"""The examples of docs/backfill.md run as they stand there, in order."""

from __future__ import annotations

import re
import shlex

TEXT = "武安市2023年政府工作报告\n各位代表:\n" + "过去一年,我们修了三座桥,铺了十公里路。\n" * 9
FOUND = 1
NETWORK = ("$ baogao backfill urls", "$ baogao backfill wayback")
"""Examples that name sites of the web; tests/backfill runs their like against loopback."""


def test_the_page_is_followed(baogao, tmp_path, pytestconfig):
    (tmp_path / "saved-pages").mkdir()
    (tmp_path / "saved-pages/2023_武安市.txt").write_text("下载\n打印\n" + TEXT, encoding="utf-8")
    (tmp_path / "reports.csv").write_text(f'year,full_text\n2024,"{TEXT}"\n', encoding="utf-8")
    page = (pytestconfig.rootpath / "docs/backfill.md").read_text(encoding="utf-8")
    lines = [
        line
        for block in re.findall(r"```console\n(.*?)```", page, re.DOTALL)
        for line in block.splitlines()
        if not line.startswith(NETWORK)
    ]
    assert len(lines) == 7
    for line in lines:
        command = shlex.split(line.removeprefix("$ "))[1:]
        shown = baogao(*command)
        expected = FOUND if command[0] == "audit" else 0
        assert shown.returncode == expected, (line, shown.stderr.decode())
    assert (tmp_path / "clean/removed").is_dir()
    assert "<table>" in (tmp_path / "audit.html").read_text("utf-8")
