"""Compressed bodies that end too soon, or go on behind their end."""

import gzip
import zlib

import brotli
import pytest

from crawler.codings import beginning, fault_at_the_end

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
    assert fault_at_the_end(coded, coding, PAGE) is None


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate", "br"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_what_was_cut_is_not(coding, share):
    coded = CODED[coding]
    cut = coded[: int(len(coded) * share)]
    assert fault_at_the_end(cut, coding, PAGE[:1234]) == f"the {coding.lower()} has no end"


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate", "Deflate"])
@pytest.mark.parametrize(
    "rest", [b"<script>", b"\0\0x", b"\x1f\x8b", len(PAGE).to_bytes(4, "little"), b"PK\3\4" * 99]
)
def test_what_follows_the_end_is_reported(coding, rest):
    told = fault_at_the_end(CODED[coding] + rest, coding, PAGE)
    if rest == b"\x1f\x8b" and coding in ("gzip", "x-gzip"):
        assert told == "the gzip has no end", "it begins another member"
    else:
        assert (
            told == f"{len(rest)} bytes follow the end of the {coding.lower().removeprefix('x-')}"
        )


def test_a_wrong_checksum_is_no_end():
    coded = bytearray(gzip.compress(PAGE))
    coded[-8] ^= 1
    assert fault_at_the_end(bytes(coded), "gzip", PAGE) == "the gzip has no end"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "Deflate", "br"])
@pytest.mark.parametrize("most", [1, 100, 10**7])
def test_a_beginning(coding, most):
    assert beginning(CODED[coding], coding, most) == PAGE[:most]
    assert beginning(b"x", "zstd", most) is None


@pytest.mark.parametrize("coding", ["zstd", "identity", "utf-8", "gzip, br"])
def test_of_others_nothing_is_said(coding):
    assert fault_at_the_end(b"anything", coding, b"anything") is None


def test_nothing_is_whole():
    assert fault_at_the_end(b"", "gzip", b"") is None
