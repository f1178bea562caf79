"""Other kinds of documents than work reports are listed, exported and counted."""

import json

import pytest
from click.testing import CliRunner

from archive import Archive, Capture, derive
from archive.browse.labels import Labels
from archive.cli import cli
from archive.known.kinds import REPORT, kinds_with_works, shipped_kinds

BULLETIN = (
    "2031年和县国民经济和社会发展统计公报\n和县统计局\n一、综合\n" + "全年生产总值增长5%。\n" * 9
)


def baogao(*words):
    return CliRunner().invoke(cli, [str(word) for word in words])


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("kinds") / "k.db"
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        capture = Capture.from_bytes(BULLETIN.encode(), filename="2031年和县统计公报.txt")
        run.text(run.capture(capture), derive(capture))
        archive.collate(run.id)
    return path


@pytest.mark.parametrize(("kind", "rows"), [("统计公报", 1), ("预算报告", 0), (REPORT, 0)])
def test_a_kind_is_chosen(db, tmp_path, kind, rows):
    (tmp_path / "w.txt").write_text("增长\n", encoding="utf-8")
    listed = baogao("works", db, "--kind", kind).stdout
    assert len(listed.splitlines()) == rows
    cells = baogao("coverage", db, "--kind", kind).stdout.splitlines()
    assert [json.loads(cell)["kind"] for cell in cells] == [kind] * rows
    written = tmp_path / "out"
    assert baogao("export", db, written, "--format", "jsonl", "--kind", kind).exit_code == 0
    (table,) = written.glob("*.jsonl")
    assert len(table.read_text("utf-8").splitlines()) == rows
    panel = baogao("panel", db, tmp_path / "w.txt", "-o", tmp_path / "p.csv", "--kind", kind)
    assert panel.exit_code == 0
    assert baogao("targets", db, "--kind", kind).exit_code == 0


def test_a_kind_that_makes_no_works_is_refused(db):
    refused = baogao("works", db, "--kind", "新闻")
    assert refused.exit_code == 2
    assert all(kind in refused.stderr for kind in kinds_with_works())
    assert kinds_with_works()[0] == REPORT
    assert "新闻" not in kinds_with_works()
    assert REPORT in baogao("panel", "--help").stdout


def test_pages_have_the_names_of_the_registry():
    for kind in shipped_kinds():
        assert Labels("zh").name("kind", kind.name) == kind.name
        assert Labels("en").name("kind", kind.name) == kind.english
