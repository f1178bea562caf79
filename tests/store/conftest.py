"""An archive in a temporary folder, empty or filled."""

from __future__ import annotations

import pytest
from store.made_up import answer, derivation_of

from archive.model import Capture
from archive.store import Archive


@pytest.fixture
def path(tmp_path):
    return tmp_path / "demo.db"


@pytest.fixture
def archive(path):
    with Archive.open(path, create=True) as opened:
        yield opened


@pytest.fixture
def filled(archive):
    """An archive of three captures with texts, a failure and a redirect."""
    with archive.run("crawl", arguments={"db": "demo.db"}) as run:
        for number in range(3):
            run.text(run.capture(answer(number)), derivation_of(answer(number)))
        run.capture(Capture(url="http://gone.test/", outcome="dns", error="no such host"))
        run.capture(
            answer(9, status=301, payload=b"", redirect_to="http://www.demo.test/report/0.html")
        )
    return archive


@pytest.fixture
def closed(filled, path):
    """The path of a filled archive that nobody has open."""
    filled.close()
    return path
