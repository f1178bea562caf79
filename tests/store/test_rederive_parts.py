"""Deriving again in parts on several machines, and the plan of what it costs."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

import baogao_practice as practice
from archive import Capture, DamagedFileError, UsageError, derive
from archive.known import Knowledge
from archive.rederiving import openable, take
from archive.store import Archive
from archive.store.progress import plainly

pytest.importorskip("pyarrow", reason="Parquet needs pyarrow: pip install 'baogao[export]'")

RULE = """
[[rules]]
id = "footer-of-the-test"
kind = "footer"
scope = "line"
pattern = '演示第\\d+页。'
why = "a rule of the test"
example = "演示第1页。"
"""
PAGES = 6


@pytest.fixture
def knowledge(tmp_path, known):
    """Rules by which every second page comes out otherwise."""
    folder = tmp_path / "knowledge"
    shutil.copytree(known.folder, folder)
    footer = folder / "rules" / "footer.toml"
    footer.write_text(footer.read_text("utf-8") + RULE, "utf-8")
    return folder


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "a.db"
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        for number in range(PAGES):
            lines = practice.write_report(
                "130600", (2021, 2022, 2024)[number % 3], seed=number, length=1200
            ).texts
            last = "" if number % 2 else f"演示第{number}页。"
            body = "".join(f"<p>{line}</p>" for line in [*lines, last])
            capture = Capture.from_bytes(
                f"<meta charset=utf-8><body>{body}</body>".encode(),
                url=f"http://www.demo.gov.cn/{number}.html", headers={"content-type": "text/html"},
            )  # fmt: skip
            run.text(run.capture(capture), derive(capture))
        archive.collate(run.id)
    return path


def texts(path):
    select = """SELECT derivation_sha256, count(*), max(text_rulesets.ruleset_id) FROM texts
        JOIN text_rulesets ON text_id = texts.id GROUP BY 1 ORDER BY 1"""
    with closing(sqlite3.connect(path)) as plain:
        return plain.execute(select).fetchall()


def test_parts_make_what_one_machine_makes(baogao, tmp_path, db, knowledge):
    """A part is derived from a copy of the archive; the other is left to the archive's machine."""
    alone, copy = tmp_path / "alone.db", tmp_path / "copy.db"
    for path in (alone, copy):
        shutil.copyfile(db, path)
    rules = ("--knowledge", knowledge, "--jobs", "1")
    assert baogao("rederive", alone, *rules).returncode == 0
    done = baogao("rederive", copy, "--part", "1/2", "-o", "1.parquet", *rules)
    assert done.returncode == 0, done.stderr
    assert 0 < int(done.stderr.split(b": ")[1].split()[0]) < PAGES
    assert texts(copy) == texts(db)
    taken = baogao("rederive", db, "--take", "1.parquet", *rules)
    assert taken.returncode == 0, taken.stderr
    assert texts(db) == texts(alone)
    assert len(texts(db)) == PAGES + PAGES / 2
    again = baogao("rederive", db, "--take", "1.parquet", *rules)
    assert again.stderr.endswith(b"0 texts made\n")
    assert texts(db) == texts(alone)
    with Archive.open(db) as archive:
        found = archive.verification(full=True, knowledge=Knowledge(knowledge)).findings()
        assert [each for each in found if each.result == "failed"] == []


def test_the_plan_says_pages_hours_and_bytes_and_changes_nothing(baogao, db, knowledge):
    before = db.read_bytes()
    done = baogao(
        "rederive", db, "--plan", "--sample", "4", "--knowledge", knowledge, "--jobs", "2"
    )
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert (plan["pages"], plan["sample"], plan["failed"], plan["jobs"]) == (PAGES, 4, 0, 2)
    assert 1 <= plan["changed"] <= 3
    assert 0 < plan["cpu_hours"] < 0.01
    assert plan["hours"] == pytest.approx(plan["cpu_hours"] / 2, abs=1e-4)
    assert 500 * PAGES / 4 < plan["added_bytes"] < 60_000
    assert plan["payload_bytes"] > 1200 * PAGES
    assert b"6 pages with" in done.stderr
    assert db.read_bytes() == before
    nothing = baogao("rederive", db, "--plan")
    assert json.loads(nothing.stdout)["pages"] == 0
    assert b"nothing is to be done" in nothing.stderr


def test_files_that_cannot_be_taken(baogao, tmp_path, db, knowledge):
    rules = ("--knowledge", knowledge, "--jobs", "1")
    assert baogao("rederive", db, "--part", "1/1", "-o", "all.parquet", *rules).returncode == 0
    content = (tmp_path / "all.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(content[:-100])
    (tmp_path / "words.parquet").write_text("no Parquet")
    from pyarrow import parquet  # noqa: PLC0415  (it may be missing)

    table = parquet.read_table(tmp_path / "all.parquet")
    parquet.write_table(table.replace_schema_metadata({}), tmp_path / "other.parquet")
    visible = table.column("visible").to_pylist()
    altered = [None if words is None else words.replace("。", "！", 1) for words in visible]
    at = table.schema.get_field_index("visible")
    parquet.write_table(table.set_column(at, "visible", [altered]), tmp_path / "altered.parquet")
    changed = Knowledge(knowledge)
    for name, error, reason, rules_used in (
        ("cut", DamagedFileError, "is no Parquet file, or was cut short", changed),
        ("words", DamagedFileError, "is no Parquet file, or was cut short", changed),
        ("other", UsageError, "has no texts that this version of baogao can take", changed),
        ("none", UsageError, "no such file", changed),
        ("all", UsageError, "was made by other rules than these", None),
    ):
        with pytest.raises(error, match=reason):
            openable([tmp_path / f"{name}.parquet"], rules_used)
    files = openable([tmp_path / "altered.parquet"], changed)
    before = texts(db)
    with (
        Archive.open(db) as archive,
        pytest.raises(DamagedFileError, match="a text in it was altered"),
        archive.run("rederive", knowledge=changed) as run,
    ):
        take(run, files, progress=plainly)
    assert texts(db) == before
    missing = baogao("rederive", db, "--take", "none.parquet")
    assert (missing.returncode, missing.stderr) == (2, b"Error: none.parquet: no such file\n")


def test_texts_of_another_archive_are_counted_and_left(baogao, tmp_path, db, knowledge):
    other = tmp_path / "other.db"
    with Archive.open(other, create=True) as archive, archive.run("crawl"):
        pass
    rules = ("--knowledge", knowledge, "--jobs", "1")
    assert baogao("rederive", db, "--part", "1/1", "-o", "all.parquet", *rules).returncode == 0
    done = baogao("rederive", other, "--take", "all.parquet", *rules)
    assert (done.returncode, texts(other)) == (0, [])
    assert b"6 texts are of pages that" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("--part", "3/2", "-o", "x.parquet"),
        ("--part", "0/2", "-o", "x.parquet"),
        ("--part", "half", "-o", "x.parquet"),
        ("--part", "1/2"),
        ("-o", "x.parquet"),
        ("--plan", "--take", "x.parquet"),
        ("--part", "1/2", "-o", "a.db"),
    ],
)
def test_wrong_options(baogao, tmp_path, db, words):
    done = baogao("rederive", db, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: ")
    assert not (tmp_path / "x.parquet").exists()
