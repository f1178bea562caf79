"""The five real texts: which belong together, and what their copies prove."""

import json
from pathlib import Path

import pytest

from archive.derivation import derive
from archive.known import shipped
from archive.model import Capture
from archive.store import Archive

SEEDS = Path(__file__).parents[2] / ".." / "shared" / "seeds"


@pytest.fixture(scope="module")
def seeds(tmp_path_factory) -> Archive:
    if not SEEDS.is_dir():
        pytest.skip("../shared/seeds is absent")
    path = tmp_path_factory.mktemp("seeds") / "seeds.db"
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        for seed in sorted(SEEDS.glob("*.txt"), reverse=True):
            capture = Capture.from_bytes(
                seed.read_bytes(), url=f"file:///{seed.name}", filename=seed.name
            )
            run.text(run.capture(capture), derive(capture, shipped()))
        archive.collate(run.id)
    with Archive.open(path, read_only=True) as archive:
        yield archive


def rows(archive: Archive, select: str) -> list[tuple]:
    return archive.connection.execute(select).fetchall()


def test_four_works(seeds: Archive) -> None:
    names = [work["work"].split("-undated-")[0] for work in seeds.works()]
    assert names == ["210300-2023", "210404-2023", "210781-2020", "330411"]
    assert [work["witnesses"] for work in seeds.works()] == [2, 1, 1, 1]


def test_the_fragment_takes_its_identity_from_the_headed_copy(seeds: Archive) -> None:
    inherited = dict(rows(seeds, "SELECT field, value_json FROM inherited_identities"))
    assert json.loads(inherited["place_code"]) == "210300"
    assert json.loads(inherited["report_year"]) == 2023
    sources = {source for (source,) in rows(seeds, "SELECT source FROM inherited_identities")}
    headed = next(copy for copy in seeds.witnesses("210300-2023") if copy["how"] == "identity")
    assert sources == {f"witness:{headed['payload_sha256']}"}


def test_all_fifteen_paragraphs_agree_but_for_quotes(seeds: Archive) -> None:
    edition = list(seeds.edition("210300-2023"))
    assert sum(passage["supports"] for passage in edition) == 15
    readings = seeds.readings("210300-2023")
    assert {reading["kind"] for reading in readings} == {"quotes"}
    assert len(readings) == 38


def test_the_straight_quotes_of_the_fragment_are_restored_exactly(seeds: Archive) -> None:
    headed, fragment = seeds.witnesses("210300-2023")
    readings = seeds.readings("210300-2023")
    quotes = iter("".join(reading["says"][0]["words"] for reading in readings))
    restored = "".join(next(quotes) if c == '"' else c for c in fragment["text"])
    assert '"' not in restored
    body = [line.strip() for line in restored.split("\n") if line.strip()]
    assert sum(line in headed["text"] for line in body) >= 15


def test_no_slot_of_the_hijacked_copy_is_filled_from_the_fragment(seeds: Archive) -> None:
    changes = [change for p in seeds.edition("210300-2023") for change in p["changes"]]
    assert len(changes) >= 7
    assert {(change["kind"], change["witness_id"]) for change in changes} == {("gap", None)}
    assert all(change["proposals"] for change in changes)
