"""A request comes back from its row as it was: no pickle, any version of Scrapy."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy import Request

from crawler.callbacks import callback_name
from crawler.frontier import Leased
from crawler.loader import spider_class
from crawler.site_files import load_sites
from crawler.stored_requests import entry_of, request_of

SPIDER = spider_class(load_sites().chosen(["practice-hanweb"])[0])()


def again(request):
    entry = entry_of(request, "s")
    row = (1, "t", entry.host, entry.url, entry.fingerprint, entry.request_json, 0)
    return request_of(Leased(*row), SPIDER)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    body=st.binary(max_size=40),
    words=st.dictionaries(st.text(max_size=5), st.text(max_size=9), max_size=3),
    query=st.text(alphabet="aé报 %/&=+;#", max_size=12),
)
def test_a_request_survives_its_row(body, words, query):
    request = Request(
        f"http://www.qiantang.test:8642/m.jsp?q={query}",
        method="POST",
        body=body,
        headers={"Content-Type": "text/plain", "If-None-Match": "x", "User-Agent": "y"},
        callback=SPIDER.parse_records,
        cb_kwargs={"form": words, "start": 1, "per_page": 15},
        meta={"depth": 3, "ticket": object(), "redirect_times": 1},
    )
    back = again(request)
    assert (back.url, back.method, back.body) == (request.url, request.method, request.body)
    assert back.callback == SPIDER.parse_records
    assert back.cb_kwargs == request.cb_kwargs
    assert back.headers.to_unicode_dict() == {"Content-Type": "text/plain"}
    assert {k: v for k, v in back.meta.items() if k != "leased"} == {
        "depth": 3,
        "redirect_times": 1,
    }
    assert entry_of(back, "s") == entry_of(request, "s")


def test_parts_of_a_file_are_distinguished_by_what_they_are_known_as():
    def part(start, name):
        return Request(
            "http://www.qiantang.test/x.warc.gz",
            headers={"Range": f"bytes={start}-9"},
            meta={"known_as": name, "download_maxsize": 99},
        )

    one, other = entry_of(part(0, "a"), "s"), entry_of(part(5, "b"), "s")
    assert one.fingerprint != other.fingerprint
    assert entry_of(part(5, "a"), "s").fingerprint == one.fingerprint
    back = again(part(5, "b"))
    assert back.headers.to_unicode_dict() == {"Range": "bytes=5-9"}
    assert (back.meta["known_as"], back.meta["download_maxsize"]) == ("b", 99)
    assert entry_of(back, "s") == other


def test_without_a_callback_it_is_a_list():
    request = Request("http://www.qiantang.test/")
    assert callback_name(request) == "parse"
    assert json.loads(entry_of(request, "s").request_json)["callback"] == "parse"
    assert again(request).callback == SPIDER.parse


def test_a_callback_that_is_no_method_of_the_spider_is_an_error():
    with pytest.raises(ValueError, match="no_such_method"):
        again(Request("http://www.qiantang.test/", callback=_no_such_method))


def _no_such_method(response):
    return response
