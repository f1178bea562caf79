"""Tables in the formats of Stata, Parquet and Excel hold what the CSV holds, with its types."""

from __future__ import annotations

import random
import string
import tracemalloc

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from archive.errors import RefusedError, UsageError
from archive.export.stata import stata_names, write_stata
from archive.export.tables import TABLE_FORMATS, Column, DataTable, table_format

COLUMNS = [
    Column("place", "Name of the place."),
    Column("level", "Its level.", values=("province", "county")),
    Column("year", "The year.", "int", "year"),
    Column("绿色_exact", "绿色、低碳: occurrences.", "int", label="绿色: occurrences"),
    Column("share", "A share.", "float"),
    Column("words", "A text."),
]
ROWS = [
    {"place": "武安市", "level": "county", "year": 2023, "绿色_exact": 0, "share": 0.25,
     "words": ""},
    {"place": "河北省", "level": "province", "year": 2024, "绿色_exact": "NA", "share": None,
     "words": "长" * 40_000},
    {"place": None, "level": "prefecture", "year": 1_900_000, "绿色_exact": 70_000, "share": 1e300,
     "words": "=1+1"},
]  # fmt: skip
TABLE = DataTable(COLUMNS, "三行", {"绿色": "w1"})


def write(path, rows=ROWS):
    assert TABLE_FORMATS[path.suffix].write(path, TABLE, iter(rows)) == len(rows)
    return path


def test_stata_has_numbers_labels_and_long_texts(tmp_path):
    path = write(tmp_path / "x.dta")
    with pd.read_stata(path, iterator=True) as reader:
        frame = reader.read(convert_categoricals=False)
        assert reader.data_label == "三行"
        labels = reader.variable_labels()
        values = reader.value_labels()
    assert list(frame) == ["place", "level", "year", "w1_exact", "share", "words"]
    assert labels["w1_exact"] == "绿色: occurrences"
    assert labels["place"] == "Name of the place."
    assert values == {"level": {1: "province", 2: "county", 3: "prefecture"}}
    assert list(frame["level"]) == [2, 1, 3]
    assert list(frame["year"]) == [2023, 2024, 1_900_000]
    assert frame["w1_exact"].isna().tolist() == [False, True, False]
    assert [frame["w1_exact"][0], frame["w1_exact"][2]] == [0, 70_000]
    assert frame["share"].isna().tolist() == [False, True, False]
    assert [frame["share"][0], frame["share"][2]] == [0.25, 1e300]
    assert list(frame["place"]) == ["武安市", "河北省", ""]
    assert list(frame["words"]) == ["", "长" * 40_000, "=1+1"]
    assert pd.read_stata(path)["level"].tolist() == ["county", "province", "prefecture"]


@pytest.mark.parametrize(
    ("values", "stored"),
    [
        ([-127, 100, None], "float64"),
        ([0, 100], "int8"),
        ([0, 101], "int16"),
        ([-128, 0], "int16"),
        ([0, 32_740], "int16"),
        ([0, 32_741], "int32"),
        ([0, 2_147_483_620], "int32"),
        ([0, 2_147_483_621], "float64"),
        ([0, 2**53], "float64"),
        ([0, float("nan"), float("inf")], "float64"),
    ],
)
def test_stata_numbers_keep_their_value_in_the_smallest_type(tmp_path, values, stored):
    write_stata(tmp_path / "x.dta", [("n", "n", "int", ())], ([value] for value in values))
    with pd.read_stata(tmp_path / "x.dta", iterator=True) as reader:
        frame = reader.read()
    assert str(frame["n"].dtype) in (stored, "float32" if None in values else stored)
    missing = {str(value): None for value in (None, float("nan"), float("inf"))}
    found = [None if pd.isna(value) else value for value in frame["n"]]
    assert found == [missing.get(str(value), value) for value in values]


