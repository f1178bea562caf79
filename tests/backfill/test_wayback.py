"""`baogao backfill wayback` against a small archive that behaves, and fails, as real ones do."""

import json
from contextlib import ExitStack
from threading import Event

import pytest
from commands import Started
from killing import holdings, run_until
from web_archives import NAMES, PAGE, FakeWayback, ask_wayback, day_of, digest_of, drips, moments

from archive import Capture, UsageError
from crawler.backfill.mementos import address, checked, memento_time, read_index
from crawler.backfill.selecting import Interval
from crawler.backfill.wayback import archive_site

WORDS = {
    "20190101000000": "第一", "20190102000000": "第二", "20190103000000": "第二",
    "20190104000000": "第三", "20190105000000": "第四",
}  # fmt: skip


@pytest.fixture
def archive():
    """Start a fake archive; it ends with the test."""
    with ExitStack() as running:
        yield lambda *words, **how: running.enter_context(FakeWayback(*words, **how))


@pytest.fixture
def wayback(baogao, known_site):
    """Run the command; `wayback.arguments` gives those of `baogao`."""

    def arguments(fake, *more, address=PAGE):
        return [
            "backfill", "wayback", "a.db", address, "--cdx", fake.cdx, "--per-minute", "6000",
            "--sites-dir", str(known_site(80)), *more,
        ]  # fmt: skip

    def run(fake, *more, **which):
        return baogao(*arguments(fake, *more, **which))

    run.arguments = arguments
    return run


def test_pages_come_with_their_time_and_their_digest_is_checked(archive, wayback, query):
    fake = archive(WORDS, false_digests=["20190104000000"], statuses={"20190105000000": "404"})
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


def test_one_object_a_line_is_read_too_and_a_limit_is_kept(archive, wayback, query):
    fake = archive(WORDS, style="lines")
    done = wayback(fake, "--limit", "2")
    assert done.returncode == 0, done.stderr.decode()
    assert query("SELECT count(*) FROM captures WHERE origin = 'wayback'") == [(2,)]
    assert len(fake.asked("/cdx")) == 1


def test_an_index_that_repeats_its_pages_ends(archive, wayback, query):
    fake = archive(WORDS)
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


def test_a_row_that_names_no_page_is_passed_over_and_told(archive, wayback, query):
    fake = archive(WORDS)
    odd = ["ftp://www.known.test/x", "http://[www/", "http://www.known.test:x/", "javascript:1"]

    def index(_asked):
        rows = [["test,known)/", "20180101000000", one, "-", "-", "-", "9"] for one in odd]
        return json.dumps([NAMES, *[[*row[:5], str(n), "9"] for n, row in enumerate(rows)],
                           *fake.rows()]).encode()  # fmt: skip

    fake.index = index
    done = wayback(fake)
    told = done.stderr.decode()
    assert done.returncode == 1
    assert [one in told for one in odd] == [True] * 4
    assert query("SELECT count(*) FROM captures WHERE origin = 'wayback'") == [(4,)]


def test_a_broken_index_is_reported_kept_and_requested_again_by_the_next_run(
    archive, wayback, query
):
    fake = archive(WORDS)
    fake.faults["/cdx/search/cdx"] = [(200, {}, b'[["urlkey","timestamp"],["x"')]
    done = wayback(fake)
    assert done.returncode == 1
    assert "not a CDX answer in JSON" in done.stderr.decode()
    assert "Traceback" not in done.stderr.decode()
    assert query("SELECT count(*) FROM captures WHERE payload_sha256 IS NOT NULL") != [(0,)]
    assert wayback(fake).returncode == 0
    assert query("SELECT count(*) FROM captures WHERE origin = 'wayback'") == [(4,)]


def test_a_dry_run_asks_the_index_only_and_counts(archive, wayback, tmp_path):
    fake = archive(WORDS, statuses={"20190105000000": "404"})
    done = wayback(fake, "--dry-run", "--to", "2020", "--json")
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == [
        {"of": PAGE, "taken": 3, "equal to an earlier one": 1, "of another status": 1}
    ]
    assert fake.asked("id_") == []
    assert "&to=2020&" in fake.asked("/cdx")[0]
    assert not (tmp_path / "a.db").exists()
    assert wayback(fake, "--limit", "1").returncode == 0
    (row,) = json.loads(wayback(fake, "--dry-run", "--json").stdout)
    assert (row["taken"], row["already here"]) == (2, 1)


