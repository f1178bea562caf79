"""`baogao backfill commoncrawl --index`: a scan by the columnar index, against a small layout."""

import gzip
import json
from contextlib import ExitStack
from time import process_time
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from commands import Started
from killing import holdings, run_until
from web_archives import (
    FakeCommonCrawl,
    body_of,
    digest_of,
    layout,
    record_of,
    table_row,
    whole_file,
    write_table,
)

from archive import UsageError
from crawler.backfill.crawlindex import IN_ARC, CrawlRow
from crawler.backfill.crawlparts import MOST_BETWEEN, MOST_BYTES, MOST_RECORDS, Part, joined
from crawler.backfill.crawlpieces import RemoteFile, is_wanted_part
from crawler.backfill.crawlscan import table_query
from crawler.backfill.crawltable import Asked, IndexTable, index_files
from crawler.backfill.crawlwords import WordSearch
from crawler.cli import main

pytest.importorskip("duckdb", reason="the columnar index needs duckdb (extra columnar)")

HOME = "http://www.known.test/"
OTHER = "http://sub.other.gov.test/"
NEWS = "<html><head><meta charset='utf-8'></head><p>今天天气很好。</p></html>".encode()
NAME = "CC-MAIN-2024-10"
WARC = f"/data/{NAME}/x.warc.gz"


def report(words):
    return "20240301120000", body_of(words)


PAGES = {
    HOME + "a.html": report("甲"),
    HOME + "b.html": ("20240302120000", NEWS),
    HOME + "zfgzbg/c.html": ("20240303120000", body_of("丙").decode().encode("gb18030")),
    OTHER + "d.html": report("丁"),
    "http://else.test/e.html": report("戊"),
}


@pytest.fixture
def crawl():
    """Start a fake Common Crawl; it ends with the test."""
    with ExitStack() as running:
        yield lambda pages=PAGES, crawls=None, **how: running.enter_context(
            FakeCommonCrawl(crawls or {NAME: pages}, **how)
        )


@pytest.fixture
def scan(baogao, known_site, tmp_path):
    """Scan a fake Common Crawl into a.db; returns the ended process, with `.found` if as JSON."""

    def run(fake, *more, index=None):
        if index is None:
            index = tmp_path / "cc-index"
            if not index.exists():
                layout(fake, index)
        done = baogao(*arguments(fake, index, known_site), "--json", *more)
        done.found = json.loads(done.stdout) if done.stdout else None
        done.said = done.stderr.decode()
        return done

    return run


def arguments(fake, index, known_site):
    return [
        "backfill", "commoncrawl", "a.db", "--index", str(index), "--data", fake.data,
        "--per-minute", "60000", "--sites-dir", str(known_site(80)),
    ]  # fmt: skip


def pages(query):
    return query(
        "SELECT url, captured_at FROM captures JOIN pages ON pages.id = page_id"
        " WHERE origin = 'commoncrawl' ORDER BY url"
    )


