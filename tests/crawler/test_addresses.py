"""When two addresses are one page."""

import pytest

from archive.urls import host_of, is_web_address
from crawler.addresses import fingerprint, page_key


@pytest.mark.parametrize(
    "other",
    [
        "https://www.a.test/x.html?id=7", "http://a.test/x.html?id=7", "http://A.TEST/x.html?id=7",
        "http://www.a.test:80/x.html?id=7", "http://www.a.test/x.html?id=7#top",
        "http://www.a.test/x.html?id=7&spm=1.2.3", "http://www.a.test/x.html?utm_source=q&id=7",
        "http://www.a.test/x.html;jsessionid=8F3A?id=7",
        "http://www.a.test/x.html?id=7&PHPSESSID=abc",
    ],
)  # fmt: skip
def test_one_page(other):
    assert page_key(other) == page_key("http://www.a.test/x.html?id=7")


@pytest.mark.parametrize(
    "other",
    [
        "http://www.a.test/x.html", "http://www.a.test/x.html?id=8", "http://b.test/x.html?id=7",
        "http://www.a.test:8080/x.html?id=7", "http://www.a.test/X.html?id=7",
        "http://m.a.test/x.html?id=7",
        "http://www.a.test/x.html?id=7&sid=2", "http://www.a.test/x.html/?id=7",
    ],
)  # fmt: skip
def test_another_page(other):
    assert page_key(other) != page_key("http://www.a.test/x.html?id=7")


def test_a_request_is_its_site_address_method_and_body():
    base = fingerprint("s", "http://a.test/")
    assert base == fingerprint("s", "https://www.a.test")
    assert len({
        base, fingerprint("t", "http://a.test/"), fingerprint("s", "http://a.test/", "POST"),
        fingerprint("s", "http://a.test/", "POST", b"x"),
    }) == 4  # fmt: skip


def test_hosts_are_names_without_ports():
    assert host_of("http://WWW.A.test:8642/x") == "www.a.test"
    assert host_of("nonsense") == ""


@pytest.mark.parametrize(
    ("url", "usable"),
    [
        ("http://a.test/", True), ("https://a.test:8443/x", True), ("http://[::1]/", True),
        ("ftp://a.test/", False), ("a.test", False), ("http:///x", False), ("http://[", False),
        ("http://a.test:0/", False), ("http://a.test:99999/", False), ("", False),
    ],
)  # fmt: skip
def test_what_counts_as_an_address_of_the_web(url, usable):
    assert is_web_address(url) == usable
