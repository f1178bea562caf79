"""`baogao backfill commoncrawl` against a small one that behaves, and fails, as the real one."""

import gzip
import json
from contextlib import ExitStack

import pytest
from commands import Started
from killing import holdings, run_until
from web_archives import (
    PAGE,
    FakeCommonCrawl,
    ask_commoncrawl,
    body_of,
    digest_of,
    moments,
    record_of,
    whole_file,
)

from archive import UsageError
from crawler.backfill.commoncrawl import common_crawl
from crawler.backfill.crawlindex import is_part, page_count, read_crawls, read_rows
from crawler.backfill.wayback import PATIENCE

HOME = "http://www.known.test/"
CRAWLS = {
    "CC-MAIN-2023-06": {HOME + "a.html": ("20230131120000", "甲"), PAGE: ("20230202120000", "乙")},
    "CC-MAIN-2024-10": {HOME + "a.html": ("20240229120000", "甲"), PAGE: ("20240301120000", "丙")},
    "CC-MAIN-2024-51": {PAGE: ("20241210120000", "丁")},
    "CC-MAIN-2025-05": {"http://else.test/": ("20250116120000", "戊")},
}


@pytest.fixture
def crawl():
    """Start a fake Common Crawl; it ends with the test."""
    with ExitStack() as running:
        yield lambda *crawls, **how: running.enter_context(
            FakeCommonCrawl(*crawls or (CRAWLS,), **how)
        )


@pytest.fixture
def command(known_site):
    def arguments(fake, *more, address=PAGE):
        return [
            "backfill", "commoncrawl", "a.db", address, "--index", fake.index, "--data", fake.data,
            "--per-minute", "6000", "--sites-dir", str(known_site(80)), *more,
        ]  # fmt: skip

    return arguments


@pytest.fixture
def ask(apart, tmp_path, known_site):
    """The same in a process of its own, with settings."""

    def run(fake, *addresses, settings=(), **more):
        return apart(
            ask_commoncrawl, tmp_path / "a.db", addresses or (PAGE,), fake.index, fake.data,
            str(known_site(80)), {"DERIVE_WORKERS": 0, "LOG_LEVEL": "CRITICAL", **dict(settings)},
            more,
        )  # fmt: skip

    return run


def pages(query, name="a.db"):
    return query(
        "SELECT url, captured_at FROM captures JOIN pages ON pages.id = page_id"
        " WHERE origin = 'commoncrawl' ORDER BY captured_at",
        name,
    )


def test_pages_come_out_of_every_crawl_with_their_time_and_place(baogao, crawl, command, query):
    fake = crawl()
    done = baogao(*command(fake, "--json", address=HOME + "*"))
    assert done.returncode == 0, done.stderr.decode()
    assert pages(query) == [
        (HOME + "a.html", "2023-01-31T12:00:00.000Z"),
        (PAGE, "2023-02-02T12:00:00.000Z"),
        (PAGE, "2024-03-01T12:00:00.000Z"),
        (PAGE, "2024-12-10T12:00:00.000Z"),
    ]  # a.html of 2024 has the same bytes as that of 2023
    (row,) = json.loads(done.stdout)["found"]
    assert row == {"of": HOME + "*", "taken": 4, "equal to an earlier one": 1}
    claims, member, container, kind, status, recorded = query(
        "SELECT claims_json, member, container_sha256, kind, status, recorded_at > captured_at"
        " FROM captures JOIN site_facts ON site_facts.id = site_facts_id"
        " WHERE origin = 'commoncrawl' ORDER BY captured_at LIMIT 1"
    )[0]
    part = fake.ranges[0][1]
    assert dict(json.loads(claims)) == {
        "memento": f"{fake.data}CC-MAIN-2023-06/x.warc.gz#{part}",
        "claimed_digest": digest_of(body_of("甲")), "digest_check": "match",
    }  # fmt: skip
    assert (member[:10], len(container), kind, status, recorded) == (
        "<urn:uuid:", 64, "official", 200, 1,
    )  # fmt: skip
    assert query("SELECT count(*) FROM texts") == [(4,)]
    first, last = map(int, part.removeprefix("bytes=").split("-"))
    assert gzip.decompress(fake.files["/data/CC-MAIN-2023-06/x.warc.gz"][first : last + 1])
    assert len(fake.ranges) == 4
    assert {headers["Accept-Encoding"] for _, _, headers in fake.server.asked
            if "Range" in headers} == {"identity"}  # fmt: skip
    fake.server.asked.clear()
    again = baogao(*command(fake, address=HOME + "*"))
    assert again.returncode == 0, again.stderr.decode()
    assert fake.ranges == []
    other = baogao(*command(fake, "--from", "2023"))  # another command knows them too
    assert other.returncode == 0
    assert fake.ranges == []
    assert f"{PAGE}: 3 already here" in other.stderr.decode()