def test_pages_with_the_words_are_stored_and_nothing_is_asked_twice(scan, crawl, query):
    fake = crawl()
    done = scan(fake, "--host", "www.known.test", "--host", ".gov.test")
    assert done.returncode == 0, done.said
    assert pages(query) == [
        (OTHER + "d.html", "2024-03-01T12:00:00.000Z"),
        (HOME + "a.html", "2024-03-01T12:00:00.000Z"),
        (HOME + "zfgzbg/c.html", "2024-03-03T12:00:00.000Z"),
    ]
    assert query("SELECT count(*) FROM texts") == [(3,)]
    (row,) = done.found["found"]
    assert (row["taken"], row["stored: have the words"], row["not stored: without the words"]) == (
        4, 3, 1,
    )  # fmt: skip
    assert len(fake.ranges) == 1  # all four records lie side by side, a fifth between them
    ((counts,),) = query("SELECT counts_json FROM run_ends")
    assert json.loads(counts)["commoncrawl: not stored: without the words"] == 1
    assert query("SELECT outcome, state FROM frontier WHERE site LIKE 'commoncrawl-%'") == [
        ("ok", "done")
    ]
    (line,) = [line for line in fake.lines[NAME] if line["url"] == HOME + "a.html"]
    first, last = int(line["offset"]), int(line["offset"]) + int(line["length"]) - 1
    claims, member, container, kind, status = query(
        "SELECT claims_json, member, container_sha256, kind, status FROM captures"
        " JOIN site_facts ON site_facts.id = site_facts_id JOIN pages ON pages.id = page_id"
        f" WHERE url = '{HOME}a.html'"
    )[0]
    assert dict(json.loads(claims)) == {
        "memento": f"{fake.data}{NAME}/x.warc.gz#bytes={first}-{last}",
        "claimed_digest": digest_of(body_of("甲")), "digest_check": "match",
    }  # fmt: skip
    assert (member[:10], len(container), kind, status) == ("<urn:uuid:", 64, "official", 200)
    before = pages(query)
    again = scan(fake)  # another command, which knows what this one asked for
    assert again.returncode == 0, again.said
    (row,) = again.found["found"]
    assert (row["asked for before"], row["taken"]) == (4, 1)
    assert len(fake.ranges) == 2
    assert pages(query) == [("http://else.test/e.html", "2024-03-01T12:00:00.000Z"), *before]


def test_a_plan_says_requests_bytes_and_hours_and_writes_nothing(scan, crawl, tmp_path):
    fake = crawl()
    (row,) = scan(fake, "--plan", "--per-minute", "1").found
    assert row == {
        "of": "all hosts", "taken": 5, "requests": 1, "bytes": len(fake.files[WARC]) - 11,
        "hours": 0.02,
    }  # fmt: skip
    assert not (tmp_path / "a.db").exists()
    assert fake.server.asked == []


# ---- answers and records that are not as the index says


def body(kind):
    """The beginning of a file that is no page."""
    return {"pdf": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 9}[kind]


def test_what_cannot_be_tested_is_stored_and_the_rest_is_counted(scan, crawl, query):
    pages_of = {
        HOME + "a.pdf": ("20240301120000", body("pdf")),
        HOME + "b.png": ("20240301120000", body("png")),
        HOME + "c.html": ("20240301120000", NEWS),
        HOME + "d.html": ("20240301120000", gzip.compress(body_of("丁"), mtime=0)),
        HOME + "e.html": ("20240301120000", b""),
        HOME + "f.html": ("20240301120000", NEWS * 2),
    }
    fake = crawl(pages_of, truncated=[HOME + "f.html"])
    (row,) = scan(fake, "--quiet").found["found"]
    assert {name: number for name, number in row.items() if "stored" in name} == {
        "stored: documents that cannot be tested": 2, "not stored: without the words": 1,
        "not stored: without the words in what Common Crawl kept": 1,
        "not stored: pictures, sound and empty bodies": 2,
    }  # fmt: skip
    assert [url for url, _ in pages(query)] == [HOME + "a.pdf", HOME + "d.html"]


def test_without_words_every_page_is_stored(scan, crawl, query):
    assert scan(crawl(), "--containing", "", "--host", "www.known.test").returncode == 0
    assert len(pages(query)) == 3


def test_records_that_are_not_as_the_index_says_cost_nothing_else(scan, crawl, query):
    """Each fault is in a WARC file of its own, between two good records."""
    names = ["damaged", "other-page", "request", "two", "cut", "overlapping"]
    fake = crawl(crawls={
        name: {f"{HOME}{name}/{n}.html": report(f"{name}{n}") for n in range(3)}
        for name in (NAME, *names)
    })  # fmt: skip
    for name in names:
        spoil(fake, name)
    done = scan(fake)
    assert done.returncode == 1
    found = {url for url, _ in pages(query)}
    whole = {f"{HOME}{name}/{n}.html" for name in (NAME, *names) for n in range(3)}
    assert whole - found == {f"{HOME}{name}/1.html" for name in names[:-1]}
    for words in ("the record is damaged", "the record is of", "records where one response"):
        assert words in done.said
    assert "Traceback" not in done.said
    (row,) = done.found["found"]
    assert row["requested once more by themselves"] == len(names) + 1  # two of them overlap
    kept = (
        "SELECT count(DISTINCT page_id) FROM captures WHERE origin = 'live' AND outcome <> 'gone'"
    )
    assert query(f"{kept} AND payload_sha256 IS NOT NULL") == [(len(names),)]


