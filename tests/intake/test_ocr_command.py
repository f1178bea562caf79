"""Scans through the commands: passed over, read later, told in the archive and in the panel."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

import pytest

pytest.importorskip("rapidocr", reason="the extra `ocr` is not installed")
from PIL import Image, ImageDraw, ImageFont

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
LINES = [
    "武安市2023年政府工作报告", "——2023年1月5日在武安市第十六届人民代表大会第二次会议上",
    "各位代表：", "现在，我代表市人民政府，向大会报告工作，请予审议。",
    "二、2023年工作安排", "新修三座桥，再铺十公里路，让我们为武安更好的明天而努力奋斗！",
]  # fmt: skip


@pytest.fixture
def scan(tmp_path):
    if not FONT.is_file():
        pytest.skip("no Chinese font is installed (fonts-noto-cjk)")
    image = Image.new("RGB", (1000, 460), "white")
    pen, font = ImageDraw.Draw(image), ImageFont.truetype(FONT, 30)
    for number, words in enumerate(LINES):
        pen.text((40, 30 + 66 * number), words, fill="black", font=font)
    image.save(tmp_path / "2023_武安市.pdf", resolution=100)
    return "2023_武安市.pdf"


def rows(tmp_path, sql):
    with sqlite3.connect(tmp_path / "a.db") as connection:
        return connection.execute(sql).fetchall()


def test_a_scan_is_passed_over_then_read(baogao, tmp_path, scan):
    first = baogao("backfill", "files", "a.db", scan, "--no-ocr", "-q")
    assert first.returncode == 1
    assert "--ocr" in first.stderr.decode()
    assert rows(tmp_path, "SELECT clean_chars FROM texts") == [(0,)]

    done = baogao("rederive", "a.db", "--ocr")
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path, "SELECT name FROM works") == [("130481-2023",)]
    ((medium, method, confidence, how),) = rows(
        tmp_path, "SELECT medium, method, confidence, encoding_how FROM texts WHERE clean_chars > 0"
    )
    assert (medium, method) == ("ocr", "ocr")
    assert 0.9 < confidence <= 1
    assert "rapidocr" in how
    captures = rows(tmp_path, "SELECT payload_sha256, claims_json FROM captures ORDER BY id")
    assert len({digest for digest, _ in captures}) == 1
    assert [claims for _, claims in captures][1:] == ['[["ocr","yes"]]']

    again = baogao("rederive", "a.db", "--ocr")
    assert again.returncode == 0
    assert b"0 texts made" in again.stderr
    assert len(rows(tmp_path, "SELECT id FROM captures")) == 2

    (tmp_path / "words.txt").write_text("桥\n")
    assert baogao("panel", "a.db", "words.txt", "-o", "p.csv").returncode == 0
    (row,) = csv.DictReader(io.StringIO((tmp_path / "p.csv").read_text("utf-8-sig")))
    assert (row["medium"], row["桥_exact"]) == ("ocr", "1")


def test_an_import_reads_scans_where_it_may(baogao, tmp_path, scan):
    done = baogao("backfill", "files", "a.db", scan, "--ocr")
    assert "130481-2023" in done.stderr.decode()
    again = baogao("backfill", "files", "a.db", scan, "--ocr")
    assert "already there" in again.stderr.decode()
    assert len(rows(tmp_path, "SELECT id FROM captures")) == 2
