"""Words in pictures: read by models that are known, without a network, and told as such."""

from __future__ import annotations

import io
import socket
from functools import lru_cache
from pathlib import Path

import pytest

from archive import Capture, derive
from archive.known import Knowledge, shipped
from archive.read import read
from archive.read.ocr import ASKED, engine, missing, needs_it, with_ocr
from archive.read.ocr import engine as engine_of
from archive.read.ocr import pages as pages_module
from archive.read.ocr.engine import Engine, RecognisedLine
from baogao_practice.attachments import placed
from baogao_practice.word import WordFile

Image = pytest.importorskip("PIL.Image", reason="the extra `ocr` is not installed")
ImageDraw = pytest.importorskip("PIL.ImageDraw")
ImageFont = pytest.importorskip("PIL.ImageFont")
pytest.importorskip("rapidocr", reason="the extra `ocr` is not installed")

FONTS = ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
         "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")  # fmt: skip
LINES = ["武安市2023年政府工作报告", "各位代表：", "过去一年，我们修了三座桥。"]


@lru_cache
def font():
    path = next((path for path in FONTS if Path(path).is_file()), None)
    if path is None:
        pytest.skip("no Chinese font is installed (fonts-noto-cjk)")
    return ImageFont.truetype(path, 34)


@lru_cache
def picture(turned=0):
    made = Image.new("RGB", (620, 260), "white")
    pen = ImageDraw.Draw(made)
    for number, words in enumerate(LINES):
        pen.text((40, 30 + 70 * number), words, fill="black", font=font())
    return made.rotate(turned, expand=True)


