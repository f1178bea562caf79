"""The indexes say what the texts say: after a first import, a change, a deletion."""

import sqlite3

import pytest
from browse.made_up import REPORT, RULESET, answer, derivation, group, make

from archive.model import sha256
from archive.store import Archive
from archive.store.indexing import refresh, removed_words, words_of
from archive.store.search import match

WORDS = (
    "营商环境",
    "工",
    "钢铁产业",
    "口袋公园",
    "2+10",
    "pm2.5",
    "博彩",
    "没有这个词",
    "续优化",
    "新规则",
)


@pytest.fixture
def archive(tmp_path):
    make(tmp_path / "a.db")
    with Archive.open(tmp_path / "a.db") as opened:
        renew(opened)
        yield opened


def renew(archive):
    with archive.transaction():
        return refresh(archive.connection)


def check(archive):
    rows = archive.connection.execute
    documents = [i for (i,) in rows("SELECT id FROM search_documents")]
    texts = {
        i
        for (i,) in rows(
            "SELECT id FROM texts WHERE ruleset_id = (SELECT ruleset_id FROM current_ruleset)"
        )
    }
    for word in WORDS:
        found = {
            i
            for (i,) in rows(
                "SELECT rowid FROM search_index WHERE search_index MATCH ?", [match(word)]
            )
        }
        assert found == {i for i in documents if word in words_of(archive.connection, i).lower()}, (
            word
        )
        gone = {
            i
            for (i,) in rows(
                "SELECT rowid FROM removed_index WHERE removed_index MATCH ?", [match(word)]
            )
        }
        assert gone == {i for i in texts if word in removed_words(archive.connection, i).lower()}, (
            word
        )
    for index in ("search_index", "removed_index"):
        rows(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")


def test_one_row_a_report_and_one_a_loose_text(archive):
    kinds = archive.connection.execute(
        "SELECT work_id FROM search_documents ORDER BY id"
    ).fetchall()
    assert kinds == [(1,), (None,)]
    check(archive)


def test_nothing_to_do_the_second_time(archive):
    assert renew(archive) == {"indexed": 0, "taken out": 0, "removed indexed": 0}


def test_after_deriving_again_the_results_still_equal_substring_search(archive):
    changed = tuple(
        (words.replace("营商环境", "新规则"), "share-word" if "口袋" in words else fate)
        for words, fate in REPORT
    )
    capture = answer("http://www.demo.test/report.html", REPORT)
    newer = sha256(b"newer rules")
    with archive.run("rederive") as run:
        run.text(1, derivation(capture, changed, ruleset=newer))
    assert newer != RULESET
    group(archive, {"990100-2024": (4, 2)})
    check(archive)
    assert renew(archive) == {"indexed": 0, "taken out": 0, "removed indexed": 0}


def test_a_text_that_has_gone_makes_the_index_anew(archive):
    archive.connection.execute("PRAGMA foreign_keys = ON")
    with pytest.raises(sqlite3.IntegrityError):  # its work is made of it
        archive.connection.execute("DELETE FROM texts WHERE id = 1")
    archive.connection.execute(
        "DELETE FROM works WHERE id IN (SELECT work_id FROM witnesses"
        " JOIN witness_texts ON witness_id = witnesses.id WHERE text_id = 1)"
    )
    archive.connection.execute("DELETE FROM texts WHERE id = 1")
    renew(archive)
    check(archive)
