"""No address makes the server fail, lead elsewhere, or show what is not its own."""

import shutil
from itertools import cycle

import httpx
import pytest
from datasette.app import Datasette
from hostile.addresses import NUMBERS, PATHS, PLACES_OF_NUMBERS, PLACES_OF_WORDS, WORDS, filled

from archive.browse.finding import LARGEST, number
from archive.commands.serve import application

pytestmark = pytest.mark.filterwarnings("ignore:coroutine")  # Datasette's, where it stumbles


def some():
    """Each place with two values, each value in some place; `bench_hostile.py` tries them all."""
    numbers, words = cycle(NUMBERS), cycle(WORDS)
    yield from PATHS
    for place in PLACES_OF_NUMBERS:
        yield from (filled(place, next(numbers)) for _ in range(2))
    for place in PLACES_OF_WORDS:
        yield from (filled(place, next(words)) for _ in range(2))


def wrong_with(answer):
    """What may not be said of an answer to anything."""
    target = answer.headers.get("location", "/")
    if answer.status_code >= 500:
        return answer.status_code
    if not target.startswith("/") or target[1:2] in ("/", "\\"):
        return f"leads to {target}"
    if "root:x:0" in answer.text or "SQLite format 3" in answer.text:
        return "shows a file"
    return "X" if "x: y" in str(answer.headers).lower() else None


async def test_no_address_is_too_much(database, capfd):
    transport = httpx.ASGITransport(application(str(database)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        wrong = {path: fault for path in some() if (fault := wrong_with(await client.get(path)))}
    assert wrong == {}
    assert "Traceback" not in capfd.readouterr().err


async def test_plain_datasette_says_what_cannot_be_too(get):
    for path in (
        "/find?q=钢&page=99999999999999999999", "/find?q=钢&from=99999999999999999999",
        "/compare?a=99999999999999999999&b=1", "/demo/works?_through=x", "/demo/texts?_size=x",
        "/demo/texts?id__gt=99999999999999999999", "/demo/works?_sort=nothing",
    ):  # fmt: skip
        assert (await get(path)).status_code < 500, path


@pytest.mark.parametrize(
    "path", ["/demo", "/demo/works", "/demo/find", "/", "/text/1", "/api/works"]
)
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_plain_datasette_takes_nothing_either(datasette, path, method):
    answer = await datasette.client.request(method, path, content=b"x=1")
    assert answer.status_code in (403, 405), "or Datasette misses its token"


@pytest.mark.parametrize(
    ("words", "found"),
    [("0", 0), ("007", 7), ("9" * 12, 10**12 - 1), ("9" * 13, LARGEST), ("9" * 9999, LARGEST),
     ("", None), (None, None), ("-1", None), ("1.5", None), ("１", None), ("1 ", None)],
)  # fmt: skip
def test_a_number_of_an_address(words, found):
    assert number(words) == found


@pytest.mark.parametrize("name", ["map", "list", "feed", "reports"])
async def test_our_pages_hide_no_table_of_an_archive_that_is_called_like_one(
    database, tmp_path, name
):
    shutil.copy(database, tmp_path / f"{name}.db")
    served = Datasette([str(tmp_path / f"{name}.db")])
    await served.invoke_startup()
    try:
        route = served.databases[name].route
        assert route == (name if name == "reports" else f"{name}-db")
        for path in (f"/{route}", f"/{route}/works", f"/{route}/works.json", "/map", "/"):
            assert (await served.client.get(path)).status_code == 200, path
        assert f'href="/{route}' in (await served.client.get(f"/{route}")).text
    finally:
        for opened in served.databases.values():
            opened.close()


async def test_two_databases_never_get_the_same_address(database, tmp_path):
    for name in ("map", "map-db"):
        shutil.copy(database, tmp_path / f"{name}.db")
    served = Datasette([str(tmp_path / f"{name}.db") for name in ("map", "map-db")])
    served.app()
    assert {each.route for each in served.databases.values()} >= {"map-db-db", "map-db"}
