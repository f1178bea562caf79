"""The audit: faults in texts people have, a clean folder, and nothing lost on the way."""

from __future__ import annotations

import csv
import json

import pytest
from clean.pasting import text_of
from intake import hostile

from archive.audit import audit, audit_derived
from archive.audit.names import expected
from archive.errors import WorkFailedError
from archive.intake import captures_of, gather
from archive.known import shipped
from archive.model import Capture

HEAD = """武安市2023年政府工作报告
(演示文本,内容均为虚构)
——2023年1月7日在武安市第九届人民代表大会第二次会议上
市长 演示甲
"""
BODY = """各位代表:
现在,我代表市人民政府向大会报告工作,请予审议。
一、2022年工作回顾
过去一年,我们修了三座桥,铺了十公里路,栽了一千棵树。粮食总产量达到三十万吨,创历史新高。
全年建成标准厂房五万平方米,引进项目二十个,城镇新增就业四千人,居民收入稳步增长。
二、2023年工作安排
新的一年,我们要办好十件实事,推动高质量发展,让发展成果更多更公平惠及全市人民。
各位代表,让我们团结一心、真抓实干,为建设美好武安而努力奋斗!
"""
REPORT = HEAD + BODY
CHROME = "下载\n打印\n全屏\n收藏\n【字号:\n加大\n还原\n减小\n】\n"


def found(text, filename="2023_武安市.txt", **more):
    (one,) = audit([Capture.from_bytes(text.encode(), filename=filename, **more)])
    return one


def kinds(one):
    return {finding.kind for finding in one.findings}


def test_a_clean_report_has_no_faults():
    assert kinds(found(HEAD.replace("(演示文本,内容均为虚构)\n", "") + BODY)) == set()


def test_chrome_is_named_with_its_rules():
    one = found(CHROME + REPORT)
    (chrome,) = [f for f in one.findings if f.kind == "chrome"]
    assert chrome.characters == len("".join(CHROME.split()))
    assert "下载" in chrome.words
    assert "widget" in chrome.why


def test_a_report_that_occurs_twice_is_reported_and_counted_once():
    report = text_of()
    once, twice = found(f"{report}\n"), found(f"{report}\n首页\n{report}")
    (repeated,) = [f for f in twice.findings if f.kind == "repeated"]
    assert repeated.characters == len(report)
    assert "stand at 0-" in repeated.why
    assert twice.as_json()["characters"] == once.as_json()["characters"]
    assert kinds(twice) - kinds(once) == {"repeated", "chrome"}


def test_further_documents_are_reported_and_whether_their_borders_are_sure():
    one, other = text_of("凌海市", 2021, seed=31), text_of("和县", 2022, seed=32)
    (told,) = [f for f in found(f"{one}\n{other}").findings if f.kind == "another-document"]
    assert "goes on with another document" in told.why
    assert other.splitlines()[0] in told.words
    jammed = "".join(one.splitlines()) + "".join(other.splitlines())
    (doubt,) = [f for f in found(jammed).findings if f.kind == "border-unsure"]
    assert "where it begins is not sure" in doubt.why


def test_wrapper_lines_are_no_chrome():
    assert kinds(found("来源:武安日报\n" + REPORT)) >= {"wrapper"}
    assert "chrome" not in kinds(found("来源:武安日报\n" + REPORT))


def test_a_glossary_is_an_appendix():
    glossary = "名词解释\n1.高质量发展:能够满足人民日益增长的美好生活需要的发展。\n" * 1
    (appendix,) = [f for f in found(REPORT + glossary).findings if f.kind == "appendix"]
    assert "no speech" in appendix.why


@pytest.mark.parametrize(
    ("filename", "kind"),
    [("2021_武安市.txt", "year"), ("2023_迁安市.txt", "place"), ("迁安市_2023.txt", "place")],
)
def test_a_name_that_says_otherwise(filename, kind):
    assert kind in kinds(found(REPORT, filename))


@pytest.mark.parametrize(
    "filename", ["2023_武安市.txt", "武安市_2023.txt", "2023河北省邯郸市武安市.txt", "report.txt"]
)
def test_a_name_that_agrees_or_says_nothing(filename):
    assert kinds(found(REPORT, filename)).isdisjoint({"year", "place"})


def test_names_are_read_in_the_patterns_people_use():
    for name in (
        "2023_鞍山市.txt",
        "鞍山市_2023.txt",
        "2023辽宁省鞍山市.txt",
        "2023_鞍山市_政府工作报告.csv",
    ):
        claimed = expected(Capture.from_bytes(b"x", filename=name), shipped())
        assert (claimed.year, claimed.codes) == (2023, {"210300"}), name


def test_hijacked_words():
    one = found(REPORT.replace("让发展", "在必赢体育、省政府和市委领导下让发展"))
    (hijack,) = [f for f in one.findings if f.kind == "hijack"]
    assert "必赢体育" in hijack.words
    assert one.as_json()["verdict"] == "hijacked"


def test_what_makes_a_text_suspect_and_what_would_clear_it():
    one = found(REPORT + "预料增长百分之八,让农夫得到实惠。In /kloc-0 the output value grew.\n")
    (suspect,) = [f for f in one.findings if f.kind == "suspect"]
    assert "预料增长、农夫 (2 times, 2 make a text suspect)" in suspect.why
    assert suspect.why.count("cleared by a copy") == 2
    assert one.as_json()["verdict"] == "suspect"


