"""Collating what came since the last time comes to what collating everything comes to."""

import json
import random
from dataclasses import replace
from functools import cache

import pytest
from collate.made_up import BRAND, report
from collate.test_archive import bare
from collate.test_commands import BODY, HEAD, page

from archive import Archive, Capture, Derivation, SiteFacts, derive
from archive.store.copies import backup
from archive.store.withdrawal import withdraw

WITNESSES = (
    "SELECT witnesses.id, works.name || ' ' || witnesses.name FROM witnesses"
    " JOIN works ON works.id = work_id"
)
TABLES = {
    "works": "SELECT name, plain, place_key, place_code, place, level, report_year, kind, stage,"
    " title, session, speaker, office, delivered_on, made_of FROM works",
    "witnesses": "SELECT id, work_id, host, extent, rank, how, basis_text_id, family, missing_json"
    " FROM witnesses",
    "witness_texts": "SELECT witness_id, seq, text_id, first_passage, last_passage"
    " FROM witness_texts",
    "links": "SELECT * FROM links",
    "sketches": "SELECT * FROM sketches",
    "copy_hashes": "SELECT * FROM copy_hashes",
    "inherited_identities": "SELECT * FROM inherited_identities",
    "readings": "SELECT work_id, seq, witness_id, passage_id, kind, words, start, stop, before,"
    " after, brand FROM readings",
    "editions": "SELECT work_id, ruleset_id, text_sha256, gaps, counts_json FROM editions",
    "edition_passages": "SELECT editions.work_id, seq, passage_id, witness_id, part, origin, text,"
    " changes_json, supports, supporters_json FROM edition_passages"
    " JOIN editions ON editions.id = edition_id",
    "search_documents": "SELECT work_id, text_id, chars, passages_json FROM search_documents",
    "removed_index": "SELECT id AS text_id FROM removed_index_docsize",
}


def rows(archive: Archive) -> dict[str, list[dict]]:
    """All that collation wrote, works and witnesses called by their names."""
    connection = archive.connection
    names = {"witness_id": dict(connection.execute(WITNESSES).fetchall())}
    names["base_witness_id"] = names["id"] = names["witness_id"]
    names["work_id"] = names["document"] = dict(connection.execute("SELECT id, name FROM works"))
    found = {}
    for table, select in TABLES.items():
        cursor = connection.execute(select)
        columns = [column[0] for column in cursor.description]
        named = [dict(zip(columns, row, strict=True)) for row in cursor]
        found[table] = sorted(
            json.dumps({c: called(c, value, names) for c, value in row.items()}, sort_keys=True)
            for row in named
        )
    return found


def called(column, value, names):
    if column == "supporters_json":
        return [names["witness_id"][each] for each in json.loads(value)]
    if column == "changes_json":
        changes = json.loads(value)
        return [{**c, "witness_id": names["witness_id"].get(c["witness_id"])} for c in changes]
    return names[column].get(value, value) if column in names else value


def head(place: str, year: int) -> list[str]:
    return [line.replace("和县", place).replace("2024", str(year)) for line in HEAD]


def in_autumn(lines: list[str]) -> list[str]:
    """The head of a second report of the year."""
    return [line.replace("1月8日", "9月8日").replace("第三次", "第四次") for line in lines]


def opening(lines: list[str]) -> list[str]:
    """The lines with the sentence that opens a report behind the salutation."""
    return [lines[0], "现在，我代表凌海市人民政府，向大会报告工作，请予审议。", *lines[1:]]


def local(number: int) -> list[str]:
    """A made-up report whose words do not keep naming another city than its header."""
    return [line.replace("沈阳", "县城") for line in report(number)]


OTHER = [line.replace("VOCs", "扬尘") for line in local(11)]
THIRD = local(12)


