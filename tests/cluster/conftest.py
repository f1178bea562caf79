"""A real PostgreSQL for the tests of the cluster; where there is none, they are skipped."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from baogao_practice.postgres import AbsentError, PostgreSQL

_NUMBERS = count(1)
_MADE = "made"
"""The database with an empty queue from which those of the tests are copied."""


@pytest.fixture(scope="session")
def postgres():
    """A server of its own."""
    try:
        server = PostgreSQL()
    except AbsentError as absent:
        pytest.skip(str(absent))
    with server:
        _make_queue(server)
        yield server


def _make_queue(server):
    """Make the database that is copied."""
    from crawler.cluster import tables  # noqa: PLC0415  (baogao[cluster] may be missing)
    from crawler.cluster.queueing import Queue  # noqa: PLC0415

    async def make():
        async with tables.connected(server.dsn_of(_MADE)) as connection:
            await Queue(connection).make()

    server.sql(f"CREATE DATABASE {_MADE}")
    asyncio.run(make())


@pytest.fixture
def empty_dsn(postgres):
    """An empty database."""
    name = f"test_{next(_NUMBERS)}"
    postgres.sql(f"CREATE DATABASE {name}")
    return postgres.dsn_of(name)


@pytest.fixture
def dsn(postgres):
    """A database with an empty queue."""
    name = f"test_{next(_NUMBERS)}"
    postgres.sql(f"CREATE DATABASE {name} TEMPLATE {_MADE}")
    return postgres.dsn_of(name)
