"""`baogao backfill urls --site`: lists of practice sites walked back in time, family by family."""

from urllib.parse import urlsplit

import pytest
from commands import Started
from killing import holdings, run_until
from scrapy import Selector
from web_archives import body_of

import baogao_practice as practice
from crawler.backfill.urls import backfill_site
from crawler.list_years import Years, words_beside, years_of
from crawler.run import crawl

SITES = {
    "practice-gov": ("www.yanzhao.test", "2022-2022"),
    "practice-hanweb": ("www.qiantang.test", "2019-2021"),
    "practice-gkmlpt": ("www.lingnan.test", "2019-2022"),
    "practice-sitemap": ("www.ditu.test", "2018-2019"),
    "practice-lists": ("www.tongyong.test", "2021-2022"),
    "practice-province": ("www.liaohai.test", "2021-2023"),
    "practice-city": ("www.danshi.test", "2021-2022"),
    "practice-asp": ("www.laoasp.test", "2020-2020"),
    "practice-split": ("www.zhixian.test", "2023-2023"),
}


def path_of(url):
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def reports(host):
    """The report years of the articles of a host, by path."""
    return {
        path_of(url): {work["report_year"] for work in practice.gold(url)["works"]}
        for url in practice.urls(host)
        if practice.gold(url)["works"]
    }


@pytest.fixture
def walk(apart, tmp_path):
    def run(port, name, years, **more):
        return apart(
            backfill_site, tmp_path / "a.db", [name], years and Years.read(years),
            settings={"PRACTICE_PORT": port, "DERIVE_WORKERS": 0}, **more,
        )  # fmt: skip

    return run


def got(query, host):
    """The paths of a host that the archive has, whatever the port was."""
    urls = query("SELECT DISTINCT url FROM captures JOIN pages ON pages.id = page_id")
    return {path_of(url) for (url,) in urls if urlsplit(url).hostname == host}


@pytest.mark.parametrize("name", SITES)
def test_all_of_the_years_come_and_hardly_anything_else(walk, query, name):
    host, years = SITES[name]
    wanted = Years.read(years)
    with practice.Server(port=0) as server:
        result = walk(server.port, name, years)
    assert result.findings == ()
    told = reports(host)
    inside = {path for path, found in told.items() if any(year in wanted for year in found)}
    near = {path for path, found in told.items() if any(year + 1 in wanted for year in found)}
    have = got(query, host) & set(told)
    assert inside
    assert inside - have == set()
    assert have - inside - near == set()
    assert set(told) - have != set()
    (row,) = result.summary["found"]
    assert row["of"] == name
    assert row["articles in its lists"] == row["taken"] + row[f"outside {years}"]


def test_a_second_walk_asks_for_lists_only_and_other_years_for_the_rest(walk, query):
    host, _ = SITES["practice-hanweb"]
    with practice.Server(port=0) as server:
        walk(server.port, "practice-hanweb", "2019-2021")
        first = got(query, host)
        server.asked.clear()
        walk(server.port, "practice-hanweb", "2019-2021")
        assert not [path for _, path in server.asked if "/art/" in path]
        (row,) = walk(server.port, "practice-hanweb", "2019-2023").summary["found"]
        assert [times for (_, path), times in server.asked.items() if "/art/" in path].count(1)
        assert not [path for _, path in server.asked if "/art/" in path and path in first]
    assert row["already here"] == len([path for path in first if "/art/" in path])


def test_without_years_all_that_a_crawl_left_is_taken_up_to_the_limit(walk, apart, query, tmp_path):
    host, _ = SITES["practice-asp"]
    articles = set(reports(host))
    with practice.Server(port=0) as server:
        walk(server.port, "practice-asp", None, limit=3)
        some = got(query, host) & articles
        assert len(some) == 3
        walk(server.port, "practice-asp", None, limit=3)  # the same command takes no more
        assert got(query, host) & articles == some
        apart(crawl, tmp_path / "a.db", ["practice-asp"], settings={"PRACTICE_PORT": server.port})
        server.asked.clear()
        (row,) = walk(server.port, "practice-asp", None).summary["found"]
    assert row["articles in its lists"] == row["already here"] == len(articles)
    assert not [path for _, path in server.asked if path.startswith("/news.asp")]


