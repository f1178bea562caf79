"""A hand check: what is drawn can be checked, and the rates are those of the labels."""

from __future__ import annotations

import csv
import json
import random

import pytest

from archive import Archive, Capture, derive
from archive.errors import DataFileError
from archive.export.error_rates import Labelled, error_rates, read_labels, wilson
from archive.export.sample import COLUMNS, QUESTIONS, allocated, draw, is_of

HEAD = """首页 > 政务公开 > 政府工作报告
武安市{year}年政府工作报告
发布时间:{year}年01月09日
(演示文本,内容均为虚构)
——{year}年1月7日在武安市第九届人民代表大会第二次会议上
市长 演示甲
各位代表:
"""
TEXT = "推动高质量发展,优化营商环境。改善生态环境,建成公园{n}个!\n"
HIJACKED = "在必赢体育、省政府和市委的领导下。\n"
FOOT = "【打印】【关闭】\n版权所有:武安市人民政府 冀ICP备00000000号\n"


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    path = tmp_path_factory.mktemp("sample") / "x.db"
    with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
        for year in (2021, 2022, 2023):
            body = "".join(TEXT.format(n=n) for n in range(1, 12))
            text = HEAD.format(year=year) + body + (HIJACKED * 4 if year == 2023 else "") + FOOT
            capture = Capture(url=f"http://x.test/{year}.txt", payload=text.encode(),
                              filename=f"{year}.txt")  # fmt: skip
            run.text(run.capture(capture), derive(capture))
        archive.collate(run.id)
    return path


@pytest.fixture
def drawn(baogao, db, tmp_path):
    shown = baogao("sample", db, "-n", "40", "-o", "s.csv")
    assert shown.returncode == 0, shown.stderr.decode()
    return read(tmp_path / "s.csv")


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path, rows, encoding="utf-8-sig"):
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_every_stratum_is_drawn_with_its_claims(drawn):
    strata = {row["stratum"] for row in drawn}
    assert {"kept, text clean", "kept, text hijacked", "flagged", "removed, footer"} <= strata
    assert len({(row["stratum"], row["item"]) for row in drawn}) == len(drawn)
    assert list(drawn[0]) == list(COLUMNS)
    for row in drawn:
        assert not any(row[question] for question in QUESTIONS)
        assert (row["place"], row["speaker"]) == ("河北省邯郸市武安市", "演示甲")
        assert row["url"] == f"http://x.test/{row['report_year']}.txt"
        assert row["report"] == f"/r/130481/{row['report_year']}"
        assert row["fate"].startswith(row["stratum"].split(",")[0].replace("flagged", "as flagged"))
        assert row["words"].strip()
        assert (row["stratum"] == "flagged") <= ("hijack: 必赢体育" in row["flags"])
    kept = [row for row in drawn if row["stratum"] == "kept, text clean"]
    assert any(row["words"].startswith("改善生态环境") for row in kept)  # a sentence, no paragraph
    assert all(len(row["words"]) < 60 for row in kept)