def spoil(fake, name):
    """Make the second record of a file not what the index says."""
    path = f"/data/{name}/x.warc.gz"
    file, line = bytearray(fake.files[path]), fake.lines[name][1]
    at, length = int(line["offset"]), int(line["length"])
    url, when = line["url"], line["timestamp"]
    if name == "overlapping":  # with the first one
        fake.lines[name].append(fake.lines[name][1] | {"length": str(length - 1), "digest": "-"})
        fake.lines[name].append(fake.lines[name][1] | {"offset": str(at + 1), "digest": "-"})
        return
    if name == "damaged":
        file[at + 60] ^= 255
    elif name == "cut":
        line["length"] = str(length - 20)
    else:
        made = {
            "other-page": record_of(url + "x", when, b"x"),
            "request": record_of(url, when, b"x", kind="request"),
            "two": record_of(url, when, b"x") * 2,
        }[name]
        packed = gzip.compress(made, mtime=0)
        file[at : at + len(packed)] = packed
        line["length"] = str(len(packed))
    fake.files[path] = bytes(file)


def test_servers_that_refuse_or_send_something_else_lose_nothing(scan, crawl, query):
    names = ["busy", "whole", "wrong-part", "small"]
    fake = crawl(crawls={
        name: {f"{HOME}{name}/{n}.html": report(f"{name}{n}") for n in range(2)}
        for name in (NAME, *names)
    })  # fmt: skip
    slow = 503, {"Retry-After": "0"}, b"<Error><Code>SlowDown</Code></Error>"
    answers = {
        "busy": [slow, slow], "whole": [whole_file],
        "wrong-part": [(206, {"Content-Range": "bytes 0-4/99999"}, b"other")],
        "small": [(200, {}, fake.files["/data/small/x.warc.gz"])],
    }  # fmt: skip
    for name, faults in answers.items():
        fake.faults[f"/data/{name}/x.warc.gz"] = faults
    done = scan(fake)
    assert done.returncode == 1
    assert "the whole file was sent, not a part; it was refused" in done.said
    assert "the answer is not marked as a part of the file (206)" in done.said
    assert fake.server.sent < 1 << 24  # what fits into buffers on the way
    found = {url for url, _ in pages(query)}
    assert found == {f"{HOME}{name}/{n}.html" for name in (NAME, "busy", "wrong-part")
                     for n in range(2)}  # fmt: skip
    assert query("SELECT count(*) FROM captures WHERE status = 503") == [(2,)]


def every_other(n):
    """A report, or news."""
    return report(f"第{n}") if n % 2 else ("20240301120000", NEWS + b"%d" % n)


def test_a_killed_scan_goes_on_and_comes_to_the_same_archive(baogao, crawl, known_site, tmp_path):
    fake = crawl(crawls={f"CC-{n}": {f"{HOME}{n}.html": every_other(n)} for n in range(24)})
    words = arguments(fake, layout(fake, tmp_path / "cc-index"), known_site)
    assert baogao(*words).returncode == 0
    (tmp_path / "a.db").rename(tmp_path / "whole.db")
    fake.server.asked.clear()
    for moment in (5, 15):
        running = Started(words, tmp_path)
        assert run_until(running, lambda m=moment: len(fake.server.asked) >= m) is None
    assert baogao(*words).returncode == 0
    right, found = holdings(tmp_path / "whole.db"), holdings(tmp_path / "a.db")
    for table in right:
        assert set(found[table]) == set(right[table]), table
    assert len([row for row in found["captures"] if row[1] == "commoncrawl"]) == 12
    assert len(fake.ranges) <= 24 + 2 * 2  # what was in hand when it was killed


