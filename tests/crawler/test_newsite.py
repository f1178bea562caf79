"""Starting a site file from one address."""

import json
import re
import sqlite3
import tomllib

import pytest

import baogao_practice as practice
from archive import Capture, UsageError
from crawler.families import guess_family
from crawler.newsite import _ascii, _hosts, _patterns, name_of, new_site, repeated_lines
from crawler.site_files import read_site


def test_a_site_file_a_page_and_its_result_are_written(apart, tmp_path):
    with practice.Server(port=0) as server:
        url = f"http://www.yanzhao.test:{server.port}/zwgk/zfgzbg/index.html"
        made = apart(new_site, url, tmp_path, settings={"PRACTICE_PORT": server.port})
    site = read_site(made.site_file)
    assert (site.name, site.family, made.family) == ("yanzhao", "trs", "trs")
    assert len(made.site_file.read_text("utf-8").splitlines()) == 6
    expected = json.loads(made.expected.read_text("utf-8"))
    assert "工作报告" in expected["text"]
    assert made.page.read_bytes().startswith(b"<!DOCTYPE html>")
    assert any("冀ICP备" in line for line in made.repeated_lines)
    assert site.title == "政府工作报告_燕赵演示门户"
    assert made.articles == 3
    with pytest.raises(UsageError, match="already exists"):
        new_site(url, tmp_path, settings={})


START = {
    "http://www.zhixian.test:{}/": ("pages", 11),  # a first page that links to regions only
    "http://www.yanyu.test:{}/": ("list", 1),
    "http://www.ditu.test:{}/sitemap.xml": ("sitemap", 8),
    "https://www.qiantang.test:{}/col/col1229/index.html": ("hanweb", 11),
}


@pytest.mark.parametrize("start", START)
def test_what_is_written_can_be_crawled_without_a_change(apart, crawl_apart, tmp_path, start):
    """A site on a known template is one file, and nobody has to know the code."""
    family, reports = START[start]
    with practice.Server(port=0) as server:
        settings = {"PRACTICE_PORT": server.port, "LOG_LEVEL": "ERROR"}
        made = apart(new_site, start.format(server.port), tmp_path, settings=settings)
        text = made.site_file.read_text("utf-8").replace(str(server.port), "8642")
        made.site_file.write_text(text + "[politeness]\ndelay_s = 0.01\n", "utf-8")
        name = made.site_file.stem
        db, folders = tmp_path / "x.db", [str(tmp_path)]
        result = crawl_apart(db, [name], sites_dirs=folders, settings=settings)
    assert made.family == family
    assert len(text.splitlines()) <= 8
    assert result.findings == ()
    rows = sqlite3.connect(db)
    texts = "SELECT count(DISTINCT name) FROM works"
    assert rows.execute(texts).fetchone()[0] >= reports
    rows.close()


def test_patterns_are_written_as_toml_reads_them():
    url = "http://a.test/x-y/it's_12/t20230131_7.html"
    written = _patterns([Capture(url=url), Capture(url="http://a.test/zw/2022/")])
    one, other = tomllib.loads(f"x = [{written}]")["x"]
    assert re.search(one, url)
    assert re.search(one, "http://a.test/z/t20190101_99.html")
    assert not re.search(one, "http://a.test/z/about.html")
    assert re.search(other, "http://a.test/zw/2023/")


def test_lines_that_cleaning_keeps_are_distinguished(apart, tmp_path):
    with practice.Server(port=0) as server:
        url = f"http://www.zhixian.test:{server.port}/baogao/xibei/"
        settings = {"PRACTICE_PORT": server.port, "LOG_LEVEL": "ERROR"}
        made = apart(new_site, url, tmp_path, settings=settings)
    assert "导航菜单" in made.repeated_lines
    assert not set(made.kept_lines) & set(made.repeated_lines)
    assert not any(line.startswith("各位代表") for line in made.kept_lines)