@cache
def pool() -> list[tuple[Capture, Derivation]]:
    """Copies of several reports: whole, in pages, in parts, in one page, changed and undated.

    One place has two reports in a year; of one report there are only halves that overlap.
    """
    pages = {
        "http://a.test/1.html": ("official", page(BODY)),
        "http://b.test/2.html": ("mirror", page(BODY[:-5])),
        "http://c.test/3.html": ("copy", page([line.replace("省委", BRAND) for line in BODY])),
        "http://d.test/4.html": ("mirror", bare(BODY[6:16])),
        "http://d.test/5.html": ("mirror", bare(BODY[12:22])),
        "http://e.test/6.html": ("mirror", page(OTHER, head("凌海市", 2023))),
        "http://f.test/7.html": ("mirror", bare(OTHER[8:18])),
        "http://f.test/8.html": ("mirror", page([*OTHER[:14], *BODY[4:20]], head("凌海市", 2022))),
        "http://g.test/9.html": ("mirror", b"<html><body></body></html>"),
        "http://h.test/10.html": ("official", page(THIRD[:9], head("凌海市", 2021))),
        "http://h.test/10_2.html": ("official", bare(THIRD[9:18])),
        "http://h.test/10_3.html": ("official", bare(THIRD[18:])),
        "http://i.test/10_2.html": ("mirror", bare(THIRD[9:18])),
        "http://j.test/11.html": ("mirror", page(THIRD, ["凌海市政府工作报告"])),
        "http://k.test/12.html": ("mirror", page(local(13), ["凌海市政府工作报告"])),
        "http://k.test/13.html": ("copy", page(local(13), ["凌海市政府工作报告"], "次数 3")),
        "http://l.test/14.html": (
            "copy",
            bare([*head("和县", 2024), *BODY[:12], *head("凌海市", 2023), *OTHER[:12]]),
        ),
        "http://m.test/15.html": ("mirror", page(local(14), head("凌海市", 2024))),
        "http://n.test/16.html": ("official", page(local(15), head("凌海市", 2018))),
        "http://n.test/17.html": ("official", page(local(16), in_autumn(head("凌海市", 2018)))),
        "http://o.test/18.html": ("mirror", bare(local(16)[4:20])),
        "http://p.test/19.html": ("mirror", page(local(17)[:14], head("凌海市", 2017))),
        "http://p.test/20.html": ("mirror", bare(local(17)[10:])),
        "http://q.test/01/a1.html": (
            "mirror", page([*local(18)[:14], "（下转第四版）"], head("凌海市", 2016))
        ),
        "http://q.test/01/a4.html": ("mirror", bare(["（上接第一版）", *local(18)[14:]])),
        "http://r.test/t101.html": ("mirror", page(opening(local(19)[:14]), head("凌海市", 2015))),
        "http://r.test/t102.html": ("mirror", page(local(19)[14:], ["凌海市政府工作报告"])),
    }  # fmt: skip
    again = [("http://a.test/1.html", "official", page(BODY[:-1]))]
    given = [(url, kind, body) for url, (kind, body) in pages.items()] + again
    captures = [
        Capture(url, body, status=200, site=SiteFacts(url, kind=kind)) for url, kind, body in given
    ]
    return [(capture, derive(capture)) for capture in captures]


def put(archive: Archive, some: list[tuple[Capture, Derivation]]) -> None:
    with archive.run("backfill") as run:
        for capture, derivation in some:
            run.text(run.capture(capture), derivation)


def assert_nothing_is_left_to_do(archive: Archive) -> None:
    """Collating everything finds all as it is."""
    before = rows(archive)
    counts = archive.collate(anew=True)
    assert (counts["remade"], counts["linked"], counts["indexed"], counts["taken out"]) == (0,) * 4
    assert rows(archive) == before