def test_a_crawl_without_the_page_is_no_finding(ask, crawl, query):
    fake = crawl()
    result = ask(fake, "http://else.test/")
    assert result.findings == ()
    assert len(fake.asked("-index")) == 4
    assert query("SELECT count(*) FROM captures WHERE outcome = 'gone' AND status = 404") == [
        (4,)  # three indexes, and robots.txt
    ]


@pytest.mark.parametrize(
    ("more", "asked", "taken"),
    [
        ({"crawls": ["CC-MAIN-2024"]}, ["2024-10", "2024-51"], 2),
        ({"crawls": ["CC-MAIN-2024-51", "CC-MAIN-2023-06"]}, ["2023-06", "2024-51"], 2),
        ({"since": "2024", "until": "202406"}, ["2024-10"], 1),
        ({"since": "20240301", "until": "20240301"}, ["2024-10"], 1),
        ({"since": "20240302"}, ["2024-51", "2025-05"], 1),
        ({"until": "2023"}, ["2023-06"], 1),
        ({"limit": 2}, ["2023-06", "2024-10", "2024-51", "2025-05"], 2),
        ({"mimes": ["pdf"]}, ["2023-06", "2024-10", "2024-51", "2025-05"], 0),
        ({"mimes": ["pdf", "html"], "statuses": ["any"], "crawls": ["CC-MAIN-2023"]},
         ["2023-06"], 1),
        ({"statuses": ["404"], "crawls": ["CC-MAIN-2023"]}, ["2023-06"], 0),
    ],
)  # fmt: skip
def test_crawls_and_pages_can_be_chosen(ask, crawl, more, asked, taken):
    fake = crawl()
    result = ask(fake, **more)
    assert result.findings == ()
    assert [path.split("-index")[0][-7:] for path in fake.asked("page=0")] == asked
    assert len(fake.ranges) == result.summary["texts"] == taken


def test_records_without_a_digest_are_told_apart_by_their_place(ask, crawl, query):
    fake = crawl()
    for line in fake.lines["CC-MAIN-2024-10"]:
        line["digest"] = "-"
    assert ask(fake, HOME + "*", crawls=["CC-MAIN-2024-10"]).findings == ()
    assert [url for url, _ in pages(query)] == [HOME + "a.html", PAGE]


def test_an_unknown_crawl_is_reported(ask, crawl):
    result = ask(crawl(), crawls=["CC-MAIN-1999"])
    assert result.exit_code == 1
    assert "there is no crawl named 'CC-MAIN-1999'" in result.findings[0]


def test_an_index_of_many_pages_is_read_to_its_end_page_by_page(ask, crawl, query):
    many = {f"{HOME}{n}.html": ("20240301120000", f"第{n}") for n in range(20)}
    fake = crawl({"CC-MAIN-2024-10": many})
    assert ask(fake, HOME + "*").findings == ()
    assert len(pages(query)) == 20
    asked = [path.rpartition("&")[2] for path in fake.asked("-index")]
    assert asked == ["page=0", "showNumPages=true", *(f"page={n}" for n in range(1, 7))]


