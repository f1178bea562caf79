"""Worker processes: the same text as in this process, and no page that can stop a crawl."""

import asyncio
import sys
from pathlib import Path

import pytest

from archive import Capture, derive
from crawler.deriving import DerivationFailedError, Derivers

PAGE = (
    "<html><body><h1>政府工作报告</h1>" + "<p>各位代表，现在报告工作。</p>" * 30 + "</body></html>"
)
CAPTURE = Capture.from_bytes(PAGE.encode(), url="http://a.test/1.html")


def run(derivers, *captures):
    async def all_of_them():
        made = (derivers.derive(capture) for capture in captures)
        return await asyncio.gather(*made, return_exceptions=True)

    try:
        return asyncio.run(all_of_them())
    finally:
        derivers.close()


def test_a_worker_makes_the_same_derivation():
    texts = run(Derivers(2), *[CAPTURE] * 4)
    assert texts == [derive(CAPTURE)] * 4


def program(words):
    return [sys.executable, "-c", words]


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("import time; time.sleep(30)", "derive_timeout"),
        ("import os; os._exit(3)", "derive_crash"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "derive_crash"),
        ("import sys; sys.stdout.buffer.write(bytes(8) + b'x')", "derive_crash"),
        ("import sys; sys.stdout.buffer.write(b'short')", "derive_crash"),
    ],
)
def test_a_worker_that_hangs_or_dies_costs_its_page_only(words, outcome):
    derivers = Derivers(1, deadline_s=1.0, command=program(words))
    for error in run(derivers, CAPTURE, CAPTURE):
        assert isinstance(error, DerivationFailedError)
        assert error.outcome == outcome


def test_a_page_that_cannot_be_derived_is_told_and_the_worker_lives_on():
    failed, made = run(Derivers(1), Capture(url="http://a.test/"), CAPTURE)
    assert failed.outcome == "derive_error"
    assert "has no text" in str(failed)
    assert made == derive(CAPTURE)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc to see processes")
def test_no_worker_is_left_behind():
    before = set(Path("/proc").iterdir())
    run(Derivers(2), CAPTURE, CAPTURE)
    new = [place / "cmdline" for place in set(Path("/proc").iterdir()) - before]
    assert not any(b"crawler.deriving" in c.read_bytes() for c in new if c.exists())
