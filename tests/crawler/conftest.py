"""Crawls run in a process of their own, because a Twisted reactor runs once."""

import pytest

from crawler.run import crawl


@pytest.fixture(scope="session")
def crawl_apart(apart):
    """`crawler.run.crawl` in a fresh process; texts are made there too, unless settings differ."""

    def run(db, names, *, settings, **keywords):
        return apart(crawl, db, names, settings={"DERIVE_WORKERS": 0} | settings, **keywords)

    return run
