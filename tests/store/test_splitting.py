"""Archives divided by province: read together they say what the whole says; repeatable, proven."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

import baogao_practice as practice
from archive import Capture, SiteFacts, derive
from archive.cli import cli
from archive.errors import BrokenLawError, UsageError
from archive.store import Archive
from archive.store.merging import merge, merging
from archive.store.merging.routing import KEYS
from archive.store.merging.splitting import split
from archive.store.merging.tables import TABLES
from archive.store.schema import drop_triggers

PLACES = ("130600", "341500", "411500")


OFFICIAL = SiteFacts("xinyang", "信阳市人民政府", "official", "411500")


def page(url: str, lines) -> Capture:
    body = "".join(f"<p>{line}</p>" for line in lines)
    words = f"<html><meta charset=utf-8><body>{body}</body></html>".encode()
    return Capture.from_bytes(words, url=url, headers={"content-type": "text/html"})


def written(code: str, year: int) -> list[str]:
    return practice.write_report(code, year, seed=year + int(code), length=2500).texts


def made(path: Path, captures) -> Path:
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        for capture in captures:
            number = run.capture(capture)
            if capture.payload is not None:
                run.text(number, derive(capture))
        archive.collate(run.id)
    return path


def nameless(lines) -> list[str]:
    """The middle of a report: it says no place."""
    return lines[8:-4]


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """What two crawls found: official copies; a mirror with copies and a piece without place."""
    folder = tmp_path_factory.mktemp("shards")
    official = [
        page(f"http://www.a{code}.gov.cn/{year}.html", written(code, year))
        for code in PLACES
        for year in (2021, 2023)
    ]
    mirror = [
        page(f"http://www.mirror.com/{code}-{year}.html", written(code, year)[:-3])
        for code in PLACES[:2]
        for year in (2021, 2022)
    ]
    mirror += [
        page("http://www.mirror.com/piece.html", nameless(written("411500", 2023))),
        page(
            "http://www.mirror.com/about.html", ["关于我们", "本站收集各地资料，供大家学习参考。"]
        ),
        Capture("http://www.mirror.com/gone.html", status=404, outcome="gone"),
        Capture("http://www.a411500.gov.cn/x.html", outcome="timeout", error="slow", site=OFFICIAL),
    ]
    return [made(folder / "official.db", official), made(folder / "mirror.db", mirror)]


@pytest.fixture(scope="module")
def provinces(shards, tmp_path_factory):
    folder = tmp_path_factory.mktemp("by") / "provinces"
    split(folder, shards)
    return folder


@pytest.fixture(scope="module")
def whole(shards, tmp_path_factory):
    target = tmp_path_factory.mktemp("whole") / "whole.db"
    merge(target, shards)
    return target


def ask(path: Path, select: str, *values) -> list[tuple]:
    with closing(sqlite3.connect(path)) as plain:
        return plain.execute(select, values).fetchall()


def test_the_rows_of_which_a_part_has_some_are_those_that_are_routed():
    assert {table.name for table in TABLES if table.of_captures} == KEYS.keys()


def told(*arguments) -> list[dict]:
    done = CliRunner().invoke(cli, list(map(str, arguments)))
    assert done.exit_code in {0, 1}, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def without_archive(rows):
    return [{name: value for name, value in row.items() if name != "archive"} for row in rows]


def test_there_is_an_archive_for_each_province(provinces):
    assert sorted(file.name for file in provinces.glob("*.db")) == [
        "13.db", "34.db", "41.db", "unplaced.db",
    ]  # fmt: skip


def test_every_capture_is_in_one_of_them(shards, provinces):
    def addresses(paths):
        return sorted(
            row
            for path in paths
            for row in ask(
                path, "SELECT url, payload_sha256 FROM captures JOIN pages ON pages.id = page_id"
            )
        )

    assert addresses(shards) == addresses(provinces.glob("*.db"))


def test_a_text_without_a_place_goes_where_its_sentences_are(provinces):
    select = "SELECT 1 FROM pages WHERE url LIKE '%piece.html'"
    assert [file.name for file in sorted(provinces.glob("*.db")) if ask(file, select)] == ["41.db"]
    assert ask(provinces / "41.db", "SELECT count(*) FROM witnesses") == [(3,)]


@pytest.mark.parametrize("command", ["works", "coverage"])
def test_read_together_they_say_what_the_whole_says(command, whole, provinces):
    found = told(command, provinces)
    assert without_archive(found) == told(command, whole)
    assert {row["archive"] for row in found} - {""} == {"13.db", "34.db", "41.db"}


@pytest.mark.parametrize("query", ["发展", "经济 -改革", "学习参考"])
def test_a_search_finds_the_same(query, whole, provinces):
    def named(rows):
        return sorted((row["work"].partition(" ")[0], row["hits"], row["words"]) for row in rows)

    assert named(told("search", provinces, query)) == named(told("search", whole, query))


def test_a_panel_counts_the_same(whole, provinces, tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("发展\n创新 = 创新, 科技\n", encoding="utf-8")
    tables = {}
    for path in (whole, provinces):
        output = tmp_path / f"{path.stem}.csv"
        evidence = tmp_path / f"{path.stem}-evidence.csv"
        told(
            "panel", path, words, "-o", output, "--evidence", evidence,
            "--level", "prefecture", "--years", "2021-2023", "--no-jieba", "-q",
        )  # fmt: skip
        with output.open(encoding="utf-8-sig") as file:
            tables[path] = list(csv.DictReader(file))
        with evidence.open(encoding="utf-8-sig") as file:
            assert "archive" in next(csv.reader(file)) or path == whole
    assert without_archive(tables[provinces]) == tables[whole]
    counted = {row["archive"] for row in tables[provinces] if row["report_id"]}
    assert counted == {"13.db", "34.db", "41.db"}


def test_each_archive_is_proven_by_the_ledgers_of_the_shards(provinces):
    for file in provinces.glob("*.db"):
        with Archive.open(file) as archive:
            findings = list(archive.verification().findings())
        assert [each for each in findings if each.result == "failed"] == []


def test_a_row_that_was_altered_is_found(provinces, tmp_path):
    copy = tmp_path / "13.db"
    copy.write_bytes((provinces / "13.db").read_bytes())
    with closing(sqlite3.connect(copy)) as plain:
        drop_triggers(plain)
        plain.execute("UPDATE captures SET elapsed_ms = 77 WHERE id = 1")
        plain.commit()
    with Archive.open(copy) as archive:
        failed = [each.subject for each in archive.verification().findings()
                  if each.result == "failed"]  # fmt: skip
    assert any(subject.startswith("shard 1") for subject in failed)


def test_splitting_again_adds_nothing(shards, provinces):
    counted = "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM ledger)"
    before = {file.name: ask(file, counted) for file in provinces.glob("*.db")}
    again = split(provinces, shards)
    assert not any(each.rows for each in again.values())
    assert {file.name: ask(file, counted) for file in provinces.glob("*.db")} == before


def test_a_shard_that_grew_brings_what_was_passed_over(shards, tmp_path):
    """A page without a report gets one later: its earlier captures come to the province too."""
    grown = tmp_path / "mirror.db"
    grown.write_bytes(shards[1].read_bytes())
    folder = tmp_path / "provinces"
    split(folder, [grown])
    assert ask(folder / "13.db", "SELECT 1 FROM pages WHERE url LIKE '%about.html'") == []
    with Archive.open(grown) as archive, archive.run("crawl") as run:
        late = page("http://www.mirror.com/about.html", written("130600", 2024))
        run.text(run.capture(late), derive(late))
        archive.collate(run.id)
    split(folder, [grown])
    assert len(ask(folder / "13.db", "SELECT 1 FROM pages WHERE url LIKE '%about.html'")) == 1
    names = ask(folder / "13.db", "SELECT name FROM works WHERE report_year = 2024")
    assert names == [("130600-2024",)]
    with Archive.open(folder / "13.db") as archive:
        assert [e for e in archive.verification().findings() if e.result == "failed"] == []


def test_part_and_whole_of_a_shard_are_not_mixed(shards, provinces):
    with pytest.raises(UsageError, match="has the part 13 of it"):
        merge(provinces / "13.db", [shards[0]])


def test_codes_that_are_none_name_no_file(shards, tmp_path):
    """What a shard says of places may have been written by anybody."""
    strange = tmp_path / "shards" / "strange.db"
    strange.parent.mkdir()
    strange.write_bytes(shards[1].read_bytes())
    with closing(sqlite3.connect(strange)) as plain:
        drop_triggers(plain)
        plain.execute("UPDATE works SET place_key = '/x' || place_key")
        plain.execute("UPDATE identities SET value_json = '\"../\"' WHERE field = 'place_code'")
        plain.execute("UPDATE site_facts SET place_code = '/x'")
        plain.commit()
    with pytest.raises(BrokenLawError, match="altered"):  # and the ledger knows
        split(tmp_path / "provinces", [strange])
    assert [file.name for file in (tmp_path / "provinces").iterdir()] == ["unplaced.db"]


def test_shards_and_parts_lie_in_different_folders(shards, tmp_path):
    own = tmp_path / "own.db"
    own.write_bytes(shards[0].read_bytes())
    with pytest.raises(UsageError, match="lies in the folder"):
        split(tmp_path, [own])
    with pytest.raises(UsageError, match="is a file"):
        split(own, [shards[1]])
    assert split(tmp_path, [shards[1]]).keys() == {
        "13",
        "34",
        "41",
        "unplaced",
    }  # own.db is no part


def test_a_shard_whose_texts_were_not_grouped_is_refused(tmp_path):
    path = tmp_path / "new.db"
    capture = page("http://www.a.gov.cn/1.html", written("130600", 2021))
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        run.text(run.capture(capture), derive(capture))
    with pytest.raises(UsageError, match="1 of its texts are not grouped"):
        split(tmp_path / "provinces", [path])


def test_folders_that_cannot_be_read_as_one_are_refused(shards, whole, tmp_path):
    def refused(*arguments) -> str:
        done = CliRunner().invoke(cli, list(map(str, arguments)))
        assert done.exit_code != 0
        return done.output

    empty = tmp_path / "empty"
    empty.mkdir()
    assert "has no archive" in refused("works", empty)
    both = tmp_path / "both"
    both.mkdir()
    for path in (shards[0], whole):
        (both / path.name).write_bytes(path.read_bytes())
    assert "was merged from official.db" in refused("coverage", both)
    (both / "whole.db").write_bytes(shards[0].read_bytes())
    assert "is the same archive as official.db" in refused("search", both, "发展")
    (both / "whole.db").write_bytes(b"no archive")
    assert refused("works", both)
    assert "name its file" in refused("export", both, tmp_path / "out", "--format", "warc")


@pytest.mark.parametrize("batches", [0, 3, 8])
def test_stopped_after_any_batch_it_goes_on(shards, provinces, tmp_path, monkeypatch, batches):
    folder, take, taken = tmp_path / "provinces", merging.RowMerger.take, []

    def stopping(self, entries, **more):
        taken.append(len(entries))
        if len(taken) > batches:
            raise KeyboardInterrupt
        take(self, entries, **more)

    with monkeypatch.context() as patched:
        patched.setattr(merging, "ROWS_A_BATCH", 30)
        patched.setattr(merging.RowMerger, "take", stopping)
        with pytest.raises(KeyboardInterrupt):
            split(folder, shards)
    split(folder, shards)
    select = """
        SELECT (SELECT group_concat(name) FROM (SELECT name FROM works ORDER BY 1)),
          (SELECT count(*) FROM captures), (SELECT count(*) FROM texts)
    """
    for file in provinces.glob("*.db"):
        assert ask(folder / file.name, select) == ask(file, select)
        with Archive.open(folder / file.name) as archive:
            findings = list(archive.verification().findings())
        assert [each for each in findings if each.result == "failed"] == []
