"""Derivation in worker processes: the same text as in this process."""

import asyncio
import sys

import pytest

from archive import Capture, derive
from archive.errors import WorkFailedError
from crawler.derive_workers import DeriveWorkers

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
    texts = run(DeriveWorkers(2), *[CAPTURE] * 4)
    assert texts == [derive(CAPTURE)] * 4


@pytest.mark.parametrize("workers", [0, 1])
def test_a_worker_that_was_started_before_is_the_one_that_derives(workers):
    derivers = DeriveWorkers(workers)
    derivers.start()
    derivers.start()
    assert run(derivers, CAPTURE) == [derive(CAPTURE)]


@pytest.mark.parametrize("workers", [0, 1])
def test_a_page_that_cannot_be_derived_is_reported_and_the_worker_lives_on(workers):
    failed, made = run(DeriveWorkers(workers), Capture(url="http://a.test/"), CAPTURE)
    assert failed.how == "error"
    assert "has no text" in str(failed)
    assert made == derive(CAPTURE)


def test_a_worker_that_hangs_costs_its_page_only():
    serving = (
        "import time; from archive.workers import *; serve(lambda _: time.sleep(30), Limits())"
    )
    hanging = [sys.executable, "-c", serving]
    for error in run(DeriveWorkers(1, patience_s=0.5, command=hanging), CAPTURE, CAPTURE):
        assert isinstance(error, WorkFailedError)
        assert error.how == "timeout"