def packed(image, kind="PNG", **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def page_of(payload, *, ocr=True):
    capture = Capture.from_bytes(payload)
    return read(with_ocr(capture) if ocr else capture, shipped())


def lines_of(page):
    return [page.words(block).replace(":", "：") for block in page.blocks if block.main]


@pytest.fixture
def no_network(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP", "WEBP"])
def test_pictures_are_told_by_their_bytes(kind):
    page = page_of(packed(Image.new("RGB", (9, 9)), kind), ocr=False)
    assert page.medium == "image"
    assert "--ocr" in page.flags[0].evidence
    assert "baogao[ocr]" in page.flags[0].evidence


@pytest.mark.usefixtures("no_network")
def test_a_picture_is_read_without_a_network():
    page = page_of(packed(picture()))
    assert page.medium == "ocr"
    assert page.method == "ocr"
    assert lines_of(page) == LINES
    assert page.confidence > 0.9
    assert "rapidocr 3." in page.decoding.how
    assert "090f04abcd9d" in page.decoding.how
    (flag,) = page.flags
    assert flag.kind == "ocr"
    assert flag.evidence.startswith("1 pages were read from pictures, mean confidence 0.9")


def test_a_scan_in_a_pdf_is_read_and_the_text_of_other_pages_kept():
    document = io.BytesIO()
    picture().save(document, "PDF", resolution=100)
    page = page_of(document.getvalue())
    assert page.medium == "ocr"
    assert lines_of(page) == LINES
    text = placed([[(80, 700, 12, "这一页有它自己的文字，不用去看图片，一共两句话。")]])
    assert page_of(text).medium == "pdf"


def test_glyphs_of_another_font_are_not_looked_at(monkeypatch):
    monkeypatch.setattr(
        pages_module, "engine", lambda _: Eye(RecognisedLine('!"#', 1, 1, 9, 9, 1.0))
    )
    page = page_of(placed([[(80, 700, 12, "武安市二〇二三年政府工作报告")]], named=False))
    assert page.visible == ""
    assert "glyphs without characters" in page.flags[0].evidence


def test_a_picture_on_its_side_is_turned():
    assert lines_of(page_of(packed(picture(90)))) == LINES


class Eye:
    """Sees what it is meant to see."""

    how = "an eye"

    def __init__(self, *seen):
        self._seen = list(seen)

    def look(self, image):
        return self._seen, image


def test_lines_in_doubt_are_flagged_and_hardly_sure_ones_kept_aside(monkeypatch):
    eye = Eye(
        RecognisedLine("第一行清楚的字", 10, 10, 210, 40, 0.99),
        RecognisedLine("第二行模糊的字，还要长一些", 10, 60, 390, 90, 0.7),
        RecognisedLine("印章", 10, 110, 60, 140, 0.3),
    )
    monkeypatch.setattr(pages_module, "engine", lambda _: eye)
    page = page_of(packed(Image.new("RGB", (300, 200), "white")))
    assert lines_of(page) == ["第一行清楚的字", "第二行模糊的字，还要长一些"]
    assert "印章" in page.visible
    kinds = [flag.kind for flag in page.flags]
    assert kinds == ["ocr", "ocr_doubt", "ocr_doubt"]
    doubtful = page.flags[1]
    assert page.visible[doubtful.start : doubtful.stop] == "第二行模糊的字，还要长一些"
    assert doubtful.evidence == "page 1, box 10,60–390,90: confidence 0.70"
    assert round(page.confidence, 2) == 0.76


def test_a_page_that_shows_no_words_is_counted(monkeypatch):
    monkeypatch.setattr(pages_module, "engine", lambda _: Eye())
    page = page_of(packed(Image.new("RGB", (30, 30), "white")))
    assert page.visible == ""
    assert "show no words that can be read" in page.flags[0].evidence


def test_a_long_screenshot_is_read_in_pieces(monkeypatch):
    looked = []

    class Counting(Eye):
        def look(self, image):
            looked.append(image.size)
            return [RecognisedLine(f"第{len(looked)}段的文字。", 10, 10, 90, 20, 1.0)], image

    monkeypatch.setattr(pages_module, "engine", lambda _: Counting())
    page = page_of(packed(Image.new("RGB", (200, 1500), "white")))
    assert sum(height for _, height in looked) == 1500
    assert max(height for _, height in looked) <= 300
    assert "".join(lines_of(page)) == "".join(f"第{n}段的文字。" for n in range(1, len(looked) + 1))


def test_pages_of_a_tiff_are_read_in_order(monkeypatch):
    counted = iter("甲乙")

    class Counting(Eye):
        def look(self, image):
            return [RecognisedLine(next(counted) * 8, 5, 5, 90, 20, 1.0)], image

    monkeypatch.setattr(pages_module, "engine", lambda _: Counting())
    frames = [Image.new("L", (100, 90), shade) for shade in (255, 250)]
    payload = packed(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    assert "".join(lines_of(page_of(payload))) == "甲" * 8 + "乙" * 8


def test_a_word_file_of_pictures_alone(monkeypatch):
    drawn = (
        '<w:r><w:drawing><wp:inline><a:graphic><a:blip r:embed="rP"/></a:graphic></wp:inline>'
        "</w:drawing></w:r>"
    )
    file = WordFile(
        parts=[("word/media/i.png", packed(Image.new("RGB", (300, 90), "white")))],
        relations=[("rP", "image", "media/i.png")],
    )
    file.paragraph(drawn)
    page = page_of(file.packed(), ocr=False)
    assert page.medium == "docx"
    assert "1 pictures; words in pictures are read with --ocr" in page.flags[0].evidence
    monkeypatch.setattr(
        pages_module, "engine", lambda _: Eye(RecognisedLine("看见的话", 9, 9, 99, 30, 1.0))
    )
    page = page_of(file.packed())
    assert (page.medium, lines_of(page)) == ("ocr", ["看见的话"])


@pytest.mark.parametrize("payload", [b"\x89PNG\r\n\x1a\n" + b"x" * 50, b"II*\x00" + b"\0" * 50])
def test_a_damaged_picture_says_so(payload):
    page = page_of(payload)
    assert page.visible == ""
    assert "damaged" in page.flags[0].evidence


def test_a_picture_of_too_many_pixels_is_refused(monkeypatch):
    monkeypatch.setattr(pages_module, "MOST_PIXELS", 100)
    monkeypatch.setattr(pages_module, "engine", lambda _: Eye())
    assert "more than 100 pixels" in page_of(packed(picture())).flags[0].evidence


def test_a_model_that_is_not_there_is_an_error_and_no_download(monkeypatch, tmp_path, no_network):
    module = __import__("archive.read.ocr.engine", fromlist=["_home"])
    monkeypatch.setattr(module, "_home", lambda: tmp_path)
    why = missing(shipped())
    assert "PP-OCRv6_det_small.onnx is not in RapidOCR" in why
    (tmp_path / "PP-OCRv6_det_small.onnx").write_bytes(b"another")
    assert "is another model" in missing(shipped())
    page = page_of(packed(picture()))
    assert "is another model" in page.flags[0].evidence
    with pytest.raises(RuntimeError, match="another model"):
        engine_of(shipped())


def test_the_extra_is_named_where_it_is_missing(monkeypatch):
    module = __import__("archive.read.ocr.engine", fromlist=["find_spec"])
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    assert "pip install 'baogao[ocr]'" in missing(shipped())


def test_that_a_capture_is_read_so_is_part_of_its_context():
    capture = Capture.from_bytes(packed(picture()))
    asked = with_ocr(capture)
    assert ASKED in asked.claims
    assert with_ocr(asked) is asked
    assert asked.context_sha256() != capture.context_sha256()
    assert needs_it(derive(capture))
    assert not needs_it(derive(Capture.from_bytes("各位代表：".encode())))


def test_the_models_are_part_of_the_ruleset(tmp_path):
    for path in Path(shipped().folder).rglob("*"):
        if path.is_file() and path.suffix != ".py":
            copy = tmp_path / path.relative_to(shipped().folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    before = Knowledge(tmp_path).digest
    assert before == shipped().digest
    models = tmp_path / "lexica" / "ocr.toml"
    models.write_text(models.read_text().replace("090f04", "190f04"))
    assert Knowledge(tmp_path).digest != before


def test_one_engine_a_process():
    assert engine(shipped()) is engine(shipped())
    assert isinstance(engine(shipped()), Engine)
