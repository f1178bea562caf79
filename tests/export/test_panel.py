"""The keyword panel: counts that anybody can recount, and gaps that are never zero."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace

import jieba
import pandas as pd
import pytest
from followed import run

from archive import Archive, Capture, derive
from archive.catalogue.coverage import Absences
from archive.catalogue.words import Counting, TermGroups, read_words
from archive.errors import DataFileError
from archive.export.choice import Choice
from archive.export.panel import balanced, corpus_digest, evidence, panel
from archive.export.take import take_panel
from archive.known import shipped
from archive.known.segmenter import segmenter, segmenter_digest
from archive.store.collection import opened
from archive.store.edition_passages import words_of_work
from archive.store.reports import reports

TERMS = ("高质量发展", "营商环境", "环境", "生态环境", "PM2.5", "5G", "改造", "的", "老旧小区改造")
TEXT = """一、工作回顾
推动高质量发展,优化营商环境,改善生态环境,PM2.5平均浓度下降,建成5G基站200个。
二、工作安排
改造老旧小区20个,老旧小区改造惠及万户;环境保护常抓不懈。
"""
HEAD = """武安市2023年政府工作报告
(演示文本,内容均为虚构)
——2023年1月7日在武安市第九届人民代表大会第二次会议上
市长 演示甲
各位代表:
"""


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("panel") / "x.db"
    hijacked = (HEAD + TEXT * 5).replace(
        "武安市", "迁安市"
    ) + "在必赢体育、省政府和市委的领导下。\n" * 4
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        for name, text in {"a.txt": HEAD + TEXT * 3, "b.txt": hijacked}.items():
            capture = Capture(url=f"http://x.test/{name}", payload=text.encode(), filename=name)
            run.text(run.capture(capture), derive(capture))
        archive.collate(run.id)
    return path


@pytest.fixture(scope="module")
def stored(db):
    with Archive.open(db, read_only=True) as archive:
        yield {each.work: each for each in reports(archive.connection)}


def words_of(*terms):
    return TermGroups({term: (term,) for term in terms})


def test_exact_counts_equal_substring_counts(stored):
    text = stored["130481-2023"].words("body")
    counted = Counting(words_of(*TERMS)).counts(text)
    assert {term: counted[f"{term}_exact"] for term in TERMS} == {
        term: text.count(term) for term in TERMS
    }
    assert counted["高质量发展_exact"] == 3


def test_jieba_counts_equal_jieba_on_the_whole_text(stored):
    text = stored["130481-2023"].words("body") + "R&D投入占2.5%,A+B模式,专精特新_企业"
    tokens = segmenter(TERMS).lcut(text)
    counted = Counting(words_of(*TERMS)).counts(text)
    assert {term: counted[f"{term}_jieba"] for term in TERMS} == {
        term: tokens.count(term) for term in TERMS
    }


def test_both_counts_on_real_texts(shared):
    texts = [path.read_text("utf-8") for path in sorted((shared / "seeds").glob("*.txt"))]
    sample = sorted(set(jieba.lcut("".join(texts)[:6000])) - {" ", "\n", ""})[:200]
    assert len(sample) == 200
    counting = Counting(words_of(*sample))
    cutter = segmenter(sample)
    for text in texts:
        tokens = cutter.lcut(text)
        counted = counting.counts(text)
        han = [t for t in sample if re.fullmatch("[㐀-鿿]+", t)]
        assert len(han) > 60
        assert [counted[f"{term}_exact"] for term in han] == [text.count(t) for t in han]
        runs = [t for t in sample if t.isalnum()]
        assert [counted[f"{t}_jieba"] for t in runs] == [tokens.count(t) for t in runs]


def test_a_group_counts_no_character_twice():
    counting = Counting(TermGroups({"环境": ("环境", "营商环境")}), by_jieba=False)
    assert counting.counts("营商环境和环境")["环境_exact"] == 2


def test_both_scripts_numbers_as_a_whole_and_any_case_are_counted():
    counting = Counting(words_of("经济", "3个", "R&D"), by_jieba=False)
    counted = counting.counts("發展經濟，经济增长。3个县、13个乡，r&d、R&D。")
    assert [counted[f"{term}_exact"] for term in ("经济", "3个", "R&D")] == [2, 1, 2]
    assert counting.has_any("國民經濟")


def test_a_hijacked_report_is_na_with_a_reason(stored, db):
    assert stored["130283-2023"].quality == "hijacked"
    counting = Counting(words_of("环境"), by_jieba=False)
    with Archive.open(db, read_only=True) as archive:
        absences = Absences(archive.connection)
        rows = list(panel(stored.values(), counting, Choice(), shipped().gazetteer, absences))
    by_work = {row["report_id"]: row for row in rows}
    assert by_work["130283-2023"]["环境_exact"] == "NA"
    assert by_work["130283-2023"]["reason"].startswith("hijacked")
    assert by_work["130481-2023"]["环境_exact"] == 9


def rows_of(db, reports_, choice=None, see=None):
    """The rows of a panel of one word over some reports."""
    counting = Counting(words_of("环境"), by_jieba=False)
    with Archive.open(db, read_only=True) as archive:
        absences, gazetteer = Absences(archive.connection), shipped().gazetteer
        return list(panel(reports_, counting, choice or Choice(), gazetteer, absences, see=see))


def test_drafts_and_reports_of_no_year_have_no_row(stored, db):
    report = stored["130481-2023"]
    draft = replace(report, work="130481-2023-draft", stage="draft")
    [row] = rows_of(db, [draft, report])
    assert (row["report_id"], row["环境_exact"]) == ("130481-2023", 9)
    assert rows_of(db, [draft]) == []
    assert rows_of(db, [replace(report, report_year=None)]) == []


def test_two_reports_of_a_place_and_year_are_named_and_not_counted(stored, db):
    report = stored["130481-2023"]
    two = [replace(report, work=f"130481-2023/{day}") for day in ("1-7", "12-20")]
    [row] = rows_of(db, two)
    assert row["reason"].startswith("2 reports: 130481-2023/1-7, 130481-2023/12-20;")
    assert (row["环境_exact"], row["report_id"], row["place_code"]) == ("NA", None, "130481")
    [row] = rows_of(db, two, Choice(preferred=("130481-2023/12-20",)))
    assert (row["report_id"], row["环境_exact"]) == ("130481-2023/12-20", 9)


def test_see_is_called_with_the_counted_reports_only(stored, db):
    seen = []
    rows_of(db, stored.values(), see=seen.append)
    assert [report.work for report in seen] == ["130481-2023"]


def test_rows_are_in_the_order_of_places_and_years(stored, db):
    report = stored["130481-2023"]
    years = [
        replace(report, report_year=year, fields={**report.fields, "report_year": year})
        for year in (2022, 2023, 2025)
    ]
    choice = Choice(("county",), "130481", (2022, 2024))
    found = rows_of(db, years[:2], choice)
    assert [(row["place_code"], row["report_year"], row["report_id"] is None) for row in found] == [
        ("130481", 2022, False), ("130481", 2023, False), ("130481", 2024, True),
    ]  # fmt: skip
    everything = rows_of(db, [stored["130283-2023"], *years])
    assert [(row["place_code"], row["report_year"]) for row in everything] == [
        ("130283", 2023), ("130481", 2022), ("130481", 2023), ("130481", 2025),
    ]  # fmt: skip


def test_a_row_is_there_before_the_next_report_is_read(stored, db):
    """Memory does not grow with the rows: at most one report is read ahead."""
    report = stored["130481-2023"]
    read = []

    def many():
        for year in range(2000, 2020):
            read.append(year)
            yield replace(report, report_year=year)

    counting = Counting(words_of("环境"), by_jieba=False)
    with Archive.open(db, read_only=True) as archive:
        absences = Absences(archive.connection)
        rows = panel(many(), counting, Choice(), shipped().gazetteer, absences)
        for expected in range(1, 5):
            assert next(rows)["环境_exact"] == 9
            assert len(read) <= expected + 2


def test_words_are_read_of_counted_reports_only(db, monkeypatch):
    read = []
    monkeypatch.setattr(
        "archive.store.reports.words_of_work",
        lambda connection, work: read.append(work) or words_of_work(connection, work),
    )
    with Archive.open(db, read_only=True) as archive:
        found = list(reports(archive.connection))
        absences, gazetteer = Absences(archive.connection), shipped().gazetteer
        counting = Counting(words_of("环境"), by_jieba=False)
        assert len(list(panel(found, counting, Choice(), gazetteer, absences))) == 2
        assert len(read) == 1  # the other one is hijacked
        assert list(panel(found, counting, Choice(place="440000"), gazetteer, absences)) == []
        assert len(read) == 1


def test_a_report_is_counted_in_its_chosen_parts_and_measured_by_them(stored, db):
    report = stored["130481-2023"]
    [body] = rows_of(db, [report])
    [all_of_it] = rows_of(db, [report], Choice(parts=("front", "body")))
    assert all_of_it["n_chars"] > body["n_chars"] == len("".join(report.words("body").split()))
    assert all_of_it["n_han"] > body["n_han"]
    assert body["环境_per_10k"] == round(9 * 10_000 / body["n_han"], 4)


def test_the_digest_is_of_the_texts_that_were_counted(stored, db, tmp_path):
    """An unfit report, or a gap, changes no digest; another text, or another report, does."""
    with opened(db) as archive:
        taken, names = take_panel(
            archive, Counting(words_of("环境"), by_jieba=False), Choice(), tmp_path / "p.csv"
        )
    assert (taken["rows"], taken["counted"], names) == (2, 1, ["130481-2023"])
    counted = [("130481-2023", stored["130481-2023"].text_sha256)]
    assert taken["corpus_sha256"] == corpus_digest(counted)
    two = [*counted, ("x", "0" * 64)]
    assert corpus_digest(two) == corpus_digest(reversed(two)) != corpus_digest(counted)
    for changed in ([], [("x", counted[0][1])], [(counted[0][0], "0" * 64)]):
        assert corpus_digest(changed) != corpus_digest(counted)


def test_evidence_is_each_sentence_with_a_word_once_a_word(stored):
    counting = Counting(words_of("环境", "高质量发展", "绝无此词"), by_jieba=False)
    found = list(evidence(counting, stored["130481-2023"], Choice(parts=("body",))))
    assert sum(each["count"] for each in found if each["word"] == "环境") == 9
    assert {each["word"] for each in found} == {"环境", "高质量发展"}
    for each in found:
        assert counting.count(each["word"], each["sentence"]) == each["count"] > 0
        assert each["part"] == "body"


def test_a_missing_place_is_named_with_all_that_it_lies_in(db):
    choice = Choice(("county",), "130400", (2020, 2020))
    row = next(row for row in rows_of(db, [], choice) if row["place_code"] == "130481")
    assert (row["province"], row["prefecture"], row["county"]) == ("河北省", "邯郸市", "武安市")
    assert (row["place"], row["level"]) == ("河北省邯郸市武安市", "county")
    assert (row["report_id"], row["环境_exact"]) == (None, "NA")
    assert row["reason"]


def test_the_panel_is_balanced_over_the_divisions_of_the_time():
    units = list(balanced(Choice(("prefecture",), "370000", (2018, 2020)), shipped().gazetteer))
    laiwu = [unit.report_year for unit in units if unit.place_key == "371200"]
    assert laiwu == [2018, 2019]  # 莱芜市 became a district of 济南 in January 2019
    assert sum(unit.report_year == 2020 for unit in units) == 16
    assert {unit.report_year for unit in units} == {2018, 2019, 2020}


@pytest.mark.parametrize("choice", [Choice(levels=("county",)), Choice(years=(2020, 2020))])
def test_without_levels_and_years_no_division_is_missing(choice):
    assert list(balanced(choice, shipped().gazetteer)) == []


def test_missing_reports_are_never_zero(baogao, db, tmp_path):
    (tmp_path / "w.txt").write_text("高质量发展\n绝无此词\n", encoding="utf-8")
    shown = baogao(
        "panel", db, "w.txt", "-o", "p.csv", "--level", "county", "--years", "2022-2023",
        "--place", "130400", "--evidence", "e.csv",
    )  # fmt: skip
    assert shown.returncode == 0, shown.stderr.decode()
    frame = pd.read_csv(tmp_path / "p.csv", dtype={"place_code": str})
    there = frame[frame["report_id"].notna()]
    gone = frame[frame["report_id"].isna()]
    assert list(there["绝无此词_exact"]) == [0]
    assert gone["绝无此词_exact"].isna().all()
    assert (gone["reason"] == "not in the archive: no site of the place was ever asked").all()
    assert len(gone) > 20
    with (tmp_path / "e.csv").open(encoding="utf-8-sig", newline="") as file:
        evidence = list(csv.DictReader(file))
    assert sum(int(line["count"]) for line in evidence) == there["高质量发展_exact"].sum()
    assert all(line["word"] in line["sentence"] for line in evidence)


def test_the_same_archive_and_words_give_the_same_bytes(baogao, db, tmp_path):
    (tmp_path / "w.txt").write_text("环境\n", encoding="utf-8")
    (tmp_path / "file").write_bytes(b"")
    cache = {"BAOGAO_CACHE": str(tmp_path / "cache")}
    for name, environment in (
        ("first", cache), ("second", cache), ("none", {"BAOGAO_CACHE": str(tmp_path / "file")})
    ):  # fmt: skip
        shown = baogao("panel", db, "w.txt", "-o", f"{name}.csv", "-q", **environment)
        assert shown.returncode == 0, shown.stderr.decode()
    assert (tmp_path / "cache/tokens-1.db").is_file()
    written = {(tmp_path / f"{name}.csv").read_bytes() for name in ("first", "second", "none")}
    assert len(written) == 1


def panel_as(baogao, db, folder, ending):
    (folder / "w.txt").write_text("环境\n绿色 = 绿色发展, 生态环境\n", encoding="utf-8")
    name = f"p{ending}"
    shown = baogao("panel", db, "w.txt", "-o", name, "--level", "county", "--years", "2022-2023",
                   "--place", "130000")  # fmt: skip
    assert shown.returncode == 0, shown.stderr.decode()
    return folder / name


def test_a_panel_is_the_same_in_every_format(baogao, db, tmp_path):
    text = {"place_code": str, "within": str}
    frame = pd.read_csv(panel_as(baogao, db, tmp_path, ".csv"), dtype=text)
    names = [*frame.columns]
    counts = [name for name in names if name.endswith(("_exact", "_jieba", "_per_10k"))]
    assert frame[counts].notna().sum().tolist() == [1] * 6

    stata = pd.read_stata(panel_as(baogao, db, tmp_path, ".dta"))
    found = dict(zip(names, stata.columns, strict=True))
    assert [found[name] for name in counts] == [
        f"{word}_{way}" for word in ("w1", "w2") for way in ("exact", "jieba", "per_10k")
    ]
    assert stata["level"].dtype == "category"
    book = (tmp_path / "p.codebook.md").read_text(encoding="utf-8")
    assert "| `环境_per_10k` | `w1_per_10k` | occurrences per 10,000 Han characters |" in book

    for other in (
        stata.rename(columns={new: old for old, new in found.items()}),
        pd.read_parquet(panel_as(baogao, db, tmp_path, ".parquet")),
        pd.read_excel(panel_as(baogao, db, tmp_path, ".xlsx"), dtype=text, keep_default_na=False,
                      na_values={name: [""] for name in names}),
    ):  # fmt: skip
        assert [*other.columns] == names
        for name in names:
            if pd.api.types.is_numeric_dtype(frame[name]):
                assert other[name].isna().equals(frame[name].isna()), name
                assert (other[name].dropna() == frame[name].dropna()).all(), name
            else:
                cells = other[name].astype(object)
                words = cells.where(cells.notna(), "").astype(str)
                assert words.tolist() == frame[name].fillna("").astype(str).tolist(), name


def test_a_wrong_ending_writes_nothing(baogao, db, tmp_path):
    (tmp_path / "w.txt").write_text("环境\n", encoding="utf-8")
    shown = baogao("panel", db, "w.txt", "-o", "p.sav")
    assert shown.returncode == 2
    assert b"p.sav: its name must end in .csv or .dta or .parquet or .xlsx" in shown.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["w.txt"]


def test_both_forms_of_a_term_are_cut_by_jieba():
    words = TermGroups({"经济": ("经济",), "經濟": ("經濟",), "两者": ("經濟", "经济")})
    counted = Counting(words).counts("发展经济，發展經濟。")
    assert [counted[f"{name}_jieba"] for name in words.groups] == [2, 2, 2]


def test_words_in_lines_and_in_toml(tmp_path):
    (tmp_path / "w.txt").write_text("# 环保\n环境保护\n绿色 = 绿色发展, 低碳\n", encoding="utf-8")
    (tmp_path / "w.toml").write_text(
        '"环境保护" = "环境保护"\n"绿色" = ["绿色发展", "低碳"]\n', "utf-8"
    )
    assert read_words(tmp_path / "w.txt") == read_words(tmp_path / "w.toml")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("w.txt", b"# nothing\n", "holds no term"),
        ("w.txt", "环境\n环境\n".encode(), "stands twice"),
        ("w.txt", "绿色 = \n".encode(), "names no term"),
        ("w.txt", b"\xff\xfe\x00", "cannot be read"),
        ("w.toml", b"x = 3\n", "must be a list"),
        ("w.toml", b"x = [\n", "cannot be read"),
        ("w.txt", ("长" * 99).encode(), "too long"),
    ],
)
def test_broken_word_lists_are_one_sentence(tmp_path, name, content, complaint):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataFileError, match=complaint):
        read_words(tmp_path / name)


def test_jieba_uses_no_shared_cache(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    segmenter(["高质量发展"]).lcut("推动高质量发展")
    assert list(tmp_path.iterdir()) == []


def test_the_dictionary_digest_distinguishes_word_lists():
    assert segmenter_digest(["甲"]) == segmenter_digest(["甲", "甲"])
    assert segmenter_digest(["甲"]) != segmenter_digest(["乙"])


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", ["panel.csv", "study.dta", "study.parquet", "study.xlsx"])
def test_a_replication_folder_makes_itself_again(baogao, db, tmp_path, name):
    (tmp_path / "w.txt").write_text("环境\n绿色 = 绿色发展, 生态环境\n", encoding="utf-8")
    options = ["--level", "county", "--years", "2022-2023", "--place", "130000", "--no-jieba"]
    options += ["--evidence", "evidence.csv", "--part", "front", "--part", "body"]
    shown = baogao("panel", db, "w.txt", "-o", name, *options, "--replication", "study")
    assert shown.returncode == 0, shown.stderr.decode()
    first = contents(tmp_path / "study")
    assert set(first) == {
        name, f"{name.partition('.')[0]}.codebook.md", "evidence.csv", "words.txt", "corpus.csv",
        "replicate.sh", "README.md", "versions.json", "CITATION.cff", "SHA256SUMS",
    }  # fmt: skip
    printed = run(
        tmp_path, f"sh study/replicate.sh {db} again && cd again && sha256sum -c SHA256SUMS"
    )
    assert printed.count(": OK") == len(first) - 1
    assert contents(tmp_path / "again") == first
    versions = json.loads(first["versions.json"])
    assert {"baogao", "jieba", "opencc", "python", "sqlite", "corpus_sha256"} < set(versions)
    corpus = pd.read_csv(tmp_path / "study/corpus.csv")
    assert list(corpus["report_id"]) == ["130481-2023"]
    counted = list(zip(corpus["report_id"], corpus["text_sha256"], strict=True))
    assert corpus_digest(counted) == versions["corpus_sha256"]
    assert versions["corpus_sha256"].encode() in first["CITATION.cff"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "say where the panel goes"),
        (["-o", "a/p.csv", "--replication", "x"], "with --replication only a name, such as p.csv"),
        (["--evidence", "a/e.csv", "--replication", "x"], "only a name, such as e.csv"),
        (["--replication", "full"], "exists already"),
        (["-o", "corpus.csv", "--replication", "x"], "is the name of another file"),
    ],
)
def test_a_wrong_place_for_a_panel_writes_nothing(baogao, db, tmp_path, options, words):
    (tmp_path / "w.txt").write_text("环境\n", encoding="utf-8")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/x").touch()
    shown = baogao("panel", db, "w.txt", *options)
    assert shown.returncode == 2
    assert words in shown.stderr.decode()
    assert {path.name for path in tmp_path.iterdir()} == {"w.txt", "full"}
