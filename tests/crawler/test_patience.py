"""How a host that fails, refuses or asks for time is treated."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from archive import Capture
from crawler.leases import LONGEST_LEFT_S, Holder
from crawler.patience import (
    ATTEMPTS,
    FAILURES,
    IN_HAND,
    LEFT_ALONE_S,
    REFUSALS,
    Patience,
    retry_after_s,
)


def answer(outcome="ok", status=200, **headers):
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Capture(url="http://a.test/", outcome=outcome, status=status, response_headers=pairs)


def test_what_is_done_is_done():
    patience = Patience(1.0)
    for outcome in ("ok", "redirect", "unchanged", "gone", "robots", "forbidden_address"):
        assert patience.after("a.test", answer(outcome), 0) is None


@pytest.mark.parametrize(("outcome", "status"), [("blocked", 403), ("truncated", 200), ("ok", 503)])
def test_what_a_web_archive_keeps_says_nothing_of_the_archive(outcome, status):
    patience = Patience(1.0)
    kept = replace(answer(outcome, status), origin="wayback")
    assert {patience.after("a.test", kept, 0) for _ in range(FAILURES)} == {None}
    assert not patience.has_given_up("a.test")


def test_a_failure_is_tried_three_times_ever_later():
    patience = Patience(1.0)
    waits = [patience.after("a.test", answer("timeout", None), n) for n in range(ATTEMPTS)]
    assert waits == [5.0, 20.0, -1.0]


def test_a_host_that_refuses_is_left_alone_and_its_pages_stay_due():
    patience = Patience(1.0)
    waits = [patience.after("a.test", answer("blocked", 412), 0) for _ in range(REFUSALS)]
    assert waits == [*[-1.0] * (REFUSALS - 1), LEFT_ALONE_S]
    assert patience.has_given_up("a.test")
    assert patience.reasons() == ["a.test refuses us: status 412"]
    assert not patience.has_given_up("b.test")


def test_an_answer_between_refusals_starts_the_count_again():
    patience = Patience(1.0)
    for _ in range(FAILURES):
        patience.after("a.test", answer("blocked", 403), 0)
        patience.after("a.test", answer(), 0)
    assert not patience.has_given_up("a.test")


def test_tls_that_is_refused_is_not_tried_again_in_this_crawl():
    patience = Patience(1.0)
    waits = [patience.after("a.test", answer("tls", None), 0) for _ in range(FAILURES)]
    assert waits == [-1.0] * FAILURES
    assert patience.has_given_up("a.test")


def test_a_host_that_fails_again_and_again_is_left_alone():
    patience = Patience(1.0)
    for _ in range(FAILURES):
        patience.after("a.test", answer("dns", None), 0)
    assert patience.has_given_up("a.test")


def test_a_robots_txt_that_cannot_be_read_never_fails_a_page_for_good():
    patience = Patience(1.0)
    assert patience.after("a.test", answer("robots_unreadable", None), ATTEMPTS - 1) == 5.0
    assert patience.has_given_up("a.test"), "for this crawl; the next one tries again"


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still until a test moves it."""
    now = [1000.0]
    monkeypatch.setattr("crawler.patience.monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_holds_the_whole_host(clock, status):
    patience = Patience(1.0)
    outcome = "blocked" if status == 429 else "http"
    assert patience.after("a.test", answer(outcome, status, Retry_After="30"), 0) == 30.0
    assert patience.wait_s("a.test") == 30
    assert patience.holds("a.test")
    assert patience.wait_s("b.test") <= 0
    assert not patience.holds("b.test")
    clock[0] += 30.1
    assert patience.wait_s("a.test") <= 0
    assert not patience.holds("a.test")


@pytest.mark.parametrize(
    ("words", "seconds"), [("0", 0), ("120", 120), ("9" * 40, 1e6), ("soon", None), ("", None)]
)
def test_retry_after_in_seconds(words, seconds):
    assert retry_after_s(answer(Retry_After=words)) == seconds


def test_retry_after_as_a_date():
    words = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert 60 < retry_after_s(answer(Retry_After=words)) <= 90
    assert retry_after_s(answer(Retry_After="Wed, 21 Oct 2015 07:28:00 GMT")) == 0
    assert retry_after_s(answer(Retry_After="Wed, 21 Oct 2015 07:28:00 -0000")) == 0
    assert retry_after_s(answer(Retry_After="Fri, 31 Dec 9999 23:59:59 GMT")) == LONGEST_LEFT_S
    assert retry_after_s(answer(Retry_After="Fri, 31 Dec 99999999999 23:59:59 GMT")) is None


def test_a_host_that_asks_for_more_than_a_crawl_waits_is_left_until_then(clock):
    patience = Patience(1.0, longest_wait_s=60)
    patience.after("a.test", answer("http", 503, Retry_After="60"), 0)
    assert patience.may_be_asked_soon("a.test")
    assert patience.reasons() == []
    patience.after("a.test", answer("http", 503, Retry_After="61"), 0)
    assert not patience.may_be_asked_soon("a.test")
    assert "a.test asks to be left alone until 20" in patience.reasons()[0]
    clock[0] += 2
    assert patience.may_be_asked_soon("a.test"), "where the crawl still goes on with other hosts"


def test_crawl_delay_spaces_requests_out(clock):
    patience = Patience(1.0)
    assert patience.wait_s("a.test") <= 0
    patience.space_out("a.test", 10)
    assert patience.wait_s("a.test") == 10
    clock[0] += 12
    assert patience.wait_s("a.test") <= 0
    patience.sent("a.test")
    assert patience.wait_s("a.test") == 10
    assert not patience.holds("a.test"), "what is handed out may go; no more is handed out"


def test_one_request_is_in_hand_until_robots_txt_has_asked_for_nothing():
    patience = Patience(1.0)
    assert patience.in_hand("a.test") == 1
    patience.space_out("a.test", 10)
    assert patience.in_hand("a.test") == 1
    patience.space_out("b.test", None)
    assert patience.in_hand("b.test") == IN_HAND


def test_a_stranger_has_the_host_and_our_own_other_site_is_waited_for():
    patience = Patience(1.0)
    patience.occupied("a.test", Holder("elsewhere", 7, "x"))
    assert patience.reasons() == ["a.test is being crawled by process 7 on elsewhere for x"]
    patience.occupied("b.test", Holder.here("y"))
    assert not patience.has_given_up("b.test")
    assert patience.wait_s("b.test") > 0
