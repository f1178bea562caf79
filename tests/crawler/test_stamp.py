"""`baogao stamp` asks an authority on loopback, with the crawler's own guarded client."""

from __future__ import annotations

import pytest
from store.made_up import answer
from tsa import Authority, refusal

from archive.errors import StorageError, UsageError
from archive.store import Archive
from archive.store.stamps import Trust, checked
from crawler.stamping import stamp

SAID = "2026-01-02T03:04:05.000Z"


@pytest.fixture(scope="module")
def authority():
    return Authority()


@pytest.fixture
def db(tmp_path):
    path = tmp_path / "demo.db"
    with Archive.open(path, create=True) as archive, archive.run("crawl") as run:
        run.capture(answer())
    return path


def body_of(handler):
    return handler.rfile.read(int(handler.headers["Content-Length"]))


def test_a_head_is_stamped_and_the_answer_kept(apart, serve, authority, db, tmp_path):
    def answered(handler):
        assert handler.command == "POST"
        assert handler.headers["Content-Type"] == "application/timestamp-query"
        kind = {"Content-Type": "application/timestamp-reply"}
        return 200, kind, authority.answer(body_of(handler))

    server = serve({("tsa.test", "/tsr"): answered})
    address = f"http://tsa.test:{server.port}/tsr"
    head, said_at = apart(stamp, db, address, settings={"DERIVE_WORKERS": 0})
    assert said_at == SAID
    assert server.paths == ["/robots.txt", "/tsr"]
    root = tmp_path / "root.pem"
    root.write_bytes(authority.root_pem)
    with Archive.open(db, read_only=True) as archive:
        (kept,) = archive.time_stamps()
        assert (kept["ledger_hash"], kept["server"], kept["in_ledger"]) == (head, address, 1)
        assert checked(kept, Trust(root)).existed_at == SAID
        verification = archive.verification(known_head=head, trust=Trust(root))
        assert list(verification.findings()) == []
        assert archive.connection.execute("SELECT count(*) FROM captures").fetchone() == (1,)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ((200, {}, b"<html>Please pay</html>"), "this is not a time-stamp"),
        ((200, {}, refusal()), "the authority refused: not today"),
        ((403, {}, b"no"), "403"),
    ],
)
def test_what_is_no_time_stamp_is_not_kept(apart, serve, db, reply, words):
    server = serve({("tsa.test", "/"): lambda handler: (body_of(handler), reply)[1]})
    with pytest.raises(StorageError, match=words):
        apart(stamp, db, f"http://tsa.test:{server.port}/", settings={"DERIVE_WORKERS": 0})
    with Archive.open(db, read_only=True) as archive:
        assert list(archive.time_stamps()) == []
        reason = "SELECT reason FROM run_ends ORDER BY run_id DESC"
        assert archive.connection.execute(reason).fetchone() == ("failed: StorageError",)


@pytest.mark.parametrize(
    ("address", "words"),
    [("ftp://tsa.test/", "not an http"), ("https://tsa.example.org/", "a contact is required")],
)
def test_what_cannot_be_asked_changes_nothing(db, address, words):
    before = db.read_bytes()
    with pytest.raises(UsageError, match=words):
        stamp(db, address, settings={})
    assert db.read_bytes() == before