def test_an_index_that_ignores_pages_gives_each_row_once(ask, crawl, query):
    many = {f"{HOME}{n}.html": ("20240301120000", f"第{n}") for n in range(7)}
    fake = crawl({"CC-MAIN-2024-10": many}, rows=9)
    fake.faults["/CC-MAIN-2024-10-index?" + fake_query(HOME, "showNumPages=true")] = [
        (200, {}, b'{"pages": 4}')
    ]
    whole = fake.page_of_index
    fake.page_of_index = lambda name, asked: whole(name, asked | {"page": "0"})
    assert ask(fake, HOME + "*").findings == ()
    assert len(fake.ranges) == len(pages(query)) == 7
    assert len(fake.asked("page=")) == 4


def fake_query(home, last):
    (query,) = common_crawl([home + "*"]).queries
    return f"{query}&{last}"


def test_a_dry_run_asks_the_indexes_only_and_counts(baogao, crawl, command, tmp_path):
    fake = crawl()
    assert baogao(*command(fake, "--limit", "1")).returncode == 0
    fake.server.asked.clear()
    before = (tmp_path / "a.db").read_bytes()
    done = baogao(*command(fake, "--dry-run", "--json", address=HOME + "*"))
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads(done.stdout) == [
        {"of": HOME + "*", "taken": 3, "already here": 1, "equal to an earlier one": 1}
    ]
    assert fake.ranges == []
    assert (tmp_path / "a.db").read_bytes() == before


# ---- answers that fail


def test_refusals_pass_and_are_captures_too(ask, crawl, query):
    fake = crawl()
    slow = 503, {"Retry-After": "0"}, b"<Error><Code>SlowDown</Code></Error>"
    fake.faults["/collinfo.json"] = [(504, {}, b"late")]
    fake.faults["/CC-MAIN-2023-06-index"] = [slow]
    fake.faults["/data/CC-MAIN-2024-10/x.warc.gz"] = [slow, slow]
    result = ask(fake)
    assert result.findings == ()
    assert len(pages(query)) == 3
    assert query("SELECT count(*) FROM captures WHERE status IN (503, 504)") == [(4,)]


def test_a_host_that_keeps_refusing_is_left_for_the_next_run(ask, crawl, query):
    names = [f"CC-MAIN-20{year}-10" for year in range(14, 24)]
    fake = crawl({name: {PAGE: (f"{name[8:12]}0301120000", name)} for name in names})
    for name in names[1:]:
        fake.faults[f"/{name}-index"] = [(403, {}, b"you ask too fast")]
    result = ask(fake)
    assert result.exit_code == 3
    assert "refuses us: status 403" in result.findings[0]
    assert len(fake.asked("-index")) <= 1 + PATIENCE + 1  # one was in hand
    assert query("SELECT count(*) > 0 FROM frontier WHERE state = 'pending'") == [(1,)]
    fake.faults.clear()
    ask(fake)
    assert pages(query)


@pytest.mark.parametrize(
    "body",
    [b"<html>busy</html>", b'[{"id": "CC-MAIN-2024-10"}]', b'{"a": 1}', b"\xff", b"[[]]"],
)
def test_an_invalid_list_of_crawls_is_reported_kept_and_requested_again(ask, crawl, query, body):
    fake = crawl()
    fake.faults["/collinfo.json"] = [(200, {}, body)]
    result = ask(fake)
    assert result.exit_code == 1
    assert "not a list of crawls" in result.findings[0]
    assert query("SELECT count(*) FROM payloads") == [(2,)]  # that, and the answer to robots.txt
    assert ask(fake).findings == ()
    assert len(pages(query)) == 3


