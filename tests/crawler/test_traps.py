"""Addresses without end: what is counted, what is left, and that it is said."""

import json
import sqlite3
from contextlib import closing

import pytest
from hostile import endless
from loopback import site_file

from archive import Capture, DataFileError
from archive.model import sha256
from crawler.site_files import Limits, read_site
from crawler.traps import LISTS_OF_A_HOST, Traps, leads_into_itself, pattern_of


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("http://www.x.test/cal?day=2024-01-31", "x.test/cal?day=#-#-#"),
        ("http://x.test/2024/1/31/index_2.html", "x.test/#/#/#/index_#.html"),
        ("http://x.test/l/20240131/t20240131_1.html", "x.test/l/#/t#_#.html"),
        ("http://x.test/s/9f86d081884c7d659a2f/a.asp", "x.test/s/*/a.asp"),
        ("http://x.test/a?b=Zx9-kQ2mVt81LpWq7RsT_3&a=7", "x.test/a?a=#&b=*"),
        ("http://x.test/a;jsessionid=8F3A", "x.test/a"),
        ("http://x.test/a?jsessionid=8F3A&p12=x", "x.test/a?p#=x"),
        ("http://x.test/zhengfugongzuobaogao/", "x.test/zhengfugongzuobaogao/"),
        ("http://x.test/%E6%94%BF%E5%BA%9C/1", "x.test/政府/#"),
    ],
)
def test_numbers_and_tokens_make_no_other_pattern(url, pattern):
    assert pattern_of(url) == pattern


@pytest.mark.parametrize(
    ("path", "repeats"),
    [
        ("/a/a/a/a/x.html", True), ("/a/b/a/b/a/b/", True), ("/x/a/b/c/a/b/c/a/b/c", True),
        ("/" + "/".join(map(str, range(31))), True), ("/a/a/a/x.html", False),
        ("/a/b/a/b/", False), ("/2011/1/1/1.html", False), ("/", False),
        ("/art/2023/1/31/a.html", False),
        ("//a//a//a//a", True),
    ],
)  # fmt: skip
def test_a_path_that_repeats_itself(path, repeats):
    assert leads_into_itself(f"http://x.test{path}") is repeats


def page(number):
    body = str(number).encode()
    return Capture("http://a.test/", payload=body, wire_sha256=sha256(body), wire_bytes=len(body))


def test_a_page_that_others_gave_before_counts_only_in_a_row():
    traps = Traps(Limits(same=3))
    for digest in (1, 1, 1, 2, 2, 2, 2):
        traps.got(f"http://a.test/{digest}", page(digest))
        assert list(traps.findings()) == []
    pattern = traps._patterns["a.test/#"]
    assert (pattern.alike, pattern.why is None) == (3, False)


def test_other_hosts_have_limits_of_their_own_and_the_run_has_one():
    traps = Traps(Limits(addresses=2))
    for host in "abcdefg":
        taken = [traps.take(host) for _ in range(3)]
        assert taken == ([True, True, False] if host < "f" else [False] * 3)
    traps.was_known("a")
    assert [traps.take("a"), traps.take("a")] == [True, False]


SITE = """\
title = "x"
kind = "official"
family = "list"
hosts = ["{name}.trap.test"]
start = ["http://{name}.trap.test:8642/l/0.html"]
reports = ['/r/']
lists = ['/l/']
loopback = true
[politeness]
delay_s = 0.001
[expect]
minimum = 0
largest_drop = 1.0
[limits]
{limits}
"""
SMALL = "barren = 10\nsame = 6\naddresses = 50\nrequests = 60\nlinks = 300"


@pytest.fixture(scope="module")
def crawling(crawl_apart, serve, tmp_path_factory):
    folder = tmp_path_factory.mktemp("traps")

    def answers(host, path):
        name = host.partition(".")[0]
        return (404, {}, b"") if path == "/robots.txt" else endless.SITES[name](path)

    server = serve(answers)

    def run(db, names, limits=SMALL):
        server.asked.clear()
        for name in names:
            (folder / f"{name}.toml").write_text(SITE.format(name=name, limits=limits), "utf-8")
        result = crawl_apart(
            folder / db, list(names), sites_dirs=[str(folder)],
            settings={"PRACTICE_PORT": server.port, "LOG_LEVEL": "CRITICAL",
                      "AUTOTHROTTLE_ENABLED": False},
        )  # fmt: skip
        return result, [(host.partition(".")[0], path) for host, path, _ in server.asked]

    def rows(db, sql, *values):
        with closing(sqlite3.connect(folder / db)) as opened:
            return opened.execute(sql, values).fetchall()

    return run, rows


TOLD = {
    "calendar": "10 lists in a row show no report that is new",
    "counter": "10 lists in a row show no report that is new",
    "sessions": "in a row",
    "parameters": "40 lists in a row show no report that is new",
    "session-articles": "6 addresses in a row give a page that others gave",
    "into-itself": "the path repeats itself",
    "random-names": "40 lists in a row show no report that is new",
    "many-links": "shows 2000 links, of which 300 were read",
}