def test_any_words_come_back_from_stata_in_any_width(tmp_path):
    chance = random.Random(7)  # noqa: S311
    letters = string.ascii_letters + "县市区报告\U00020000é "
    widths = (1, 2, 63, 64, 65, 244, 2045, 2046, 9000)
    columns = [(f"v{width}", "", "text", ()) for width in widths]

    def words(width):
        made = "".join(chance.choices(letters, k=chance.randint(0, width)))
        return made.encode()[:width].decode(errors="ignore")

    rows = [["长" * (width // 3) or "x" for width in widths]]
    rows += [[words(width) if chance.random() < 0.7 else None for width in widths]
             for _ in range(60)]  # fmt: skip
    assert write_stata(tmp_path / "x.dta", columns, rows) == 61
    frame = pd.read_stata(tmp_path / "x.dta")
    found = frame.to_numpy().tolist()
    assert found == [[value or "" for value in row] for row in rows]


def test_an_empty_table_is_a_table(tmp_path):
    for ending in TABLE_FORMATS:
        write(tmp_path / f"x{ending}", [])
    assert list(pd.read_stata(tmp_path / "x.dta")) == list(TABLE.stata_names.values())
    assert pd.read_parquet(tmp_path / "x.parquet").shape == (0, len(COLUMNS))


def test_parquet_has_types_descriptions_and_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr("archive.export.tables.ROW_GROUP_CELLS", 4 * len(COLUMNS))
    file = pq.ParquetFile(write(tmp_path / "x.parquet", ROWS * 3))
    assert file.metadata.num_row_groups == 3
    schema = file.schema_arrow
    assert [str(field.type) for field in schema] == [
        "string", "string", "int64", "int64", "double", "string",
    ]  # fmt: skip
    assert schema.field("year").metadata == {b"description": b"The year.", b"unit": b"year"}
    frame = file.read().to_pandas()
    assert frame["绿色_exact"].isna().tolist()[:3] == [False, True, False]
    assert frame["绿色_exact"][2] == 70_000


def test_long_texts_make_smaller_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr("archive.export.tables.ROW_GROUP_CHARS", 3 * 40)
    rows = [{**ROWS[0], "place": f"{number}" * 41} for number in range(7)]
    file = pq.ParquetFile(write(tmp_path / "x.parquet", rows))
    sizes = [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)]
    assert sizes == [3, 3, 1]
    assert file.read().to_pandas()["place"].tolist() == [row["place"] for row in rows]


def test_a_workbook_has_numbers_empty_cells_and_a_code_book(tmp_path):
    book = openpyxl.load_workbook(write(tmp_path / "x.xlsx"))
    header, first, second, third = book["data"].iter_rows(values_only=True)
    assert header == tuple(TABLE.names)
    assert first == ("武安市", "county", 2023, 0, 0.25, None)
    assert second[:5] == ("河北省", "province", 2024, None, None)
    assert third[3:] == (70_000, 1e300, "=1+1")
    assert book["data"].cell(4, 6).data_type == "s"
    explained = {row[0]: row[1:] for row in book["code book"].iter_rows(values_only=True)}
    assert explained["year"] == ("year", "The year.")
    assert set(TABLE.names) < set(explained)


@pytest.mark.parametrize("ending", TABLE_FORMATS)
def test_the_same_rows_give_the_same_bytes(tmp_path, ending):
    first, second = (write(tmp_path / f"{name}{ending}") for name in "ab")
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize("ending", [".dta", ".csv", ".xlsx"])
def test_memory_does_not_grow_with_the_rows(tmp_path, ending):
    def peak(count):
        path = tmp_path / f"{count}{ending}"
        tracemalloc.start()
        TABLE_FORMATS[ending].write(path, TABLE, (ROWS[0] | {"year": n} for n in range(count)))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(10)
    assert peak(6_000) < 1_000_000  # their cells alone would be three times as much


def test_stata_names_are_ascii_short_and_unique():
    words = {"绿色": "w1", "PM2.5": "w2", "x" * 60: "w3", "绿": "w4", "GDP": "w5", "gdp": "w6"}
    names = [f"{word}_{way}" for word in words for way in ("exact", "jieba", "per_10k")]
    found = stata_names(["place", *names, "w1_exact"], words)
    assert found["place"] == "place"
    assert found["绿色_exact"] == "w1_exact"
    assert found["PM2.5_per_10k"] == "PM2_5_per_10k"
    assert found["x" * 60 + "_jieba"] == "w3_jieba"
    assert found["绿_exact"] == "w4_exact"
    assert (found["GDP_exact"], found["gdp_exact"]) == ("GDP_exact", "gdp_exact_2")
    assert found["w1_exact"] == "w1_exact_2"
    assert len({name.lower() for name in found.values()}) == len(found)
    for name in found.values():
        assert name.isascii()
        assert name.isidentifier()
        assert len(name) <= 32


def test_what_excel_cannot_hold_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr("archive.export.tables.EXCEL_ROWS", 3)
    assert len(write(tmp_path / "x.xlsx", ROWS[:2]).read_bytes())
    with pytest.raises(RefusedError, match=r"x\.xlsx: Excel holds 2 rows"):
        write(tmp_path / "x.xlsx")
    monkeypatch.setattr("archive.export.tables.EXCEL_COLUMNS", 5)
    with pytest.raises(UsageError, match="6 columns are too many for Excel"):
        write(tmp_path / "x.xlsx")
    monkeypatch.setattr("archive.export.tables.MOST_COLUMNS", 5)
    with pytest.raises(UsageError, match="6 columns are too many for Stata"):
        write(tmp_path / "x.dta")


@pytest.mark.parametrize("name", ["x", "x.txt", "x.dta.gz", "x.sav"])
def test_another_ending_is_a_sentence(tmp_path, name):
    with pytest.raises(UsageError, match=r"must end in .csv or .dta or .parquet or .xlsx"):
        table_format(tmp_path / name)


def test_a_missing_library_is_a_sentence_with_a_command(monkeypatch, tmp_path):
    monkeypatch.setattr("archive.export.tables.find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"\.xlsx needs xlsxwriter.* install .*\[export\]"):
        table_format(tmp_path / "x.xlsx")
    assert table_format(tmp_path / "x.dta").needs is None
