"""Compressed bodies that end too soon."""

import gzip
import zlib

import brotli
import pytest

from crawler.codings import is_whole

PAGE = "<p>各位代表，现在报告工作。</p>".encode() * 5000
RAW = zlib.compressobj(wbits=-15)
CODED = {
    "gzip": gzip.compress(PAGE),
    "x-gzip": gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:]),
    "GZIP ": gzip.compress(PAGE) + b"\0\0\0",
    "deflate": zlib.compress(PAGE),
    "Deflate": RAW.compress(PAGE) + RAW.flush(),
    "br": brotli.compress(PAGE),
}


@pytest.mark.parametrize(("coding", "coded"), CODED.items())
def test_what_is_whole_is_whole(coding, coded):
    assert is_whole(coded, coding, len(PAGE))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate", "br"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_what_was_cut_is_not(coding, share):
    coded = CODED[coding]
    assert not is_whole(coded[: int(len(coded) * share)], coding, 1234)


@pytest.mark.parametrize("coding", ["zstd", "identity", "utf-8", "gzip, br"])
def test_of_others_nothing_is_said(coding):
    assert is_whole(b"anything", coding, 8)


def test_nothing_is_whole():
    assert is_whole(b"", "gzip", 0)
