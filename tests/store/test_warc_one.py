"""One record out of a range of bytes."""

from __future__ import annotations

import pytest
from store.warc_made import http, packed, record, response

from archive import DamagedFileError, open_record
from archive.model import sha256

BODY = "政府工作报告".encode()


def test_a_packed_and_a_plain_record_give_the_capture():
    whole = response("http://a.test/", BODY, "WARC-IP-Address: 192.0.2.1")
    for body in (whole, packed(whole)):
        capture = open_record(body)
        assert (capture.url, capture.payload, capture.status) == ("http://a.test/", BODY, 200)
        assert (capture.origin, capture.ip, capture.outcome) == ("warc", "192.0.2.1", "ok")
        assert capture.container_sha256 == sha256(body)
        assert capture.member.startswith("<urn:uuid:")
        assert dict(capture.claims)["digest_check"] == "match"


def test_a_redirect_keeps_where_it_led():
    block = http(b"", "Location: /b", line="HTTP/1.1 301 Moved")
    assert open_record(record("response", "http://a.test/a", block)).redirect_to == (
        "http://a.test/b"
    )


def test_what_is_not_one_whole_record_is_damaged():
    one = packed(response("http://a.test/", BODY))
    asked = packed(record("request", "http://a.test/", b"GET / HTTP/1.1\r\n\r\n"))
    for body in (b"", b"no record", one[:-9], one[9:], one + one, asked):
        with pytest.raises(DamagedFileError):
            open_record(body)
