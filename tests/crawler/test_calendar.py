"""`baogao stamp --calendar` and `--upgrade` ask a calendar on loopback."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from store.made_up import answer

from archive.errors import StorageError
from archive.store import Archive
from archive.store.stamps import Trust, checked
from crawler.cli import main
from crawler.stamping import Upgraded, enter, upgrade

pytest.importorskip("opentimestamps", reason="the extra `opentimestamps` is not installed")
from ots import MINED, Calendar

from archive.open_timestamps import block_headers

SETTINGS = {"DERIVE_WORKERS": 0}


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "demo.db"
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        run.capture(answer())
    return path


class Served:
    """A calendar on loopback; `is_ready` says whether it has the rest of its proofs."""

    def __init__(self, serve, named="http://calendar.test:{port}"):
        self.is_ready, self.given = True, []
        self.server = serve({})
        self.uri = f"http://calendar.test:{self.server.port}"
        self.calendar = Calendar(named.format(port=self.server.port))
        self.server.answers[("calendar.test", "/digest")] = self.take

    def take(self, handler):
        assert handler.command == "POST"
        digest = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.given.append(digest)
        place = f"/timestamp/{self.calendar.commitment(digest).hex()}"
        self.server.answers[("calendar.test", place)] = self.have
        return 200, {"Content-Type": "application/octet-stream"}, self.calendar.taken(digest)

    def have(self, handler):
        if not self.is_ready:
            return 404, {}, b"Pending confirmation in Bitcoin blockchain"
        commitment = bytes.fromhex(handler.path.rsplit("/", 1)[1])
        return 200, {"Content-Type": "application/octet-stream"}, self.calendar.rest(commitment)


def test_a_head_is_entered_and_its_proof_upgraded(apart, serve, db):
    served = Served(serve)
    head = apart(enter, db, served.uri, settings=SETTINGS)
    assert served.server.paths == ["/robots.txt", "/digest"]
    served.is_ready = False
    waiting = apart(upgrade, db, settings=SETTINGS)
    assert (waiting.completed, len(waiting.waiting)) == (0, 1)
    assert "no block yet" in waiting.waiting[0]
    served.is_ready = True
    assert apart(upgrade, db, settings=SETTINGS).completed == 1
    before = list(served.server.paths)
    assert upgrade(db, settings=SETTINGS) == Upgraded(0, ())
    assert served.server.paths == before, "a complete proof is not asked for again"
    (digest,) = served.given
    header = served.calendar.header(served.calendar.commitment(digest))
    with Archive.open(db, read_only=True) as archive:
        first, second = archive.time_stamps()
        assert (first["ledger_hash"], second["ledger_hash"]) == (head, head)
        found = checked(second, Trust(headers=tuple(block_headers(header))))
        assert (found.result, found.existed_at) == ("ok", MINED)
        failed = [one for one in archive.verification().findings() if one.result == "failed"]
        assert failed == []


def test_what_is_no_proof_is_not_kept(apart, serve, db):
    def page(handler):
        handler.rfile.read(int(handler.headers["Content-Length"]))
        return 200, {}, b"<html>Please pay</html>"

    server = serve({("calendar.test", "/digest"): page})
    with pytest.raises(StorageError, match="this is not a proof"):
        apart(enter, db, f"http://calendar.test:{server.port}", settings=SETTINGS)
    with Archive.open(db, read_only=True) as archive:
        assert list(archive.time_stamps()) == []


def test_a_calendar_that_names_this_machine_is_not_followed(apart, serve, db):
    inner = serve({})
    served = Served(serve, named=f"http://localhost:{inner.port}")
    apart(enter, db, served.uri, settings=SETTINGS)
    waiting = apart(upgrade, db, settings=SETTINGS)
    assert "was not asked" in waiting.waiting[0]
    assert inner.paths == []


@pytest.mark.parametrize(
    "options", [(), ("--tsa", "http://a.test/", "--upgrade"), ("--calendar", "ftp://a.test/")]
)
def test_what_cannot_be_asked_changes_nothing(db, options):
    before = db.read_bytes()
    result = CliRunner().invoke(main, ["stamp", str(db), *options])
    assert (result.exit_code, result.output.count("\n")) == (2, 1), result.output
    assert db.read_bytes() == before
