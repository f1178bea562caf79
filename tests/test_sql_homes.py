"""SQL stands in the store alone, and the check that says so can fail."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "contrib"))

from sql_homes import HOMES, findings  # noqa: E402  (the path must be set first)

PLANTED = {
    "a statement": 'ROWS = "SELECT id FROM works"',
    "a statement in small letters": 'ROWS = "select works.name from works"',
    "a statement over lines": 'ROWS = """\\nWITH a AS (SELECT 1)\\nSELECT * FROM a"""',
    "a statement with values put in": 'rows = f"DELETE FROM {table}"',
    "a condition": 'where = " AND works.level = ?"',
    "an order": 'ordered = "ORDER BY works.name"',
    "a setting": 'HEAP = "PRAGMA hard_heap_limit = 1"',
    "a call": "rows = archive.connection.execute(ROWS)",
    "a call of sqlite-utils": "rows = archive.db.query(ROWS)",
    "many calls": "connection.executemany(ROWS, values)",
}
HARMLESS = """
class Guarded:
    '''Select from the list, with what is in it as a table.'''

    def execute(self, sql):
        '''SELECT nothing FROM here.'''
        return super().execute(sql)

    def say(self):
        "Update the archive: set its file."
        return "with findings", "select a report", "update: 3 of 4", "WHERE", "begin here"
"""


def planted(tmp_path, name, words):
    for root in ("archive", "crawler"):
        (tmp_path / root).mkdir()
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(words, encoding="utf-8")
    return list(findings(tmp_path))


def test_sql_is_only_in_its_homes():
    assert list(findings(ROOT)) == []
    assert all((ROOT / home).exists() for home in HOMES)


@pytest.mark.parametrize("words", PLANTED.values(), ids=PLANTED)
@pytest.mark.parametrize("name", ["archive/browse/home.py", "crawler/run.py"])
def test_sql_elsewhere_is_found(tmp_path, name, words):
    found = planted(tmp_path, name, words)
    assert found
    assert found[0].startswith(f"{name}:1: ")


@pytest.mark.parametrize("home", [home for home in HOMES if home.endswith(".py")])
def test_sql_at_home_is_not(tmp_path, home):
    assert planted(tmp_path, home, "\n".join(PLANTED.values())) == []


def test_prose_is_not(tmp_path):
    assert planted(tmp_path, "archive/browse/home.py", HARMLESS) == []


def test_the_crawler_leaves_the_connection_alone(tmp_path):
    words = "rows = rows_of(self.recorder.archive.connection)"
    assert planted(tmp_path, "crawler/spiders/walk.py", words)
