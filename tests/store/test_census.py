"""The census says what counting the works says, after every change of them."""

from __future__ import annotations

import random
from collections import Counter, defaultdict

import pytest

from archive import Archive
from archive.errors import BrokenLawError
from archive.store import census, schema, sums

PLACES = ("130000", "130100", "130102", "210000", "210300", "100000", "440300~演示新区")
KINDS = ("政府工作报告", "政府工作报告", "统计公报")


@pytest.fixture
def archive(tmp_path):
    with Archive.open(tmp_path / "census.db", create=True) as opened:
        yield opened


def row(draw, name):
    return {
        "name": name, "plain": name, "place_key": draw.choice(PLACES), "kind": draw.choice(KINDS),
        "stage": draw.choice(("final", "final", "draft")),
        "report_year": draw.choice((None, 2019, 2020, 2021)),
    }  # fmt: skip


def insert(connection, values):
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    connection.execute(f"INSERT INTO works ({names}) VALUES ({marks})", tuple(values.values()))


def change(connection, draw, step):
    """Insert, delete or change a work, as collation and withdrawal do."""
    known = [name for (name,) in connection.execute("SELECT name FROM works")]
    what = draw.choice(("insert", "insert", "delete", "update", "condition"))
    if what == "insert" or not known:
        insert(connection, row(draw, f"work-{step}"))
        return
    name = draw.choice(known)
    if what == "delete":
        connection.execute("DELETE FROM works WHERE name = ?", (name,))
    elif what == "condition":
        connection.execute("UPDATE works SET state = 'full' WHERE name = ?", (name,))
    else:
        values = row(draw, name)
        assigned = ", ".join(f"{column} = ?" for column in values)
        connection.execute(f"UPDATE works SET {assigned} WHERE name = ?", (*values.values(), name))


def recounted(connection):
    """The same counts, made in Python of the rows themselves."""
    works, cells, reported = Counter(), defaultdict(set), defaultdict(set)
    below = Counter()
    select = "SELECT place_key, report_year, kind, stage FROM works"
    for place, year, kind, stage in connection.execute(select):
        works[place] += 1
        cells[place].add(year)
        if year is not None:
            if (kind, stage) == ("政府工作报告", "final"):
                reported[place].add(year)
            if not (len(place) == 6 and place.endswith("0000")):
                below[place[:2], year] += 1
    places = [(p, works[p], len(cells[p]), len(reported[p])) for p in sorted(works)]
    return places, [(*key, count) for key, count in sorted(below.items())]


def stored(connection):
    return tuple(
        connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
        for table in ("census_places", "census_provinces")
    )


@pytest.mark.parametrize("seed", range(4))
def test_random_changes_are_counted(archive, seed):
    draw, connection = random.Random(seed), archive.connection  # noqa: S311  (no secret)
    for step in range(250):
        with archive.transaction():
            change(connection, draw, step)
        assert stored(connection) == recounted(connection), step
    assert not list(census.differing(connection))
    for table in ("census_places", "census_provinces"):
        columns = schema.summed_tables()[table]
        assert sums.now(connection, table, columns) == sums.noted(connection, table)


def test_what_is_rolled_back_is_not_counted(archive):
    draw = random.Random(1)  # noqa: S311  (no secret)
    with pytest.raises(BrokenLawError), archive.transaction():
        for _ in range(2):
            insert(archive.connection, row(draw, "one"))
    assert stored(archive.connection) == ([], [])


def test_verify_counts_the_works_again(archive):
    draw = random.Random(5)  # noqa: S311  (no secret)
    with archive.transaction():
        for number in range(20):
            insert(archive.connection, row(draw, f"work-{number}"))
    assert not found(archive)
    with archive.transaction():
        archive.connection.execute("UPDATE census_places SET reported = reported + 1")
        archive.connection.execute("DELETE FROM census_provinces WHERE report_year = 2020")
    assert {finding.subject.split()[0] for finding in found(archive)} == {
        "census_places", "census_provinces",
    }  # fmt: skip
    with archive.transaction():
        census.renew(archive.connection)
    assert not found(archive)


def found(archive):
    return [each for each in archive.verification().findings() if each.check == "census"]
