"""The how-to of docs/exports.md is followed as it stands, on the practice archive."""

from __future__ import annotations

import asyncio
import csv
import re
import shutil
from html import unescape

import pandas as pd
import pytest
from datasette.app import Datasette
from followed import DEMO, run


@pytest.fixture(scope="module")
def page(pytestconfig):
    return (pytestconfig.rootpath / "docs" / "exports.md").read_text(encoding="utf-8")


def assert_shown(db, evidence):
    """Each sentence stands in the very paragraph that its address leads to."""
    lines = evidence[:40]
    shown = asyncio.run(fetch(db, {line["page"].split("#")[0] for line in lines}))
    for line in lines:
        path, anchor = line["page"].split("#")
        paragraph = re.search(
            rf'id="{anchor}".*?(?=<(?:p|h\d) id="p|</main>)', shown[path], re.DOTALL
        )
        words = re.sub(r"<[^>]+>", "", paragraph[0])
        squeezed = "".join(unescape(words).split())
        assert "".join(line["sentence"].split()) in squeezed, line


async def fetch(db, paths):
    """The pages at some paths."""
    client = Datasette([str(db)]).client
    answers = {path: await client.get(path) for path in sorted(paths)}
    assert {answer.status_code for answer in answers.values()} == {200}
    return {path: answer.text for path, answer in answers.items()}


def test_the_how_to_ends_in_numbers_that_lead_to_sentences(
    page, demo, tmp_path, monkeypatch, capsys
):
    commands = "".join(re.findall(r"```console\n(.*?)```", page, re.DOTALL))
    first, *others = commands.splitlines()
    assert first == f"$ {DEMO}"
    shutil.copy(demo, tmp_path)
    for line in others:
        run(tmp_path, line.removeprefix("$ "))
    frame = pd.read_csv(tmp_path / "panel.csv", dtype={"place_code": str})
    with (tmp_path / "evidence.csv").open(encoding="utf-8-sig", newline="") as file:
        evidence = list(csv.DictReader(file))
    counted = frame[frame["reason"].isna()]
    assert len(counted) > 3
    for word in ("高质量发展", "绿色"):
        behind = sum(int(line["count"]) for line in evidence if line["word"] == word)
        assert behind == counted[f"{word}_exact"].sum()
    assert (tmp_path / "reports" / "reports.csv").exists()
    assert_shown(tmp_path / "demo.db", evidence)
    assert (tmp_path / "again.db").exists()

    (code,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "exports.md", "exec"), {})  # noqa: S102  (it is our own page)
    assert "2023" in capsys.readouterr().out