@pytest.mark.parametrize("seed", range(6))
def test_in_batches_or_at_once(tmp_path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  (no secret)
    order = chance.sample(pool(), len(pool()))
    with Archive.open(tmp_path / "once.db", create=True) as archive:
        put(archive, order)
        archive.collate()
        expected = rows(archive)
    assert len(expected["works"]) >= 9
    told = json.dumps(expected["works"])
    assert "210781-2018/01-08" in told
    assert "210781-2018/09-08" in told
    several = [row for row in map(json.loads, expected["witness_texts"]) if row["seq"] == 1]
    assert {row["witness_id"].split()[0] for row in several} >= {"210781-2016", "210781-2015"}
    assert expected["inherited_identities"]
    with Archive.open(tmp_path / "batches.db", create=True) as archive:
        while order:
            size = chance.randrange(1, 5)
            put(archive, order[:size])
            order = order[size:]
            archive.collate()
            assert_nothing_is_left_to_do(archive)
        assert rows(archive) == expected


@pytest.fixture
def small_batches(monkeypatch) -> None:
    """Batches of one or two texts in each step."""
    monkeypatch.setattr("archive.store.collation.SEEDS_A_BATCH", 2)
    monkeypatch.setattr("archive.store.branding.TEXTS_A_BATCH", 2)
    monkeypatch.setattr("archive.store.similarity.AT_ONCE", 100)


class StoppedError(Exception):
    """A stop of the machine."""


def stop_after(writer, commits: int, monkeypatch) -> None:
    """Let nothing be committed after so many transactions."""
    left = iter(range(commits))
    commit = type(writer)._commit

    def stopping(self) -> None:
        if next(left, None) is None:
            raise StoppedError
        commit(self)

    monkeypatch.setattr(type(writer), "_commit", stopping)


@pytest.mark.parametrize("commits", [0, 2, 5, 11, 17])
def test_a_collation_that_is_stopped_goes_on(
    tmp_path, small_batches, monkeypatch, commits: int
) -> None:
    with Archive.open(tmp_path / "once.db", create=True) as archive:
        put(archive, pool())
        archive.collate()
        expected = rows(archive)
    with Archive.open(tmp_path / "stopped.db", create=True) as archive:
        put(archive, pool()[: len(pool()) // 2])
        archive.collate()
        put(archive, pool()[len(pool()) // 2 :])
        for anew in (False, True):
            with monkeypatch.context() as patch, pytest.raises(StoppedError):
                stop_after(archive._writer, commits, patch)
                archive.collate(anew=anew)
            assert [f for f in archive.verification().findings() if f.result == "failed"] == []
            archive.collate()
            assert archive.connection.execute("SELECT count(*) FROM to_collate").fetchone() == (0,)
            assert rows(archive) == expected
        assert_nothing_is_left_to_do(archive)


def test_no_transaction_looks_at_more_than_its_batch(tmp_path, small_batches, monkeypatch) -> None:
    """Each work is written in a transaction of its closure; nothing is derived inside one."""
    inside = []

    def derived(*given):
        inside.append(archive.connection.in_transaction)
        return derive(*given)

    monkeypatch.setattr("archive.derivation.derive", derived)
    with Archive.open(tmp_path / "batches.db", create=True) as archive:
        put(archive, pool())
        archive.collate()
    assert inside
    assert not any(inside)


@pytest.fixture
def filled(tmp_path) -> Archive:
    with Archive.open(tmp_path / "filled.db", create=True) as archive:
        put(archive, pool())
        archive.collate()
        yield archive


def text_at(archive: Archive, url: str) -> int:
    select = "SELECT max(text_id) FROM text_captures WHERE url = ?"
    return archive.connection.execute(select, (url,)).fetchone()[0]


def works_of(archive: Archive, url: str) -> set[str]:
    return {
        work["work"]
        for work in archive.works()
        for witness in archive.witnesses(work["work"])
        if witness["url"] == url
    }


def test_a_batch_looks_at_what_it_touches_only(filled: Archive, monkeypatch) -> None:
    looked_at = []
    monkeypatch.setattr(
        "archive.store.collation.described",
        lambda connection, texts, _gazetteer: looked_at.append(set(texts)) or (),
    )
    lonely = Capture("http://z.test/1.html", page(report(77), head("和县", 2019)), status=200)
    put(filled, [(lonely, derive(lonely))])
    filled.collate()
    assert looked_at == [{text_at(filled, "http://z.test/1.html")}]
    assert filled.collate()["remade"] == 0
    assert len(looked_at) == 1


def test_a_decided_year_moves_a_text_and_what_hangs_on_it(filled: Archive) -> None:
    assert works_of(filled, "http://f.test/7.html") == {"210781-2023"}
    for url in ("http://e.test/6.html", "http://l.test/14.html"):
        with filled.run("decide") as run:
            run.decide(text_at(filled, url), "report_year", 2020, who="who", why="why")
        filled.collate()
        assert_nothing_is_left_to_do(filled)
    assert works_of(filled, "http://e.test/6.html") == {"210781-2020"}


def test_a_decided_reading_comes_into_the_edition(filled: Archive) -> None:
    select = "SELECT text_id, words FROM flags WHERE kind IN ('hijack', 'brand') AND words <> ''"
    text_id, words = filled.connection.execute(select).fetchone()
    with filled.run("decide") as run:
        (decided,) = run.decide_reading(text_id, words, (1,), "县委", who="who", why="why")
    assert filled.collate()["remade"] == 1
    assert_nothing_is_left_to_do(filled)
    with filled.run("decide") as run:
        run.undo(decided, who="who", why="why")
    assert filled.collate()["remade"] == 1
    assert_nothing_is_left_to_do(filled)


def test_texts_made_again_take_the_place_of_the_old_ones(filled: Archive) -> None:
    before = rows(filled)
    put(
        filled,
        [(capture, replace(d, ruleset="f" * 64, confidence=0.25)) for capture, d in pool()[:4]],
    )
    filled.collate()
    assert_nothing_is_left_to_do(filled)
    put(
        filled,
        [(capture, replace(d, ruleset="f" * 64, confidence=0.25)) for capture, d in pool()[4:]],
    )
    filled.collate()
    assert_nothing_is_left_to_do(filled)
    after = rows(filled)
    assert len(after["copy_hashes"]) == len(before["copy_hashes"])
    assert len(after["links"]) == len(before["links"])
    assert len(after["readings"]) == len(before["readings"])


def test_what_was_withdrawn_leaves_neither_works_nor_hashes(filled: Archive, tmp_path) -> None:
    gone = text_at(filled, "http://e.test/6.html")
    (digest,) = filled.connection.execute(
        "SELECT payload_sha256 FROM texts WHERE id = ?", (gone,)
    ).fetchone()
    withdraw(filled.path, tmp_path / "without.db", digest, "a reason")
    with Archive.open(tmp_path / "without.db") as archive:
        assert_nothing_is_left_to_do(archive)
        hashes = "SELECT count(*) FROM copy_hashes WHERE text_id = ?"
        assert archive.connection.execute(hashes, (gone,)).fetchone() == (0,)
        assert works_of(archive, "http://f.test/7.html") != {"210781-2023"}
        late = Capture("http://e.test/6.html", page(OTHER, head("凌海市", 2023)) + b" ", status=200)
        put(archive, [(late, derive(late))])
        archive.collate()
        assert works_of(archive, "http://f.test/7.html") == {"210781-2023"}
        assert_nothing_is_left_to_do(archive)


def test_a_copy_goes_on_where_the_archive_was(filled: Archive, tmp_path) -> None:
    backup(filled.path, tmp_path / "copy.db")
    with Archive.open(tmp_path / "copy.db") as archive:
        assert archive.collate()["remade"] == 0
        assert_nothing_is_left_to_do(archive)