def test_a_dry_run_reads_the_lists_and_keeps_nothing(walk, tmp_path):
    with practice.Server(port=0) as server:
        result = walk(server.port, "practice-gov", "2022-2022", dry_run=True)
    (row,) = result.summary["found"]
    assert row["taken"] > 0
    assert row["articles in its lists"] == row["taken"] + row["outside 2022-2022"]
    assert not [path for _, path in server.asked if "/t20" in path]
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "give either a FILE of URLs"),
        (["-", "--site", "anhui"], "give either a FILE of URLs"),
        (["-", "--years", "2001"], "--years requires --site"),
        (["--site", "nowhere"], "there is no site named 'nowhere'"),
        (["--site", "anhui"], "--contact"),
        (["--site", "anhui", "--years", "now"], "invalid years; expected"),
        (["--site", "anhui", "--years", "2010-2001"], "invalid years; expected"),
    ],
)
def test_what_was_not_meant_is_reported(baogao, tmp_path, arguments, words):
    done = baogao("backfill", "urls", "a.db", *arguments)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert not (tmp_path / "a.db").exists()


@pytest.mark.parametrize(
    ("url", "words", "beside", "years"),
    [
        ("http://a.cn/art/2023/1/31/art_1_2.html", "政府工作报告", "", {2023}),
        ("http://a.cn/zw/202301/t20230131_7.html", "2022年政府工作报告", "", {2022, 2023}),
        ("http://a.cn/news.asp?id=20191", "二〇一九年政府工作报告", "", {2019}),
        ("http://a.cn/7.html", "二○○八年报告", "[2008-02-01]", {2008}),
        ("http://a.cn/7.html", "报告", "发布时间：2009/2/1 浏览1999次", {2009}),
        ("http://a.cn/7.html", "报告", "20110203", {2011}),
        ("http://a.cn/content_2012345.html", "报告2000字", "电话 20101399", set()),
        ("http://a.cn/7.html", "一九四八年", "", set()),
    ],
)
def test_titles_dates_and_addresses_tell_years(url, words, beside, years):
    assert years_of(url, words, beside) == years


def test_what_stands_beside_a_link():
    page = Selector(
        text="<ul><li><a href='/1'>一</a><span>2001-02-03</span></li>"
        "<li><i>2004-05-06</i> <a href='/2'>二</a></li></ul>"
        "<p><a href='/3'>三</a> (2007-08-09)<br><a href='/4'>四</a> (2010-11-12)</p>"
    )
    beside = [words_beside(anchor) for anchor in page.css("a")]
    assert beside == ["2001-02-03", "2004-05-06", "(2007-08-09)", "(2010-11-12)"]


SITE = """\
title = "示范县人民政府"
kind = "official"
family = "trs"
hosts = ["www.known.test"]
start = ["http://www.known.test:{port}/l/index.html"]
loopback = true
[politeness]
delay_s = 0.01
"""


def test_a_walk_killed_at_any_moment_comes_to_the_same_archive(baogao, serve, tmp_path):
    """Five lists of six articles of a year; three years are wanted."""

    def answer(_host, path):
        name = path.rpartition("/")[2]
        if not name.startswith("index"):
            return (404, {}, b"") if path == "/robots.txt" else (200, {}, body_of(path))
        year = 2020 + int(name.removesuffix(".html").partition("_")[2] or 0)
        links = (f'<a href="/l/{year}01/t{year}0101_{n}.html">报告</a>' for n in range(6))
        pager = f'<script>createPageHTML(5, {year - 2020}, "index", "html")</script>'
        return 200, {"Content-Type": "text/html"}, ("".join(links) + pager).encode()

    server = serve(answer)
    (tmp_path / "known.toml").write_text(SITE.format(port=server.port), "utf-8")
    arguments = ["backfill", "urls", "a.db", "--site", "known", "--years", "2021-2023"]
    arguments += ["--sites-dir", str(tmp_path)]
    assert baogao(*arguments).returncode == 0
    (tmp_path / "a.db").rename(tmp_path / "whole.db")
    assert len([path for path in server.paths if "/t20" in path]) == 18
    server.asked.clear()
    for moment in (3, 11, 20):
        running = Started(arguments, tmp_path)
        assert run_until(running, lambda m=moment: len(server.asked) >= m) is None
    done = baogao(*arguments)
    assert done.returncode == 0, done.stderr.decode()
    right, found = holdings(tmp_path / "whole.db"), holdings(tmp_path / "a.db")
    for table in right:
        assert set(found[table]) == set(right[table]), table
    assert len([path for path in server.paths if "/t20" in path]) <= 18 + 3 * 2
