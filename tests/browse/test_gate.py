"""Who is answered by `baogao serve`: readers of this machine, and no page of another site."""

import asyncio
from contextlib import asynccontextmanager

import httpx
import pytest

from archive.browse.gate import LARGE, MOST_LARGE, Gate
from archive.commands.serve import application

SQL = [
    "/demo?sql=select+1", "/demo.json?sql=select+1", "/demo.csv?sql=select+1",
    "/demo.json?sql=select+1&_shape=array", "/demo/works?_where=1=1", "/demo/works.json?_where=1",
    "/demo/works.csv?_where=1&_stream=1", "/demo/captures?_where=randomblob(900000000)",
    "/demo?sql=select+randomblob(900000000)",
]  # fmt: skip
STRANGERS = [
    "evil.example", "evil.example:8001", "127.0.0.1.evil.example", "localhost.evil.example",
    "127.0.0.2", "0.0.0.0.", "[::1]", "2130706433", "", "127.0.0.1@evil.example", "localhost:80:80",
    "127.0.0.1 evil.example", "local\thost", "xn--localhost",
]  # fmt: skip


@asynccontextmanager
async def opened(database, **options):
    transport = httpx.ASGITransport(application(str(database), **options))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8001", "localhost", "LocalHost:1", "localhost."]
)
async def test_this_machine_is_answered_under_its_own_names(database, host):
    async with opened(database) as client:
        assert (await client.get("/", headers={"host": host})).status_code == 200


async def test_a_name_that_was_pointed_here_is_not_answered(database):
    async with opened(database) as client:
        for host in STRANGERS:
            answer = await client.get("/", headers={"host": host})
            assert (host, answer.status_code) == (host, 421)
            assert "演示" not in answer.text
            assert "evil" not in answer.text, "what a stranger sends is not sent back"
        answer = await client.get("/", headers=[("host", "localhost"), ("host", "evil.example")])
        assert answer.status_code == 421
    async with opened(database, allowed=["evil.example"]) as client:
        assert (await client.get("/", headers={"host": "evil.example"})).status_code == 200
        assert (await client.get("/", headers={"host": "other.example"})).status_code == 421


@pytest.mark.parametrize("path", SQL)
@pytest.mark.parametrize("public", [True, False])
async def test_sql_of_an_address_is_not_run(database, path, public):
    async with opened(database, public=public) as client:
        refused = (403,) if "_stream" not in path else (400, 403)
        assert (await client.get(path)).status_code in refused


@pytest.mark.parametrize("path", ["/_memory?sql=select+1", "/_memory.json?sql=select+1"])
async def test_there_is_no_other_database_to_run_it_in(database, path):
    async with opened(database) as client:
        assert (await client.get(path)).status_code == 404


async def test_the_database_of_datasette_itself_is_not_shown(database):
    async with opened(database) as client:
        assert (await client.get("/_internal?sql=select+1")).status_code in (403, 404)
        assert (await client.get("/_internal/databases")).status_code in (403, 404)


async def test_sql_beside_a_saved_query_is_no_sql(database):
    async with opened(database) as client:
        found = await client.get("/demo/find.json?words=钢&sql=select+42+as+x&_shape=array")
        assert [set(row) for row in found.json()] == [
            {"name", "place", "report_year", "chars"}
        ]  # fmt: skip


async def test_documented_queries_are_saved(database):
    async with opened(database) as client:
        assert (await client.get("/demo/where_from.json?text_id=1&_shape=array")).json()
        assert (await client.get("/demo/what_was_removed.json?text_id=1&_shape=array")).json()
        url = "http://www.demo.test/report.html"
        assert (await client.get(f"/demo/captures_of.json?url={url}&_shape=array")).json()


async def test_the_owner_may_enable_sql(database):
    async with opened(database, sql=True) as client:
        assert (await client.get("/demo.json?sql=select+42+as+x&_shape=array")).json() == [
            {"x": 42}
        ]
        assert (await client.get("/demo/works.json?_where=1=1&_shape=array")).json()