def test_broken_lines_of_an_index_are_reported_and_the_others_are_read(ask, crawl, query):
    fake = crawl()
    good = fake.lines["CC-MAIN-2023-06"]
    odd = [
        good[0] | {"filename": "../../etc/passwd"}, good[0] | {"filename": "http://a.test/x.warc"},
        good[0] | {"offset": "-1"}, good[0] | {"length": "0"}, good[0] | {"length": str(10**12)},
        good[0] | {"timestamp": "today"}, {"url": PAGE}, [], 7,
    ]  # fmt: skip
    lines = [b'{"url": "http', *(json.dumps(one).encode() for one in [*odd, *good])]
    lines.append(json.dumps(good[0] | {"url": "http://[www/", "digest": "B" * 32}).encode())
    fake.faults["/CC-MAIN-2023-06-index"] = [(200, {}, b"\n".join(lines))]
    result = ask(fake)
    told = " ".join(result.findings)
    assert [f"line {number} is not a row" in told for number in (1, 2, 5)] == [True] * 3
    assert "5 more lines are not rows" in told
    assert "'http://[www/' in the index is not a URL" in told
    assert "Traceback" not in told
    assert len(pages(query)) == 4
    assert not fake.asked("passwd")


def test_pages_in_arc_files_are_reported(ask, crawl, query):
    fake = crawl()
    fake.lines["CC-MAIN-2023-06"][-1]["filename"] = "crawl-001/2008/05/19/0/12_0.arc.gz"
    result = ask(fake)
    assert result.exit_code == 1
    assert "1 pages lie in ARC files, which are not read" in result.findings[0]
    assert result.summary["found"][0]["in ARC files, which are not read"] == 1
    assert len(pages(query)) == 2


