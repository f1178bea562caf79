"""Deriving again in parts on several machines, and the plan of what it costs."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from store.made_up import with_another_rule

import baogao_practice as practice
from archive import Capture, DamagedFileError, UsageError, derive
from archive.importing import derive_waiting
from archive.known import Knowledge
from archive.rederiving import derive_part, openable, take
from archive.store import Archive
from archive.store.progress import plainly

pytest.importorskip("pyarrow", reason="Parquet needs pyarrow: pip install 'baogao[export]'")

PAGES = 6


@pytest.fixture(scope="module")
def changed(tmp_path_factory, known):
    """Rules by which every second page comes out otherwise."""
    folder = tmp_path_factory.mktemp("rules") / "knowledge"
    return Knowledge(with_another_rule(known.folder, folder))


@pytest.fixture(scope="module")
def made():
    """Captures of the pages with their derivations by the shipped rules."""
    captures = []
    for number in range(PAGES):
        year = (2021, 2022, 2024)[number % 3]
        lines = practice.write_report("130600", year, seed=number, length=800).texts
        last = "" if number % 2 else f"演示第{number}页。"
        body = "".join(f"<p>{line}</p>" for line in [*lines, last])
        page, url = f"<meta charset=utf-8><body>{body}</body>", f"http://www.demo.cn/{number}.html"
        headers = {"content-type": "text/html"}
        captures.append(Capture.from_bytes(page.encode(), url=url, headers=headers))
    return [(capture, derive(capture)) for capture in captures]


@pytest.fixture
def db(tmp_path, made):
    path = tmp_path / "a.db"
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        for capture, derivation in made:
            run.text(run.capture(capture), derivation)
    return path


def rederived(path, knowledge, *files):
    """Derive an archive again in this process, as `baogao rederive` does; returns the counts."""
    taken = openable(files, knowledge)
    with Archive.open(path) as archive, archive.run("rederive", knowledge=knowledge) as run:
        take(run, taken, progress=plainly)
        derive_waiting(archive, run, jobs=0, knowledge=knowledge, progress=plainly, tell=print)
        archive.collate(run.id, knowledge=knowledge)
    return run.counts


def part_of(path, part, target, knowledge):
    with Archive.open(path, read_only=True) as archive:
        return derive_part(
            archive, part, target, jobs=0, knowledge=knowledge, progress=plainly, tell=print
        )


def texts(path):
    select = """SELECT derivation_sha256, count(*), max(text_rulesets.ruleset_id) FROM texts
        JOIN text_rulesets ON text_id = texts.id GROUP BY 1 ORDER BY 1"""
    with closing(sqlite3.connect(path)) as plain:
        return plain.execute(select).fetchall()


def test_parts_make_what_one_machine_makes(tmp_path, db, changed):
    """A part is derived from a copy of the archive; the other is left to the archive's machine."""
    alone, copy, file = (tmp_path / name for name in ("alone.db", "copy.db", "1.parquet"))
    for path in (alone, copy):
        shutil.copyfile(db, path)
    assert rederived(alone, changed)["texts"] == PAGES / 2
    counts = part_of(copy, (1, 2), file, changed)
    assert 0 < counts["texts"] < PAGES
    assert texts(copy) == texts(db)
    taken = rederived(db, changed, file)
    assert (taken["texts"], taken["texts:known"]) == (PAGES / 2, PAGES / 2)
    assert texts(db) == texts(alone)
    again = rederived(db, changed, file)
    assert (again["texts"], again["texts:known"]) == (0, counts["texts"])
    assert texts(db) == texts(alone)
    with Archive.open(db) as archive:
        found = archive.verification().findings()
        assert [each for each in found if each.result == "failed"] == []


def test_every_page_is_in_one_part(tmp_path, db, changed):
    counts = [
        part_of(db, (number, 3), tmp_path / f"{number}.parquet", changed)["texts"]
        for number in (1, 2, 3)
    ]
    assert sum(counts) == PAGES
    assert max(counts) < PAGES


def test_the_command_makes_and_takes_a_file(baogao, db):
    made = baogao("rederive", db, "--part", "1/1", "-o", "all.parquet")
    assert (made.returncode, made.stderr) == (0, b"all.parquet: 0 texts, 0 of them changed\n")
    twice = baogao("rederive", db, "--part", "1/1", "-o", "all.parquet")
    assert (twice.returncode, b"exists already" in twice.stderr) == (2, True)
    assert baogao("rederive", db, "--take", "all.parquet").returncode == 0


def test_the_plan_says_pages_hours_and_bytes_and_changes_nothing(baogao, db, changed):
    before = db.read_bytes()
    done = baogao(
        "rederive", db, "--plan", "--sample", "4", "--knowledge", changed.folder, "--jobs", "2"
    )
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert (plan["pages"], plan["sample"], plan["failed"], plan["jobs"]) == (PAGES, 4, 0, 2)
    assert 1 <= plan["changed"] <= 3
    assert 0 < plan["cpu_hours"] < 0.01
    assert plan["hours"] == pytest.approx(plan["cpu_hours"] / 2, abs=1e-4)
    assert 500 * PAGES / 4 < plan["added_bytes"] < 60_000
    assert plan["payload_bytes"] > 800 * PAGES
    assert b"6 pages with" in done.stderr
    assert db.read_bytes() == before
    nothing = baogao("rederive", db, "--plan")
    assert json.loads(nothing.stdout)["pages"] == 0
    assert b"nothing is to be done" in nothing.stderr


def test_files_that_cannot_be_taken(baogao, tmp_path, db, changed):
    part_of(db, (1, 1), tmp_path / "all.parquet", changed)
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


def test_texts_of_another_archive_are_counted_and_left(tmp_path, db, changed):
    other = tmp_path / "other.db"
    with Archive.open(other, create=True) as archive, archive.run("crawl"):
        pass
    part_of(db, (1, 1), tmp_path / "all.parquet", changed)
    assert rederived(other, changed, tmp_path / "all.parquet")["not of this archive"] == PAGES
    assert texts(other) == []


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
