"""What the README shows works as it stands there."""

from __future__ import annotations

import re
import shlex
import sqlite3
from importlib.util import find_spec

import pytest
from web_archives import FakeCommonCrawl, table_row, write_table

import archive

HAS_DUCKDB = find_spec("duckdb") is not None
"""Without it, the example of the columnar index is left out."""


@pytest.fixture(scope="module")
def readme(pytestconfig):
    return (pytestconfig.rootpath / "README.md").read_text(encoding="utf-8")


def blocks(readme, language):
    return re.findall(rf"^```{language}\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)


PAGE = "<h1>2023年海宁县政府工作报告</h1><p>各位代表:</p><p>过去一年,我们修了三座桥。</p>"


@pytest.fixture
def folder(tmp_path):
    """A folder with the files that the README's examples name."""
    (tmp_path / "page.html").write_text(f"<html><body>{PAGE}</body></html>", encoding="utf-8")
    (tmp_path / "2023_report.txt").write_text("2023年海宁县政府工作报告\n", encoding="utf-8")
    (tmp_path / "saved-pages").mkdir()
    (tmp_path / "saved-pages" / "a.html").write_text(PAGE, encoding="utf-8")
    if HAS_DUCKDB:
        line = FakeCommonCrawl.line(
            "http://www.example.gov.cn/", "20240301120000", b"x", "x.warc.gz", 0, b"x", ""
        )
        write_table(tmp_path / "cc-index" / "part-00000.gz.parquet", [table_row(line)])
    return tmp_path


def test_every_link_leads_somewhere(readme, pytestconfig):
    links = re.findall(r"\]\(([^)#:]+)\)", readme)
    assert links
    assert [link for link in links if not (pytestconfig.rootpath / link).exists()] == []


def test_sql_runs_and_proves_the_partition(readme, baogao, folder):
    assert baogao("backfill", "files", "reports.db", "saved-pages").returncode == 0
    database = sqlite3.connect(folder / "reports.db")
    archive.register_functions(database)
    (script,) = blocks(readme, "sql")
    answers = []
    for line in script.splitlines():
        statement = line.split("--")[0].strip()
        answers.append(database.execute(statement).fetchall())
    trace, _removed, broken = answers
    assert any("修了三座桥" in row[0] for row in trace)
    assert broken == []


def test_python_runs(readme, folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    (code,) = blocks(readme, "python")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102  (it is our own README)
    assert "修了三座桥" in capsys.readouterr().out


def test_offline_commands_run(readme, baogao, folder):
    offline = ("$ baogao text", "$ baogao backfill", "$ baogao works", "$ baogao sites")
    commands = [
        shlex.split(line.split("  #")[0])[2:]
        for block in blocks(readme, "console")
        for line in block.splitlines()
        if line.startswith(offline)
    ]
    assert len(commands) >= 5
    if not HAS_DUCKDB:
        commands = [words for words in commands if "commoncrawl" not in words]
    for command in commands:
        shown = baogao(*command)
        assert shown.returncode == 0, (command, shown.stderr.decode())


def test_the_chinese_readme_has_the_same_commands_and_links(readme, pytestconfig):
    chinese = (pytestconfig.rootpath / "README.zh.md").read_text(encoding="utf-8")
    for language in ("console", "sql", "python", "text"):
        assert commands(chinese, language) == commands(readme, language)
    links = r"\]\((?!README)([^)]+)\)"
    assert re.findall(links, chinese) == re.findall(links, readme)


def commands(page, language):
    """Return the lines of the blocks in a language, without comments."""
    lines = "".join(blocks(page, language)).splitlines()
    return [re.split(r"\s{2,}(?:#|--) ", line)[0] for line in lines]