def chunked_file(handler):
    """The same in chunks, so that nobody tells how long it is."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    sent = 0
    try:
        while sent < 1 << 26:
            handler.wfile.write(b"10000\r\n" + b"x" * 65536 + b"\r\n")
            sent += 65536
    except OSError:
        pass
    handler.server.sent = sent


@pytest.mark.parametrize("answer", [whole_file, chunked_file])
def test_a_whole_file_is_refused_before_it_is_downloaded(ask, crawl, query, answer):
    fake = crawl()
    fake.faults["/data/CC-MAIN-2024-10/x.warc.gz"] = [answer]
    result = ask(fake)
    assert result.exit_code == 1
    (told,) = result.findings
    assert "CC-MAIN-2024-10/x.warc.gz bytes=" in told
    assert "the whole file was sent, not a part; it was refused" in told
    assert fake.server.sent < 1 << 24  # what fits into buffers on the way
    assert len(pages(query)) == 2
    assert query("SELECT outcome, origin FROM captures WHERE outcome = 'too_large'") == [
        ("too_large", "live")
    ]


def test_a_small_file_that_is_sent_whole_is_reported(ask, crawl, query):
    fake = crawl()
    file = fake.files["/data/CC-MAIN-2024-10/x.warc.gz"]
    fake.faults["/data/CC-MAIN-2024-10/x.warc.gz"] = [(200, {}, file)]
    (told,) = ask(fake).findings
    assert "the answer is not marked as a part of the file (206)" in told
    assert len(pages(query)) == 2


WARC = "/data/CC-MAIN-2024-10/x.warc.gz"


def other_part(file, part):
    return 206, {"Content-Range": f"bytes 0-{len(part) - 1}/{len(file)}"}, file[: len(part)]


def no_range(_file, part):
    return 206, {}, part


def damaged(_file, part):
    return 206, None, part[:60] + bytes([part[60] ^ 255]) + part[61:]


def cut(_file, part):
    return 206, None, part[:-20]


def of_another_page(_file, _part):
    return 206, None, gzip.compress(record_of(PAGE + "x", "20240301120000", body_of("丙")))


def a_request(_file, _part):
    return 206, None, gzip.compress(record_of(PAGE, "20240301120000", b"x", kind="request"))


def two_records(_file, _part):
    return 206, None, gzip.compress(record_of(PAGE, "20240301120000", b"x") * 2)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (other_part, "another part was sent"), (no_range, "another part was sent: None"),
        (damaged, "the record is damaged"), (cut, "another part was sent"),
        (of_another_page, f"the record is of {PAGE}x, not of {PAGE}"),
        (a_request, "records where one response should be"),
        (two_records, "records where one response should be"),
    ],
)  # fmt: skip
def test_what_is_not_the_record_is_reported_kept_and_no_page(ask, crawl, query, fault, words):
    fake = crawl()

    def answer(handler):
        first, last = map(int, handler.headers["Range"].removeprefix("bytes=").split("-"))
        file = fake.files[WARC]
        status, headers, body = fault(file, file[first : last + 1])
        whole = {"Content-Range": f"bytes {first}-{last}/{len(file)}"}
        return status, whole if headers is None else headers, body

    if fault not in {other_part, no_range, damaged, cut}:  # the index points at it, as it is
        made = fault(b"", b"")[2]
        line = fake.lines["CC-MAIN-2024-10"][-1]
        line["offset"], line["length"] = "0", str(len(made))
        fake.files[WARC] = made
    fake.faults[WARC] = [answer] * 3 if fault in {other_part, no_range, damaged, cut} else []
    result = ask(fake)
    assert result.exit_code == 1
    (told,) = result.findings
    assert words in told
    assert "what came is kept" in told
    assert len(pages(query)) == 2
    assert query(
        f"SELECT count(*) > 0 FROM captures JOIN pages ON pages.id = page_id"
        f" WHERE url LIKE '%{WARC}' AND payload_sha256 IS NOT NULL AND origin = 'live'"
    ) == [(1,)]


def test_damage_that_passes_is_asked_for_again(ask, crawl, query):
    fake = crawl()
    line = fake.lines["CC-MAIN-2024-10"][-1]
    last = int(line["offset"]) + int(line["length"]) - 1
    told = {"Content-Range": f"bytes {line['offset']}-{last}/999999"}
    fake.faults[WARC] = [(206, told, b"\x00" * int(line["length"]))]
    assert ask(fake).findings == ()
    assert len(pages(query)) == 3


def test_digests_that_differ_are_reported_and_the_page_is_kept(ask, crawl, query):
    fake = crawl()
    fake.lines["CC-MAIN-2024-51"][0]["digest"] = "C" * 32
    result = ask(fake)
    assert result.findings == (f"{PAGE}: the bytes differ from the digest {'C' * 32}",)
    assert len(pages(query)) == 3
    assert query("SELECT count(*) FROM captures WHERE claims_json LIKE '%\"differs%'") == [(1,)]


def test_what_was_cut_short_by_common_crawl_is_reported_and_read(ask, crawl, query):
    fake = crawl(truncated=[PAGE])
    result = ask(fake, crawls=["CC-MAIN-2024-51"])
    assert result.exit_code == 1
    assert "truncated" in result.findings[0]
    assert query("SELECT outcome, origin FROM captures WHERE outcome = 'truncated'") == [
        ("truncated", "commoncrawl")
    ]
    assert query("SELECT claims_json LIKE '%[\"truncated\",\"length\"]%' FROM captures"
                 " WHERE origin = 'commoncrawl'") == [(1,)]  # fmt: skip
    assert query("SELECT count(*) FROM texts") == [(1,)]
    assert len(fake.ranges) == 1


def test_a_challenge_that_common_crawl_met_is_no_page(ask, crawl, query):
    challenge = b"<html><script>document.cookie='__jsl_clearance=1'</script></html>"
    fake = crawl({"CC-MAIN-2024-10": {PAGE: ("20240301120000", challenge)}})
    result = ask(fake)
    assert result.exit_code == 1
    assert query("SELECT outcome FROM captures WHERE origin = 'commoncrawl'") == [("blocked",)]
    assert query("SELECT count(*) FROM texts") == [(0,)]


# ---- killed


def test_a_run_killed_at_any_moment_comes_to_the_same_archive(baogao, crawl, command, tmp_path):
    names = [f"CC-MAIN-20{year}-10" for year in range(14, 26)]
    fake = crawl({
        name: {f"{HOME}{n}.html": (f"{name[8:12]}0301120000", f"{name}{n}") for n in range(4)}
        for name in names
    })  # fmt: skip
    arguments = command(fake, address=HOME + "*")
    assert baogao(*arguments).returncode == 0
    (tmp_path / "a.db").rename(tmp_path / "whole.db")
    fake.server.asked.clear()
    for moment in (5, 27, 60):
        running = Started(arguments, tmp_path)
        assert run_until(running, lambda m=moment: len(fake.server.asked) >= m) is None
    assert baogao(*arguments).returncode == 0
    right, found = holdings(tmp_path / "whole.db"), holdings(tmp_path / "a.db")
    for table in right:
        assert set(found[table]) == set(right[table]), table
    archived = [row for row in found["captures"] if row[1] == "commoncrawl"]
    assert len(archived) == len(set(archived)) == 48
    assert len(fake.ranges) <= 48 + 3 * 2  # what was in hand when it was killed


# ---- what is read


def test_crawls_come_the_oldest_first_and_may_tell_no_days():
    told = [
        {
            "id": "CC-MAIN-2024-10",
            "cdx-api": "b",
            "from": "2024-02-20T21:36:36",
            "to": "2024-03-05",
        },
        {"id": "CC-MAIN-2008-2009", "cdx-api": "a"},
    ]
    old, new = read_crawls(json.dumps(told).encode())
    assert (old.name, old.first, old.last) == ("CC-MAIN-2008-2009", "20071201", "20100131")
    assert (new.first, new.last) == ("20240220", "20240305")
    assert old.overlaps("2009", "9")
    assert not old.overlaps("2011", "9")
    assert not new.overlaps("", "2023")
    assert new.overlaps("", "20240220")


@pytest.mark.parametrize(
    ("told", "count", "is_it"),
    [
        ("bytes 5-9/100", 5, True), ("bytes 5-9/*", 5, True), ("bytes 5-9/100", 4, False),
        ("bytes 4-9/100", 5, False), ("bytes 5-10/100", 6, False), (None, 5, False),
        ("", 5, False), ("bytes */100", 5, False),
    ],
)  # fmt: skip
def test_a_part_is_the_one_that_was_asked_for(told, count, is_it):
    assert is_part(told, "bytes=5-9", count) is is_it


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"pages": -1}', b'{"pages": 99999999}', b"x"]
)
def test_what_is_no_number_of_pages_is_refused(body):
    with pytest.raises(UsageError, match="not a page count"):
        page_count(body)


def test_what_is_no_index_is_refused():
    with pytest.raises(UsageError, match="not an index: line 1"):
        read_rows(b"<html>\nbusy")
    assert read_rows(b"") == ([], [])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"index": "ftp://x/"}, "not an http or https URL"),
        ({"data": "http://127.0.0.1/"}, "--index and --data must both be"),
        ({"since": "soon"}, "invalid time; expected"),
        ({"statuses": ["20"]}, "invalid status"),
    ],
)
def test_wrong_arguments_are_reported(more, words):
    with pytest.raises(UsageError, match=words):
        common_crawl([PAGE], **more)


def test_common_crawl_is_asked_20_times_a_minute_at_most():
    site = common_crawl([PAGE])
    assert (site.delay_s, site.loopback) == (3.0, False)
    assert site.hosts == ("index.commoncrawl.org", "data.commoncrawl.org")
    assert site.queries == (
        "url=http%3A%2F%2Fwww.known.test%2Fzfgzbg%2F2019.html&output=json&filter=%3Dstatus%3A200",
    )
    assert moments(13)[-1] == "20020101000000"
