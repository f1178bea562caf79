"""`baogao backfill urls`: lists of addresses, through the real crawler in a process of its own."""

import json
import sqlite3
from contextlib import closing

import pytest
from commands import Started
from killing import holdings, run_until

from archive import UsageError
from crawler.backfill.lists import Listed, read_list
from crawler.backfill.owners import listed_sites
from crawler.known import made
from crawler.schedule import due
from crawler.site_files import load_sites

REPORT = (
    "<html><head><meta charset='utf-8'><title>示范县2023年政府工作报告</title></head><body>"
    "<h1>示范县2023年政府工作报告</h1><p>各位代表：</p><p>{}（示范文本）</p></body></html>"
)


def page(words):
    body = REPORT.format(f"现在，我代表示范县人民政府，向大会报告{words}年的工作，请予审议。" * 5)
    return 200, {"Content-Type": "text/html"}, body.encode()


def sitemap(port):
    places = "".join(
        f"<url><loc>http://www.known.test:{port}/s/{n}.html</loc></url>" for n in range(3)
    )
    body = f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'
    return 200, {"Content-Type": "text/xml"}, body.encode()


def answers(server_of):
    def answer(_host, path):
        if path == "/robots.txt":
            return 200, {}, b"User-agent: *\nDisallow: /private/\n"
        if path == "/sitemap.xml":
            return sitemap(server_of().port)
        return (404, {}, b"no") if path.startswith("/gone") else page(path)

    return answer


@pytest.fixture
def web(serve):
    started = []
    started.append(serve(answers(lambda: started[0])))
    return started[0]


def written(tmp_path, *lines):
    (tmp_path / "list.txt").write_text("\n".join(lines) + "\n", "utf-8")
    return "list.txt"


def test_a_list_is_fetched_once_and_a_second_run_asks_nothing(
    baogao, query, known_site, tmp_path, web
):
    base = f"http://www.known.test:{web.port}"
    folder = known_site(web.port)
    name = written(
        tmp_path, "# 市县", "", f"{base}/a.html", f"{base}/b.html", f"{base}/a.html#top",
        f"{base}/private/x.html", f"{base}/gone.html", f"sitemap:{base}/sitemap.xml",
    )  # fmt: skip
    command = ("backfill", "urls", "a.db", name, "--sites-dir", folder)
    done = baogao(*command, "--json")
    assert done.returncode == 1, done.stderr.decode()
    assert f"{base}/gone.html: gone; what came is kept" in done.stderr.decode()
    assert f"{base}/private/x.html: robots" in done.stderr.decode()
    assert json.loads(done.stdout)["captures"]
    asked = web.paths
    wanted = ["/a.html", "/b.html", "/gone.html", "/s/0.html", "/s/1.html", "/s/2.html"]
    assert sorted(asked) == sorted(["/robots.txt", "/sitemap.xml", *wanted])
    assert query("SELECT DISTINCT name, kind, place_code FROM site_facts") == [
        ("known", "official", "210381")
    ]
    assert query("SELECT count(*) FROM texts") == [(5,)]
    assert query("SELECT kind FROM runs") == [("backfill",)]
    web.asked.clear()
    again = baogao(*command)
    assert again.returncode == 1
    assert web.paths == ["/robots.txt", "/sitemap.xml"]
    assert query("SELECT count(*) FROM texts") == [(5,)]