def test_the_same_seed_draws_the_same_and_another_others(baogao, db, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert baogao("sample", db, "-n", 30, "--seed", seed, "-o", f"{name}.csv").returncode == 0
    first, again, other = ((tmp_path / f"{name}.csv").read_bytes() for name in "abc")
    assert first == again != other


def test_what_is_drawn_is_recognised_again_and_nothing_else(db):
    with Archive.open(db, read_only=True) as archive:
        rows = [row for seed in range(20) for row in draw(archive.connection, 40, seed)]
        assert all(is_of(archive.connection, row["item"], row["words"]) for row in rows)
        assert not is_of(archive.connection, rows[0]["item"], "别的话。")
        assert not is_of(archive.connection, "999:0-5", rows[0]["words"])


def test_a_character_of_a_stratum_is_drawn_as_often_as_any_other(db):
    """Sentences of 15 and of 14 characters are drawn in that proportion."""
    found = []
    with Archive.open(db, read_only=True) as archive:
        for seed in range(60):
            found += [row["words"] for row in draw(archive.connection, 40, seed)
                      if row["stratum"] == "kept, text clean"]  # fmt: skip
    first = sum(words.startswith("推动") for words in found)
    second = sum(words.startswith("改善") for words in found)
    assert first + second > 200
    assert 0.7 < first / second < 1.4


def test_labels_become_rates_by_stratum_and_weighted(baogao, db, drawn, tmp_path):
    kept = [row for row in drawn if row["stratum"].startswith("kept, text clean")]
    for row in drawn:
        row["fate_ok"] = "" if row["stratum"] == "flagged" else "1"
    kept[0]["fate_ok"] = "0"
    kept[1]["fate_ok"] = ""
    write(tmp_path / "s.csv", drawn)
    shown = baogao("sample", db, "--labels", "s.csv")
    assert shown.returncode == 0, shown.stderr.decode()
    rates = {row["stratum"]: row for row in map(json.loads, shown.stdout.decode().splitlines())}
    clean, every = rates["kept, text clean"], rates["all, weighted"]
    checked = len(kept) - 1
    assert (clean["checked"], clean["wrong"]) == (checked, 1)
    assert clean["error_rate"] == round(1 / checked, 4)
    assert (clean["low"], clean["high"]) == tuple(round(each, 4) for each in wilson(1, checked))
    sizes = {row["stratum"]: int(row["stratum_chars"]) for row in drawn if row["fate_ok"]}
    share = sizes["kept, text clean"] / sum(sizes.values())
    assert every["error_rate"] == round(share / checked, 4)
    assert every["low"] < every["error_rate"] < every["high"]
    assert rates["removed, footer"]["error_rate"] == 0 < rates["removed, footer"]["high"]
    table = baogao("sample", db, "--labels", "s.csv", "--table").stdout.decode()
    assert "all, weighted" in table


def test_wilson_is_that_of_the_textbook():
    assert [round(each, 4) for each in wilson(0, 10)] == [0, 0.2775]
    assert [round(each, 4) for each in wilson(5, 10)] == [0.2366, 0.7634]
    assert [round(each, 4) for each in wilson(1, 200)] == [0.0009, 0.0278]
    assert wilson(10, 10)[1] == 1


def test_the_weighted_rate_is_that_of_the_archive_and_its_interval_covers_it():
    """Strata of known size and known rates, drawn 400 times."""
    strata = {"kept, text clean": (90_000, 0.02, 60), "removed, nav": (9_000, 0.2, 20),
              "removed, footer": (1_000, 0.5, 20)}  # fmt: skip
    truth = sum(size * rate for size, rate, _ in strata.values()) / 100_000
    chance, rates, covered = random.Random(5), [], 0  # noqa: S311
    for _ in range(400):
        rows = [
            Labelled(0, "", name, size, "", {"fate_ok": chance.random() >= rate})
            for name, (size, rate, count) in strata.items() for _ in range(count)
        ]  # fmt: skip
        every = next(row for row in error_rates(rows) if row["stratum"] == "all, weighted")
        rates.append(every["error_rate"])
        covered += every["low"] <= truth <= every["high"]
    assert abs(sum(rates) / 400 - truth) < 0.003
    assert covered / 400 > 0.93


def test_every_stratum_gets_its_part():
    assert allocated([10_000, 100, 1], 20) == [16, 3, 1]
    assert allocated([1, 1, 1], 3) == [1, 1, 1]
    for size in (3, 7, 50):
        assert sum(allocated([5, 900_000, 33], size)) == size


def change(rows, line, **cells):
    rows[line - 2].update(cells)
    return rows


BROKEN = {
    "maybe": (lambda rows: change(rows, 4, fate_ok="maybe"),
              "line 4: fate_ok is 'maybe'; write 1 (right), 0 (wrong) or nothing"),
    "two": (lambda rows: change(rows, 5, fate_ok="2"), "line 5: fate_ok is '2'"),
    "twice": (lambda rows: [*rows, rows[1]], "stands in line 3 too"),
    "item": (lambda rows: change(rows, 3, item="x"), "line 3: item is 'x'; it was changed"),
    "weight": (lambda rows: change(rows, 3, stratum_chars="many"), "line 3: stratum or"),
    "stratum": (lambda rows: change(rows, 3, stratum="all"), "line 3: stratum or stratum_chars"),
    "empty": (lambda rows: rows, "nothing is labelled; write 1 or 0 below place_ok"),
    "column": (lambda rows: [{k: v for k, v in row.items() if k != "year_ok"} for row in rows],
               "line 1: there is no column year_ok"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_a_sentence_with_its_line(baogao, db, drawn, tmp_path, name):
    changed, words = BROKEN[name]
    write(tmp_path / "s.csv", changed(drawn))
    shown = baogao("sample", db, "--labels", "s.csv")
    assert (shown.returncode, shown.stdout) == (2, b"")
    assert shown.stderr.decode().startswith("Error: s.csv")
    assert words in shown.stderr.decode()
    assert shown.stderr.count(b"\n") == 1


def test_a_sample_of_another_archive_is_refused_with_its_line(baogao, db, drawn, tmp_path):
    row = next(row for row in drawn if row["stratum"].startswith("kept"))
    row |= {"fate_ok": "1", "words": "这句话不在存档里。"}
    write(tmp_path / "s.csv", drawn)
    shown = baogao("sample", db, "--labels", "s.csv")
    assert shown.returncode == 2
    assert (
        f"s.csv line {drawn.index(row) + 2}: the archive has other words" in shown.stderr.decode()
    )


def test_labels_of_excel_are_read(drawn, tmp_path):
    for row, words in zip(drawn, ["1", "0", "是", "否", "YES", " n ", "1.0"], strict=False):
        row["fate_ok" if row["stratum"] != "flagged" else "flags_ok"] = words
    write(tmp_path / "s.csv", drawn, "gb18030")
    labels = [label for row in read_labels(tmp_path / "s.csv") for label in row.labels.values()]
    assert labels == [True, False, True, False, True, False, True]


@pytest.mark.parametrize("content", [b"\xff\xff\xff\xff", b"", b'item\n"1'])
def test_what_is_no_csv_is_a_sentence(tmp_path, content):
    (tmp_path / "s.csv").write_bytes(content)
    with pytest.raises(DataFileError, match=r"s.csv"):
        read_labels(tmp_path / "s.csv")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "say where the sample goes"),
        (["-o", "a.csv", "--labels", "b.csv"], "say where the sample goes"),
        (["-n", "2", "-o", "a.csv"], "-n 2: the archive has"),
        (["--labels", "none.csv"], "none.csv: cannot be read"),
    ],
)
def test_wrong_options_write_nothing(baogao, db, tmp_path, options, words):
    shown = baogao("sample", db, *options)
    assert shown.returncode == 2
    assert words in shown.stderr.decode()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_archive_has_nothing_to_check(baogao, tmp_path):
    with Archive.open(tmp_path / "x.db", create=True):
        pass
    shown = baogao("sample", "x.db", "-o", "s.csv")
    assert (shown.returncode, b"nothing to check" in shown.stderr) == (2, True)