# ---- the index


@pytest.fixture
def table(tmp_path):
    """Read an index; returns the URLs that are taken, the rest by fate, and the faults."""

    def read(lines, *, asked=(), without=(), **choice):
        path = write_table(tmp_path / "index.parquet", map(table_row, lines), without=without)
        with IndexTable([str(path)], table_query(**choice), tmp_path) as made:
            made.forget(asked)
            made.read()
            rows = list(made.rows())
            fates = {fate: number for fate, number in made.counts().items() if fate != "taken"}
        faults = [str(row) for row in rows if isinstance(row, ValueError)]
        return [row.url for row in rows if not isinstance(row, ValueError)], fates, faults

    return read


def line(url, *, when="20240301120000", body=b"", offset=0, **more):
    made = FakeCommonCrawl.line(
        url, when, body or url.encode(), "a/x.warc.gz", offset, b"x" * 9, ""
    )
    return made | more


LINES = [
    line(url, when=when, offset=10 * n) for n, (url, (when, _)) in enumerate(sorted(PAGES.items()))
]


@pytest.mark.parametrize(
    ("choice", "taken", "left"),
    [
        ({}, 5, {}),
        ({"hosts": ["www.known.test"]}, 3, {}),
        ({"hosts": ["known.test"]}, 0, {}),
        ({"hosts": [".known.test"]}, 3, {}),
        ({"hosts": ["*.GOV.test", "else.test"]}, 2, {}),
        ({"hosts": ["n.test"]}, 0, {}),
        ({"paths": ["^/zfgzbg/", "d.html"]}, 2, {"of another path": 3}),
        ({"paths": ["test"]}, 0, {"of another path": 5}),
        ({"mimes": ["PDF"]}, 0, {"of another type": 5}),
        ({"mimes": ["pdf", "HTML"]}, 5, {}),
        ({"statuses": ["404"]}, 0, {"of another status": 5}),
        ({"since": "20240302", "until": "20240302"}, 1, {"of another time": 4}),
        ({"until": "2023"}, 0, {"of another time": 5}),
        ({"limit": 2}, 2, {"beyond the limit": 3}),
    ],
)
@pytest.mark.parametrize("without", [(), ("url_surtkey", "url_host_name", "content_truncated")])
def test_pages_are_chosen_by_host_path_type_and_time(table, choice, taken, left, without):
    urls, fates, faults = table(LINES, without=without, **choice)
    assert (len(urls), fates, faults) == (taken, left, [])


def test_parts_are_together_what_a_query_without_parts_selects(table):
    lines = [line(f"{HOME}{n}", filename=f"a/{n % 40}.warc.gz", offset=n) for n in range(200)]
    lines += [line(f"{HOME}{n}", filename="a/late.warc.gz", offset=n) for n in range(9)]  # equal
    whole, _, _ = table(lines)
    parts = [table(lines, part=(number, 3)) for number in (1, 2, 3)]
    assert sorted(url for urls, _, _ in parts for url in urls) == sorted(whole)
    assert all(40 <= len(urls) <= 100 for urls, _, _ in parts)
    assert len(whole) == 200
    assert parts[0][1] == {"in other parts": 200 - len(parts[0][0]), "equal to an earlier one": 9}


def test_equal_pages_and_records_asked_for_before_are_left_out(table):
    url, other = HOME + "a.html", HOME + "b.html"
    lines = [
        line(url, offset=10), line(url, offset=20, when="20240201120000"),  # the older one is taken
        line(other, offset=30), line(other, offset=30),  # the same row twice
        line(HOME + "c.html", offset=40), line(HOME + "d.html", offset=50, digest="-"),
        line(HOME + "d.html", offset=60, digest="-"),
    ]  # fmt: skip
    urls, fates, _ = table(
        lines,
        asked=[Asked("a/x.warc.gz", 40, "", ""), Asked("b", 1, other, digest_of(other.encode()))],
    )
    assert urls == [url, HOME + "d.html", HOME + "d.html"]
    assert fates == {"asked for before": 1, "equal to an earlier one": 3}


