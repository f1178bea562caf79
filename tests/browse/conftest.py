"""Archives for the tests of the pages: one made up, one of the practice web."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from browse.made_up import make
from datasette.app import Datasette

import baogao_practice as practice
from archive.derivation import derive
from archive.model import Capture, SiteFacts
from archive.store import Archive

SITES = {
    "www.yanzhao.test": SiteFacts("practice-gov", "燕赵演示门户", "official", "130000"),
    "www.tingtao.test": SiteFacts("practice-library", "听涛文库", "mirror"),
    "jyt.jiahuo.test": SiteFacts("practice-copy", "演示假站", "unknown"),
}


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    return make(tmp_path_factory.mktemp("browse") / "demo.db")


@pytest.fixture(scope="session")
def practice_archive(tmp_path_factory):
    """An archive of some hosts of the practice web, one of them hijacked, and of a failure."""
    path = tmp_path_factory.mktemp("practice") / "demo.db"
    with (
        practice.Server() as server,
        Archive.open(path, create=True) as archive,
        archive.run("crawl") as run,
    ):
        for host, site in SITES.items():
            for url in practice.urls(host):
                captured = answer(server.port, url, site)
                capture_id = run.capture(captured)
                if captured.payload and captured.status == 200:
                    run.text(capture_id, derive(captured))
        archive.collate(run.id)
    return path


def answer(port, url, site):
    """The practice web's answer for `url` as a capture, redirects not followed."""
    parts = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    connection.request("GET", path, headers={"Host": parts.netloc})
    got = connection.getresponse()
    body = got.read()
    connection.close()
    return Capture(
        url=url, payload=body, status=got.status, response_headers=tuple(got.getheaders()),
        outcome="ok" if got.status == 200 else "http", site=site,
        captured_at="2026-01-02T03:04:05.678Z",
    )  # fmt: skip


@pytest.fixture
async def datasette(database):
    served = Datasette([str(database)])
    await served.invoke_startup()
    yield served
    for opened in served.databases.values():
        opened.close()


@pytest.fixture
async def get(datasette):
    """Ask for a page: await get("/") → response."""

    async def ask(path, **headers):
        return await datasette.client.get(path, headers=headers)

    return ask


@pytest.fixture
async def practice_get(practice_archive):
    """The same for the archive of the practice web."""
    served = Datasette([str(practice_archive)])
    await served.invoke_startup()
    yield served.client.get
    for opened in served.databases.values():
        opened.close()
