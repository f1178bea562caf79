"""Our WARC in pywb: it lists and replays what the archive holds, byte for byte."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from pywb_server import needs_pywb, serving
from store.made_up import answer, page

from archive.model import Capture
from archive.store.warc.writing import export_warc

pytestmark = needs_pywb

ODD = "http://www.demo.test/报告?q=年"


@pytest.fixture
def replay(archive, tmp_path):
    """pywb with our export in the collection `web`, on a free port of the loopback."""
    with archive.run("crawl") as run:
        for number in range(3):
            run.capture(answer(number))
        run.capture(answer(0, captured_at="2027-01-02T03:04:05.000Z"))
        run.capture(
            answer(4, response_headers=(("Content-Type", "text/html"), ("Content-Encoding", "br")),
                   content_encoding="br")
        )  # fmt: skip
        run.capture(answer(5, url=ODD))
        run.capture(answer(6, status=404, outcome="http", payload=b"gone"))
        run.capture(Capture(url="http://gone.test/", outcome="dns", error="no such host"))
    folder = tmp_path / "warc"
    folder.mkdir()
    export_warc(archive, folder)
    with serving(tmp_path / "pywb", [folder / "captures-00001.warc.gz"]) as address:
        yield address


def got(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as response:
        return response.read()


def test_pywb_replays_every_page_byte_for_byte(replay):
    for number in range(3):
        url = f"http://www.demo.test/report/{number}.html"
        assert got(f"{replay}/20260102030405id_/{url}") == page(number)
    first = "http://www.demo.test/report/0.html"
    assert got(f"{replay}/20270102030405id_/{first}") == page(0)  # a revisit
    assert got(f"{replay}/20260102030405id_/http://www.demo.test/report/4.html") == page(4)
    odd = "http://www.demo.test/%E6%8A%A5%E5%91%8A?q=%E5%B9%B4"
    assert got(f"{replay}/20260102030405id_/{odd}") == page(5)
    with pytest.raises(urllib.error.HTTPError) as caught:
        got(f"{replay}/20260102030405id_/http://www.demo.test/report/6.html")
    assert (caught.value.code, caught.value.read()) == (404, b"gone")


def test_pywb_lists_captures_and_nothing_else(replay):
    lines = got(f"{replay}/cdx?url=www.demo.test/*&output=json").splitlines()
    assert len(lines) == 7
    assert b"gone.test" not in got(f"{replay}/cdx?url=gone.test/*&output=json")
