"""A server that means harm: its answers are noted, the crawl goes on, and the log stays readable.

`bench/bench_hostile.py` tries all answers of `hostile.answers`, among them those without end.
"""

import socket

import pytest
from hostile import targets
from hostile.answers import ANSWERS, CODED, ENDLESS, KINDS
from hostile.network import crawl
from hostile.terminal import obeyed

FEW = {
    name: each
    for kind in KINDS.values()
    for number, (name, each) in enumerate(kind.items())
    if number % 4 == 0 and kind is not ENDLESS
}


@pytest.fixture(scope="module")
def crawled(tmp_path_factory):
    few = {**FEW, **CODED, "a refresh to nowhere": ANSWERS["body 20"],
           "a coding that is logged": ANSWERS["header 19"]}  # fmt: skip
    return few, crawl(tmp_path_factory.mktemp("hostile"), {n: wire for n, (wire, _) in few.items()})


def test_whatever_is_answered_is_noted_and_the_crawl_goes_on(crawled):
    few, seen = crawled
    assert seen.exit_code == 0
    wrong = {
        name: seen.outcomes.get(name)
        for name, (_, expected) in few.items()
        if name not in seen.outcomes or (expected and seen.outcomes[name] not in expected)
    }
    assert wrong == {}
    assert set(seen.after.values()) == {"ok"}
    assert len(seen.after) == len(few), "the page behind each was fetched"
    assert seen.peak_mb < 500


def test_no_server_writes_a_traceback_into_the_log(crawled):
    _, seen = crawled
    assert "Traceback" not in seen.said
    assert obeyed(seen.said) == []


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("gzip with garbage behind", "18 bytes follow the end of the gzip"),
        ("deflate with garbage behind", "7 bytes follow the end of the deflate"),
        ("gzip with zeros behind", ""),
        ("gzip of two members", ""),
        ("gzip without end", "the gzip has no end"),
    ],
)
def test_what_is_wrong_with_the_end_of_a_body_is_reported(crawled, name, told):
    assert crawled[1].errors[name] == told


def test_nothing_that_leads_inside_is_followed(tmp_path):
    """Names, numbers and notations of this machine: a listener there is never asked."""
    seen, knocked, count = targets.crawl_of(tmp_path, targets.TARGETS[::6])
    assert knocked == []
    assert len(seen.outcomes) == count > len(targets.TARGETS[::6])
    assert set(seen.after.values()) == {"ok"}
    assert (seen.exit_code, "Traceback" in seen.said) == (0, False)


def test_the_listener_notes_who_asks():
    with targets.canary() as (port, knocked), socket.create_connection(("127.0.0.1", port)) as one:
        one.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert one.recv(12) == b"HTTP/1.1 200"
    assert knocked == ["GET / HTTP/1.1\r\n\r\n"]
