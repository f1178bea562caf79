"""What each family finds in a page, without a network."""

import gzip
import json
from urllib.parse import parse_qsl

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from archive import Capture
from crawler.items import Article
from crawler.loader import spider_class
from crawler.recorder import Ticket
from crawler.site_files import read_site
from crawler.spiders.site import Link

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
      <a href="/r/3.html" title="政府工作报告全文">…</a> <a href="/l/2.html">下页</a>
      <a href="/about">关于</a> <a href="javascript:void(0)">报告</a> <a href="/r/4?x=1">报告</a>
      <a href="http://[bad">报告</a> <a href="/r/1.html#a">报告</a>"""
    found = addresses(reader.parse(page("http://www.x.test:9000/l/index.html", body)))
    base = "http://www.x.test:9000"
    reports = [f"{base}/r/1.html", f"{base}/r/3.html"]
    assert list(dict.fromkeys(found)) == [*reports, f"{base}/l/2.html"]


def test_a_list_without_a_report_goes_on_to_the_next_one(spider):
    """Where words choose the reports, a page of other articles is no end."""
    body = '<a href="/r/1.html">通知</a> <a href="/l/index_2.html">下一页</a>'
    reader = spider("list", "reports = ['/r/']\nwords = '工作报告'")
    found = addresses(reader.parse(page("http://www.x.test:9000/l/index.html", body)))
    assert found == ["http://www.x.test:9000/l/index_2.html"]


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
    body = '<a href="t20230131_1.html">x</a> createPageHTML(999999, 0, "index", "html")'
    found = addresses(spider("trs").parse(page("http://www.x.test:9000/l/index.html", body)))
    assert len(found) == 1 + 199


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


def test_links_that_are_script_calls_are_read(spider):
    body = """<a href="javascript:void(0)" onclick="toUrl('./202101/t20210201_5343.html')">一</a>
      <a onclick='go("/l/202101/t20210202_1.html")'>二</a> <a href="#" onclick="up()">三</a>
      <a href="./202101/t20210203_2.html" onclick="count('x.html')">四</a>"""
    found = addresses(spider("trs").parse(page("http://www.x.test/l/index.html", body)))
    base = "http://www.x.test/l/202101"
    assert found == [
        f"{base}/t20210201_5343.html", f"{base}/t20210202_1.html", f"{base}/t20210203_2.html"
    ]  # fmt: skip


def test_what_is_no_markup_has_no_links(spider):
    response = page("http://www.x.test:9000/b/12.html", "<a href='12_2.html'>", Response)
    assert [type(x) for x in spider("pages").parse_report(response)] == [Article]


async def test_the_practice_port_replaces_the_one_in_the_file(spider):
    reader = spider("list")
    assert [request.url async for request in reader.start()] == [
        "http://www.x.test:9000/l/index.html"
    ]
    assert reader.here("http://www.x.test/other") == "http://www.x.test/other"


def test_hanweb_asks_the_proxy_for_the_records_of_a_column(spider):
    reader = spider("hanweb")
    column = """<script>$('#9').jpage({perPage:2,totalRecord:9,proxyUrl:'/module/web/dataproxy.jsp',
      ajaxParam:{col:1,webid:3077,columnid:1229,unitid:'8850',webname:'某网',path:'/'}})</script>"""
    (first,) = reader.parse(page("http://www.x.test:9000/col/col1229/index.html", column))
    assert first.method == "POST"
    assert first.url.endswith("/module/web/dataproxy.jsp?startrecord=1&endrecord=6&perpage=2")
    form = dict(parse_qsl(first.body.decode()))
    assert (form["unitid"], form["columnid"], form["webname"]) == ("8850", "1229", "某网")
    answer = """<datastore><recordset><record><![CDATA[<li><a href="/art/2023/1/31/art_1229_5.html">
      报告</a></li>]]></record></recordset><totalrecord>9</totalrecord></datastore>"""
    article, second = reader.parse_records(page(first.url, answer), **first.cb_kwargs)
    assert article.url == "http://www.x.test:9000/art/2023/1/31/art_1229_5.html"
    assert "startrecord=7&endrecord=12" in second.url
    assert list(reader.parse_records(page(second.url, answer), **second.cb_kwargs))[1:] == []


def test_hanweb_reads_the_older_array_and_records_in_the_page(spider):
    reader = spider("hanweb")
    array = """totalRecord=1;dataStore=['<a href="/art/2023/1/1/art_1_2.html">x</a>'];"""
    kwargs = {"form": {}, "start": 1, "per_page": 15}
    found = addresses(reader.parse_records(page("http://www.x.test:9000/m.jsp", array), **kwargs))
    assert found == ["http://www.x.test:9000/art/2023/1/1/art_1_2.html"]
    inline = """<script type="text/xml"><datastore><nextgroup><![CDATA[<a
      href="/module/jpage/dataproxy.jsp?page=1&webid=7&columnid=12&unitid=34"></a>]]>
      </nextgroup><recordset><record><![CDATA[<a href="/art/2023/1/1/art_1_3.html">x</a>]]></record>
      </datastore></script>"""
    found = list(reader.parse(page("http://www.x.test:9000/col/col12/index.html", inline)))
    assert found[0].url.endswith("art_1_3.html")


CALL = {"form": {"unitid": "8850", "col": "1"}, "start": 7, "per_page": 2}


@pytest.mark.parametrize(("status", "answer"), [(405, ""), (403, "<html>"), (200, "参数错误")])
def test_hanweb_asks_by_get_where_a_post_is_refused(spider, status, answer):
    url = "http://www.x.test:9000/module/web/dataproxy.jsp?startrecord=7&endrecord=12&perpage=2"
    response = page(url, answer).replace(status=status)
    response.request = response.request.replace(method="POST")
    reader = spider("hanweb")
    assert reader.reads(Capture(url=url, method="POST", outcome="http"))
    (again,) = reader.parse_records(response, **CALL)
    assert (again.method, again.body, again.cb_kwargs) == ("GET", b"", CALL)
    asked = dict(parse_qsl(again.url.partition("?")[2]))
    assert asked == {
        "startrecord": "7", "endrecord": "12", "perpage": "2", "unitid": "8850", "col": "1"
    }  # fmt: skip


def test_hanweb_goes_on_as_it_was_answered_and_counts_in_pages(spider):
    answer = "<record><![CDATA[<a href='/art/2023/1/1/art_1_2.html'>x</a>]]></record>"
    answer += "<totalpage>8</totalpage>"
    response = page("http://www.x.test:9000/dataproxy.jsp?startrecord=1&col=1", answer)
    found = list(spider("hanweb").parse_records(response, **(CALL | {"start": 1})))
    assert [request.method for request in found] == ["GET"] * 3
    queries = [dict(parse_qsl(request.url.partition("?")[2])) for request in found[1:]]
    assert [query["startrecord"] for query in queries] == ["7", "13"]


def test_hanweb_reads_no_other_refusal(spider):
    reader = spider("hanweb")
    assert not reader.reads(Capture(url="http://x.test/dataproxy.jsp?col=1", outcome="http"))
    assert not reader.reads(Capture(url="http://x.test/art/1.html", method="POST", outcome="gone"))


@pytest.mark.parametrize("answer", ["", "参数错误", "dataStore=[", "<record><![CDATA[<a href>"])
def test_hanweb_survives_what_is_no_answer(spider, answer):
    kwargs = {"form": {}, "start": 1, "per_page": 15}
    assert list(spider("hanweb").parse_records(page("http://x.test/m", answer), **kwargs)) == []


def test_gkmlpt_finds_its_lists_and_counts_them(spider):
    reader = spider("gkmlpt", "words = '政府工作报告'")
    home = "<script>window._CONFIG={SID:'754001',CATEGORY:'3011'}</script>"
    (first,) = reader.parse(page("http://www.x.test:9000/gkmlpt/index", home))
    assert first.url == "http://www.x.test:9000/gkmlpt/api/all/3011?page=1&sid=754001"
    listed = json.dumps(
        {
            "total": 5,
            "articles": [
                {"title": "政府工作报告", "url": "http://www.x.test:9000/c/post_7.html"},
                {"title": "通知", "url": "http://www.x.test:9000/c/post_8.html"},
                {"title": "政府工作报告", "url": None},
            ],
        }
    )
    found = addresses(reader.parse(page(first.url, listed)))
    api = "http://www.x.test:9000/gkmlpt/api/all/3011"
    assert found == ["http://www.x.test:9000/c/post_7.html", f"{api}?page=2&sid=754001"]
    later = addresses(reader.parse(page(f"{api}?page=2&sid=754001", listed)))
    assert later == ["http://www.x.test:9000/c/post_7.html"]


@pytest.mark.parametrize("text", ["[]", "{}", '{"articles": 3}', '{"articles": [1]}', "[" * 9999])
def test_gkmlpt_survives_what_is_no_list(spider, text):
    assert list(spider("gkmlpt").parse(page("http://www.x.test/api?page=1", text))) == []


@pytest.mark.parametrize(
    ("family", "path", "is_report"),
    [
        (
            "liaoning",
            "/web/zwgkx/zfgzbg/shizfgzbg/ass/D9DA37E7A7A14443944BDCDA7FE99424/index.shtml",
            1,
        ),
        ("liaoning", "/web/zwgkx/zfgzbg/shizfgzbg/ass/2023010912345678901/index.shtml", 1),
        ("liaoning", "/zwgkx/zfgzbg/shizfgzbg/dls/202301/t20230110_4727722.html", 1),
        ("liaoning", "/html/HCS/202512/0176696416618139.html", 1),
        ("liaoning", "/web/zwgkx/zfgzbg/index.shtml", 0),
        ("numeric", "/news.asp?id=1217", 1),
        ("numeric", "/ins.asp?s=17&i=2291", 1),
        ("numeric", "/list.asp?page=2", 0),
        ("numeric", "/a/b/content_1202379.html", 1),
        ("numeric", "/article/view/15958.htm", 1),
        ("numeric", "/001/001007/20240115/0f8fad5b-d9cb-469f-a165-70867728950e.html", 1),
        ("numeric", "/xzfwj/202404/0123456789abcdef0123456789abcdef.shtml", 1),
        ("numeric", "/openness/detail/content/0123456789abcdef01234567.html", 1),
        ("numeric", "/system/2017/01/19/010171220.shtml", 1),
        ("numeric", "/c07_190327.shtml", 1),
        ("numeric", "/index.html", 0),
        ("trs", "/zwgk/202201/t20220122_2593730.html", 1),
        ("trs", "/zwgk/t10221601.shtml", 1),
        ("hanweb", "/art/2023/1/31/art_1229_5055.html", 1),
        ("gkmlpt", "/zwgk/content/post_12612456.html", 1),
        ("gkmlpt", "/zwgk/content/mpost_12612456.html", 1),
    ],
)
def test_families_know_their_addresses(spider, family, path, is_report):
    link = Link(f"http://www.x.test{path}", "政府工作报告")
    assert spider(family).leads_to_report(link) == bool(is_report)


def test_a_sitemap_is_read_whole_and_hostile_ones_are_harmless(spider):
    reader = spider("sitemap", "reports = ['/r/']")
    index = "<sitemapindex><sitemap><loc>http://www.x.test/s2.xml.gz</loc></sitemap></sitemapindex>"
    (inner,) = reader.parse(page("http://www.x.test/sitemap.xml", index))
    assert inner.callback == reader.parse
    body = """<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><urlset>
      <url><loc>http://www.x.test/r/1.html</loc></url><url><loc>http://www.x.test/about</loc></url>
      <url><loc>&a;</loc></url><url><loc>http://www.x.test/r/2.html</loc></url></urlset>"""
    packed = Response(
        inner.url, body=gzip.compress(body.encode()), request=Request(inner.url, meta={"depth": 1})
    )
    assert addresses(reader.parse(packed)) == [f"http://www.x.test/r/{n}.html" for n in (1, 2)]


