"""Scans of a site: kept, and read after the crawl where its file says so."""

import io
from contextlib import closing
from pathlib import Path

import pytest

pytest.importorskip("rapidocr", reason="the extra `ocr` is not installed")
from PIL import Image, ImageDraw, ImageFont

from archive import Archive

FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
SITE = """\
title = "示范"
kind = "official"
family = "list"
hosts = ["www.saomiao.test"]
start = ["http://www.saomiao.test:8642/"]
reports = ['\\.pdf$']
loopback = true
ocr = {ocr}
[politeness]
delay_s = 0.01
"""


def scan():
    if not FONT.is_file():
        pytest.skip("no Chinese font is installed (fonts-noto-cjk)")
    image = Image.new("RGB", (640, 80), "white")
    ImageDraw.Draw(image).text(
        (20, 16), "武安市政府工作报告", fill="black", font=ImageFont.truetype(FONT, 36)
    )
    out = io.BytesIO()
    image.save(out, "PDF", resolution=100)
    return out.getvalue()


@pytest.mark.parametrize(("ocr", "media"), [("true", ["pdf", "ocr"]), ("false", ["pdf"])])
def test_scans_are_read_where_the_site_file_says_so(crawl_apart, serve, tmp_path, ocr, media):
    (tmp_path / "saomiao.toml").write_text(SITE.format(ocr=ocr), "utf-8")
    pdf = {"Content-Type": "application/pdf"}
    server = serve({
        ("www.saomiao.test", "/"): (200, {}, '<a href="/a.pdf">政府工作报告</a>'.encode()),
        ("www.saomiao.test", "/a.pdf"): (200, pdf, scan()),
    })  # fmt: skip
    result = crawl_apart(
        tmp_path / "s.db", ["saomiao"], sites_dirs=[str(tmp_path)],
        settings={"PRACTICE_PORT": server.server_port},
    )  # fmt: skip
    assert result.exit_code == 0, result.findings
    with closing(Archive.open(tmp_path / "s.db")) as archive:
        found = archive.connection.execute("SELECT id, medium FROM texts ORDER BY id").fetchall()
        assert [medium for _, medium in found] == media
        if ocr == "true":
            assert archive.clean_text(found[-1][0]) == "武安市政府工作报告"