def test_rows_that_cannot_be_right_are_reported_and_never_requested(table):
    odd = [
        {"filename": "../../etc/passwd"}, {"filename": "http://evil.test/x.warc.gz"},
        {"filename": "//evil.test/x.warc.gz"}, {"offset": "-1"}, {"length": "0"},
        {"length": str(2**31 - 1)},
    ]  # fmt: skip
    lines = [line(f"{HOME}{n}.html", **more) for n, more in enumerate(odd)]
    urls, _, faults = table([*lines, line(HOME + "good.html")])
    assert urls == [HOME + "good.html"]
    assert len(faults) == len(odd)
    assert table([line(HOME, filename="crawl-001/2008/a.arc.gz")])[1] == {IN_ARC: 1}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "cannot be read"),
        (b"PAR1 no PAR1", "cannot be read"),
        (None, "the column"),
        (b"url,warc_filename\n", "cannot be read"),
    ],
)
def test_files_that_are_no_index_are_named(tmp_path, content, words):
    path = tmp_path / "x.parquet"
    if content is None:
        write_table(path, map(table_row, LINES), without=["warc_filename", "fetch_time"])
    else:
        path.write_bytes(content)
    with IndexTable([str(path)], table_query(), tmp_path) as table:
        with pytest.raises(UsageError, match=words) as told:
            table.read()
        assert str(path) in str(told.value)


def test_damage_in_the_middle_of_a_file_is_an_error_not_a_smaller_index(tmp_path):
    path = write_table(tmp_path / "x.parquet", [table_row(line(f"{HOME}{n}")) for n in range(300)])
    whole, errors = path.read_bytes(), 0
    for at in range(40, len(whole) - 2000, len(whole) // 9):
        path.write_bytes(whole[:at] + bytes(200) + whole[at + 200 :])
        with IndexTable([str(path)], table_query(), tmp_path) as table:
            try:
                table.read()
            except UsageError as error:
                errors += f"{path}: the index cannot be read" in str(error)
            else:
                assert table.counts().total() == 300  # a column that is not read was hit
    assert errors > 2


def test_duckdb_reads_the_index_alone_and_loads_nothing(tmp_path):
    path = write_table(tmp_path / "x.parquet", map(table_row, LINES))
    other = write_table(tmp_path / "y.parquet", map(table_row, LINES))
    folder = tmp_path / "spilled"  # DuckDB may write there
    folder.mkdir()
    with IndexTable([str(path)], table_query(), folder) as table:
        ask = table._sql.execute
        settings = ["autoinstall_known_extensions", "autoload_known_extensions",
                    "enable_external_access", "allow_community_extensions"]  # fmt: skip
        assert [ask(f"SELECT current_setting('{name}')").fetchone() for name in settings] == [
            (False,)
        ] * 4
        for statement in (f"FROM read_parquet('{other}')", f"COPY chosen TO '{tmp_path}/z.csv'",
                          "INSTALL httpfs", "SET enable_external_access = true"):  # fmt: skip
            with pytest.raises(table._error):
                ask(statement)


def test_folders_choose_the_crawl_and_the_subset(tmp_path):
    for crawl in ("CC-MAIN-2023-06", "CC-MAIN-2024-10"):
        for subset in ("warc", "robotstxt", "crawldiagnostics"):
            folder = tmp_path / f"crawl={crawl}" / f"subset={subset}"
            folder.mkdir(parents=True)
            (folder / "part-0.parquet").touch()
    files, others = index_files([str(tmp_path)], ["CC-MAIN-2024"])
    assert [file.split("crawl=")[1] for file in files] == [
        "CC-MAIN-2024-10/subset=warc/part-0.parquet"
    ]
    assert others == 2
    assert len(index_files([str(tmp_path), files[0]], ())[0]) == 2
    with pytest.raises(UsageError, match="no Parquet file of the subset warc of CC-MAIN-2020"):
        index_files([str(tmp_path)], ["CC-MAIN-2020"])
    with pytest.raises(UsageError, match="no such file"):
        index_files([str(tmp_path / "absent")], ())


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"hosts": ["a b"]}, "invalid host"), ({"hosts": [""]}, "invalid host"),
        ({"hosts": ["'; DROP"]}, "invalid host"), ({"paths": ["("]}, "invalid regular expression"),
        ({"statuses": ["2"]}, "invalid status"), ({"since": "soon"}, "invalid time"),
        ({"part": (4, 3)}, "such as 2/8"),
    ],
)  # fmt: skip
def test_wrong_choices_are_refused(choice, words):
    with pytest.raises(UsageError, match=words):
        table_query(**choice)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["http://x.test/", "--index", "{folder}"], "choose pages by --host and --path"),
        (["http://x.test/", "--host", ".gov.cn"], "--host needs the columnar index"),
        (["http://x.test/", "--part", "1/2"], "--part needs the columnar index"),
        (["--index", "absent", "--part", "3/2"], "such as 2/8"),
        ([], "name URLs, or Parquet files"),
        (["--index", "absent"], "absent: there is no such file or folder"),
    ],
)
def test_options_that_do_not_fit_are_refused(more, words):
    made = CliRunner().invoke(main, ["backfill", "commoncrawl", "a.db", *more])
    assert made.exit_code == 2
    assert words in made.output


