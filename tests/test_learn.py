"""`baogao learn`: figures from an archive's own official works, used by `rederive --knowledge`."""

from __future__ import annotations

import json
import sqlite3

import pytest

from archive import Archive, Capture, SiteFacts, derive
from archive.known import Knowledge, shipped

SITE = SiteFacts("portal", "某某门户", "official", "130600")


@pytest.fixture
def archive_of(tmp_path):
    def build(count):
        path = tmp_path / "reports.db"
        with Archive.open(path, create=True) as archive, archive.run("backfill") as run:
            for number in range(count):
                url = f"http://www.baoding.gov.cn/{number}.html"
                capture = Capture.from_bytes(page(number), url=url, site=SITE)
                run.text(run.capture(capture), derive(capture))
        return path

    return build


def page(number):
    words = "\n".join(f"<p>{line}</p>" for line in report(number))
    return f"<html><head><meta charset=utf-8></head><body>{words}</body></html>".encode()


def report(number):
    yield f"{2018 + number}年保定市政府工作报告"
    yield f"——{2018 + number}年1月9日在保定市第十六届人民代表大会第{number + 1}次会议上"
    yield "市长 演示甲"
    yield "各位代表:"
    yield "现在,我代表市人民政府向大会报告工作,请予审议。"
    yield f"一、{2017 + number}年工作回顾"
    for line in range(30):
        yield f"在省委、省政府和市委的坚强领导下,麒麟湖畔修好了第{line}座桥,群众十分满意。"
    yield "各位代表!让我们更加紧密地团结起来,为建设现代化保定而努力奋斗!"


def test_figures_are_learnt_and_used(archive_of, baogao, tmp_path):
    path = archive_of(4)
    shown = baogao("learn", path, "mine")
    assert shown.returncode == 0, shown.stderr.decode()
    learnt = json.loads(shown.stdout)
    assert learnt["texts"] == 4
    assert learnt["new_pairs"] > 0
    mine = Knowledge(tmp_path / "mine")
    assert mine.digest != shipped().digest
    assert mine.figures.knows("麒麟")
    assert mine.figures.pairs.keys() >= shipped().figures.pairs.keys()
    again = baogao("rederive", path, "--knowledge", "mine")
    assert again.returncode == 0, again.stderr.decode()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM rulesets").fetchone() == (2,)
        # with other figures the texts came out equal: they are of both rulesets
        assert connection.execute("SELECT count(*) FROM texts").fetchone() == (4,)
        assert connection.execute("SELECT count(*) FROM text_rulesets").fetchone() == (8,)


def test_too_few_official_texts_are_a_sentence(archive_of, baogao, tmp_path):
    shown = baogao("learn", archive_of(1), "mine")
    assert shown.returncode == 2
    assert "has 1 whole official text" in shown.stderr.decode()
    assert not (tmp_path / "mine").exists()


def test_a_folder_that_holds_something_is_left_alone(archive_of, baogao, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "note.txt").write_text("mine")
    shown = baogao("learn", archive_of(2), "mine")
    assert shown.returncode == 2
    assert "nothing is overwritten" in shown.stderr.decode()