def test_a_site_without_end_ends_and_what_was_left_is_said(crawling):
    run, rows = crawling
    result, asked = run("a.db", endless.SITES)
    assert result.exit_code == 3, "limits were reached"
    for name in endless.SITES:
        assert sum(1 for host, _ in asked if host == name) <= 61, name
        said = [words for words in result.findings if words.startswith(f"{name}: ")]
        assert TOLD.get(name, "") in " ".join(said), (name, said)
    (taken,) = rows("a.db", "SELECT count(*) FROM frontier WHERE host = 'many-links.trap.test'")[0]
    assert taken == 51, "of 2,000 links fifty, and the list"
    words = " ".join(result.unfinished)
    assert "250 more addresses of many-links.trap.test were not taken up" in words
    assert "limits.addresses allows 50 a run" in words
    assert "fertile.trap.test were not taken up" in words
    (counts,) = rows("a.db", "SELECT counts_json FROM run_ends")[0]
    assert '"left_in_traps:calendar"' in counts


def test_what_a_run_did_not_take_up_the_next_ones_do(crawling):
    run, rows = crawling
    limits = "addresses = 12\nlinks = 30"
    exit_codes = [run("m.db", ["many-links"], limits)[0].exit_code for _ in range(4)]
    assert exit_codes == [3, 3, 1, 1], "30 of 2,000 links are read, which is said each time"
    got = rows("m.db", "SELECT count(DISTINCT page_id) FROM captures WHERE outcome = 'ok'")
    assert got == [(31,)]


def test_a_host_is_asked_no_more_than_it_may_be_and_the_rest_is_kept(crawling):
    run, rows = crawling
    result, asked = run("r.db", ["many-links"], "requests = 8\naddresses = 30")
    assert len([path for _, path in asked if path != "/robots.txt"]) == 8
    assert result.exit_code == 3
    assert "was asked 8 times, which limits.requests allows a run" in " ".join(result.unfinished)
    assert rows("r.db", "SELECT count(*) FROM frontier WHERE state = 'pending'") == [(23,)]


def test_limits_are_those_of_the_site_file(tmp_path):
    path = tmp_path / "limited.toml"
    path.write_text(SITE.format(name="limited", limits="barren = 7"), "utf-8")
    assert read_site(path).limits == Limits(barren=7)
    for wrong in ("barren = 0", "requests = -1", 'links = "many"', "pages = 3"):
        path.write_text(SITE.format(name="limited", limits=wrong), "utf-8")
        with pytest.raises(DataFileError, match="limits"):
            read_site(path)


def test_lists_of_any_pattern_may_be_barren_longer():
    assert LISTS_OF_A_HOST > 1
    traps = Traps(Limits(barren=2))
    for name in "abcdefg":
        traps.read_list(f"http://a.test/{name}/", shows_new=False)
    assert traps._patterns["lists a.test"].why is None
    traps.read_list("http://a.test/h/", shows_new=False)
    assert traps._patterns["lists a.test"].why is not None


BUDGET = site_file("budget.test", path="/l/0.html") + "[limits]\naddresses = 11\n"


def test_budgets_of_all_sites_give_way_to_those_of_a_file(crawl_apart, serve, tmp_path):
    """`[limits]` of baogao.toml reaches a crawl as the setting LIMITS."""

    def answer(_, path):
        if not path.startswith("/l/"):
            return 404, {}, b""
        after = int(path[3:-5]) + 1
        words = f'<a href="/r/{after}">x</a><a href="/l/{after}.html">下一页</a>'
        return 200, {"Content-Type": "text/html; charset=utf-8"}, words.encode()

    (tmp_path / "budget.toml").write_text(BUDGET, "utf-8")
    site = read_site(tmp_path / "budget.toml")
    limits = site.within({"addresses": 99, "depth": 3}).limits
    assert (limits.addresses, limits.depth, limits.requests) == (11, 3, 50_000)
    server = serve(answer)
    settings = {"PRACTICE_PORT": server.port, "LOG_LEVEL": "CRITICAL", "LIMITS": {"depth": 3}}
    crawl_apart(tmp_path / "x.db", ["budget"], sites_dirs=[str(tmp_path)], settings=settings)
    lists = [path for path in server.paths if path.startswith("/l/")]
    assert lists == [f"/l/{n}.html" for n in range(4)]


def test_limits_are_shown(baogao, tmp_path):
    (tmp_path / "budget.toml").write_text(BUDGET, "utf-8")
    words = 'sites_dirs = ["."]\n[limits]\naddresses = 77\ndepth = 9\n'
    (tmp_path / "baogao.toml").write_text(words, "utf-8")
    shown = baogao("sites", "--limits").stdout.decode().splitlines()
    found = {line["name"]: line for line in map(json.loads, shown)}
    assert (found["budget"]["addresses"], found["budget"]["depth"]) == (11, 9)
    assert (found["anhui"]["addresses"], found["anhui"]["requests"]) == (77, 50_000)
