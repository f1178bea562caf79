"""The interfaces by which sites list their articles, and every way to answer badly."""

import gzip
import json
import re
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, IncompleteRead

import pytest

import baogao_practice as practice
from baogao_practice.sites import gkmlpt, hanweb, misbehaving


@pytest.fixture(scope="module")
def server():
    with practice.Server(slow=0.4) as running:
        yield running


def ask(server, host, path, *, method="GET", headers=None, body=None, timeout=10):
    connection = HTTPConnection("127.0.0.1", server.port, timeout=timeout)
    try:
        connection.request(method, path, body, {"Host": host, **(headers or {})})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


QUERY = f"startrecord=1&endrecord=9&perpage={hanweb.PER_PAGE}"
FORM = f"col=1&appid=1&webid=3077&path=/&columnid={hanweb.COLUMN}&unitid={hanweb.UNIT}"
ENCODED = {"Content-Type": "application/x-www-form-urlencoded"}


def proxy(server, path, query, form=""):
    method = "POST" if form else "GET"
    target = f"{path}?{query}"
    return ask(server, hanweb.HOST, target, method=method, headers=ENCODED, body=form or None)


def test_a_list_by_post_spans_three_pages(server):
    _, content = proxy(server, hanweb.PROXIES[0], QUERY, FORM)
    text = content.decode()
    assert text.count("<record><![CDATA[<li>") == hanweb.WINDOW
    assert "<totalrecord>12</totalrecord><totalpage>4</totalpage>" in text
    _, rest = proxy(server, hanweb.PROXIES[0], "startrecord=10&endrecord=18&perpage=3", FORM)
    assert rest.decode().count("<record>") == 3


def test_a_list_by_get_is_the_same(server):
    _, post = proxy(server, hanweb.PROXIES[0], QUERY, FORM)
    _, get = proxy(server, hanweb.PROXIES[1], f"{QUERY}&{FORM}")
    assert get == post


def test_a_list_without_its_unit_is_refused(server):
    answer, _ = proxy(server, hanweb.PROXIES[0], QUERY, FORM.replace("unitid", "unit"))
    assert answer.status == 400


def test_the_older_list_is_an_array_of_script(server):
    form = FORM.replace(hanweb.COLUMN, hanweb.OLD_COLUMN).replace(hanweb.UNIT, hanweb.OLD_UNIT)
    _, content = proxy(server, hanweb.OLD_PROXY, QUERY, form)
    text = content.decode()
    assert text.index("[") > 40
    assert len(re.findall(r"'<li>.*?</li>'", text)) == 4


def test_every_listed_article_is_there(server):
    _, content = proxy(server, hanweb.PROXIES[0], QUERY, FORM)
    for path in re.findall(r'href="(/art/[^"]+)"', content.decode()):
        answer, _ = ask(server, hanweb.HOST, path)
        assert answer.status == 200
        assert "/0" not in path


def test_pages_zero_and_one_of_the_platform_are_the_same(server):
    path = f"/gkmlpt/api/all/{gkmlpt.CATEGORY}?sid={gkmlpt.SID}&page="
    pages = [json.loads(ask(server, gkmlpt.HOST, f"{path}{n}")[1]) for n in range(5)]
    assert pages[0] == pages[1]
    assert [len(page["articles"]) for page in pages[1:]] == [5, 5, 2, 0]
    first = pages[0]["articles"][0]
    assert first["post_url"].startswith("http://127.0.0.1") or gkmlpt.HOST in first["post_url"]
    assert 1_500_000_000 < first["create_time"] < 1_900_000_000


def test_the_platform_wants_its_number(server):
    answer, _ = ask(server, gkmlpt.HOST, f"/gkmlpt/api/all/{gkmlpt.CATEGORY}?page=1")
    assert answer.status == 400


ALWAYS = {
    "/loop/a.html": 302, "/to-https.html": 302, "/challenge.html": 200, "/missing.html": 200,
    "/forbidden.html": 403, "/412.html": 412, "/521.html": 521, "/429-always.html": 429,
    "/503-always.html": 503, "/empty.html": 200, "/gone.html": 410,
}  # fmt: skip