# ---- an index at a URL


LIST = "crawl-data/CC-MAIN-2024-10/cc-index-table.paths.gz"
TABLE = "cc-index/table/cc-main/warc/crawl=CC-MAIN-2024-10/subset={subset}/part-{n}.gz.parquet"


@pytest.fixture
def served(crawl, tmp_path):
    """A fake Common Crawl that also serves its index: two large files, and those of others."""
    fake = crawl()
    far = [line(f"http://www.{n:05}.com.test/", when="20240301120000") for n in range(6000)]
    paths = []
    for n, lines in enumerate(([*fake.lines[NAME], *far[::2]], far[1::2])):
        path = write_table(tmp_path / f"{n}.parquet", map(table_row, lines), group=2048)
        paths.append(TABLE.format(subset="warc", n=n))
        fake.files[f"/data/{paths[-1]}"] = path.read_bytes()
    paths.append(TABLE.format(subset="robotstxt", n=0))
    fake.files[f"/data/{LIST}"] = gzip.compress("\n".join(paths).encode())
    return fake


def test_of_an_index_at_a_url_only_what_is_needed_is_fetched_and_once(served, scan, query):
    found = scan(served, "--host", ".known.test", index=served.data + LIST)
    assert found.returncode == 0, found.said
    (row,) = found.found["found"]
    assert (row["taken"], row["stored: have the words"]) == (3, 2)
    of_index = [(path, part) for path, part in served.ranges if path.endswith(".parquet")]
    assert len({path for path, _ in of_index}) == 2
    index = [body for path, body in served.files.items() if "cc-index" in path]
    assert row["bytes of the index"] == sum(map(len, index))  # small files have but an end
    assert [url for url, _ in pages(query)] == [HOME + "a.html", HOME + "zfgzbg/c.html"]
    assert query("SELECT count(*) FROM captures WHERE outcome = 'ok' AND origin = 'live'") == [(0,)]
    served.server.asked.clear()
    again = scan(served, "--host", ".known.test", index=served.data + LIST)
    assert again.found["found"][0]["asked for before"] == 3
    assert served.ranges == []  # the copies are kept


def test_an_index_that_does_not_come_or_is_none_requests_no_page(served, scan, query):
    served.faults[f"/data/{TABLE.format(subset='warc', n=1)}"] = [(404, {}, b"NoSuchKey")]
    done = scan(served, index=served.data + LIST)
    assert done.returncode == 3
    assert "1 files of the index are not complete, so no page was requested" in done.said
    assert not served.asked("x.warc.gz")
    served.files[f"/data/{LIST}"] = b"../../etc/passwd\n"
    done = scan(served, index=served.data + LIST)
    assert done.returncode == 2
    assert "not a list of index files" in done.said
    assert "Traceback" not in done.said


