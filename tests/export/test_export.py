"""Exports read back by the programs people use: same values, same Chinese, nothing cut."""

from __future__ import annotations

import csv
import hashlib
import json
from datetime import date

import openpyxl
import pandas as pd
import pytest
import yaml

from archive import Archive, Capture, derive
from archive.collate.condition import han
from archive.errors import UsageError
from archive.export.choice import Choice, parse_years
from archive.export.columns import COLUMNS
from archive.export.files import new_file, new_folder, safe_name
from archive.export.sentences import cut
from archive.known.divisions import contains
from archive.spreadsheet_cells import safe_cell
from archive.store.reports import reports

PLACES = {"130481": "武安市", "130283": "迁安市"}
LONG = 33_000


def report(place, year, body):
    """A whole report, invented."""
    return f"""{place}{year}年政府工作报告
(演示文本,内容均为虚构)
——{year}年1月7日在{place}第九届人民代表大会第二次会议上
市长 演示甲
各位代表:
现在,我代表市人民政府向大会报告工作,请予审议。
一、{year - 1}年工作回顾
{body}
二、{year}年工作安排
=今年要把每一件实事办好;让群众看得见。推动高质量发展。
"""


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    """An archive of three reports, one of them longer than an Excel cell."""
    path = tmp_path_factory.mktemp("export") / "x.db"
    sentence = "过去一年,我们修桥铺路,发展产业,改善民生,一步一个脚印。"
    bodies = {
        ("武安市", 2023): sentence * 40,
        ("武安市", 2024): sentence * 60,
        ("迁安市", 2023): sentence * (LONG // len(sentence) + 1),
    }
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        for (place, year), body in bodies.items():
            capture = Capture(
                url=f"http://www.example.test/{place}/{year}.txt",
                payload=report(place, year, body).encode(),
                origin="file",
                filename="x.txt",
            )
            run.text(run.capture(capture), derive(capture))
        archive.collate(run.id)
    return path


@pytest.fixture(scope="module")
def stored(db):
    with Archive.open(db, read_only=True) as archive:
        yield {each.work: each for each in reports(archive.connection)}


def export(baogao, db, form, *options):
    shown = baogao("export", db, "out", "--format", form, *options)
    assert shown.returncode == 0, shown.stderr.decode()
    return shown


def test_one_row_a_work(stored):
    assert sorted(stored) == ["130283-2023", "130481-2023", "130481-2024"]


def test_csv_reads_back_the_same(baogao, db, stored, tmp_path):
    export(baogao, db, "csv")
    assert (tmp_path / "out/reports.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    frame = pd.read_csv(tmp_path / "out/reports.csv", dtype={"place_code": str})
    check(frame, stored)


def test_parquet_reads_back_the_same(baogao, db, stored, tmp_path):
    export(baogao, db, "parquet")
    check(pd.read_parquet(tmp_path / "out/reports.parquet"), stored)


def test_stata_118_reads_back_the_same(baogao, db, stored, tmp_path):
    export(baogao, db, "dta")
    path = tmp_path / "out/reports.dta"
    assert b"<release>118</release>" in path.read_bytes()[:100]
    check(pd.read_stata(path), stored)


def test_jsonl_reads_back_the_same(baogao, db, stored, tmp_path):
    export(baogao, db, "jsonl")
    lines = (tmp_path / "out/reports.jsonl").read_text("utf-8").splitlines()
    check(pd.DataFrame([json.loads(line) for line in lines]), stored)


def check(frame, stored):
    assert len(frame) == len(stored)
    for _, found in frame.iterrows():
        one = stored[found["report_id"]]
        assert found["place"] == one.place
        assert found["report_year"] == one.report_year
        assert found["n_han"] == han(one.words("body"))
        assert found["payload_sha256"] == one.payload_sha256
        assert found["body"] == one.words("body")
    longest = frame["body"].str.len().max()
    assert longest >= LONG


def test_xlsx_cuts_no_cell_and_runs_no_formula(baogao, db, stored, tmp_path):
    export(baogao, db, "xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out/reports.xlsx")["reports"]
    header = [cell.value for cell in sheet[1]]
    assert header == [*COLUMNS, "text_file"]
    for line in sheet.iter_rows(min_row=2):
        values = dict(zip(header, line, strict=True))
        assert all(cell.data_type != "f" for cell in line)
        text = (tmp_path / "out" / "texts" / values["text_file"].value).read_text("utf-8")
        assert text.strip() == stored[values["report_id"].value].words()
        digest = hashlib.sha256(text.removesuffix("\n").encode()).hexdigest()
        assert digest == values["text_sha256"].value


def test_txt_folder_names_and_manifest(baogao, db, stored, tmp_path):
    export(baogao, db, "txt", "--part", "body")
    with (tmp_path / "out/manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        manifest = list(csv.DictReader(file))
    assert {line["file"] for line in manifest} == {
        "texts/2023_武安市.txt", "texts/2024_武安市.txt", "texts/2023_迁安市.txt",
    }  # fmt: skip
    for line in manifest:
        words = (tmp_path / "out" / line["file"]).read_text("utf-8")
        assert words == stored[line["report_id"]].words("body") + "\n"


def test_sentences_stand_where_they_say(baogao, db, stored, tmp_path):
    export(baogao, db, "sentences")
    with (tmp_path / "out/sentences.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    for line in lines:
        paragraph = stored[line["report_id"]].passages[int(line["paragraph"])].text
        words = paragraph[int(line["start"]) : int(line["stop"])]
        assert line["sentence"] == safe_cell(words)
    assert sum("高质量发展" in line["sentence"] for line in lines) == len(stored)


def test_sentences_are_a_partition():
    paragraph = "第一句。“第二句!”第三句;没有句号的第四句"
    spans = list(cut(paragraph))
    assert "".join(paragraph[start:stop] for start, stop in spans) == paragraph
    assert [paragraph[a:b] for a, b in spans][1] == "“第二句!”"


def test_checksums_hold(baogao, db, tmp_path):
    export(baogao, db, "txt")
    lines = (tmp_path / "out/SHA256SUMS").read_text("utf-8").splitlines()
    assert len(lines) == len([p for p in (tmp_path / "out").rglob("*") if p.is_file()]) - 1
    for line in lines:
        digest, name = line.split("  ", 1)
        assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest


def test_code_book_explains_every_column(baogao, db, tmp_path):
    export(baogao, db, "csv")
    header = (tmp_path / "out/reports.csv").read_text("utf-8-sig").splitlines()[0].split(",")
    book = (tmp_path / "out/codebook.md").read_text("utf-8")
    assert [name for name in header if f"| `{name}` |" not in book] == []
    assert "| `n_han` | Han characters |" in book
    cited = yaml.safe_load((tmp_path / "out/CITATION.cff").read_text("utf-8"))
    assert isinstance(cited["date-released"], date)
    assert f"`{cited['version']}`" in book


@pytest.mark.parametrize(
    ("options", "works"),
    [
        (["--years", "2024"], 1),
        (["--years", "2023-2024", "--place", "130283"], 1),
        (["--place", "130000"], 3),
        (["--place", "440000"], 0),
        (["--level", "province"], 0),
        (["--quality", "hijacked"], 0),
    ],
)
def test_filters(baogao, db, tmp_path, options, works):
    export(baogao, db, "jsonl", *options)
    assert len((tmp_path / "out/reports.jsonl").read_text("utf-8").splitlines()) == works


def test_a_folder_that_exists_is_not_touched(baogao, db, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")
    shown = baogao("export", db, "out", "--format", "csv")
    assert shown.returncode == 2
    assert b"exists already" in shown.stderr
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    "options", [["--years", "20x3"], ["--name", "{nope}"], ["--years", "2024-2020"]]
)
def test_wrong_options_leave_nothing_behind(baogao, db, tmp_path, options):
    shown = baogao("export", db, "out", "--format", "txt", *options)
    assert shown.returncode == 2
    assert b"Traceback" not in shown.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx"])
def test_no_cell_is_a_formula(cell):
    assert safe_cell(cell) == "'" + cell
    assert safe_cell("1=1") == "1=1"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a\x00b", "a\u202eb", "", "...", "长" * 300])
def test_file_names_are_safe(name):
    made = safe_name(name)
    assert made
    assert "/" not in made
    assert "\x00" not in made
    assert "\u202e" not in made
    assert not made.startswith(".")
    assert len(made.encode()) <= 200


def test_an_unfinished_folder_vanishes(tmp_path):
    with pytest.raises(RuntimeError), new_folder(tmp_path / "out") as folder:
        (folder / "half").write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_file_leaves_the_old_one(tmp_path):
    (tmp_path / "x").write_text("old")
    with pytest.raises(RuntimeError), new_file(tmp_path / "x") as path:
        path.write_text("half")
        raise RuntimeError
    assert (tmp_path / "x").read_text() == "old"


def test_divisions_inside_divisions():
    assert contains("130000", "130481")
    assert contains("130400", "130481")
    assert contains("100000", "110101")
    assert not contains("130500", "130481")


def test_years():
    assert parse_years("2020") == (2020, 2020)
    with pytest.raises(UsageError):
        parse_years("2022-2020")


def test_other_kinds_are_not_mixed_in(stored):
    one = stored["130481-2023"]
    assert Choice().takes(one)
    assert not Choice(kind="预算报告").takes(one)


def test_a_bag_that_stock_tools_check(baogao, db, tmp_path):
    export(baogao, db, "bagit")
    out = tmp_path / "out"
    assert (out / "bagit.txt").read_text("utf-8").startswith("BagIt-Version: 1.0\n")
    for name in ("manifest-sha256.txt", "tagmanifest-sha256.txt"):
        lines = (out / name).read_text("utf-8").splitlines()
        assert lines
        for line in lines:
            digest, path = line.split("  ", 1)
            assert hashlib.sha256((out / path).read_bytes()).hexdigest() == digest
    size = sum(p.stat().st_size for p in (out / "data").rglob("*") if p.is_file())
    assert f"Payload-Oxum: {size}.3" in (out / "bag-info.txt").read_text("utf-8")


def test_warc_takes_every_capture_and_no_filter(baogao, db, tmp_path):
    export(baogao, db, "warc")
    assert list((tmp_path / "out").glob("captures-*.warc.gz"))
    shown = baogao("export", db, "other", "--format", "warc", "--years", "2023")
    assert shown.returncode == 2
    assert not (tmp_path / "other").exists()
