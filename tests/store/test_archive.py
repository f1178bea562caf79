"""The archive keeps every attempt, gives it back unchanged, and says plainly what it cannot do."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace

import pytest
from store.made_up import RULESET, answer, derivation_of, page

from archive.errors import (
    BrokenLawError,
    NewerDatabaseError,
    NotOurDatabaseError,
    StorageError,
    UsageError,
)
from archive.model import Capture, Span, sha256
from archive.store import Archive


def rows(archive, select, *values):
    return archive.connection.execute(select, values).fetchall()


def test_a_capture_comes_back_as_it_was(archive):
    given = answer(
        elapsed_ms=12, ip="127.0.0.1", certificate_sha256="c" * 64,
        certificate_chain="-----BEGIN CERTIFICATE-----\n",
        response_head="HTTP/1.1 200 OK\r\nX: caf\xe9\r\n\r\n", wire_sha256="a" * 64,
        wire_bytes=99, content_encoding="br", filename="a.html", member="1", method="POST",
        redirect_to="http://www.demo.test/", request_headers=(("Accept", "*/*"),),
    )  # fmt: skip
    with archive.run("crawl") as run:
        capture_id = run.capture(given)
    assert archive.capture(capture_id) == given
    assert archive.payload(sha256(page())) == page()


def test_an_empty_payload_is_a_payload(archive):
    with archive.run("crawl") as run:
        capture_id = run.capture(answer(payload=b""))
    assert archive.capture(capture_id).payload == b""


def test_a_failure_is_a_row_with_a_reason(filled):
    assert rows(filled, "SELECT url, outcome, error FROM failures") == [
        ("http://gone.test/", "dns", "no such host")
    ]


def test_a_failure_without_words_is_told_by_its_name(archive):
    with archive.run("crawl") as run:
        capture_id = run.capture(Capture(url="http://slow.test/", outcome="timeout"))
    assert archive.capture(capture_id).error == "timeout"


def test_a_redirect_is_a_row(filled):
    assert rows(
        filled,
        "SELECT url FROM redirects JOIN pages ON pages.id = redirects.page_id",
    ) == [("http://www.demo.test/report/0.html",)]


def test_one_payload_is_stored_once_and_a_repeated_one_is_a_revisit(archive):
    with archive.run("crawl") as run:
        first = run.capture(answer())
        again = run.capture(answer())
        elsewhere = run.capture(answer(url="http://other.test/"))
        changed = run.capture(answer(payload=page(7)))
        unchanged = run.capture(answer(status=304, payload=None))
    assert dict(rows(archive, "SELECT id, revisit_of FROM captures")) == {
        first: None, again: first, elsewhere: None, changed: None, unchanged: changed,
    }  # fmt: skip
    assert rows(archive, "SELECT count(*) FROM payloads") == [(2,)]


def test_pages_are_addressed_by_percent_encoded_url_without_secrets(archive):
    url = "http://user:pass@WWW.Demo.test:80/报告?q=年#top"
    with archive.run("crawl") as run:
        capture_id = run.capture(answer(url=url))
    assert rows(archive, "SELECT url, surt, host FROM pages") == [
        ("http://www.demo.test/%E6%8A%A5%E5%91%8A?q=%E5%B9%B4",
         "test,demo)/%E6%8A%A5%E5%91%8A?q=%E5%B9%B4", "www.demo.test")
    ]  # fmt: skip
    assert archive.capture(capture_id).url == "http://WWW.Demo.test:80/报告?q=年#top"


def test_no_credential_reaches_the_file(archive, path):
    secret = "hunter2"  # noqa: S105
    toml = f'proxy = "http://me:{secret}@proxy.test:1"\nAuthorization = "Basic {secret}"\n'
    with archive.run(
        "crawl",
        arguments={
            "proxy": f"http://me:{secret}@proxy.test:1", "password": secret,
            "headers": {"Cookie": secret}, "argv": [f"--header=Cookie: {secret}"], "delay": 1.5,
        },
        sites=[("demo", toml)],
    ) as run:  # fmt: skip
        run.capture(
            answer(
                url=f"http://me:{secret}@www.demo.test/",
                request_headers=(("Authorization", secret), ("cookie", f"a={secret}"),
                                 ("Proxy-Authorization", secret)),
                response_headers=(("Set-Cookie", f"sid={secret}; Path=/"),
                                  ("Location", f"http://me:{secret}@x.test/")),
                error=f"proxy http://me:{secret}@proxy.test refused",
                redirect_to=f"http://me:{secret}@x.test/",
            )
        )  # fmt: skip
    archive.close()
    assert secret.encode() not in path.read_bytes()
    with Archive.open(path) as again:
        (arguments,) = rows(again, "SELECT arguments_json FROM runs")[0]
        assert json.loads(arguments)["delay"] == 1.5
        assert again.capture(1).response_headers[0] == ("Set-Cookie", "sid=")


@pytest.mark.parametrize(
    ("header", "value", "kept"),
    [
        ("Set-Cookie", "hunter2", "redacted"),
        ("Set-Cookie", "hunter2; Path=/; Max-Age=9", "redacted"),
        ("Set-Cookie", "=hunter2; Path=/", "="),
        ("Set-Cookie", ";hunter2=1", "redacted"),
        ("Set-Cookie", " sid = hunter2 ; Path=/", "sid="),
        ("Set-Cookie", "a=1, hunter2; Path=/", "a="),
        ("set-cookie ", "hunter2; Path=/", "redacted"),
        ("SET-COOKIE", "sid=hunter2=hunter2", "sid="),
        ("Set-Cookie2", "hunter2; Version=1", "redacted"),
        ("Set-Cookie2", "sid=hunter2; Version=1", "sid="),
        ("Cookie", "hunter2", "redacted"),
        ("Cookie2", "hunter2=1", "redacted"),
    ],
)
def test_a_cookie_keeps_its_name_at_most(archive, path, header, value, kept):
    with archive.run("crawl") as run:
        run.capture(answer(response_headers=((header, value),), request_headers=((header, value),)))
    assert archive.capture(1).response_headers == ((header, kept),)
    archive.close()
    assert b"hunter2" not in path.read_bytes()


def test_hostile_strings_are_kept_as_far_as_utf8_can(archive):
    with archive.run("backfill", arguments={"path": "\udcff"}) as run:
        capture = answer(filename="\udce4.txt", error="\ud800", url="http://[broken/\udc80")
        capture_id = run.capture(capture)
        run.text(capture_id, derivation_of(capture))
    assert archive.capture(capture_id).filename == "\\udce4.txt"


def test_a_text_is_stored_with_all_its_pieces(filled):
    assert rows(filled, "SELECT * FROM broken_partition") == []
    (kept,) = rows(filled, "SELECT text FROM passages WHERE text_id = 1 AND seq = 2")[0]
    assert kept == "省委作报告"
    assert filled.clean_text(1) == derivation_of(answer(0)).text
    assert rows(
        filled, "SELECT rule, action, words, host FROM removed WHERE text_id = 1"
    ) == [("site-navigation", "drop", "网站导航\n", "www.demo.test"),
          ("hijack", "replace", "必赢体育", "www.demo.test")]  # fmt: skip


def test_a_passage_is_traced_to_the_bytes_it_came_from(filled):
    found = rows(
        filled,
        "SELECT passage, url, payload_sha256, ruleset FROM trace WHERE passage LIKE '%省委%'",
    )
    assert found[0] == (
        "省委作报告", "http://www.demo.test/report/0.html", sha256(page(0)), RULESET,
    )  # fmt: skip


def test_the_same_text_is_stored_once(filled):
    with filled.run("rederive") as run:
        assert run.text(1, derivation_of(answer(0))) == 1
        assert run.counts == {"texts:known": 1}
    assert rows(filled, "SELECT count(*) FROM texts") == [(3,)]


def test_an_impure_derivation_is_reported(filled):
    with filled.run("rederive") as run:
        assert run.text(1, derivation_of(answer(0), year=1999)) == 1
    assert rows(filled, "SELECT name FROM alerts") == [("impure-1",)]


def test_old_and_new_derivations_stand_side_by_side(filled):
    new = sha256(b"newer rules")
    assert [number for number, _ in filled.captures_to_derive(new)] == [1, 2, 3]
    with filled.run("rederive") as run:
        for capture_id, capture in filled.captures_to_derive(new):
            derivation = derivation_of(capture, ruleset=new)
            if capture_id > 1:
                derivation = replace(derivation, confidence=0.25)
            run.text(capture_id, derivation)
    assert list(filled.captures_to_derive(new)) == []
    assert rows(filled, "SELECT ruleset_id, text_id FROM text_rulesets ORDER BY 1, 2") == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 4), (2, 5),
    ]  # fmt: skip
    current = "SELECT id, is_current FROM current_texts ORDER BY id"
    assert rows(filled, current) == [(1, 1), (4, 1), (5, 1)]
    assert list(filled.changes(2)) == []  # other rules, the same clean text


def test_changes_tells_what_other_rules_made_of_a_text(filled):
    with filled.run("rederive") as run:
        newer = replace(derivation_of(answer(0), ruleset=sha256(b"newer")), visible="二〇二四\n",
                        spans=(Span(0, 5, "keep", "text", "body"),), flags=())  # fmt: skip
        text_id = run.text(1, newer)
    assert list(filled.changes(run.id)) == [{
        "url": "http://www.demo.test/report/0.html", "text_id": text_id, "old_text_id": 1,
        "chars_before": len(derivation_of(answer(0)).text), "chars_after": 5,
    }]  # fmt: skip


def test_a_derivation_of_something_else_is_refused(filled):
    with filled.run("rederive") as run:
        with pytest.raises(BrokenLawError, match="payload of capture 1"):
            run.text(1, derivation_of(answer(1)))
        with pytest.raises(BrokenLawError, match="another context"):
            run.text(1, derivation_of(answer(0, site=None)))
        with pytest.raises(BrokenLawError, match="payload of capture 4"):
            run.text(4, derivation_of(answer(0)))


def test_a_run_tells_its_end_also_when_it_fails(archive):
    with pytest.raises(RuntimeError), archive.run("crawl") as run:
        run.capture(answer())
        assert rows(archive, "SELECT id FROM unfinished_runs") == [(1,)]
        raise RuntimeError("http://me:hunter2@x.test/")
    ((reason, error, counts),) = rows(archive, "SELECT reason, error, counts_json FROM run_ends")
    assert (reason, error) == ("failed: RuntimeError", "http://x.test/")
    assert json.loads(counts) == {"captures": 1, "captures:ok": 1}
    assert rows(archive, "SELECT id FROM unfinished_runs") == []


def test_a_batch_is_all_or_nothing(archive):
    with archive.run("backfill") as run:
        with pytest.raises(KeyError), run.batch():
            run.capture(answer())
            raise KeyError
        assert run.counts == {}
        with run.batch():
            run.capture(answer())
            with run.batch():
                run.capture(answer(1))
    assert rows(archive, "SELECT count(*) FROM captures") == [(2,)]
    assert rows(archive, "SELECT count(*) FROM ledger") == [(3,)]  # start, batch, end


def test_what_fails_inside_a_batch_leaves_nothing_and_the_batch_goes_on(archive):
    with archive.run("backfill") as run, run.batch():
        run.capture(answer())
        with pytest.raises(BrokenLawError):
            run.capture(answer(1, origin="nowhere"))  # refused by the table, after its page
        run.capture(answer(2))
    assert rows(archive, "SELECT url FROM pages") == [
        ("http://www.demo.test/report/0.html",), ("http://www.demo.test/report/2.html",),
    ]  # fmt: skip
    assert run.counts["captures"] == 2
    assert list(archive.verification().findings()) == []


def test_works_and_summary(filled):
    assert filled.collate()["works"] == 1
    assert next(filled.works())["work"] == "990100-2024"
    copies = list(filled.witnesses("990100-2024"))
    assert [copy["rank"] for copy in copies] == [1, 2, 3]
    assert copies[0]["text"] == filled.clean_text(copies[0]["text_id"])
    told = filled.summary(1)
    assert told["captures"] == [{"outcome": "ok", "captures": 4}, {"outcome": "dns", "captures": 1}]
    assert told["works"][0]["witnesses"] == 3
    assert told["removed"] == [{"rule": "site-navigation", "lines": 3, "characters": 15, "why": ""}]
    assert told["flags"] == [{"kind": "hijack", "flags": 3, "words": "必赢体育"}]
    assert told["ledger_head"] == filled.ledger_head()


def test_collating_again_keeps_the_ids_of_works(filled):
    filled.collate()
    before = rows(filled, "SELECT id FROM works")
    filled.collate()
    assert rows(filled, "SELECT id FROM works") == before
    assert rows(filled, "SELECT count(*) FROM witnesses") == [(3,)]


def test_has_and_validators(filled):
    url = "http://www.demo.test/report/0.html"
    (capture,) = [c for _, c in filled.captures(with_payload=True) if c.url == url]
    assert filled.has(capture)
    assert filled.has(replace(capture, outcome="derive_timeout"))
    assert not filled.has(replace(capture, payload=page(1)))
    assert not filled.has(replace(capture, url=url + "?"))
    assert not filled.has(replace(capture, claims=(("year", "2023"),)))
    assert not filled.has(replace(capture, payload=None, outcome="timeout"))
    assert filled.validators(url) == ('"0"', None, sha256(page(0)))
    assert filled.validators("http://nowhere.test/") is None


@pytest.mark.parametrize("words", [b"", b"SQLite format 3\x00", b"hello, this is a text", b"\x00"])
def test_what_is_no_archive_is_refused_in_one_sentence(path, words):
    path.write_bytes(words)
    with pytest.raises(NotOurDatabaseError) as caught:
        Archive.open(path)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == words


def test_another_database_is_refused_and_left_alone(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    before = path.read_bytes()
    for create in (True, False):
        with pytest.raises(NotOurDatabaseError, match="was not made by baogao"):
            Archive.open(path, create=create)
    assert path.read_bytes() == before


def test_a_newer_database_is_refused(archive, path):
    archive.connection.execute("PRAGMA user_version = 99")
    archive.close()
    with pytest.raises(NewerDatabaseError, match="upgrade with: pip"):
        Archive.open(path)


def test_missing_and_impossible_places(path, tmp_path):
    with pytest.raises(UsageError, match="no such database"):
        Archive.open(path)
    with pytest.raises(UsageError, match="is a folder"):
        Archive.open(tmp_path, create=True)
    with pytest.raises(UsageError, match="folder does not exist"):
        Archive.open(tmp_path / "no" / "demo.db", create=True)


def test_read_only_writes_nothing(filled, path):
    with Archive.open(path, read_only=True) as reader:
        assert len(list(reader.captures())) == 5
        with pytest.raises(StorageError, match="read-only"):
            reader.start_run("crawl")


def test_dropped_triggers_come_back_and_are_reported(archive, path):
    archive.connection.execute("DROP TRIGGER payloads_no_update")
    archive.close()
    with Archive.open(path) as again:
        assert "payloads_no_update" in rows(again, "SELECT detail FROM alerts")[0][0]
        with again.run("crawl") as run:
            run.capture(answer())
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            again.connection.execute("UPDATE payloads SET stored = x'00'")


def test_an_altered_table_is_refused(archive, path):
    archive.connection.execute("ALTER TABLE captures ADD COLUMN more TEXT")
    archive.close()
    with pytest.raises(BrokenLawError, match="table captures is altered"):
        Archive.open(path)