@pytest.mark.parametrize(("path", "status"), ALWAYS.items())
def test_bad_answers_by_status(server, path, status):
    assert ask(server, misbehaving.HOST, path)[0].status == status


@pytest.mark.parametrize(("path", "status"), [("/429.html", 429), ("/503.html", 503)])
def test_some_answers_get_better(server, path, status):
    first, _ = ask(server, misbehaving.HOST, path)
    second, content = ask(server, misbehaving.HOST, path)
    assert (first.status, first.getheader("Retry-After")) == (status, "1")
    assert second.status == 200
    assert "各位代表" in content.decode()


def test_late_answers_are_late(server):
    begun = time.monotonic()
    answer, _ = ask(server, misbehaving.HOST, "/late.html")
    assert answer.status == 200
    assert time.monotonic() - begun >= 0.4


def test_dripping_answers_outlast_patience(server):
    connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.request("GET", "/drip.html", headers={"Host": misbehaving.HOST})
    answer = connection.getresponse()
    begun = time.monotonic()
    assert answer.read(64)
    assert time.monotonic() - begun < 15
    connection.close()


def test_a_cut_answer_is_incomplete(server):
    with pytest.raises(IncompleteRead):
        ask(server, misbehaving.HOST, "/cut.html")


def test_a_short_length_hides_half_the_text(server):
    _, content = ask(server, misbehaving.HOST, "/short-length.html")
    assert not content.endswith(b"</html>\n")


@pytest.mark.parametrize("path", ["/reset.html", "/nonsense.html"])
def test_no_answer_at_all(server, path):
    with pytest.raises((HTTPException, ConnectionError)):
        ask(server, misbehaving.HOST, path)


def test_compression_that_lies(server):
    _, broken = ask(server, misbehaving.HOST, "/bad-gzip.html")
    with pytest.raises(gzip.BadGzipFile):
        gzip.decompress(broken)
    _, bomb = ask(server, misbehaving.HOST, "/bomb.html")
    assert len(bomb) * 500 < misbehaving.BOMB_BYTES


def test_a_big_page_is_ten_megabytes(server):
    assert len(ask(server, misbehaving.HOST, "/big.html")[1]) >= 10 * misbehaving.MEGABYTE


def test_the_default_user_agent_is_refused(server):
    refused, _ = ask(server, misbehaving.HOST, "/agent.html", headers={"User-Agent": "Scrapy/2.19"})
    honest = {"User-Agent": "baogao/0.1 (+mailto:me@example.org)"}
    assert refused.status == 403
    assert ask(server, misbehaving.HOST, "/agent.html", headers=honest)[0].status == 200


def test_a_validator_saves_the_body(server):
    first, _ = ask(server, misbehaving.HOST, "/validated.html")
    tag = {"If-None-Match": first.getheader("ETag")}
    second, content = ask(server, misbehaving.HOST, "/validated.html", headers=tag)
    assert (second.status, content) == (304, b"")


def test_some_pages_change(server):
    for path, same in (("/counted.html", False), ("/changing.html", False), ("/good.html", True)):
        one, other = (ask(server, misbehaving.HOST, path)[1] for _ in range(2))
        assert (one == other) is same


def test_robots_in_all_its_forms(server):
    status = {}
    for host in misbehaving.ROBOTS_HOSTS:
        with suppress(TimeoutError):
            status[host] = ask(server, host, "/robots.txt")[0].status
    assert status["robots-error.test"] == 503
    assert status["robots-none.test"] == 404
    assert status["robots-deny.test"] == status["robots-html.test"] == 200


def test_a_query_does_not_hide_an_article(server):
    path = "/session.html?jsessionid=8F3A&spm=a2.b3"
    plain = ask(server, misbehaving.HOST, "/session.html")[1]
    assert (
        ask(server, misbehaving.HOST, path)[1]
        == plain
        == ask(server, misbehaving.BARE, "/good.html")[1]
    )


def test_the_server_stops_while_answers_drip():
    begun = time.monotonic()
    with practice.Server(slow=60) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/late.html", headers={"Host": misbehaving.HOST})
    connection.close()
    assert time.monotonic() - begun < 20