@pytest.mark.parametrize(
    ("href", "encoding"),
    [
        ("/p/1.PDF", "utf-8"),
        ("a.docx?x=1#y", "utf-8"),
        ("/n.ofd", "utf-16"),
        ("/n&#46;zip", "utf-8"),
        ("/n&#x2E;zip", "utf-8"),
        ("/module/DownFile.jsp?id=7", "utf-8"),
        ("http://www.x.test:9000/downloadFile/7", "utf-8"),
        ("  /n.xls\n", "gb18030"),
    ],
)
def test_an_attachment_is_found_however_its_address_is_written(spider, href, encoding):
    source = f"<html><p>附件</p><a href='{href}'>附件</a><a href='/index.html'>首页</a></html>"
    url = "http://www.x.test:9000/art/1.html"
    request = Request(url, meta={"ticket": Ticket(7), "capture": Capture(url=url, payload=b"")})
    response = HtmlResponse(url, body=source.encode(encoding), encoding=encoding, request=request)
    assert len(addresses(spider("trs").parse_report(response))) == 1


def test_a_page_that_names_no_attachment_is_not_searched_for_links(spider, monkeypatch):
    reader = spider("trs")
    monkeypatch.setattr(reader, "links", lambda _: pytest.fail("links were read"))
    source = "<script>window.document.zipped</script><a href='/compdf.html'>首页</a>"
    assert not addresses(reader.parse_report(page("http://www.x.test:9000/art/1.html", source)))
    monkeypatch.undo()
    own = page("http://www.x.test:9000/downfile.jsp?id=7", "<a href='?id=8'>附件</a>")
    assert addresses(reader.parse_report(own)) == ["http://www.x.test:9000/downfile.jsp?id=8"]


def test_attachments_of_an_article_are_followed(spider):
    body = """<a href="/f/1.PDF">附件</a> <a href="/x/downfile.jsp?filename=a.doc">附件</a>
      <a href="/f/2.docx?v=1">附件</a> <a href="/f/3.html">下一篇</a>"""
    reader = spider("list")
    _, *found = reader.parse_report(page("http://www.x.test/r/1.html", body))
    assert [request.url.rpartition("/")[2] for request in found] == [
        "1.PDF", "downfile.jsp?filename=a.doc", "2.docx?v=1"
    ]  # fmt: skip
    assert {request.callback for request in found} == {reader.parse_attachment}