def copied(file, whole, query, folder):
    """Fetch what a query needs, as a server would send it; returns the bytes that were sent."""
    sent = 0
    while wanted := file.missing(query, folder):
        for part in wanted:
            begin, end = part.removeprefix("bytes=").split("-")
            first = int(begin) if begin else max(len(whole) - int(end), 0)
            last = int(end) if begin else len(whole) - 1
            body = whole[first : last + 1]
            stated = f"bytes {first}-{last}/{len(whole)}"
            assert is_wanted_part(stated, part, len(body))
            file.store(stated, body)
            sent += len(body)
    return sent


def test_a_copy_with_holes_is_read_like_the_whole_file(tmp_path, monkeypatch):
    monkeypatch.setattr("crawler.backfill.crawlpieces.TAIL", 1000)  # less than the footer
    monkeypatch.setattr("crawler.backfill.crawlpieces.MOST_BETWEEN", 100)
    monkeypatch.setattr("crawler.backfill.crawlpieces.MOST_BYTES", 5000)
    lines = [line(f"http://{n:05}.{'gov' if n % 9 else 'com'}.test/{n}") for n in range(9000)]
    path = write_table(tmp_path / "x.parquet", map(table_row, lines), group=2048)
    whole = path.read_bytes()
    query = table_query(hosts=[".com.test"])
    copy = RemoteFile("http://x.test/a.parquet", tmp_path / "copies")
    sent = copied(copy, whole, query, tmp_path)
    found = []
    for file in (path, copy.path):
        with IndexTable([str(file)], query, tmp_path) as table:
            table.read()
            found.append([row.url for row in table.rows()])
    assert found[0] == found[1]
    assert len(found[0]) == 1000
    assert sent < len(whole) // 2
    again = RemoteFile("http://x.test/a.parquet", tmp_path / "copies")
    assert again.missing(query, tmp_path) == []
    assert again.missing(table_query(), tmp_path)
    with (
        IndexTable([str(copy.path)], table_query(), tmp_path) as table,
        pytest.raises(UsageError, match="cannot be read"),  # a hole is no empty table
    ):
        table.read()


@pytest.mark.parametrize(
    "end", [b"PAR1", b"\xff\xff\xff\x7fPAR1", b"\0\0\0\0PAR1", b"<html>no such file</html>"]
)
def test_files_that_are_no_parquet_are_refused_by_their_end(tmp_path, end):
    file = RemoteFile("http://x.test/a.parquet", tmp_path)
    file.store(f"bytes 0-{len(end) - 1}/{len(end)}", end)
    with pytest.raises(UsageError, match=r"x\.test/a\.parquet: the index cannot be read"):
        file.missing(table_query(), tmp_path)


def test_a_file_of_another_length_is_begun_anew(tmp_path):
    file = RemoteFile("http://x.test/a.parquet", tmp_path)
    file.store("bytes 5-9/10", b"xPAR1")
    with pytest.raises(UsageError, match="the file has changed"):
        file.store("bytes 0-4/11", b"xxxxx")
    assert RemoteFile("http://x.test/a.parquet", tmp_path).size is None


@pytest.mark.parametrize(
    ("stated", "wanted", "count", "is_it"),
    [
        ("bytes 90-99/100", "bytes=-10", 10, True), ("bytes 0-4/5", "bytes=-10", 5, True),
        ("bytes 80-89/100", "bytes=-10", 10, False), ("bytes 0-9/100", "bytes=0-9", 10, True),
        ("bytes 0-9/5", "bytes=0-9", 10, False), ("bytes 0-9/100", "bytes=0-9", 9, False),
        ("bytes 1-10/100", "bytes=0-9", 10, False), (None, "bytes=0-9", 10, False),
        ("bytes 0-9/*", "bytes=0-9", 10, False),
    ],
)  # fmt: skip
def test_a_part_of_an_index_is_the_one_that_was_requested(stated, wanted, count, is_it):
    assert is_wanted_part(stated, wanted, count) is is_it


