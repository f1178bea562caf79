"""Bytes → characters: the bytes decide, the declarations are recorded."""

import pytest

from archive.read.decoding import decode

TEXT = "示范市市长吴镕在大会上作了政府工作报告，全市经济稳步发展。鎏金、㐂、喆。"


@pytest.mark.parametrize(
    ("payload", "header", "used"),
    [
        (TEXT.encode(), None, "utf-8"),
        (TEXT.encode(), "text/html; charset=gb2312", "utf-8"),
        (TEXT.encode("gb18030"), None, "gb18030"),
        (TEXT.encode("gb18030"), "text/html; charset=UTF-8", "gb18030"),
        (b"\xef\xbb\xbf" + TEXT.encode(), None, "utf-8"),
        (TEXT.encode("utf-16"), None, "utf-16-le"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), None, "utf-16-be"),
    ],
)
def test_the_bytes_decide(payload, header, used):
    text, decoding = decode(payload, header)
    assert text == TEXT
    assert decoding.encoding == used
    assert decoding.replaced == 0


def test_both_declarations_are_recorded():
    payload = b'<meta http-equiv=Content-Type content="text/html; charset=gb2312">' + TEXT.encode()
    _, decoding = decode(payload, "text/html; charset=ISO-8859-1")
    assert (decoding.declared_meta, decoding.declared_header) == ("gb2312", "ISO-8859-1")


def test_big5_is_taken_where_it_is_declared_and_reads_better():
    text = "各位代表，我代表市人民政府向大會報告工作，請予審議。全市經濟發展平穩。"
    decoded, decoding = decode(text.encode("big5"), "text/html; charset=big5")
    assert (decoded, decoding.how) == (text, "declared")


def test_latin_is_taken_where_the_bytes_are_not_chinese():
    decoded, _ = decode("“Café” costs £5 – naïve".encode("cp1252"), "text/html; charset=cp1252")
    assert decoded == "“Café” costs £5 – naïve"


def test_a_damaged_text_keeps_its_encoding_and_counts_the_damage():
    utf8, lossy = decode(TEXT.encode()[:-1])
    assert (utf8[:-1], lossy.encoding, lossy.replaced) == (TEXT[:-1], "utf-8", 1)
    gbk, lossy = decode((TEXT * 3).encode("gb18030") + b"\xff\xff")
    assert gbk.startswith(TEXT)
    assert (lossy.encoding, lossy.replaced) == ("gb18030", 2)


def test_nul_and_lone_surrogates_are_replaced_and_counted():
    text, decoding = decode("甲\x00乙".encode())
    assert (text, decoding.replaced) == ("甲\ufffd乙", 1)
    text, decoding = decode(b"\xff\xfe" + "甲".encode("utf-16-le") + b"\x00\xd8")
    assert text == "甲\ufffd"
    assert decoding.replaced == 1


def test_a_replacement_character_of_the_page_is_not_ours():
    assert decode("甲\ufffd乙".encode())[1].replaced == 0


@pytest.mark.parametrize("name", ["zlib", "rot13", "no-such", "idna", "utf-7", "undefined"])
def test_a_silly_declaration_does_no_harm(name):
    text, _ = decode(b"\xe9\x20 plain", f"text/html; charset={name}")
    assert "plain" in text


REPORT = (
    "政府工作报告\n各位代表：\n现在，我代表市人民政府，向大会报告工作，请予审议。\n"
    "过去一年，全市地区生产总值增长5%，粮食总产量达到30万吨，联通公司建成基站12座。\n"
)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_read(encoding):
    for text in (REPORT, "\n".join(REPORT), REPORT.replace("，", "") * 3):
        assert decode(text.encode(encoding))[0] == text


@pytest.mark.parametrize("seam", range(4, 90, 7))
@pytest.mark.parametrize(("first", "second"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_two_encodings_in_one_page_are_read_piece_by_piece(first, second, seam):
    text = REPORT * 2 + REPORT[:seam], REPORT[seam:] + REPORT * 2
    read, decoding = decode(text[0].encode(first) + text[1].encode(second))
    assert read == "".join(text)
    assert (decoding.how.split(":")[0], decoding.replaced) == ("two encodings", 0)


def test_a_foot_in_another_encoding_is_read():
    page = f"<p>{REPORT}</p>" * 5
    foot = "<div>主办单位：武安市人民政府办公室</div>"
    for body, tail in (("utf-8", "gb18030"), ("gb18030", "utf-8")):
        assert decode(page.encode(body) + foot.encode(tail))[0] == page + foot


@pytest.mark.parametrize("broken", [b"\xe5", b"\xff\xfe", b"\x80\x80\x80"])
def test_a_few_bad_bytes_are_no_second_encoding(broken):
    payload = REPORT.encode() + broken + REPORT.encode()
    text, decoding = decode(payload)
    assert (decoding.encoding, decoding.how) == ("utf-8", "lossy")
    assert text.replace("\ufffd", "") == REPORT * 2


def test_big5_is_read_where_nothing_declares_it():
    text = "各位代表，我代表市人民政府向大會報告工作，請予審議。全市經濟發展平穩。"
    decoded, decoding = decode(text.encode("big5"))
    assert (decoded, decoding.how) == (text, "guessed")
