"""Records that repeat others: found in the same file, in another one, in the archive, or told."""

from __future__ import annotations

import hashlib

import pytest
from store.warc_made import http, imported, packed, record, response, sha1

from archive.store.warc.wanted import wanted

BODY = "政府工作报告".encode() * 20
URL = "http://www.demo.test/report.html"
ORIGINAL = response(URL, BODY, identifier="<urn:uuid:first>")
LATER = "2021-05-06T07:08:09Z"
SAME = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
UNCHANGED = "http://netpreserve.org/warc/1.0/revisit/server-not-modified"

REFERENCES = {
    "by digest": [f"WARC-Payload-Digest: {sha1(BODY)}"],
    "by digest in hex": [
        "WARC-Payload-Digest: SHA-1:" + hashlib.sha1(BODY, usedforsecurity=False).hexdigest()
    ],
    "by record": ["WARC-Refers-To: <urn:uuid:first>"],
    "by address and time": [
        f"WARC-Refers-To-Target-URI: <{URL}>",
        "WARC-Refers-To-Date: 2020-01-02T03:04:05.000Z",
    ],
    "by time": ["WARC-Refers-To-Date: 2020-01-02T03:04:05Z"],
}
by_every_reference = pytest.mark.parametrize("refers", REFERENCES.values(), ids=REFERENCES)


def revisit(*headers, url=URL, profile=SAME, line="HTTP/1.1 200 OK", block=None):
    whole = http(b"", "Content-Type: text/html", line=line) if block is None else block
    return record("revisit", url, whole, f"WARC-Profile: {profile}", f"WARC-Date: {LATER}",
                  *headers, version="1.1")  # fmt: skip


@pytest.fixture
def write(tmp_path):
    def written(name, *records):
        path = tmp_path / name
        path.write_bytes(packed(*records))
        return path

    return written


@pytest.fixture
def db(tmp_path):
    return tmp_path / "a.db"


def payloads(captures):
    return [(capture.captured_at, capture.payload) for capture in captures]


BOTH = [("2020-01-02T03:04:05.000Z", BODY), (LATER.replace("Z", ".000Z"), BODY)]


@by_every_reference
def test_in_the_same_file_before_and_behind(db, write, tmp_path, refers):
    captures, counts = imported(db, write("a.warc.gz", ORIGINAL, revisit(*refers)))
    assert payloads(captures) == BOTH
    assert {c.outcome for c in captures} == {"ok"}
    assert counts["revisits resolved"] == 1
    behind, _ = imported(tmp_path / "b.db", write("b.warc.gz", revisit(*refers), ORIGINAL))
    assert payloads(behind) == BOTH[::-1] or payloads(behind) == BOTH


@by_every_reference
def test_in_another_file_given_earlier_or_later(db, write, tmp_path, refers):
    first, second = write("a.warc.gz", ORIGINAL), write("b.warc.gz", revisit(*refers))
    assert payloads(imported(db, first, second)[0]) == BOTH
    assert sorted(payloads(imported(tmp_path / "b.db", second, first)[0])) == BOTH


@pytest.mark.parametrize("name", ["by digest", "by address and time", "by time"])
def test_in_a_file_that_came_in_by_an_earlier_command(db, write, name):
    imported(db, write("a.warc.gz", ORIGINAL))
    captures, _ = imported(db, write("b.warc.gz", revisit(*REFERENCES[name])))
    assert payloads(captures) == BOTH


def test_of_another_address(db, write):
    other = revisit(REFERENCES["by digest"][0], url="http://mirror.test/copy.html")
    captures, _ = imported(db, write("a.warc.gz", ORIGINAL, other))
    assert [(c.url, c.payload) for c in captures] == [
        (URL, BODY), ("http://mirror.test/copy.html", BODY),
    ]  # fmt: skip


def test_an_original_that_is_nowhere_is_a_row_that_says_so(db, write):
    lost = write("b.warc.gz", revisit(f"WARC-Payload-Digest: {sha1(b'lost')}"))
    for _ in range(2):
        (capture,), counts = imported(db, lost)
        assert (capture.outcome, capture.payload) == ("revisit", None)
        assert "in none of the files and not in the archive" in capture.error
        assert counts["revisits never resolved"] == 1


def test_an_original_that_comes_with_a_later_command_mends_it(db, write):
    """Facts stay as they are: the row that says it was not found, and one that has the bytes."""
    first, second = (
        write("a.warc.gz", ORIGINAL),
        write("b.warc.gz", revisit(*REFERENCES["by time"])),
    )
    imported(db, second)
    imported(db, first)
    captures, _ = imported(db, second)
    assert [c.outcome for c in captures] == ["revisit", "ok", "ok"]
    assert imported(db, first, second)[0] == captures


def test_not_modified_is_an_unchanged_capture(db, write):
    bare = revisit("WARC-Refers-To: <urn:uuid:first>", profile=UNCHANGED, block=b"")
    answered = revisit(profile=UNCHANGED, line="HTTP/1.1 304 Not Modified", url=URL + "?2")
    captures, _ = imported(db, write("a.warc.gz", ORIGINAL, bare, answered))
    assert [(c.outcome, c.status) for c in captures] == [
        ("ok", 200), ("unchanged", 304), ("unchanged", 304),
    ]  # fmt: skip


def test_the_same_page_again_needs_no_text_of_its_own(db, write):
    """A revisit has the context of its original, so that nothing is derived twice."""
    captures, _ = imported(db, write("a.warc.gz", ORIGINAL, revisit(REFERENCES["by digest"][0])))
    assert captures[0].context_sha256() == captures[1].context_sha256()


def test_a_reference_to_other_bytes_than_its_digest_says_is_reported(db, write):
    wrong = [f"WARC-Payload-Digest: {sha1(b'other')}", *REFERENCES["by address and time"]]
    told = []
    imported(db, write("a.warc.gz", ORIGINAL))
    captures, counts = imported(db, write("b.warc.gz", revisit(*wrong)), told=told)
    assert dict(captures[1].claims)["digest_check"] == "differs"
    assert counts["digest:differs"] == 1
    assert told


def test_what_was_left_out_is_not_missing(db, write):
    picture = response(URL, BODY, "Content-Type: application/http;msgtype=response")
    path = write("a.warc.gz", picture.replace(b"text/html", b"image/gif"),
                 revisit(REFERENCES["by digest"][0], block=b""))  # fmt: skip
    captures, counts = imported(db, path, wanted=wanted(None, "html"))
    assert captures == []
    assert counts["passed over: records left out as asked"] == 2
    assert counts["revisits never resolved"] == 0


def test_originals_that_a_limit_cut_off_are_not_called_missing(db, write):
    path = write("a.warc.gz", ORIGINAL, revisit(REFERENCES["by digest"][0]))
    captures, counts = imported(db, path, limit=1)
    assert (len(captures), counts["revisits never resolved"]) == (1, 0)
    captures, _ = imported(db, path, limit=1)
    assert payloads(captures) == BOTH
