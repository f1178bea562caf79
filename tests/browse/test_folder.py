"""A folder of archives in the browser: all on one page, one search, each with its own pages."""

from __future__ import annotations

import csv
import io
import re
import shutil
from urllib.parse import quote

import httpx
import pytest
from browse.made_up import make

from archive.commands.serve import application
from archive.store.merging.splitting import split

NAME = "made #1?%41.db"
"""The name of an archive, with what URLs and SQLite's names of files have to quote."""

BASE = "https://reports.example.org/all/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, practice_archive):
    place = tmp_path_factory.mktemp("folder") / "provinces"
    split(place, [practice_archive])
    make(place / NAME)
    return place


@pytest.fixture
async def visitor(folder):
    transport = httpx.ASGITransport(application(str(folder)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield client


def links(page: str) -> set[str]:
    return set(re.findall(r'(?:href|src|action)="(/[^"]*)"', page))


async def test_one_page_shows_all_archives(visitor, folder):
    page = await visitor.get("/")
    assert page.status_code == 200
    for file in folder.glob("*.db"):
        assert f"{file.name}</a>" in page.text
    assert "河北省" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]


async def test_its_links_lead_somewhere_and_back(visitor):
    home = await visitor.get("/")
    for link in sorted(links(home.text)):
        answer = await visitor.get(link.replace("&amp;", "&"))
        assert answer.status_code == 200, link
    archive = await visitor.get("/13.db/")
    assert '<a href="/">' in archive.text
    assert all(link == "/" or link.startswith("/13.db/") for link in links(archive.text))
    assert (await visitor.get("/13.db/13/works")).status_code == 200
    assert f"/{quote(NAME)}/" in links(home.text)


async def test_a_search_finds_in_all_archives(visitor):
    page = await visitor.get("/find", params={"q": "的", "sort": "place", "lang": "en"})
    found = [link for link in links(page.text) if re.match(r"/[^/]+/r/", link)]
    assert {link.split("/")[1] for link in found} >= {"13.db"}
    for link in found[:6]:
        assert (await visitor.get(link.partition("?")[0])).status_code == 200
    assert "/trend" not in links(page.text)
    table = await visitor.get("/find.csv", params={"q": "发展"})
    rows = list(csv.DictReader(io.StringIO(table.text.lstrip("\ufeff"))))
    assert len(rows) > 20
    assert {row["archive"] for row in rows} >= {"13.db", "34.db"}
    own = await visitor.get("/find", params={"q": "全部开工"})
    assert any(link.startswith(f"/{quote(NAME)}/r/") for link in links(own.text))


async def test_what_was_removed_is_found_in_all_archives(visitor):
    page = await visitor.get("/find", params={"q": "版权", "scope": "removed"})
    assert page.status_code == 200
    assert any("/text/" in link for link in links(page.text))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/13.db", 302), ("/nothing", 404), ("/nothing/", 404), ("/13.db/nothing", 404),
        ("/..%2f13.db/", 404), ("/-/baogao/000000000000/baogao.css", 200),
        ("/-/baogao/000000000000/x", 404), ("/13.db/-/metrics", 200), ("/-/metrics", 404),
    ],
)  # fmt: skip
async def test_addresses(visitor, path, status):
    assert (await visitor.get(path)).status_code == status


async def test_it_is_only_read_and_only_by_known_hosts(visitor):
    assert (await visitor.post("/")).status_code == 405
    assert (await visitor.get("/", headers={"host": "evil.example"})).status_code == 421
    assert (await visitor.get("/13.db/", headers={"host": "evil.example"})).status_code == 421


async def test_behind_a_proxy_links_have_its_prefix(folder):
    transport = httpx.ASGITransport(application(str(folder), base_url=BASE))
    async with httpx.AsyncClient(
        transport=transport, base_url="https://reports.example.org"
    ) as client:
        home = await client.get("/all/")
        assert all(link.startswith("/all/") for link in links(home.text))
        archive = await client.get("/all/13.db/")
        assert links(archive.text)
        assert all(
            link == "/all/" or link.startswith("/all/13.db/") for link in links(archive.text)
        )


async def test_an_archive_that_comes_later_is_shown(folder, visitor, tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    shutil.copy(folder / "13.db", own / "13.db")
    transport = httpx.ASGITransport(application(str(own)))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        assert NAME not in (await client.get("/")).text
        shutil.copy(folder / NAME, own / NAME)
        assert NAME in (await client.get("/?again=1")).text
        (own / "broken.db").write_bytes(b"no archive")
        broken = await client.get("/?again=2")
        assert broken.status_code == 500
        assert "broken.db" in broken.text
        (own / "broken.db").unlink()
        assert (await client.get("/?again=3")).status_code == 200
