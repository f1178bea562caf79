"""What each family finds in a page, without a network."""

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from archive import Capture
from crawler.items import Article
from crawler.loader import spider_class
from crawler.recorder import Ticket
from crawler.sites import read_site

FILE = """\
title = "x"
kind = "mirror"
family = "{family}"
hosts = ["www.x.test"]
start = ["http://www.x.test:8642/l/index.html"]
loopback = true
{more}
"""


@pytest.fixture
def spider(tmp_path):
    def make(family, more=""):
        path = tmp_path / "x.toml"
        path.write_text(FILE.format(family=family, more=more))
        made = spider_class(read_site(path))()
        made.port = 9000
        return made

    return make


def page(url, body, kind=HtmlResponse):
    request = Request(url, meta={"ticket": Ticket(7), "capture": Capture(url=url, payload=b"")})
    return kind(url, body=body.encode(), request=request)


def addresses(found):
    return [thing.url for thing in found if isinstance(thing, Request)]


def test_a_list_follows_reports_and_lists_and_leaves_the_rest(spider):
    reader = spider("list", "reports = ['/r/']\nlists = ['/l/']\ndeny = ['x=']\nwords = '报告'")
    body = """<a href="/r/1.html">政府工作报告</a> <a href="/r/2.html">其他</a>
      <a href="/r/3.html" title="政府工作报告全文">…</a> <a href="/l/2.html">2</a>
      <a href="/about">关于</a> <a href="javascript:void(0)">报告</a> <a href="/r/4?x=1">报告</a>
      <a href="http://[bad">报告</a> <a href="/r/1.html#a">报告</a>"""
    found = addresses(reader.parse(page("http://www.x.test:9000/l/index.html", body)))
    base = "http://www.x.test:9000"
    assert found == [f"{base}/r/1.html", f"{base}/r/3.html", f"{base}/l/2.html"]


def test_trs_counts_its_lists_by_the_script_call(spider):
    body = """<a href="./202301/t20230131_123.html">报告</a>
      <script>createPageHTML(3, 0, "index", "html");</script>"""
    found = addresses(spider("trs").parse(page("http://www.x.test:9000/l/index.html", body)))
    assert found == [
        "http://www.x.test:9000/l/202301/t20230131_123.html",
        "http://www.x.test:9000/l/index_1.html",
        "http://www.x.test:9000/l/index_2.html",
    ]


@pytest.mark.parametrize("call", ["createPageHTML(3, 1, 'index', 'html')", "createPageHTML(", ""])
def test_trs_does_not_count_again_on_later_lists(spider, call):
    assert addresses(spider("trs").parse(page("http://www.x.test:9000/l/index_1.html", call))) == []


def test_trs_believes_no_absurd_number_of_lists(spider):
    body = 'createPageHTML(999999, 0, "index", "html")'
    found = addresses(spider("trs").parse(page("http://www.x.test:9000/l/index.html", body)))
    assert len(found) == 199


def test_pages_are_found_by_link_and_by_count(spider):
    reader = spider("pages")
    linked = (
        '<a href="/b/12_2.html">2</a> <a href="/b/99.html">下一篇</a> <a href="12_3.html">3</a>'
    )
    article, *others = reader.parse_report(page("http://www.x.test:9000/b/12.html", linked))
    assert isinstance(article, Article)
    assert article.ticket.id == 7
    assert addresses(others) == [f"http://www.x.test:9000/b/12_{n}.html" for n in (2, 3)]
    counted = addresses(reader.parse_report(page("http://www.x.test:9000/b/12_2.html", "第2/4页")))
    assert counted == [f"http://www.x.test:9000/b/12_{n}.html" for n in (2, 3, 4)]


def test_pages_believes_no_absurd_number_of_pages(spider):
    response = page("http://www.x.test:9000/b/12.html", "第1/9999页 <a href='12_9998.html'>x</a>")
    assert len(addresses(spider("pages").parse_report(response))) == 299


def test_what_is_no_markup_has_no_links(spider):
    response = page("http://www.x.test:9000/b/12.html", "<a href='12_2.html'>", Response)
    assert [type(x) for x in spider("pages").parse_report(response)] == [Article]


async def test_the_practice_port_replaces_the_one_in_the_file(spider):
    reader = spider("list")
    assert [request.url async for request in reader.start()] == [
        "http://www.x.test:9000/l/index.html"
    ]
    assert reader.here("http://www.x.test/other") == "http://www.x.test/other"