@pytest.mark.parametrize(("every", "years"), [("1y", "0123"), ("18m", "013")])
def test_of_an_interval_one_page_of_an_address_is_taken(archive, wayback, query, every, years):
    """Three pages a year; and another address does not count."""
    times = {
        f"200{year}{month}15000000": f"{year}-{month}" for year in range(4) for month in MONTHS
    }
    fake = archive({PAGE: times, PAGE + "x": {"20000615000000": "another"}})
    done = wayback(fake, "--every", every, address=PAGE + "*")
    assert done.returncode == 0, done.stderr.decode()
    got = query(
        "SELECT substr(captured_at, 4, 1) FROM captures JOIN pages ON pages.id = page_id"
        f" WHERE origin = 'wayback' AND url = '{PAGE}' ORDER BY captured_at"
    )
    assert "".join(year for (year,) in got) == years
    assert query(f"SELECT count(*) FROM pages WHERE url = '{PAGE}x'") == [(1,)]


MONTHS = ("01", "05", "09")


@pytest.mark.parametrize(
    ("interval", "since", "until"),
    [
        ("1y", "20030228120000", "20040228120000"), ("6m", "20030831000000", "20040231000000"),
        ("18m", "20031201000000", "20050601000000"), ("30d", "20031215000000", "20040114000000"),
        ("9999d", "99991215000000", "99991215000000"), ("1d", "20030000000000", "20030000000000"),
    ],
)  # fmt: skip
def test_intervals_end_when_the_calendar_says(interval, since, until):
    assert Interval.read(interval).after(since) == until


@pytest.mark.parametrize("words", ["", "y", "0d", "1w", "-1d", "1.5y", "１y", "99999d"])
def test_an_invalid_interval_is_reported(words):
    with pytest.raises(UsageError, match="invalid interval"):
        Interval.read(words)


# ---- an index without resume keys


@pytest.fixture
def small(apart, tmp_path, known_site):
    """Ask in a process of its own with pages of the index of six rows."""

    def run(fake, *addresses, settings=(), rows=6, **more):
        return apart(
            ask_wayback, tmp_path / "a.db", addresses or (PAGE,), fake.cdx,
            str(known_site(80)), rows,
            {"DERIVE_WORKERS": 0, "LOG_LEVEL": "CRITICAL", **dict(settings)}, more,
        )  # fmt: skip

    return run


def times(query):
    return query(
        "SELECT strftime('%Y%m%d%H%M%S', captured_at), url FROM captures"
        " JOIN pages ON pages.id = page_id WHERE origin = 'wayback' ORDER BY url, captured_at"
    )


@pytest.mark.parametrize("number", [5, 6, 7, 11, 12, 23])
def test_one_address_is_asked_for_from_the_last_time_on(archive, small, query, number):
    fake = archive({when: str(n) for n, when in enumerate(moments(number))}, style="lines")
    result = small(fake)
    assert result.findings == ()
    assert [when for when, _ in times(query)] == moments(number)
    assert len(fake.asked("id_")) == number


def test_rows_of_one_second_are_neither_lost_nor_repeated(archive, small, query):
    twins = [PAGE, PAGE.replace("http:", "https:"), PAGE.replace("www.", "WWW.")]
    fake = archive({url: {when: url + when for when in moments(8)} for url in twins}, style="lines")
    fake.matching = lambda asked: (r for r in fake.rows() if asked.get("from", "") <= r[1])
    result = small(fake)
    assert result.findings == ()
    assert len(fake.asked("id_")) == len(set(fake.asked("id_"))) == 24
    assert [number for (number,) in query("SELECT count(*) FROM texts")] == [24]


def test_a_second_with_more_rows_than_a_page_is_reported(archive, small):
    urls = [f"{PAGE}?{n}" for n in range(9)]
    fake = archive({url: {"20010101000000": url} for url in urls}, style="lines")
    fake.matching = lambda _asked: fake.rows()
    result = small(fake)
    assert "the index repeats itself" in " ".join(result.findings)


def test_below_an_address_more_rows_are_asked_for(archive, small, query):
    pages = {f"{PAGE}/{n}": {when: f"{n} {when}" for when in moments(3)} for n in range(9)}
    fake = archive(pages, style="lines")
    assert small(fake, PAGE + "*").findings == ()
    assert len(times(query)) == 27
    limits = [int(path.partition("limit=")[2].partition("&")[0]) for path in fake.asked("/cdx")]
    assert limits == [6, 24, 96]
    assert len(fake.asked("id_")) == 27


def test_an_index_with_too_many_rows_is_reported(archive, small, query):
    fake = archive(WORDS, style="lines")
    row = json.dumps({"timestamp": "2001", "url": PAGE, "status": "404"})
    fake.index = lambda asked: "\n".join([row] * int(asked["limit"])).encode()
    result = small(fake, PAGE + "*", rows=256_000)
    assert "there may be more than 256000 rows; use --from" in " ".join(result.findings)


# ---- answers that fail


