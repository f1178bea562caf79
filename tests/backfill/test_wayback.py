"""`baogao backfill wayback` against a small archive that behaves, and fails, as real ones do."""

import base64
import hashlib
import json
import subprocess
import sys
import time
from datetime import datetime
from email.utils import formatdate
from urllib.parse import parse_qs, urlsplit

import pytest

from archive import Capture, UsageError
from crawler.backfill.mementos import address, checked, memento_time, read_index
from crawler.backfill.wayback import archive_site

PAGE = "http://www.known.test/zfgzbg/2019.html"
NAMES = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
KEY = "test,known,www)/zfgzbg/2019.html"


def body_of(words):
    prose = f"现在，我代表示范县人民政府，向大会报告{words}工作，请予审议。" * 5
    return (
        "<html><head><meta charset='utf-8'><title>示范县2019年政府工作报告</title></head><body>"
        f"<h1>示范县2019年政府工作报告</h1><p>各位代表：</p><p>{prose}（示范文本）</p></body></html>"
    ).encode()


def digest_of(body):
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


class FakeArchive:
    """Pages by time, an index of two rows a page with resume keys, and faults to choose."""

    def __init__(self, serve, words, *, false_digests=(), statuses=None, ndjson=False):
        self.bodies = {when: body_of(said) for when, said in words.items()}
        self.false_digests, self.ndjson = false_digests, ndjson
        self.statuses = statuses or {}
        self.faults = {}  # path or address → answers that come first
        self.index = None
        self.server = serve(self.answer)
        self.cdx = f"http://127.0.0.1:{self.server.port}/cdx/search/cdx"

    def rows(self):
        for when, body in sorted(self.bodies.items()):
            digest = "A" * 32 if when in self.false_digests else digest_of(body)
            yield [KEY, when, PAGE, "text/html", self.statuses.get(when, "200"), digest, "9"]

    def answer(self, _host, path):
        faults = self.faults.get(path.partition("?")[0])
        if faults:
            return faults.pop(0)
        if path == "/robots.txt":
            return 404, {}, b""
        if "/cdx" in path:
            asked = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
            body = (self.index or self.page_of_index)(asked)
            return 200, {"Content-Type": "application/json"}, body
        when = path.split("/")[2].removesuffix("id_")
        if when not in self.bodies:
            return 404, {}, b"not archived"
        day = formatdate(datetime.strptime(when + "Z", "%Y%m%d%H%M%S%z").timestamp(), usegmt=True)
        return 200, {"Memento-Datetime": day, "Content-Type": "text/html"}, self.bodies[when]

    def page_of_index(self, asked):
        rows = list(self.rows())
        if self.ndjson:
            names = ["urlkey", "timestamp", "url", "mime", "status", "digest", "length"]
            lines = [json.dumps(dict(zip(names, row, strict=True))) for row in rows]
            return "\n".join(lines).encode()
        at = int(asked.get("resumeKey", "0 0").split()[1])
        shown = [NAMES, *rows[at : at + 2]]
        if at + 2 < len(rows):
            shown += [[], [f"{KEY.partition(')')[0]} {at + 2}"]]
        return json.dumps(shown).encode()

    def asked(self, part):
        return [path for path in self.server.paths if part in path]


WORDS = {
    "20190101000000": "第一", "20190102000000": "第二", "20190103000000": "第二",
    "20190104000000": "第三", "20190105000000": "第四",
}  # fmt: skip


@pytest.fixture
def wayback(baogao, known_site):
    def run(fake, *more):
        return baogao(
            "backfill", "wayback", "a.db", PAGE, "--cdx", fake.cdx, "--per-minute", "6000",
            "--sites-dir", known_site(80), *more,
        )  # fmt: skip

    return run