@pytest.mark.parametrize(
    ("page", "family"),
    [
        ('<script>createPageHTML(3,0,"index","html")</script>', "trs"),
        ("proxyUrl:'/module/web/jpage/dataproxy.jsp'", "hanweb"),
        ('<a href="/gkmlpt/content/0/1/post_123.html">', "gkmlpt"),
        ('<a href="/baogao/db/4095_2.html">', "pages"),
        ('<a href="news.asp?id=17">', "numeric"),
        ("<urlset><url><loc>http://a.test/1.html</loc></url></urlset>", "sitemap"),
        ("<div>第3/95页</div>", "pages"),
        ("<a href='/about'>", "list"),
    ],
)
def test_a_family_is_guessed_by_its_signs(page, family):
    assert guess_family(page) == family


def test_lines_that_stand_everywhere_are_proposed():
    assert repeated_lines(["首页\n一\n 版权所有", "首页\n二\n版权所有", "首页\n\n版权所有"]) == (
        "首页",
        "版权所有",
    )
    assert repeated_lines(["只有一页"]) == ()


def test_names_come_from_hosts():
    assert name_of("www.shenyang.gov.cn") == "shenyang"
    assert name_of("rsj.dl.gov.cn") == "rsj-dl"
    assert name_of("www.gov.cn") == "site"


@pytest.mark.parametrize("url", ["ftp://a.test/", "nonsense", "http://", "file:///etc/passwd"])
def test_what_is_no_address_is_refused(tmp_path, url):
    with pytest.raises(UsageError, match="not an http or https URL"):
        new_site(url, tmp_path, settings={})


def test_a_real_site_needs_a_contact(tmp_path):
    with pytest.raises(UsageError, match="a contact is required"):
        new_site("https://www.example.gov.cn/", tmp_path, settings={})
    assert list(tmp_path.iterdir()) == []


LIST = "".join(f'<a href="/a/{n}.html">{n}年政府工作报告</a>' for n in (2021, 2022, 2023))
ARTICLE = "<title>政府工作报告</title><p>各位代表：</p><p>过去一年，我们修了三座桥。</p>"


def test_a_host_that_no_site_file_names_and_that_redirects_to_its_www(apart, serve, tmp_path):
    pages = {"/": LIST} | {f"/a/{n}.html": ARTICLE for n in (2021, 2022, 2023)}
    kind = {"Content-Type": "text/html; charset=utf-8"}
    server = serve(
        {("www.menhu.test", path): (200, kind, words.encode()) for path, words in pages.items()}
    )
    home = f"http://www.menhu.test:{server.port}/"
    server.answers["menhu.test", "/"] = (302, {"Location": home}, b"")
    asked, settings = home.replace("www.", ""), {"LOG_LEVEL": "CRITICAL"}
    made = apart(new_site, asked, tmp_path, name="portal", settings=settings)
    site = read_site(made.site_file)
    assert (site.name, site.hosts, site.start) == ("portal", ("www.menhu.test",), (home,))
    assert made.articles == 3
    assert made.page.parent.name == "portal"


def test_a_redirect_to_another_host_is_proposed(apart, serve, tmp_path):
    away = (302, {"Location": "http://elsewhere.test/zfgzbg/"}, b"")
    server = serve({("menhu.test", "/"): away})
    settings = {"LOG_LEVEL": "CRITICAL"}
    with pytest.raises(UsageError, match=r"try baogao new-site http://elsewhere\.test/zfgzbg/"):
        apart(new_site, f"http://menhu.test:{server.port}/", tmp_path, settings=settings)


def test_hosts_are_written_as_they_are_asked_for():
    assert _ascii("http://政府.example.CN:8080/a?b=c") == "http://xn--mxtq1m.example.cn:8080/a?b=c"
    assert _ascii("http://[2001:db8::1]/") == "http://[2001:db8::1]/"
    assert _hosts("www.ah.gov.cn") == ("www.ah.gov.cn", "ah.gov.cn")
    assert _hosts("203.0.113.7") == ("203.0.113.7",)


@pytest.mark.parametrize("name", ["../x", "a/b", "x.toml", "安徽"])
def test_a_name_that_is_no_file_name_is_refused(tmp_path, name):
    with pytest.raises(UsageError, match="must consist of letters, digits"):
        new_site("http://a.test/", tmp_path, name=name, settings={})
    assert list(tmp_path.iterdir()) == []