def test_bytes_that_trickle_for_ever_end_and_the_rest_goes_on(archive, small, query):
    over = Event()
    fake = archive({when: when for when in moments(6)})
    slow = f"/web/{moments(6)[2]}id_/{PAGE}"
    fake.faults[slow] = [drips(over)] * 3
    result = small(fake, settings={"DOWNLOAD_TIMEOUT": 0.6})
    over.set()
    assert result.exit_code == 1
    assert [one for one in result.findings if slow in one and "timeout" in one]
    assert [when for when, _ in times(query)] == [m for m in moments(6) if m not in slow]
    assert small(fake).findings == ()  # the next run asks again
    assert len(times(query)) == 6


def test_an_answer_cut_on_the_way_is_asked_again_and_no_archived_page(archive, small, query):
    fake = archive({when: when for when in moments(3)})
    cut = f"/web/{moments(3)[1]}id_/{PAGE}"

    def half(handler):
        whole = fake.bodies[PAGE, moments(3)[1]]
        handler.reply(200, {"Content-Length": str(len(whole)),
                            "Memento-Datetime": day_of(moments(3)[1])}, whole[:500])  # fmt: skip
        handler.close_connection = True

    fake.faults[cut] = [half]
    assert small(fake).findings == ()
    assert len(times(query)) == 3
    assert query("SELECT outcome, origin FROM captures WHERE outcome <> 'ok' AND status = 200") == [
        ("truncated", "live")
    ]


def test_servers_errors_pass_and_those_that_stay_are_reported(archive, small, query):
    fake = archive({when: when for when in moments(4)})
    once, always = (f"/web/{when}id_/{PAGE}" for when in moments(4)[1:3])
    fake.faults["/cdx/search/cdx"] = [(502, {}, b"bad"), (200, {}, b"[[broken")]
    fake.faults[once] = [(500, {}, b"sorry"), (504, {}, b"late")]
    fake.faults[always] = [(503, {}, b"SlowDown")] * 3
    broken = small(fake)
    assert "not a CDX answer in JSON" in " ".join(broken.findings)
    result = small(fake)
    assert [one for one in result.findings if always in one]
    assert len(times(query)) == 3
    assert small(fake).findings == ()
    assert len(times(query)) == 4


def test_what_the_archive_keeps_of_a_challenge_is_kept_and_told(archive, small, query):
    fake = archive({when: when for when in moments(9)})
    for when in moments(9)[:7]:
        fake.bodies[PAGE, when] = CHALLENGE + when.encode()
    result = small(fake)
    assert result.exit_code == 1  # not 3: the archive itself refused nothing
    assert query("SELECT outcome, count(*) FROM captures WHERE origin = 'wayback' GROUP BY 1") == [
        ("blocked", 7), ("ok", 2)
    ]  # fmt: skip
    assert len(fake.asked("id_")) == 9


IN_HAND = 2
"""Requests that a crawl has out for a host: what a kill makes it ask again, at most."""

CHALLENGE = b"<html><script>document.cookie='__jsl_clearance=1'</script></html>"


# ---- killed


def test_a_run_killed_at_any_moment_comes_to_the_same_archive(archive, wayback, tmp_path):
    fake = archive({when: when for when in moments(40)}, rows=7)
    assert wayback(fake).returncode == 0
    (tmp_path / "a.db").rename(tmp_path / "whole.db")
    fake.server.asked.clear()
    for moment in (3, 14, 33):
        running = Started(wayback.arguments(fake), tmp_path)
        assert run_until(running, lambda m=moment: len(fake.server.asked) >= m) is None
    assert wayback(fake).returncode == 0
    right, found = holdings(tmp_path / "whole.db"), holdings(tmp_path / "a.db")
    for table in right:
        assert set(found[table]) == set(right[table]), table
    archived = [row for row in found["captures"] if row[1] == "wayback"]
    assert len(archived) == len(set(archived)) == 40
    assert len(fake.asked("id_")) <= 40 + 3 * IN_HAND


def test_the_internet_archive_is_asked_24_times_a_minute_at_most():
    site = archive_site([PAGE])
    assert (site.delay_s, site.hosts, site.loopback) == (2.5, ("web.archive.org",), False)
    assert site.replay == "https://web.archive.org/web/"
    assert archive_site([PAGE], cdx="http://127.0.0.1:81/mine/cdx").replay.endswith("81/mine/")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"urls": ["nonsense"]}, "not an http or https URL"),
        ({"urls": [PAGE], "cdx": "ftp://x/"}, "not an http or https URL"),
        ({"urls": [PAGE], "since": "last year"}, "invalid time; expected"),
    ],
)
def test_wrong_arguments_are_reported(arguments, words):
    with pytest.raises(UsageError, match=words):
        archive_site(**arguments)


@pytest.mark.parametrize(
    "body",
    [b"<html>", b"[[[", b'{"a": 1}', b'[["timestamp"], ["x", "y"]]', b"\xff", b"[" * 100_000,
     b"[1, 2]", b'{"timestamp": "x", "url": "h"}'],
)  # fmt: skip
def test_what_is_no_index_is_refused(body):
    with pytest.raises(UsageError, match="not a CDX answer in JSON"):
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