LOADED = [
    {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
    for site in ("cross-site", "same-site")
    for mode, dest in (
        ("no-cors", "image"), ("no-cors", "script"), ("cors", "empty"), ("navigate", "iframe"),
        ("navigate", "object"), ("no-cors", "style"), ("websocket", "empty"),
    )
]  # fmt: skip
LINK = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


async def test_a_page_of_another_site_loads_nothing(database):
    async with opened(database) as client:
        for headers in LOADED:
            assert (await client.get("/", headers=headers)).status_code == 403, headers
        assert (await client.get("/", headers=LINK)).status_code == 200, "a link is followed"
        own = {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"}
        assert (await client.get("/", headers=own)).status_code == 200
        answer = await client.get("/")
        assert "access-control-allow-origin" not in answer.headers


async def test_a_link_of_another_site_runs_no_sql(database):
    async with opened(database, sql=True) as client:
        assert (await client.get("/demo?sql=select+1", headers=LINK)).status_code == 403
        assert (await client.get("/demo/works?_where=1", headers=LINK)).status_code == 403
        typed = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate"}
        assert (await client.get("/demo?sql=select+1", headers=typed)).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/", "/demo/works", "/demo/find", "/-/logout", "/api/works"])
async def test_nothing_can_be_sent(database, method, path):
    async with opened(database) as client:
        answer = await client.request(method, path, content=b"x" * 1000)
        assert answer.status_code == 405
        assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path", ["/-/databases.json", "/-/metadata", "/-/plugins", "/-/threads", "/-/settings.json"]
)
async def test_strangers_are_told_nothing_about_the_server(database, path):
    async with opened(database, public=True) as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.get("/-/static/app.css")).status_code == 200
    async with opened(database) as client:
        assert (await client.get(path)).status_code == 200


def _answering(body, begun=None):
    async def answer(scope, receive, send):
        if begun is not None:
            begun.append(scope["path"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return answer


async def _ask(gate, send, path="/"):
    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }  # fmt: skip
    await gate(scope, None, send)


async def test_an_answer_goes_out_in_pieces_that_its_reader_has_taken():
    """So that nothing of it waits in a buffer, however large it is and however slow its reader."""
    body = bytes(range(256)) * 4096
    sent = []

    async def send(message):
        sent.append(message)

    await _ask(Gate(_answering(body), ["localhost"]), send)
    assert sent[0]["status"] == 200
    assert b"".join(message["body"] for message in sent[1:]) == body
    assert max(len(message["body"]) for message in sent[1:]) <= 64 * 1024
    assert [message["more_body"] for message in sent[1:]] == [True] * (len(sent) - 2) + [False]


async def test_large_answers_that_nobody_takes_do_not_fill_the_memory():
    gate = Gate(_answering(bytes(MOST_LARGE // 2)), ["localhost"])
    never, statuses = asyncio.Event(), []

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
        elif len(message["body"]) > LARGE // 8:
            await never.wait()

    asking = [asyncio.create_task(_ask(gate, send)) for _ in range(5)]
    await asyncio.sleep(0.05)
    assert sorted(statuses) == [200, 200, 503, 503, 503]
    never.set()
    await asyncio.gather(*asking)
    statuses.clear()
    await _ask(gate, send)
    assert statuses == [200], "and when they were taken there is room again"


async def test_what_takes_too_long_ends(monkeypatch):
    monkeypatch.setattr("archive.browse.gate.ANSWER_S", 0.05)

    async def never(scope, receive, send):
        await asyncio.sleep(60)

    sent = []

    async def send(message):
        sent.append(message)

    await _ask(Gate(never, ["localhost"]), send)
    assert sent[0]["status"] == 503
    assert (b"retry-after", b"5") in sent[0]["headers"]


async def test_a_download_in_pieces_keeps_nobody_waiting_while_its_reader_is_slow():
    async def download(scope, receive, send):
        if scope["path"] == "/page":
            await _answering(b"here")(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"1", "more_body": True, "apart": True})
        await send({"type": "http.response.body", "body": b"2", "apart": True})

    taken = asyncio.Event()
    got = []

    async def slow(message):
        got.append(message)
        if message["type"] == "http.response.body":
            await taken.wait()

    gate = Gate(download, ["localhost"])
    readers = [asyncio.create_task(_ask(gate, slow, f"/{n}.csv")) for n in range(10)]
    await asyncio.sleep(0.05)
    quick = []

    async def take(message):
        quick.append(message)

    await asyncio.wait_for(_ask(gate, take, "/page"), 2)
    assert quick[-1]["body"] == b"here"
    taken.set()
    await asyncio.gather(*readers)
    assert not any("apart" in message for message in got)
    assert b"".join(m.get("body", b"") for m in got).count(b"2") == 10