def test_pages_come_with_their_time_and_their_digest_is_checked(serve, wayback, query):
    fake = FakeArchive(
        serve, WORDS, false_digests=["20190104000000"], statuses={"20190105000000": "404"}
    )
    fake.faults["/cdx/search/cdx"] = [(429, {"Retry-After": "1"}, b"slow down")]
    fake.faults[f"/web/20190101000000id_/{PAGE}"] = [(503, {}, b"busy")]
    done = wayback(fake)
    told = done.stderr.decode()
    assert done.returncode == 1, told
    assert "Traceback" not in told
    assert "20190104000000" in told
    assert f"the bytes differ from the digest {'A' * 32}" in told
    got = query(
        "SELECT substr(captured_at, 1, 10), pages.url, origin, claims_json, kind FROM captures"
        " JOIN pages ON pages.id = page_id JOIN site_facts ON site_facts.id = site_facts_id"
        " WHERE origin = 'wayback' ORDER BY captured_at"
    )
    assert [row[0] for row in got] == ["2019-01-01", "2019-01-02", "2019-01-04"]
    assert {row[1:3] for row in got} == {(PAGE, "wayback")}
    assert {row[4] for row in got} == {"official"}
    claims = [dict(json.loads(row[3])) for row in got]
    assert [claim["digest_check"] for claim in claims] == ["match", "match", "differs"]
    assert claims[0]["memento"].endswith(f"/web/20190101000000id_/{PAGE}")
    assert query("SELECT count(*) FROM texts") == [(3,)]
    assert len(fake.asked("/cdx")) == 4  # one of them was refused
    statuses = query("SELECT status FROM captures WHERE origin = 'live' ORDER BY status")
    assert [status for (status,) in statuses] == [200, 200, 200, 404, 429, 503]
    fake.server.asked.clear()
    assert wayback(fake).returncode == 0
    assert fake.asked("/web/") == []
    assert wayback(fake, "--from", "2018").returncode == 0  # another command knows them too
    assert fake.asked("/web/") == []
    assert "&from=2018&" in fake.asked("/cdx")[-1]


def test_one_object_a_line_is_read_too_and_a_limit_is_kept(serve, wayback, query):
    fake = FakeArchive(serve, WORDS, ndjson=True)
    fake.cdx = fake.cdx.replace("/cdx/search/cdx", "/web/cdx")
    done = wayback(fake, "--limit", "2")
    assert done.returncode == 0, done.stderr.decode()
    assert query("SELECT count(*) FROM captures WHERE origin = 'wayback'") == [(2,)]
    assert len(fake.asked("/cdx")) == 1


def test_an_index_that_repeats_its_pages_ends(serve, wayback, query):
    fake = FakeArchive(serve, WORDS)
    numbers = iter(range(10**6))

    def repeating(_asked):
        rows = list(fake.rows())[:2]
        return json.dumps([NAMES, *rows, [], [f"test {next(numbers)}"]]).encode()

    fake.index = repeating
    done = wayback(fake)
    assert done.returncode == 1
    assert "the index repeats itself" in done.stderr.decode()
    assert len(fake.asked("/cdx")) == 2
    assert query("SELECT count(*) FROM captures WHERE origin = 'wayback'") == [(2,)]


def test_a_row_that_names_no_page_is_passed_over_and_told(serve, wayback, query):
    fake = FakeArchive(serve, WORDS)
    odd = ["ftp://www.known.test/x", "http://[www/", "http://www.known.test:x/", "javascript:1"]

    def index(_asked):
        rows = [[KEY, "20180101000000", one, "-", "-", "-", "9"] for one in odd]
        return json.dumps([NAMES, *[[*row[:5], str(n), "9"] for n, row in enumerate(rows)],
                           *fake.rows()]).encode()  # fmt: skip

    fake.index = index
    done = wayback(fake)
    told = done.stderr.decode()
    assert done.returncode == 1
    assert [one in told for one in odd] == [True] * 4
    assert query("SELECT count(*) FROM captures WHERE origin = 'wayback'") == [(4,)]


def test_a_broken_index_is_told_kept_and_asked_again_by_the_next_run(serve, wayback, query):
    fake = FakeArchive(serve, WORDS)
    fake.faults["/cdx/search/cdx"] = [(200, {}, b'[["urlkey","timestamp"],["x"')]
    done = wayback(fake)
    assert done.returncode == 1
    assert "this is no CDX answer in JSON" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert query("SELECT count(*) FROM captures WHERE payload_sha256 IS NOT NULL") != [(0,)]
    assert wayback(fake).returncode == 0
    assert query("SELECT count(*) FROM captures WHERE origin = 'wayback'") == [(4,)]


