"""A panel by the divisions of one year: what was renamed or merged adds up, the rest is NA."""

from __future__ import annotations

import pandas as pd
import pytest

from archive import Archive, Capture, derive

TEXT = "一、工作回顾\n推动高质量发展,改善生态环境,建成公园12个,新增绿地30公顷。\n"


def report(place, year, times):
    return (
        f"{place}{year}年政府工作报告\n(演示文本,内容均为虚构)\n"
        f"——{year}年1月7日在{place}第九届人民代表大会第二次会议上\n"
        f"区长 演示甲\n各位代表:\n{TEXT * times}二、工作安排\n各位代表,让我们团结奋斗。\n"
    )


REPORTS = [
    ("上海市静安区", 2014, 2), ("上海市闸北区", 2014, 3), ("上海市静安区", 2015, 2),
    ("上海市静安区", 2017, 4), ("襄樊市", 2009, 2), ("襄阳市", 2012, 3), ("杭州市江干区", 2020, 2),
]  # fmt: skip


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("aligned") / "x.db"
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        for number, (place, year, times) in enumerate(REPORTS):
            text = report(place, year, times)
            capture = Capture(url=f"http://x.test/{number}.txt", payload=text.encode(),
                              filename=f"{number}.txt")  # fmt: skip
            run.text(run.capture(capture), derive(capture))
        archive.collate(run.id)
        works = [work["work"] for work in archive.works()]
    assert works == ["310106-2014", "310106-2015", "310106-2017", "310108-2014", "330104-2020",
                     "420600-2009", "420600-2012"]  # fmt: skip
    return path


@pytest.fixture
def panel(baogao, db, tmp_path):
    (tmp_path / "w.txt").write_text("高质量发展\n", encoding="utf-8")

    def made(*options):
        shown = baogao("panel", db, "w.txt", "-o", "p.csv", "--no-jieba", *options)
        assert shown.returncode == 0, shown.stderr.decode()
        text = {"place_code": str, "sources": str, "高质量发展_exact": str}
        frame = pd.read_csv(tmp_path / "p.csv", dtype=text, keep_default_na=False)
        return {(row["place_code"], row["report_year"]): row for row in frame.to_dict("records")}

    return made


def test_merged_divisions_add_up_and_a_missing_one_leaves_no_count(panel, tmp_path):
    rows = panel("--boundaries", "2020")
    both = rows["310106", 2014]
    assert (both["relation"], both["sources"]) == ("merged", "310106 310108")
    assert (both["高质量发展_exact"], both["reason"]) == ("5", "")
    assert both["report_id"] == "310106-2014 310108-2014"
    assert (both["url"], both["text_sha256"], both["quality"]) == ("", "", "clean")
    assert float(both["高质量发展_per_10k"]) == round(50_000 / float(both["n_han"]), 4)
    assert both["place"] == "上海市静安区"

    alone = rows["310106", 2015]
    assert (alone["relation"], alone["高质量发展_exact"]) == ("merged", "NA")
    assert alone["reason"] == (
        "merged, 310108 has none: not in the archive: no site of the place was ever asked"
    )
    assert (rows["310106", 2017]["relation"], rows["310106", 2017]["高质量发展_exact"]) == (
        "same",
        "4",
    )
    assert ("310108", 2014) not in rows
    book = (tmp_path / "p.codebook.md").read_text(encoding="utf-8")
    assert "divisions of 31 December 2020" in book
    assert "their counts and lengths are added up" in book.replace("\n", " ")
    assert "| `relation` |" in book


def test_a_renamed_division_has_one_name(panel):
    rows = panel("--boundaries", "2020", "--place", "420000")
    assert set(rows) == {("420600", 2009), ("420600", 2012)}
    assert {row["place"] for row in rows.values()} == {"湖北省襄阳市"}
    assert [rows["420600", year]["relation"] for year in (2009, 2012)] == ["renamed", "same"]
    assert [rows["420600", year]["高质量发展_exact"] for year in (2009, 2012)] == ["2", "3"]
    before = panel("--boundaries", "2005", "--place", "420000")
    assert {row["place"] for row in before.values()} == {"湖北省襄樊市"}


def test_a_divided_division_counts_nowhere_and_says_why(panel):
    rows = panel("--boundaries", "2024", "--place", "330000")
    assert set(rows) == {("330102", 2020), ("330114", 2020)}
    for row in rows.values():
        assert (row["relation"], row["高质量发展_exact"]) == ("split", "NA")
        assert "330104 江干区 lies in 330102 上城区, 330114 钱塘区" in row["reason"]
    earlier = panel("--boundaries", "2010", "--place", "310000")
    assert earlier["310106", 2017]["relation"] == "split"
    assert "310106 静安区 lies in 310106 静安区, 310108 闸北区" in earlier["310108", 2017]["reason"]


def test_a_balanced_panel_has_the_units_of_the_year_in_every_year(panel):
    rows = panel("--boundaries", "2020", "--level", "county", "--years", "2014-2016",
                 "--place", "310000")  # fmt: skip
    assert len(rows) == 16 * 3
    assert ("310108", 2014) not in rows
    assert rows["310106", 2014]["高质量发展_exact"] == "5"
    assert rows["310101", 2014]["reason"].startswith("not in the archive")
    assert rows["310101", 2014]["level"] == "county"


def test_the_counted_reports_are_those_with_a_count(baogao, db, tmp_path):
    (tmp_path / "w.txt").write_text("高质量发展\n", encoding="utf-8")
    options = ["--boundaries", "2024", "--evidence", "evidence.csv", "--replication", "study"]
    shown = baogao("panel", db, "w.txt", "--no-jieba", *options)
    assert shown.returncode == 0, shown.stderr.decode()
    corpus = pd.read_csv(tmp_path / "study/corpus.csv")
    evidence = pd.read_csv(tmp_path / "study/evidence.csv")
    frame = pd.read_csv(tmp_path / "study/panel.csv")
    counted = {"310106-2014", "310108-2014", "310106-2017", "420600-2009", "420600-2012"}
    assert set(corpus["report_id"]) == set(evidence["report_id"]) == counted
    assert evidence["count"].sum() == frame["高质量发展_exact"].sum() == 14
    assert "--boundaries=2024" in (tmp_path / "study/replicate.sh").read_text("utf-8")


def test_an_unknown_year_writes_nothing(baogao, db, tmp_path):
    (tmp_path / "w.txt").write_text("高质量发展\n", encoding="utf-8")
    shown = baogao("panel", db, "w.txt", "-o", "p.csv", "--boundaries", "1900")
    assert (shown.returncode, shown.stderr.decode()) == (
        2, "Error: --boundaries 1900: the crosswalk knows 1981 to 2024\n",
    )  # fmt: skip
    assert not (tmp_path / "p.csv").exists()
