"""Every documented query runs in the sqlite3 shell, in Datasette, in Python and in sqlite-utils.

All of them give the same rows. A query stands in a ```sql block of the documentation or in
`saved_queries`; SQL anywhere else in the documentation is found and refused.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from datasette.app import Datasette
from followed import DOCS, follow, sections
from sqlite_utils.cli import cli

import archive
from archive.store.saved_queries import QUERIES
from archive.store.schema import statements

ROOT = DOCS.parent
PAGES = [*sorted(ROOT.glob("README*.md")), ROOT / "CONTRIBUTING.md", *sorted(DOCS.glob("*.md"))]
FOLLOWED = {"backfill.md", "sql.md"}
"""Pages whose console and Python blocks run in a test of their own."""

VALUES = {
    "text_id": "9", "year": "2023", "words": "乡村振兴", "work": "130481-2023",
    "url": "http://www.yanzhao.test/zwgk/zfgzbg/202401/t20240129_10284.html",
}  # fmt: skip
EMPTY = "broken_partition"
"""What selects from it must return no row; see the test that damages an archive."""
NOT_IN_SHELL = "-- not in the sqlite3 shell: zh_ functions\n"
SEARCH = re.compile(r"\bzh_")
SQL = re.compile(r"\bselect\b.*\bfrom\b", re.IGNORECASE | re.DOTALL)
FRAGMENT = re.compile(r"(select|with|where|insert|update|delete|create)\s", re.IGNORECASE)


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def documented() -> dict[str, str]:
    """The queries by where they stand."""
    found = {f"saved: {name}": query["sql"] for name, query in QUERIES.items()}
    for page in PAGES:
        for block in blocks(page, "sql"):
            for statement in statements(block):
                # the README names the first text of an archive of its reader
                words = statement.replace("text_id = 1;", f"text_id = {VALUES['text_id']};")
                found[f"{page.name}: {len(found)}"] = words
    return found


def values_of(sql: str) -> dict[str, str]:
    return {name: VALUES[name] for name in re.findall(r"(?<!:):([a-z_]+)", sql)}


def in_python(path: Path, sql: str) -> list[dict]:
    with closing(sqlite3.connect(path.as_uri() + "?mode=ro", uri=True)) as connection:
        archive.register_functions(connection)
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql, values_of(sql))]


def in_shell(path: Path, sql: str) -> list[dict]:
    program = shutil.which("sqlite3")
    if program is None:
        pytest.skip("the sqlite3 shell is not installed")
    script = ".mode json\n.parameter init\n" + "".join(
        f".parameter set :{name} \"'{value}'\"\n" for name, value in values_of(sql).items()
    )
    with_zlib = subprocess.run(
        [program, ":memory:", "select sqlar_uncompress('a', 1)"], capture_output=True, check=False
    )
    if with_zlib.returncode:
        pytest.skip("this sqlite3 shell has no sqlar_uncompress")
    shown = subprocess.run(
        [program, "-readonly", "-bail", path], input=f"{script}{sql}", capture_output=True,
        check=False, encoding="utf-8",
    )  # fmt: skip
    if SEARCH.search(sql):  # as docs/sql.md says
        assert "no such function: zh_" in shown.stderr
        return in_python(path, sql)
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout or "[]")


def in_sqlite_utils(path: Path, sql: str) -> list[dict]:
    values = [word for pair in values_of(sql).items() for word in ("-p", *pair)]
    shown = CliRunner().invoke(cli, ["query", str(path), sql.removeprefix(NOT_IN_SHELL), *values])
    assert shown.exit_code == 0, shown.output
    return json.loads(shown.output)


async def in_datasette(path: Path, sql: str) -> list[dict]:
    served = Datasette(
        [str(path)], settings={"max_returned_rows": 100_000, "sql_time_limit_ms": 9_000}
    )
    await served.invoke_startup()
    saved = {query["sql"]: name for name, query in QUERIES.items()}
    name, more = (saved[sql], {}) if sql in saved else ("", {"sql": sql.rstrip("; \n")})
    answer = await served.client.get(
        f"/{path.stem}{f'/{name}' if name else ''}.json",
        params={"_shape": "array", **more, **values_of(sql)},
    )
    for opened in served.databases.values():
        opened.close()
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def asked(practice_archive):
    """What Python answers, once for all tools."""
    answers: dict[str, list[dict]] = {}

    def ask(sql):
        if sql not in answers:
            answers[sql] = in_python(practice_archive, sql)
        return answers[sql]

    return ask


@pytest.mark.parametrize("name", documented())
class TestEveryDocumentedQuery:
    def test_answers_in_python(self, name, asked):
        sql = documented()[name]
        assert bool(asked(sql)) == (EMPTY not in sql)

    def test_answers_the_same_in_the_shell(self, name, asked, practice_archive):
        sql = documented()[name]
        assert in_shell(practice_archive, sql) == asked(sql)

    def test_answers_the_same_in_sqlite_utils(self, name, asked, practice_archive):
        sql = documented()[name]
        assert in_sqlite_utils(practice_archive, sql) == asked(sql)

    async def test_answers_the_same_in_datasette(self, name, asked, practice_archive):
        sql = documented()[name]
        assert await in_datasette(practice_archive, sql) == asked(sql)


async def test_the_proof_of_the_partition_finds_a_lost_span_in_every_tool(
    practice_archive, tmp_path
):
    damaged = tmp_path / "demo.db"
    with (
        closing(sqlite3.connect(practice_archive)) as source,
        closing(sqlite3.connect(damaged)) as target,
    ):
        source.backup(target)
        target.execute(
            "UPDATE partitions SET spans_json = json_remove(spans_json, '$[1]') WHERE text_id = 9"
        )
        target.commit()
    sql = QUERIES["nothing_lost"]["sql"]
    found = in_python(damaged, sql)
    assert {row["text_id"] for row in found} == {9}
    assert in_sqlite_utils(damaged, sql) == found
    assert await in_datasette(damaged, sql) == found
    assert in_shell(damaged, sql) == found


def test_no_sql_of_the_documentation_is_left_out():
    assert len(documented()) > 15
    for page in PAGES:
        words = page.read_text(encoding="utf-8")
        for language, block in re.findall(r"^```(\w*)\n(.*?)^```", words, re.MULTILINE | re.DOTALL):
            followed = page.name in FOLLOWED and language in {"console", "python"}
            assert language == "sql" or followed or not SQL.search(block), (page.name, block)
        prose = re.sub(r"^```.*?^```", "", words, flags=re.MULTILINE | re.DOTALL)
        inline = re.findall(r"`([^`]+)`", prose)
        assert [code for code in inline if FRAGMENT.match(code)] == [], page.name


def test_what_the_shell_cannot_run_says_so():
    for page in PAGES:
        for block in blocks(page, "sql"):
            if SEARCH.search(block):
                assert block.startswith(NOT_IN_SHELL), page.name


def test_the_five_tasks_run_as_they_stand(practice_archive, tmp_path):
    (tmp_path / "demo.db").write_bytes(practice_archive.read_bytes())
    follow(sections(DOCS / "sql.md")["Five tasks with sqlite-utils"], tmp_path)
    assert "乡村振兴" in (tmp_path / "reports.jsonl").read_text(encoding="utf-8")


def test_the_python_of_the_page_runs(practice_archive, tmp_path, monkeypatch, capsys):
    (tmp_path / "demo.db").write_bytes(practice_archive.read_bytes())
    monkeypatch.chdir(tmp_path)
    (code,) = blocks(DOCS / "sql.md", "python")
    exec(compile(code, "sql.md", "exec"), {})  # noqa: S102  (it is our own page)
    assert "130481-2023 7471" in capsys.readouterr().out
