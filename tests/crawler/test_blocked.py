"""Answers that say 200 and are none; and pages that only look like them."""

import time

import pytest

from archive import Capture
from crawler.blocked import is_cut_short, leads_home, looks_blocked
from crawler.middlewares import judged

REPORT = "<p>" + "各位代表，现在我代表市人民政府向大会报告工作。" * 60 + "</p>"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<html><script>document.cookie='__jsl_clearance=1'</script></html>", "challenge"),
        ("<html><head><script src=/x.js></script></head><body></body></html>", "challenge"),
        ("<html><script>location.href='/?wzws_'</script>请稍候</html>", "challenge"),
        ("<html><body><h1>您访问的页面不存在</h1></body></html>", "soft 404"),
        ("<div>查看隐藏内容,您需要先登录!</div>", "login"),
        ("<html><body>This domain is for sale</body></html>", "parked domain"),
        (f"<html>{REPORT}<script>__jsl_clearance</script></html>", None),
        (f"<html>{REPORT}请先登录 页面不存在</html>", None),
        ("<html><body><p>短文</p></body></html>", None),
        ("", None),
        ('{"__jsl_clearance": 1}', None),
        ("您访问的页面不存在", None),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_what_stands_in_place_of_a_page(body, what, encoding):
    assert looks_blocked(body.encode(encoding)) == what


@pytest.mark.parametrize("unit", [b"<script>", b"<script", b"<", b"<p", b"</script><script>"])
def test_judging_is_linear_in_hostile_input(unit):
    body = b"<html>" + unit * (1_000_000 // len(unit))
    started = time.process_time()
    looks_blocked(body)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("body", "cut"),
    [
        ("<html><body><p>现在我代表市人民", True),
        ("<html><body><p>现在我代表</p></body></html>", False),
        ("<html><body><p>现在我代表</p>\n", False),
        ("<html><body><p>现在</p></body></html> 2023", False),
        ("现在我代表市人民", False),
        ("", False),
    ],
)
def test_a_page_without_an_end_was_cut(body, cut):
    assert is_cut_short(body.encode()) == cut
    assert (judged(Capture(url="", payload=body.encode())).outcome == "truncated") == cut


def test_a_removed_article_leads_home_and_a_moved_one_does_not():
    assert leads_home("http://a.test/zw/1.html", "http://a.test/")
    assert leads_home("http://a.test/zw/1.html", "http://www.a.test/index.html")
    assert not leads_home("http://a.test/", "https://a.test/")
    assert not leads_home("http://a.test/zw/1.html", "http://a.test/zw/2.html")


def test_an_unreadable_answer_keeps_its_payload():
    capture = Capture(url="http://a.test/x", payload="<p>页面不存在</p>".encode(), status=200)
    found = judged(capture)
    assert (found.outcome, found.error, found.payload) == ("gone", "soft 404", capture.payload)


@pytest.mark.parametrize(("words", "found"), [(100, "soft 404"), (1000, None)])
def test_text_counts_wherever_it_stands(words, found):
    """Between menus and scripts, over several windows, and in tags that a window would cut."""
    menu = b"<li class='item'><a href='/a/b/c.html' title='x'></a></li>" * 300
    script = b"<script>" + b"if (a < b) {document.write('<p>')}" * 200 + b"</script>"
    text = b"<p>word</p>" * (words // 2)
    page = b"<html>" + menu + text + script + menu + text + script + "页面不存在".encode()
    assert looks_blocked(page + b"</html>") == found