def test_a_killed_run_goes_on_and_takes_nothing_twice(serve, baogao, known_site, query, tmp_path):
    fake = FakeArchive(
        serve, {f"2019{n // 28 + 1:02}{n % 28 + 1:02}000000": str(n) for n in range(40)}
    )
    command = ["backfill", "wayback", "a.db", PAGE, "--cdx", fake.cdx, "--per-minute", "6000"]
    command += ["--sites-dir", str(known_site(80))]
    process = subprocess.Popen([sys.executable, "-m", "crawler", *command], cwd=tmp_path)
    deadline = time.monotonic() + 60
    while len(fake.asked("id_")) < 8 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.kill()
    process.wait(10)
    done = baogao(*command)
    assert done.returncode == 0, done.stderr.decode()
    assert query("SELECT count(*) FROM texts") == [(40,)]
    assert query("SELECT count(DISTINCT captured_at) FROM captures WHERE origin = 'wayback'") == [
        (40,)
    ]
    assert len(fake.asked("id_")) <= 40 + 4


def test_a_dry_run_asks_nothing(serve, wayback, tmp_path):
    fake = FakeArchive(serve, WORDS)
    done = wayback(fake, "--dry-run", "--to", "2020", "--json")
    assert done.returncode == 0
    (row,) = json.loads(done.stdout)
    assert row["query"].startswith(f"{fake.cdx}?url=http%3A%2F%2Fwww.known.test%2F")
    assert "&to=2020&" in row["query"]
    assert fake.server.asked == []
    assert not (tmp_path / "a.db").exists()


def test_the_internet_archive_is_asked_24_times_a_minute_at_most():
    site = archive_site([PAGE])
    assert (site.delay_s, site.hosts, site.loopback) == (2.5, ("web.archive.org",), False)
    assert site.replay == "https://web.archive.org/web/"
    assert archive_site([PAGE], cdx="http://127.0.0.1:81/mine/cdx").replay.endswith("81/mine/")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"urls": ["nonsense"]}, "is no http or https address"),
        ({"urls": [PAGE], "cdx": "ftp://x/"}, "is no http or https address"),
        ({"urls": [PAGE], "since": "last year"}, "is no time"),
    ],
)
def test_wrong_arguments_are_told(arguments, words):
    with pytest.raises(UsageError, match=words):
        archive_site(**arguments)


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[[[", b'{"a": 1}', b'[["timestamp"], ["x", "y"]]', b"\xff", b"[" * 100_000,
     b"[1, 2]", b'{"timestamp": "x", "url": "h"}'],
)  # fmt: skip
def test_what_is_no_index_is_refused(body):
    with pytest.raises(UsageError, match="this is no CDX answer in JSON"):
        read_index(body)


def test_an_empty_index_is_an_answer():
    assert read_index(b"") == ([], None)
    assert read_index(b"[]") == ([], None)


def test_digests_are_compared_where_they_can_be():
    page = Capture("http://a.example/", b"x")
    assert checked("sha1:" + digest_of(b"x"), page) == "match"
    assert checked(digest_of(b"y"), page) == "differs"
    assert checked("sha256:abc", page) == "not checkable"
    coded = Capture("", b"x", response_headers=(("X-Archive-Orig-Content-Encoding", "gzip"),))
    assert checked(digest_of(b"y"), coded) == "differs-encoded"


@pytest.mark.parametrize("words", ["", "yesterday", "Fri, 31 Dec 9999 23:59:59 -2359"])
def test_what_has_no_time_is_no_archived_page(words):
    assert memento_time(Capture("", b"", response_headers=(("Memento-Datetime", words),))) is None


def test_an_address_of_an_index_becomes_that_of_a_page():
    assert address("http://www.a.example:80/报.html#top") == "http://www.a.example/%E6%8A%A5.html"
