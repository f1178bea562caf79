"""Starting a site file from one address."""

import json

import pytest

import practice
from archive import UsageError
from crawler.newsite import guess_family, name_of, new_site, repeated_lines
from crawler.sites import read_site


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
    with pytest.raises(UsageError, match="is there already"):
        new_site(url, tmp_path, settings={})


@pytest.mark.parametrize(
    ("page", "family"),
    [
        ('<script>createPageHTML(3,0,"index","html")</script>', "trs"),
        ("proxyUrl:'/module/web/jpage/dataproxy.jsp'", "hanweb"),
        ('<a href="/gkmlpt/content/0/1/post_123.html">', "gkmlpt"),
        ('<a href="/baogao/db/4095_2.html">', "pages"),
        ('<a href="news.asp?id=17">', "numeric"),
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
    with pytest.raises(UsageError, match="is no http or https address"):
        new_site(url, tmp_path, settings={})


def test_a_real_site_needs_a_contact(tmp_path):
    with pytest.raises(UsageError, match="say who crawls"):
        new_site("https://www.example.gov.cn/", tmp_path, settings={})
    assert list(tmp_path.iterdir()) == []