def test_a_dry_run_counts_by_host_and_makes_nothing(baogao, tmp_path, web):
    name = written(
        tmp_path, "http://a.example/1", "http://a.example/2", "sitemap:https://b.example/s.xml"
    )
    done = baogao("backfill", "urls", "a.db", name, "--dry-run", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == [
        {"host": "a.example", "site": None, "kind": "unknown", "addresses": 2, "sitemaps": 0,
         "done": 0},
        {"host": "b.example", "site": None, "kind": "unknown", "addresses": 0, "sitemaps": 1,
         "done": 0},
    ]  # fmt: skip
    assert not (tmp_path / "a.db").exists()
    assert web.asked == []


def test_wrong_lines_are_reported_before_anything_is_fetched(baogao, tmp_path):
    lines = b"http://a.example/\nftp://b.example/\n\xff\xfe\nhttp://u:p@c.example/\nhttp://[x/\n"
    done = baogao("backfill", "urls", "a.db", "-", stdin=lines)
    told = done.stderr.decode()
    assert done.returncode == 2
    for words in ("line 2: 'ftp:", "line 3: not UTF-8", "line 4: ", "line 5: invalid URL"):
        assert words in told
    assert "line 1" not in told
    assert "Traceback" not in told
    assert not (tmp_path / "a.db").exists()


def test_a_real_host_needs_a_contact(baogao, tmp_path):
    done = baogao("backfill", "urls", "a.db", "-", stdin=b"http://a.example/\n")
    assert done.returncode == 2
    assert "--contact" in done.stderr.decode()
    assert not (tmp_path / "a.db").exists()


def test_an_address_inside_is_refused_at_once(baogao, tmp_path, web):
    url = f"http://127.0.0.1:{web.port}/a.html"
    done = baogao("backfill", "urls", "a.db", "-", "--contact", "x@x.test", stdin=url.encode())
    assert done.returncode == 2
    assert "is not a public address" in done.stderr.decode()
    assert web.asked == []
    assert not (tmp_path / "a.db").exists()


def test_a_limit_takes_the_first_that_are_not_done(baogao, known_site, tmp_path, web):
    base = f"http://www.known.test:{web.port}"
    name = written(tmp_path, *(f"{base}/{n}.html" for n in range(4)))
    command = (
        "backfill",
        "urls",
        "a.db",
        name,
        "--limit",
        "2",
        "--sites-dir",
        known_site(web.port),
    )
    assert baogao(*command).returncode == 0
    assert set(web.paths) == {"/robots.txt", "/0.html", "/1.html"}
    assert baogao(*command).returncode == 0
    assert set(web.paths) == {"/robots.txt", *(f"/{n}.html" for n in range(4))}
    done = baogao(*command)
    assert done.returncode == 0
    assert "nothing left to fetch" in done.stderr.decode()


def test_addresses_of_a_site_file_have_its_facts_and_the_rest_none():
    listed = [
        Listed("http://www.yanzhao.test:8642/a.html"), Listed("http://www.other.example/"),
        Listed("https://third.example:8443/b"),
    ]  # fmt: skip
    known, unknown = listed_sites(listed, load_sites().sites)
    assert known.facts.kind == "official"
    assert not known.name.startswith(known.facts.name)
    assert (unknown.name, unknown.kind, unknown.facts.name) == ("urls", "unknown", "urls")
    assert unknown.covers("other.example")
    assert not unknown.covers("else.example")
    assert unknown.ports == {80, 443, 8443}


def test_many_wrong_lines_are_counted():
    with pytest.raises(UsageError, match=r"line 20: .* and 80 more wrong lines; nothing was"):
        read_list([b"x"] * 100)
    long = b"http://a.example/" + b"x" * 3000
    with pytest.raises(UsageError, match="longer than 2083 characters"):
        read_list([long])


@pytest.mark.parametrize("begun", [b"", "wal"])
def test_what_a_run_left_that_was_killed_at_once_is_no_obstacle(baogao, tmp_path, begun):
    if begun == "wal":
        with closing(sqlite3.connect(tmp_path / "a.db")) as empty:
            empty.execute("PRAGMA journal_mode = WAL")
    else:
        (tmp_path / "a.db").write_bytes(begun)
    assert made(tmp_path / "a.db") is None
    assert due(tmp_path / "a.db", load_sites().chosen(["practice-gov"])) == ["practice-gov"]
    done = baogao("backfill", "urls", "a.db", "-", "--dry-run", stdin=b"http://a.example/")
    assert done.returncode == 0, done.stderr.decode()


def test_a_database_of_others_is_refused(baogao, tmp_path):
    with closing(sqlite3.connect(tmp_path / "a.db")) as other:
        other.execute("CREATE TABLE t (x)")
    done = baogao("backfill", "urls", "a.db", "-", "--dry-run", stdin=b"http://a.example/")
    assert done.returncode == 2


def test_a_list_killed_at_any_moment_comes_to_the_same_archive(
    baogao, query, known_site, tmp_path, web
):
    base = f"http://www.known.test:{web.port}"
    name = written(
        tmp_path, f"sitemap:{base}/sitemap.xml", *(f"{base}/{n}.html" for n in range(40))
    )
    arguments = ["backfill", "urls", "a.db", name, "--sites-dir", str(known_site(web.port))]
    assert baogao(*arguments).returncode == 0
    (tmp_path / "a.db").rename(tmp_path / "whole.db")
    web.asked.clear()
    for moment in (4, 25, 41):
        running = Started(arguments, tmp_path)
        assert run_until(running, lambda m=moment: len(web.asked) >= m) is None
    done = baogao(*arguments)
    assert done.returncode == 0, done.stderr.decode()
    right, found = holdings(tmp_path / "whole.db"), holdings(tmp_path / "a.db")
    for table in right:
        assert set(found[table]) == set(right[table]), table
    assert query("SELECT DISTINCT state FROM frontier") == [("done",)]
    pages = [path for path in web.paths if path not in {"/robots.txt", "/sitemap.xml"}]
    assert len(pages) <= 43 + 3 * 2  # what was in hand when it was killed