def test_bad_bytes_are_counted():
    capture = Capture.from_bytes(REPORT.encode() + b"\xff\xfe\xff", filename="x.txt")
    (one,) = audit([capture])
    assert "encoding" in kinds(one)


def test_the_same_text_twice_and_the_larger_part_of_it():
    half = "\n".join(REPORT.splitlines()[:9])
    captures = [
        Capture.from_bytes(text.encode(), filename=name)
        for name, text in {"a.txt": REPORT, "b.txt": REPORT + "\n", "c.txt": half}.items()
    ]
    _, twin, part = audit(captures)
    assert [f.words for f in twin.findings if f.kind == "duplicate"] == ["a.txt"]
    assert [f.words for f in part.findings if f.kind == "near-duplicate"] == ["a.txt"]


def test_other_years_of_a_place_are_no_duplicates():
    other = REPORT.replace("2023", "2024").replace("2022", "2023")
    other = (
        other.replace("三座桥", "五座桥")
        .replace("五万平方米", "八万平方米")
        .replace("十件", "九件")
    )
    captures = [Capture.from_bytes(t.encode(), filename="x.txt") for t in (REPORT, other)]
    assert "duplicate" not in kinds(list(audit(captures))[1])


def test_what_cannot_be_read_is_a_finding(tmp_path):
    (tmp_path / "x.pdf").write_bytes(b"\xd0\xcf\x11\xe0" * 99)
    (one,) = audit(captures_of(tmp_path / "x.pdf"))
    assert "no-text" in kinds(one)


def test_the_command_prints_json_lines_and_writes_a_clean_folder(baogao, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/2023_武安市.txt").write_text(CHROME + REPORT, encoding="utf-8")
    shown = baogao("audit", "in", "--out", "out", "--html", "page.html")
    assert shown.returncode == 1, shown.stderr.decode()
    (line,) = map(json.loads, shown.stdout.decode().splitlines())
    assert line["place_code"] == "130481"
    clean = (tmp_path / "out/texts/2023_武安市.txt").read_text("utf-8")
    assert clean == REPORT
    with (tmp_path / "out/manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["file"] == "texts/2023_武安市.txt"
    removed = json.loads((tmp_path / "out" / row["removed_file"]).read_text("utf-8"))
    assert "".join(span["words"] for span in removed).split() == CHROME.split()


def test_hostile_texts_are_shown_as_text(baogao, tmp_path):
    hostile = '<script>alert(1)</script> 打印\n"><img src=x onerror=alert(1)>\n'
    (tmp_path / "x.txt").write_text(hostile + REPORT, encoding="utf-8")
    baogao("audit", "x.txt", "--html", "page.html", "-q")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<script" not in page
    assert "<img" not in page


def test_a_folder_without_faults_exits_0(baogao, tmp_path):
    clean = HEAD.replace("(演示文本,内容均为虚构)\n", "") + BODY
    (tmp_path / "2023_武安市.txt").write_text(clean, encoding="utf-8")
    shown = baogao("audit", "2023_武安市.txt", "--table")
    assert shown.returncode == 0, shown.stdout.decode()


@pytest.fixture(scope="module")
def provinces(shared):
    files = gather([str(shared / "reports" / "provinces-2026")])
    return {
        path.name.split("_")[1]: one
        for path in files
        for one in audit(captures_of(path))
    }  # fmt: skip


def test_provinces_chrome(provinces):
    chrome = {name for name, one in provinces.items() if "chrome" in kinds(one)}
    assert len(provinces) == 31
    assert set(provinces) - chrome == {"广东省", "海南省", "青海省"}


def test_provinces_wrappers(provinces):
    guizhou = {f.kind: f.words for f in provinces["贵州省"].findings}
    assert "摄" in guizhou["chrome"]  # the caption of a photograph
    assert "wrapper" in kinds(provinces["青海省"])


def test_provinces_appendices(provinces):
    shares = {
        name: float(f.why.split("%")[0])
        for name, one in provinces.items()
        for f in one.findings
        if f.kind == "appendix"
    }
    # the five tails that were read by eye when the folder was first measured
    # (without the list of related files that 四川 had behind its glossary)
    known = {"广东省": 14.1, "四川省": 8.7, "江西省": 8.4, "海南省": 7.3, "内蒙古自治区": 5.0}
    for name, share in known.items():
        assert shares[name] == pytest.approx(share, abs=0.3)


def test_provinces_years_and_places_agree_with_their_names(provinces):
    wrong = {name for name, one in provinces.items() if kinds(one) & {"year", "place"}}
    assert wrong == set()


def test_a_text_that_killed_its_worker_is_a_finding():
    capture = Capture.from_bytes(b"x", filename="bomb.pdf")
    (one,) = audit_derived([(capture, WorkFailedError("timeout", "took longer than 60 s"))])
    (finding,) = one.findings
    assert (finding.kind, finding.why) == ("unreadable", "took longer than 60 s")


def test_a_file_that_hangs_does_not_stop_the_audit(baogao, tmp_path):
    (tmp_path / "a.pdf").write_bytes(hostile.inflating_stream())
    (tmp_path / "b.txt").write_text(REPORT, encoding="utf-8")
    shown = baogao("audit", "a.pdf", "b.txt", "--deadline", "2")
    assert shown.returncode == 1, shown.stderr.decode()
    bad, good = map(json.loads, shown.stdout.splitlines())
    assert {finding["kind"] for finding in bad["findings"]} <= {"unreadable", "no-text"}
    assert (good["report_year"], good["verdict"]) == (2023, "clean")
