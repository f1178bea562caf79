"""One made-up archive for all tests of the pages, and Datasette on it."""

from __future__ import annotations

import pytest
from browse.made_up import make
from datasette.app import Datasette


@pytest.fixture(scope="session")
def database(tmp_path_factory):
    return make(tmp_path_factory.mktemp("browse") / "demo.db")


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