# ---- joining and testing


def row_at(offset, length=10, filename="a"):
    return CrawlRow("http://x.test/", "", "", (), "", filename, offset, length, "")


@pytest.mark.parametrize(
    ("rows", "ranges"),
    [
        ([], []),
        ([row_at(0), row_at(10), row_at(20)], ["a bytes=0-29"]),
        ([row_at(0), row_at(10 + MOST_BETWEEN)], [f"a bytes=0-{19 + MOST_BETWEEN}"]),
        ([row_at(0), row_at(11 + MOST_BETWEEN)],
         ["a bytes=0-9", f"a bytes={11 + MOST_BETWEEN}-{20 + MOST_BETWEEN}"]),
        ([row_at(0), row_at(10, filename="b")], ["a bytes=0-9", "b bytes=10-19"]),
        ([row_at(0), row_at(9)], ["a bytes=0-9", "a bytes=9-18"]),
        ([row_at(0, MOST_BYTES), row_at(MOST_BYTES)],
         [f"a bytes=0-{MOST_BYTES - 1}", f"a bytes={MOST_BYTES}-{MOST_BYTES + 9}"]),
    ],
)  # fmt: skip
def test_neighbours_are_joined(rows, ranges):
    parts = list(joined(rows))
    assert [f"{part.filename} {part.range}" for part in parts] == ranges
    assert [Part.unpacked(json.loads(json.dumps(part.packed()))) for part in parts] == parts


def test_a_request_has_so_many_records_at_most():
    parts = list(joined(row_at(10 * n) for n in range(2 * MOST_RECORDS + 1)))
    assert [len(part.rows) for part in parts] == [MOST_RECORDS, MOST_RECORDS, 1]


WORD = "政府工作报告"
OLD = "政府工作報告"
SPREAD = "<p>政 府\u3000工&nbsp;<b>作</b>\r\n报<!-- x -->告</p>"


@pytest.mark.parametrize(
    "payload",
    [
        WORD.encode(), WORD.encode("gbk"), OLD.encode(), OLD.encode("big5"), OLD.encode("gb18030"),
        WORD.encode("utf-16"), WORD.encode("utf-16-be"), f"<p>{WORD}".encode("utf-32"),
        f"<p>{'x' * 99}{SPREAD}".encode("utf-16-le"), SPREAD.encode(), SPREAD.encode("gb18030"),
        "".join(f"&#{ord(char)};" for char in WORD).encode(),
        "".join(f"&#x{ord(char):04X}; " for char in WORD).encode(),
        "".join(f"&#0{ord(char)}" for char in WORD).encode(),
        json.dumps({"title": WORD}).encode(), json.dumps(json.dumps(WORD)).encode(),
        quote(WORD).encode(), quote(WORD.encode("gbk")).lower().encode(),
        WORD.encode().decode("latin-1").encode(), WORD.encode("gbk").decode("cp1252").encode(),
        b"\xff\xfe broken \x81 " + WORD.encode() + b"\xe6",
    ],
)  # fmt: skip
def test_words_are_found_however_they_are_written(payload):
    assert WordSearch().is_in(payload)
    assert not WordSearch(["预算执行情况"]).is_in(payload)


@pytest.mark.parametrize(
    "payload", [b"", NEWS, "政府工作的报告".encode(), "政府工作".encode(), b"\0" * 999,
                ("政府工" + "x" * 9 + "作报告").encode()],
)  # fmt: skip
def test_other_words_are_not_found(payload):
    assert not WordSearch().is_in(payload)


@pytest.mark.parametrize(
    "piece",
    ["政" + " " * 24, "政" + "<" * 400, "政" + "&a <x>" * 400, "&#25919;" * 9, "政府工作报"],
)
def test_hostile_bytes_take_no_longer_than_others(piece):
    payload = (piece * (2_000_000 // len(piece.encode()))).encode()
    began = process_time()
    assert not WordSearch().is_in(payload)
    assert process_time() - began < 2
